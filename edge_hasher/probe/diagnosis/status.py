"""What a status means where nobody's name is on the answer, or only the status was copied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge_hasher.probe.diagnosis.signature import BODYLESS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.probe.paste.exchange import Exchange

CANNOT_TELL = ("cannot-tell",)
NOT_ADMITTED = ("permission-missing", "oac-does-not-sign", "host-forwarded")
_PAGE = "The request could not be satisfied"
_SLASH_IN_KEY = re.compile(r"(?:^|&)[^=&]*/")
_BY_STATUS: Mapping[int, tuple[str, ...]] = {
    401: ("app-refuses",),
    405: ("s3-origin", "method-not-allowed"),
    413: ("lambda-too-large", "body-too-large"),
    421: ("alternate-domain-missing",),
    429: ("lambda-throttled",),
    431: ("headers-too-large",),
    494: ("headers-too-large",),
    499: ("client-left",),
    502: ("app-fails", "origin-fails", "function-result-invalid"),
    503: ("function-fails", "cloudfront-function-fails", "function-throttled"),
    504: ("origin-times-out", "origin-fails"),
}


# The same where CloudFront made the answer itself, and its page was left out.
_BY_CLOUDFRONT: Mapping[int, tuple[str, ...]] = {
    301: ("redirected",),
    307: ("redirected",),
    308: ("redirected",),
    400: ("cloudfront-refuses",),
    403: ("method-not-allowed", "waf-blocks", "alternate-domain-missing"),
    502: ("origin-fails", "function-result-invalid", "origin-dns"),
    503: ("function-fails", "cloudfront-function-fails", "function-throttled"),
    504: ("origin-times-out", "origin-fails"),
}


def by_cloudfront(exchange: Exchange) -> tuple[str, ...]:
    """Return what an answer of CloudFront's own means by its status; () if the origin may have made it."""
    own_words = "http" in exchange.forms and _PAGE not in exchange.answer.text and exchange.answer.text.strip()
    made = (exchange.answer.header("server") == "CloudFront" and not own_words) or "page" in exchange.forms
    return _BY_CLOUDFRONT.get(exchange.status, ()) if made else ()


def by_status(exchange: Exchange) -> tuple[str, ...]:
    """Return what a status can mean where only it was copied; an answer in somebody's own words is nobody's we know."""
    status, copied = exchange.status, "http" not in exchange.forms
    if made := by_cloudfront(exchange):
        return made
    if not copied and status < 500 and exchange.answer.text.strip()[:1] not in {"", "{"}:  # noqa: PLR2004 - not a gateway
        return CANNOT_TELL
    if status == 400 and _SLASH_IN_KEY.search(exchange.query):  # noqa: PLR2004 - the Function URL's answer
        return ("query-string-refused",)
    return _forbidden(exchange, copied=copied) if status == 403 else _BY_STATUS.get(status, CANNOT_TELL)  # noqa: PLR2004


def _forbidden(exchange: Exchange, *, copied: bool) -> tuple[str, ...]:
    """Return what a bare 403 can mean, which depends on the method."""
    if exchange.method in BODYLESS:
        return NOT_ADMITTED
    if exchange.method:
        return ("function-not-attached", *NOT_ADMITTED[:2], "method-not-allowed", "waf-blocks")
    return ("function-not-attached", *NOT_ADMITTED) if copied else CANNOT_TELL
