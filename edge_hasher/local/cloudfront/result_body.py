"""The body of a returned request: the original, or a replacement within CloudFront's limits."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, NamedTuple

from edge_hasher.local.aws_limits import EDGE_BODY_LIMIT_BYTES
from edge_hasher.local.cloudfront.invalid import InvalidResult, Text, is_object, short, typed

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.model import HeaderPairs


class ReturnedBody(NamedTuple):
    """`data` replaces the viewer's body, or None: the original goes on. `notes` as in `result.Forward`."""

    data: bytes | None
    notes: tuple[str, ...] = ()


def replacement(returned: dict[str, object], given: dict[str, object]) -> ReturnedBody:
    """Return what becomes of the body; under read-only the original goes on. Raises InvalidResult."""
    if "body" not in returned:
        note = "the function removed body, and what CloudFront does then is unknown; the original body was sent"
        return ReturnedBody(None, (note,) if "body" in given else ())
    body = returned["body"]
    if not is_object(body):
        raise InvalidResult(Text.BODY, f"body is {typed(body)}; in a request it must be an object")
    action = body.get("action")
    if action not in ("read-only", "replace"):
        raise InvalidResult(Text.BODY, f"body.action is {short(action)}; it must be 'read-only' or 'replace'")
    before = given.get("body")
    if not is_object(before):  # inferred
        raise InvalidResult(Text.BODY, "the event has no body (include body is off), and the function returned one")
    truncated = body.get("inputTruncated", before["inputTruncated"])
    if truncated != before["inputTruncated"]:  # read-only (documented); that a change is a 502 is inferred
        raise InvalidResult(Text.READ_ONLY_FIELD, "body.inputTruncated is read-only, and the function changed it")
    if action == "read-only":  # changes of data and encoding are ignored (documented)
        return ReturnedBody(None)
    data = decoded(body.get("data"), body.get("encoding"), "body")
    # At most 1 MB as text, 1.33 MB as base64; over is 502 (documented). That both mean the same bytes is inferred.
    if len(data) > EDGE_BODY_LIMIT_BYTES:
        raise InvalidResult(
            Text.BODY, f"body.data has {len(data)} bytes; a replacement has at most {EDGE_BODY_LIMIT_BYTES}"
        )
    return ReturnedBody(data)


def decoded(data: object, encoding: object, where: str) -> bytes:
    """Return the bytes of a body that the function wrote as text or base64; raises InvalidResult."""
    if not isinstance(data, str):
        raise InvalidResult(Text.BODY, f"{where} has data that is {typed(data)}; it must be a string")
    if encoding == "text":
        return data.encode("utf-8", "replace")
    if encoding != "base64":
        raise InvalidResult(Text.BODY, f"{where} has the encoding {short(encoding)}; it must be 'text' or 'base64'")
    try:
        return binascii.a2b_base64(data.encode("ascii"), strict_mode=True)
    except ValueError as error:
        raise InvalidResult(Text.BODY, f"{where} is not valid base64: {error}") from error


def reframed(headers: HeaderPairs, body_bytes: int) -> HeaderPairs:
    """Return headers that frame a replaced body; the function cannot, so CloudFront must (inferred)."""
    kept = tuple(pair for pair in headers if pair[0].lower() not in {"content-length", "transfer-encoding"})
    return (*kept, ("Content-Length", str(body_bytes)))
