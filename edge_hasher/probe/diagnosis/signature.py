"""Why a signature does not match, as far as one exchange shows: what the client sent is asked first."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from edge_hasher.function.refusals import DELIVERED_LIMIT_BYTES
from edge_hasher.probe.diagnosis.pattern import REACHED
from edge_hasher.probe.paste.marks import MISSPELT_DIGESTS

if TYPE_CHECKING:
    from edge_hasher.probe.diagnosis.readings import Reading
    from edge_hasher.probe.paste.exchange import Exchange

BODYLESS = frozenset({"GET", "HEAD", "OPTIONS"})
_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_HEX_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
# What clients hash by mistake: an object or a form that was made a string (seen: cdklabs/cdk-nextjs, issue 240).
_MISTAKES = frozenset(
    hashlib.sha256(each.encode()).hexdigest()
    for each in ("{}", "[]", "null", '""', "undefined", "[object Object]", "[object FormData]", "[object Promise]")
)
_FORM = re.compile(r"x-www-form-urlencoded|multipart/")
_BINARY = re.compile(r"multipart/|image/|audio/|video/|octet-stream|/pdf|/zip|gzip|protobuf|grpc")


def announced_bytes(exchange: Exchange) -> int:
    """Return the length of the request's body: as announced, as logged, or as seen; 0 if it is not known."""
    for name in ("content-length", "cs-bytes"):
        value = exchange.request_header(name)
        if value.isdecimal():
            return int(value) if name == "content-length" or int(value) > DELIVERED_LIMIT_BYTES else 0
    return len(exchange.sent_body)


def signature_causes(exchange: Exchange, others: tuple[tuple[Exchange, Reading], ...]) -> tuple[str, ...]:
    """Return the causes of a signature that does not match, the likeliest first; `others` were pasted with it."""
    digest = exchange.request_header("x-amz-content-sha256").strip()
    if any(name in MISSPELT_DIGESTS for name, _ in exchange.sent) and not digest:
        return ("digest-header-misspelled",)
    if exchange.request_header("authorization").startswith("AWS4"):
        return ("authorization-not-overridden", "own-signature-wrong")
    if "x-amz-signature=" in exchange.query.lower():
        return ("own-signature-wrong", "authorization-not-overridden")
    if digest:
        return _client_digest(exchange, digest)
    return _by_method(exchange, hashed=any(_is_hashed(other, reading) for other, reading in others))


def _by_method(exchange: Exchange, *, hashed: bool) -> tuple[str, ...]:
    """Return the causes where the client sent no digest; `hashed`: another body got through without one."""
    length = announced_bytes(exchange)
    if exchange.method in BODYLESS:
        return ("every-signature-wrong",)
    if exchange.method == "DELETE":
        return ("delete-digest", "function-not-attached") if length else ("delete-digest",)
    if length > DELIVERED_LIMIT_BYTES:
        return ("body-over-1-mib", "function-not-attached")
    binary = bool(_BINARY.search(exchange.request_header("content-type").lower()))
    if hashed:
        return ("bytes-hashed-as-text", "body-over-1-mib" if binary else "wrong-digest-signed")
    return ("function-not-attached", "bytes-hashed-as-text" if binary else "wrong-digest-signed")


def _client_digest(exchange: Exchange, digest: str) -> tuple[str, ...]:
    if digest.upper().startswith(("UNSIGNED-PAYLOAD", "STREAMING-")):
        return ("unsigned-payload",)
    if not _HEX_DIGEST.fullmatch(digest):
        return ("digest-malformed",)
    has_body = announced_bytes(exchange) > 0
    if digest.lower() == _EMPTY_SHA256 and has_body:
        return ("digest-of-empty-body",)
    body = exchange.sent_body.encode("utf-8", "replace")
    if body and exchange.request_header("content-length") in {"", str(len(body))}:  # all of it
        is_right = hashlib.sha256(body).hexdigest() == digest.lower()
        return ("wrong-digest-signed",) if is_right else ("client-digest-wrong", "wrong-digest-signed")
    # A browser encodes a form after it was hashed.
    by_browser = _FORM.search(exchange.request_header("content-type").lower())
    by_client = by_browser or digest.lower() in _MISTAKES
    causes = ("client-digest-wrong", "wrong-digest-signed")
    return causes if by_client else causes[::-1]


def _is_hashed(exchange: Exchange, reading: Reading) -> bool:
    """Whether a body got through without the client's digest: then a function at the edge hashes."""
    return (
        reading.kind in REACHED
        and reading.cloudfront
        and exchange.method not in BODYLESS | {"", "DELETE"}
        and not exchange.request_header("x-amz-content-sha256")
    )
