"""What CloudFront takes of an origin's answer."""

from __future__ import annotations

from http.client import responses

from edge_hasher.local.aws_limits import RESPONSE_HEAD_LIMIT_BYTES
from edge_hasher.local.cloudfront import syntax


def problem(status: int, headers: tuple[tuple[str, str], ...]) -> str | None:
    """Return why CloudFront does not pass the answer on, or None.

    Its length without the body has a quota (documented); the log's OriginHeaderTooBigError says that this fails
    (documented), with 502 (inferred).
    """
    lines = [f"HTTP/1.1 {status} {responses.get(status, '')}", *map(": ".join, headers)]
    head_bytes = syntax.byte_length("\r\n".join(lines)) + len("\r\n\r\n")
    if head_bytes <= RESPONSE_HEAD_LIMIT_BYTES:
        return None
    return (
        f"The origin's status line and headers have {head_bytes} bytes; CloudFront takes {RESPONSE_HEAD_LIMIT_BYTES}. "
        "Send fewer or shorter headers: cookies are most often what grows."
    )
