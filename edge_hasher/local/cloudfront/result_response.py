"""A response that the function generated instead of the origin's.

Source: "Generate HTTP responses in request triggers" (documented), unless a line says otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http.client import responses
from typing import TYPE_CHECKING

from edge_hasher.local.aws_limits import EDGE_BODY_LIMIT_BYTES
from edge_hasher.local.cloudfront import result_body, result_headers, syntax
from edge_hasher.local.cloudfront.invalid import InvalidResult, Text, short, typed

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.model import HeaderPairs

_STATUS = re.compile(r"[2-5][0-9]{2}\Z")
_BODYLESS = frozenset({204, 304})  # RFC 9110: a 204 or 304 has no body, whatever the function returned


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedResponse:
    """A response for the viewer, before `errors.edge_headers` are added; `reason` is the reason phrase."""

    status: int
    reason: str
    headers: HeaderPairs
    body: bytes
    notes: tuple[str, ...] = ()


def generated(response: dict[str, object]) -> GeneratedResponse:
    """Return the response that the viewer gets; raises InvalidResult."""
    status = _status(response["status"])
    headers = result_headers.response_headers(response["headers"]) if response.get("headers") is not None else ()
    text = response.get("body")
    body = (
        b"" if text is None else result_body.decoded(text, response.get("bodyEncoding", "text"), "the response's body")
    )
    _check_size(headers, text, body)
    dropped = status in _BODYLESS and body != b""
    return GeneratedResponse(
        status=status,
        reason=_reason(status, response.get("statusDescription")),
        headers=headers,
        body=b"" if dropped else body,
        notes=(f"a {status} has no body; the function's was dropped",) if dropped else (),
    )


def _status(status: object) -> int:
    # A string (documented). Whether CloudFront takes a number too is unknown, so it is refused here.
    if not isinstance(status, str):
        raise InvalidResult(
            Text.STATUS,
            f"status is {typed(status)}; the documentation wants a string, and a number is untested there",
        )
    if _STATUS.match(status) is None:
        raise InvalidResult(Text.STATUS, f"status is {short(status)}; it must be of '200' to '599'")
    return int(status)


def _reason(status: int, description: object) -> str:
    if description is None:
        return responses.get(status, "")  # inferred
    is_text = isinstance(description, str) and not syntax.has_control(description)
    if not is_text or syntax.has_surrogate(str(description)):  # inferred
        raise InvalidResult(Text.STATUS, "statusDescription is not a string free of control characters")
    return str(description)


def _check_size(headers: HeaderPairs, text: object, body: bytes) -> None:
    # 1 MB in all, headers and body (documented). That names and values count, and a base64 body as it was returned,
    # is inferred.
    body_bytes = max(len(body), len(text)) if isinstance(text, str) else 0
    total_bytes = body_bytes + sum(
        len(name.encode()) + len(value.encode("utf-8", "replace")) for name, value in headers
    )
    if total_bytes > EDGE_BODY_LIMIT_BYTES:
        raise InvalidResult(
            Text.BODY,
            f"headers and body have {total_bytes} bytes; a response has at most {EDGE_BODY_LIMIT_BYTES}",
        )
