"""HTTP's grammar as far as the edge judges it (RFC 9110, RFC 9112), and text that is not UTF-8."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NOT_IN_TARGET = re.compile(r"[\x00-\x20\x7f#]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]+\Z")


def is_token(text: str) -> bool:
    """Whether `text` may be a method or a header name."""
    return _TOKEN.match(text) is not None


def are_tokens(texts: Collection[str]) -> bool:
    """Whether all of `texts` may be header names; true of none."""
    return not texts or (is_token("".join(texts)) and "" not in texts)


def has_control(text: str) -> bool:
    """Whether a header value holds a control character; a tab is not one."""
    return _CONTROL.search(text) is not None


def has_surrogate(text: str) -> bool:
    """Whether text from JSON holds half a UTF-16 pair, which has no bytes to send."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def has_target_breaker(text: str) -> bool:
    """Whether a path or query holds a blank, a control character or a fragment (`#`)."""
    return _NOT_IN_TARGET.search(text) is not None


def is_digits(text: str) -> bool:
    """Whether `text` is a decimal number as Content-Length wants it: ASCII digits, no sign, no blank."""
    return _DIGITS.match(text) is not None


def byte_length(text: str) -> int:
    """Return the length in bytes on the wire of text that was read as UTF-8 with surrogateescape."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def as_unicode(text: str) -> str:
    """Return `text` free of surrogates: what is not UTF-8 counts as ISO-8859-1.

    "Restrictions on all edge functions", URI and query string encoding (documented for URI and query
    string; for header values inferred). Without it the event could not be serialised.
    """
    if text.isascii():
        return text
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")
