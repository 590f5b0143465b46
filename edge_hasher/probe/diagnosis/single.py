"""What one exchange means by itself: codes of advice, the likeliest first.

Facts this stands on, beside those of `response_kinds`:
- A 403 of the Function URL has one of three bodies, which point to different causes: `{"Message":null}` nobody of that
  name, `{"Message":"Forbidden"}` an unsigned call of a private URL, the long one a policy that does not let it in. Each
  seen in few reports: it changes the order, and closes nothing.
- CloudFront answers 403 to a GET with a body, and to a host name that no distribution has, with the same page (seen).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge_hasher.probe.diagnosis.sentences import find, named, plain, type_in
from edge_hasher.probe.diagnosis.signature import BODYLESS, announced_bytes, signature_causes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.probe.diagnosis.kinds import Kind
    from edge_hasher.probe.diagnosis.readings import Reading
    from edge_hasher.probe.paste.exchange import Exchange

CANNOT_TELL = ("cannot-tell",)
_FUNCTION_URL = re.compile(r"\.lambda-(?:url|web)\.[a-z0-9-]+\.on\.aws(?::\d+)?$", re.IGNORECASE)
_NULL_BODY = re.compile(r"\"message\" ?: ?null")
_BARE_BODY = re.compile(r"\"message\" ?: ?\"forbidden\"")
_AT_THE_GATE: frozenset[Kind] = frozenset({"permission", "signature", "credentials"})

_WHOLE_FORMS = frozenset({"http", "verbose", "json", "log"})  # of these nothing was left out or retold
_ANONYMOUS: frozenset[Kind] = frozenset({"origin", "unknown-error"})
_SAME: Mapping[Kind, frozenset[Kind]] = {
    "origin-late": frozenset({"origin-late", "origin-failing"}),
    "signature": frozenset({"signature", "credentials"}),
}
_SLASH_IN_KEY = re.compile(r"(?:^|&)[^=&]*/")

# What an answer of a kind means where nothing more is known.
_CODES: Mapping[Kind, tuple[str, ...]] = {
    "app": ("got-through",),
    "origin": ("got-through",),
    "app-refuses": ("app-refuses",),
    "app-fails": ("app-fails",),
    "edge-answer": ("answered-at-the-edge",),
    "waf-challenge": ("waf-challenge",),
    "signed-url": ("signed-url-wanted",),
    "redirect": ("redirected",),
    "origin-late": ("origin-times-out", "origin-fails"),
    "origin-failing": ("origin-fails",),
    "cloudfront-page": ("cloudfront-refuses",),
    "error-page": ("error-page-hides",),
    "s3": ("s3-origin",),
    "api-gateway": ("api-gateway-origin",),
    "credentials": ("authorization-not-overridden",),
    "lambda-refused": ("lambda-refuses",),
    "lambda-throttled": ("lambda-throttled",),
    "lambda-too-large": ("lambda-too-large",),
}
_NOT_ADMITTED = ("permission-missing", "oac-does-not-sign", "host-forwarded")
# What a status alone can mean: nobody's name is on the answer, or only the status was copied.
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
    400: ("cloudfront-refuses",),
    403: ("method-not-allowed", "waf-blocks", "alternate-domain-missing"),
    502: ("origin-fails", "function-result-invalid", "origin-dns"),
    503: ("function-fails", "cloudfront-function-fails", "function-throttled"),
    504: ("origin-times-out", "origin-fails"),
}


def codes(exchange: Exchange, reading: Reading, others: tuple[tuple[Exchange, Reading], ...] = ()) -> tuple[str, ...]:
    """Return what an exchange means; `others` were pasted with it, and may tell causes apart."""
    if reading.refusal:
        return (reading.refusal,)
    if _is_get_with_body(exchange) and reading.status == 403:  # noqa: PLR2004 - CloudFront's answer to it
        return ("get-with-body",)
    if reading.kind in _AT_THE_GATE:
        return _at_the_gate(exchange, reading, others)
    known = _from_tables(exchange, reading)
    if known == ("cors-preflight",) and exchange.status >= 400 and exchange.method not in {"", "OPTIONS"}:  # noqa: PLR2004
        known = (*_by_status(exchange), *known)  # the browser's complaint, where the answer failed for another reason
    if reading.kind == "origin-failing" and reading.status == 502:  # noqa: PLR2004 - never for being late
        known = tuple(sorted(known, key=lambda code: code == "origin-times-out"))
    if reading.kind == "cloudfront-page" and reading.status == 403 and not known:  # noqa: PLR2004 - a page of two causes
        unknown = ("get-with-body",) if exchange.method in {"", "GET"} else ()
        return ("alternate-domain-missing", *unknown, "cloudfront-refuses")
    if not known and reading.kind in _ANONYMOUS and not reading.cloudfront and _is_elsewhere(exchange):
        return ("not-cloudfront",)
    return known or _CODES.get(reading.kind) or _by_status(exchange)


def _at_the_gate(exchange: Exchange, reading: Reading, others: tuple[tuple[Exchange, Reading], ...]) -> tuple[str, ...]:
    """Return what the Function URL's refusal means: of the signature, the caller or the credentials."""
    if _is_function_url(exchange, reading):
        return _at_the_function_url(exchange, reading)
    if reading.kind == "signature":
        return _from_tables(exchange, reading) or signature_causes(exchange, others)
    if reading.kind == "permission":
        return _permission(exchange, reading)
    return _from_tables(exchange, reading) or _CODES[reading.kind]


def _from_tables(exchange: Exchange, reading: Reading) -> tuple[str, ...]:
    """Return what AWS's error type, result type or sentence says, whichever is the surest."""
    text = plain(exchange.answer.text)
    browser = not _WHOLE_FORMS & exchange.forms
    for known in (
        named("types", reading.error_type),
        named("results", exchange.log_result),
        named("results", reading.x_cache.partition(" from cloudfront")[0]),
        find(text),
        named("types", type_in(text)),
    ):
        if known and known.means and (known.kind in _SAME.get(reading.kind, {reading.kind}) or exchange.log_result):
            return known.codes(text)
        if known and known.kind == "browser" and browser:
            return known.codes(text)
    return ()


def _is_function_url(exchange: Exchange, reading: Reading) -> bool:
    """Whether the Function URL itself was asked: by its name, or by a whole answer without CloudFront's headers.

    People trim what they paste, so missing headers alone say nothing.
    """
    if _FUNCTION_URL.search(exchange.host):
        return True
    answer = exchange.answer
    whole = answer.header("date") and answer.header("x-amzn-requestid")
    framed = answer.header("connection") or answer.header("content-length")
    return bool(whole and framed) and not reading.cloudfront


def _at_the_function_url(exchange: Exchange, reading: Reading) -> tuple[str, ...]:
    if exchange.request_header("authorization").startswith("AWS4"):
        return ("own-signature-wrong" if reading.kind != "permission" else "permission-missing", "function-url-itself")
    long_refusal = "troubleshooting function url" in plain(exchange.answer.text)
    if reading.kind == "permission" and long_refusal:
        return ("public-url-closed", "function-url-itself")
    return ("function-url-itself",)


def _is_elsewhere(exchange: Exchange) -> bool:
    """Whether something else than CloudFront signed the answer, or a good one shows no sign of it at all."""
    server = exchange.answer.header("server")
    return bool(server and server not in {"CloudFront", "AmazonS3"}) or 0 < exchange.status < 400  # noqa: PLR2004


def _is_get_with_body(exchange: Exchange) -> bool:
    return exchange.method == "GET" and (announced_bytes(exchange) > 0 or bool(exchange.sent_body.strip()))


def _permission(exchange: Exchange, reading: Reading) -> tuple[str, ...]:
    text = plain(exchange.answer.text)
    if _NULL_BODY.search(text):
        return ("host-forwarded", "permission-missing", "oac-does-not-sign")
    if _BARE_BODY.search(text):
        bare = ("oac-does-not-sign", "permission-missing", "host-forwarded")
        return bare if reading.error_type or reading.cloudfront else (*bare, "api-gateway-origin")
    return _NOT_ADMITTED


def _by_status(exchange: Exchange) -> tuple[str, ...]:
    """Return what a status can mean where only it was copied; an answer in somebody's own words is nobody's we know."""
    status, copied = exchange.status, "http" not in exchange.forms
    if exchange.answer.header("server") == "CloudFront" and status in _BY_CLOUDFRONT:
        return _BY_CLOUDFRONT[status]
    if not copied and status < 500 and exchange.answer.text.strip()[:1] not in {"", "{"}:  # noqa: PLR2004 - not a gateway
        return CANNOT_TELL
    if status == 400 and _SLASH_IN_KEY.search(exchange.query):  # noqa: PLR2004 - the Function URL's answer
        return ("query-string-refused",)
    return _forbidden(exchange, copied=copied) if status == 403 else _BY_STATUS.get(status, CANNOT_TELL)  # noqa: PLR2004


def _forbidden(exchange: Exchange, *, copied: bool) -> tuple[str, ...]:
    """Return what a bare 403 can mean, which depends on the method."""
    if exchange.method in BODYLESS:
        return _NOT_ADMITTED
    if exchange.method:
        return ("function-not-attached", *_NOT_ADMITTED[:2], "method-not-allowed", "waf-blocks")
    return ("function-not-attached", *_NOT_ADMITTED) if copied else CANNOT_TELL
