"""Lines that `edge-hasher local` prints of each request: as text, or as JSON with --log-format json.

Each is read into the answer that the viewer got, as AWS would have sent it, so it is explained alike. The local edge's
own sentence tells CloudFront's pages apart: a test over sockets holds these phrases to what it says.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from edge_hasher.function.decision import ROWS
from edge_hasher.function.refusals import DELIVERED_LIMIT_BYTES
from edge_hasher.probe.paste.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SCHEMA = "edge-hasher/local/"
_JSON = re.compile(r'\{\s*"schema"\s*:\s*"edge-hasher/local/')
# Markdown and chats make one blank of several, so any number divides.
_LINE = re.compile(
    r"(?:^|\s)(?P<source>edge|direct)\s+(?P<method>\S+)\s+(?P<target>\S+)\s+(?P<size>[0-9.]+ (?:B|KiB|MiB))"
    r"\s+(?P<decision>\S.{0,150}?)\s+(?P<verdict>-|admitted|[A-Z]\w+)"
    r"\s+(?P<status>[1-5]\d\d|---)(?P<broken> broken off)?(?=\s|$)"
)
_READY = re.compile(r"(?:^|\s)ready\s+http://(\S+)")
_FUNCTION = re.compile(r"(?:^|\s)\d\d:\d\d:\d\d function ")
_LABEL = re.compile(r"^[\w./-]{1,60}\s*\|\s")  # of a container, before each of its lines
_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}
_DEFAULT_HOST = "127.0.0.1:8080"  # where it listens unless it is told otherwise
_DECODER = json.JSONDecoder()

_ADMITTED = {"-", "admitted"}
_ROW_NAMES = frozenset(name for _, name in ROWS)
_FORWARDED = frozenset({"digest", "no digest"})
# What CloudFront writes into X-Cache where the function is to blame (documented), by the local edge's word for it.
_RESULTS = {
    **dict.fromkeys(("threw", "timed out", "crashed", "could not start"), "LambdaExecutionError"),
    "invalid result": "LambdaValidationError",
    "answered": "LambdaGeneratedResponse",
}
# AWS's sentences (seen), by what the local edge says in its own words.
_FORBIDDEN = "Forbidden. For troubleshooting Function URL authorization issues"
_METHOD = "This distribution is not configured to allow the HTTP request method that was used for this request."
_LATE = "CloudFront attempted to establish a connection with the origin, but either the attempt failed"
_PAGES = (
    ("does not take the method", _METHOD),
    ("Set its AllowedMethods", _METHOD),
    ("The origin sent nothing", _LATE),
    ("CloudFront cannot connect", "CloudFront wasn't able to connect to the origin."),
    ("The origin's status line and headers", "The origin closed the connection."),
    ("", "Bad request."),
)


def is_record(node: Mapping[str, Any]) -> bool:
    """Whether a JSON object is the line of a request."""
    return str(node.get("schema")).startswith(_SCHEMA) and "verdict" in node


def read_local_log(text: str) -> list[Exchange]:
    """Return the requests of a log that is pasted or piped, whatever stands before its lines; empty for anything else.

    The lines below a request's line are the local edge's sentence about it.
    """
    host = _DEFAULT_HOST
    sentence: list[str] | None = None
    records: list[dict[str, Any]] = []
    for line in text.split("\n"):
        if begin := _JSON.search(line):
            record = _decoded(line[begin.start() :])
            host = str(record.get("ready") or host).removeprefix("http://")
            records += [record] if is_record(record) else []
            sentence = None
        elif ready := _READY.search(line):
            host = ready[1]
        elif not line.strip() or _FUNCTION.search(line):
            sentence = None
        elif match := _LINE.search(line):
            sentence = []
            records.append({**match.groupdict(), "sentence": sentence})
        elif sentence is not None:
            sentence.append(_LABEL.sub("", line).strip())
    found = [from_record(record) for record in records]
    for each in found:
        each.host = host
    return found


def failed_of(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Return the local edge's requests that failed, or all of them if none did; empty without any."""
    every = [each for each in exchanges if each.local_edge]
    return [each for each in every if each.status == 0 or each.status >= 400 or each.log_result] or every  # noqa: PLR2004


def from_record(record: Mapping[str, Any]) -> Exchange:
    """Read one request, from its JSON object or from the parts of its line."""
    words = record.get("sentence")
    sentence = " ".join(map(str, words)) if isinstance(words, list) else str(words or "")
    decision, verdict = str(record.get("decision")), str(record.get("verdict"))
    status = str(record.get("status"))
    exchange = Exchange(
        status=int(status) if re.fullmatch(r"[1-5]\d\d", status) else 0,
        host=_DEFAULT_HOST,
        forms={"log"},
        local_edge="direct" if record.get("source") == "direct" else "edge",
        local_sentence=sentence,
    )
    exchange.ask(str(record.get("method")), str(record.get("target")))
    exchange.send("content-length", str(_sent_bytes(record, decision, sentence)))
    if identifier := record.get("id"):
        exchange.receive("x-amz-cf-id" if exchange.local_edge == "edge" else "x-amzn-requestid", str(identifier))
    if record.get("broken"):
        left = "went away" in sentence
        exchange.log_result = "ClientCommError" if left else "AbortedOrigin"
    elif verdict not in _ADMITTED:
        _refused_by_function_url(exchange, verdict)
    elif verdict == "admitted":
        _answered_by_app(exchange, sentence)
    else:
        _answered_at_the_edge(exchange, decision, sentence)
    return exchange


def _decoded(text: str) -> dict[str, Any]:
    try:
        document = _DECODER.raw_decode(text)[0]
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _sent_bytes(record: Mapping[str, Any], decision: str, sentence: str) -> int:
    """Return the length of the request's body, which a line of text rounds."""
    if "(row truncated" in decision:
        return DELIVERED_LIMIT_BYTES + 1
    if "refuses a" in sentence and "with a body" in sentence:
        return 1  # refused before any of it was read
    size = record.get("size")
    if size is None:
        count = record.get("body_bytes")
        return count if type(count) is int else 0
    number, _, unit = str(size).partition(" ")
    try:
        return int(float(number) * _UNITS[unit])
    except (ValueError, KeyError, OverflowError):
        return 0


def _refused_by_function_url(exchange: Exchange, verdict: str) -> None:
    exchange.receive("x-amzn-errortype", verdict)
    if exchange.status < 400:  # noqa: PLR2004 - a custom error response hides it
        exchange.log_result = verdict
    if exchange.local_edge == "edge":
        exchange.receive("x-cache", "Error from cloudfront")
    if verdict == "AccessDeniedException":
        exchange.lines = [_FORBIDDEN]


def _answered_by_app(exchange: Exchange, sentence: str) -> None:
    """Note an answer of the app's, or of CloudFront's for an app that was late or sent too much."""
    if page := next((page for words, page in _PAGES[:-1] if sentence.startswith(words)), ""):
        _page(exchange, page)
    elif sentence.startswith("The custom error response"):
        _hidden(exchange)
    else:
        exchange.receive("x-amzn-requestid", "not logged")
        if exchange.local_edge == "edge":
            exchange.receive("x-cache", f"{'Error' if exchange.status >= 400 else 'Miss'} from cloudfront")  # noqa: PLR2004
        if sentence.startswith("The event has"):
            exchange.receive("x-amzn-errortype", "RequestEntityTooLargeException")


def _answered_at_the_edge(exchange: Exchange, decision: str, sentence: str) -> None:
    word, row, _ = decision.partition(" (row ")
    if word in _RESULTS:
        exchange.receive("x-cache", f"{_RESULTS[word]} from cloudfront")
    elif word in _ROW_NAMES or (row and word not in _FORWARDED):
        exchange.receive("x-cache", "LambdaGeneratedResponse from cloudfront")
        exchange.lines = [json.dumps({"type": f"urn:edge-hasher:{word}", "detail": sentence})]
    elif 0 < exchange.status < 400:  # noqa: PLR2004 - a refusal behind a custom error response
        _hidden(exchange)
    else:
        _page(exchange, next(page for words, page in _PAGES if words in sentence))


def _hidden(exchange: Exchange) -> None:
    exchange.log_result = "Error"
    exchange.receive("x-cache", "Error from cloudfront")


def _page(exchange: Exchange, sentence: str) -> None:
    exchange.receive("server", "CloudFront")
    exchange.receive("x-cache", "Error from cloudfront")
    exchange.lines = [f"<H2>The request could not be satisfied.</H2> {sentence}"]
