"""Which headers an operator may set on an origin.

Source: "Add custom headers to origin requests", custom headers that CloudFront can't add (documented).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.local.aws_limits import (
    CUSTOM_HEADER_NAME_LIMIT_CHARS,
    CUSTOM_HEADER_VALUE_LIMIT_CHARS,
    CUSTOM_HEADERS_LIMIT,
    CUSTOM_HEADERS_LIMIT_CHARS,
)
from edge_hasher.local.cloudfront import syntax

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.model import HeaderPairs

_REFUSED = frozenset({
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "pragma",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "request-range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
})  # fmt: skip
_REFUSED_PREFIXES = ("x-amz-", "x-edge-")


def problem(name: str, value: str) -> str | None:
    """Return why a distribution would refuse the header, in words for the operator, or None."""
    if not syntax.is_token(name):
        return f"{name!r} is not a header name"
    lower = name.lower()
    if lower in _REFUSED or lower.startswith(_REFUSED_PREFIXES):
        return f"CloudFront refuses {name} as an origin custom header"
    if len(name) > CUSTOM_HEADER_NAME_LIMIT_CHARS:
        return f"the name has {len(name)} characters; CloudFront takes {CUSTOM_HEADER_NAME_LIMIT_CHARS}"
    if syntax.has_control(value):
        return f"the value of {name} holds a control character"
    if len(value) > CUSTOM_HEADER_VALUE_LIMIT_CHARS:
        return f"the value of {name} has {len(value)} characters; CloudFront takes {CUSTOM_HEADER_VALUE_LIMIT_CHARS}"
    return None


def joint_problem(headers: HeaderPairs) -> str | None:
    """Return why a distribution would refuse the headers together, or None."""
    if len(headers) > CUSTOM_HEADERS_LIMIT:
        return f"there are {len(headers)} origin custom headers; CloudFront takes {CUSTOM_HEADERS_LIMIT} for an origin"
    total_chars = sum(len(name) + len(value) for name, value in headers)
    if total_chars > CUSTOM_HEADERS_LIMIT_CHARS:
        return (
            f"the origin custom headers have {total_chars} characters in all; CloudFront takes "
            f"{CUSTOM_HEADERS_LIMIT_CHARS}"
        )
    return None
