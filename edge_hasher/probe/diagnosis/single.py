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

from edge_hasher.probe.diagnosis.pattern import REACHED
from edge_hasher.probe.diagnosis.sentences import find, named, named_in, plain
from edge_hasher.probe.diagnosis.signature import announced_bytes, signature_causes
from edge_hasher.probe.diagnosis.status import NOT_ADMITTED, by_cloudfront, by_status
from edge_hasher.probe.paste.marks import FOREIGN_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.probe.diagnosis.kinds import Kind
    from edge_hasher.probe.diagnosis.readings import Reading
    from edge_hasher.probe.paste.exchange import Exchange

_FUNCTION_URL = re.compile(r"\.lambda-(?:url|web)\.[a-z0-9-]+\.on\.aws(?::\d+)?$", re.IGNORECASE)
_NULL_BODY = re.compile(r"\"message\" ?: ?null")
_ANY_BODY = re.compile(r"\"message\"|forbidden\.")
_BODY_OF_LENGTH = {str(len(each)): each.lower() for each in ('{"Message":null}', '{"Message":"Forbidden"}')}
_BARE_BODY = re.compile(r"\"message\" ?: ?\"forbidden\"")
_AT_THE_GATE: frozenset[Kind] = frozenset({"permission", "signature", "credentials"})

_WHOLE_FORMS = frozenset({"http", "verbose", "json", "log"})  # of these nothing was left out or retold
_ANONYMOUS: frozenset[Kind] = frozenset({"origin", "unknown-error"})
_SAME: Mapping[Kind, frozenset[Kind]] = {
    "origin-late": frozenset({"origin-late", "origin-failing"}),
    "signature": frozenset({"signature", "credentials"}),
}

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


def codes(exchange: Exchange, reading: Reading, others: tuple[tuple[Exchange, Reading], ...] = ()) -> tuple[str, ...]:
    """Return what an exchange means; `others` were pasted with it, and may tell causes apart."""
    if reading.refusal:
        return (reading.refusal,)
    if reading.kind in _AT_THE_GATE:
        return _at_the_gate(exchange, reading, others)
    if reading.kind == "app-refuses" and (own := _repeated(exchange, reading, others)):
        return own
    if reading.status == 403 and reading.kind not in REACHED and _is_get_with_body(exchange):  # noqa: PLR2004
        return ("get-with-body",)
    known = _from_tables(exchange, reading)
    if known:
        return _ordered(known, exchange, reading)
    return _without_words(exchange, reading)


def _without_words(exchange: Exchange, reading: Reading) -> tuple[str, ...]:
    """Return what an answer means in which no table found anything."""
    if reading.kind == "cloudfront-page" and exchange.status == 403 and "bad request" in reading.said.lower():  # noqa: PLR2004
        unknown = ("get-with-body",) if exchange.method in {"", "GET"} else ()
        return ("alternate-domain-missing", *unknown, "cloudfront-refuses")
    if reading.kind in _ANONYMOUS | {"cloudfront-page"} and (made := by_cloudfront(exchange)):
        return made
    if reading.kind in _ANONYMOUS and not reading.cloudfront and _is_elsewhere(exchange):
        return ("not-cloudfront",)
    return _CODES.get(reading.kind) or by_status(exchange)


def _ordered(known: tuple[str, ...], exchange: Exchange, reading: Reading) -> tuple[str, ...]:
    """Return what the tables say, with what the rest of the exchange adds."""
    if known == ("cors-preflight",) and exchange.status >= 400 and exchange.method not in {"", "OPTIONS"}:  # noqa: PLR2004
        return (*by_status(exchange), *known)  # the browser complains of an answer that failed for another reason
    if reading.kind == "origin-failing" and reading.status == 502:  # noqa: PLR2004 - never for being late
        return tuple(sorted(known, key=lambda code: code == "origin-times-out"))
    return known


def _repeated(exchange: Exchange, reading: Reading, others: tuple[tuple[Exchange, Reading], ...]) -> tuple[str, ...]:
    """Return what AWS's own words mean under a 403 without an error type: it was trimmed, or a policy removes it.

    An application that passes on what AWS told it looks the same, so this is never the only meaning.
    """
    sentence = find(plain(exchange.answer.text))
    if sentence is None or sentence.kind not in _AT_THE_GATE:
        return ()
    likely = signature_causes(exchange, others) if sentence.kind == "signature" else sentence.means or NOT_ADMITTED
    return (*likely, "app-refuses") if reading.status == 403 else ()  # noqa: PLR2004 - the gate's status


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
        named_in("types", text),
        named_in("results", text),
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
    if _FUNCTION_URL.search(exchange.host) or exchange.local_edge == "direct":
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
    if any(name.lower() in FOREIGN_NAMES for name, _ in exchange.headers):
        return True
    return bool(server and server not in {"CloudFront", "AmazonS3"}) or 0 < exchange.status < 400  # noqa: PLR2004


def _is_get_with_body(exchange: Exchange) -> bool:
    return exchange.method == "GET" and (announced_bytes(exchange) > 0 or bool(exchange.sent_body.strip()))


def _permission(exchange: Exchange, reading: Reading) -> tuple[str, ...]:
    text = plain(exchange.answer.text)
    if not _ANY_BODY.search(text):  # headers alone, as browsers copy them: the length tells the bodies apart
        text = _BODY_OF_LENGTH.get(exchange.answer.header("content-length"), text)
    if _NULL_BODY.search(text):
        return ("host-forwarded", "permission-missing", "oac-does-not-sign")
    if _BARE_BODY.search(text):
        bare = ("oac-does-not-sign", "permission-missing", "host-forwarded")
        return bare if reading.error_type or reading.cloudfront else (*bare, "api-gateway-origin")
    return NOT_ADMITTED
