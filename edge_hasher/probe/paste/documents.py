"""Read exchanges from JSON: HAR, Postman, axios and fetch objects, CloudFront's and Lambda's logs, bodies alone."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from edge_hasher.probe.paste import local_log, logs
from edge_hasher.probe.paste.exchange import Exchange, failing

if TYPE_CHECKING:
    from collections.abc import Iterator

_STATUS_KEYS = ("status", "statusCode", "status_code", "StatusCode", "httpStatusCode", "code")
_BODY_KEYS = ("body", "data", "content", "text", "responseText", "response", "Content", "RawContent")
_ANSWER_KEYS = {*_BODY_KEYS, "headers", "Headers", "header", "statusText", "StatusDescription", "config", "url", "ok"}
_DEPTH_LIMIT = 12
_DECODER = json.JSONDecoder()
_DOCUMENT = re.compile(r"^[ \t]*[{\[]", re.MULTILINE)
RAW_HTTP = re.compile(r"^[^\S\n]*(?:< )?HTTP/[0-9.]+ [1-5]\d\d", re.MULTILINE)
_NESTED_LIMIT_CHARS = 1 << 20


def read_documents(text: str) -> list[Exchange]:
    """Return the exchanges of a text that is JSON, or one JSON document a line; empty for anything else."""
    stripped = text.strip()
    if stripped[:1] not in {"{", "["}:
        return []
    try:
        document = json.loads(stripped)
    except (ValueError, RecursionError):
        return _read_json_lines(stripped)
    return _read(document)


def _read_json_lines(text: str) -> list[Exchange]:
    documents = []
    for line in filter(str.strip, text.split("\n")):
        try:
            documents.append(json.loads(line))
        except (ValueError, RecursionError):
            return []
    return [each for document in documents for each in _read(document)] if len(documents) > 1 else []


def read_embedded(text: str) -> list[Exchange]:
    """Return the exchanges of JSON documents that stand among other lines; empty where raw HTTP tells more."""
    if RAW_HTTP.search(text):
        return []
    found: list[Exchange] = []
    end = 0
    for start in _DOCUMENT.finditer(text):
        if start.start() >= end:
            try:
                document, end = _DECODER.raw_decode(text, start.end() - 1)
            except (ValueError, RecursionError):
                continue
            found += _read(document) if _is_har(document) else _walk(document, 0)
    return found


def _is_har(document: Any) -> bool:  # noqa: ANN401 - what JSON holds
    return isinstance(document, dict) and isinstance(document.get("log"), dict)


def _read(document: Any) -> list[Exchange]:  # noqa: ANN401 - what JSON holds
    if _is_har(document):
        entries = document["log"].get("entries")
        return (
            failing(_from_har(each) for each in entries if isinstance(each, dict)) if isinstance(entries, list) else []
        )
    found = list(_walk(document, 0))
    if not found and isinstance(document, dict | list):
        return [Exchange(lines=[json.dumps(document, ensure_ascii=False)])]
    return found


def _walk(node: Any, depth: int) -> Iterator[Exchange]:  # noqa: ANN401 - what JSON holds
    """Yield an exchange for each object that looks like an answer, outermost first."""
    if depth > _DEPTH_LIMIT:
        return
    if isinstance(node, list):
        for each in node:
            yield from _walk(each, depth + 1)
    elif isinstance(node, dict):
        if record := _from_log(node):
            yield record
        elif (
            isinstance(node.get("request"), dict)
            and isinstance(node.get("response"), dict)
            and "method" in node["request"]
        ):
            yield _from_har(node)
        elif isinstance(node.get("response"), dict) and _status(node["response"]):
            yield _from_object(node["response"], outer=node)
        elif _status(node) and _ANSWER_KEYS & node.keys():
            yield _from_object(node, outer=node)
        else:
            for each in node.values():
                yield from _walk(_nested(each), depth + 1)


def _from_log(node: dict[str, Any]) -> Exchange | None:
    """Return the request of a line of CloudFront's log, or of the local edge's."""
    if logs.is_record(node):
        return logs.from_record(node)
    return local_log.from_record(node) if local_log.is_record(node) else None


def _nested(value: Any) -> Any:  # noqa: ANN401 - what JSON holds
    """Return what a string of JSON holds; other values as they are."""
    if isinstance(value, str) and value[:1] in {"{", "["} and len(value) <= _NESTED_LIMIT_CHARS:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _status(node: dict[str, Any]) -> int:
    for key in _STATUS_KEYS:
        value = node.get(key)
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        if type(value) is int and 100 <= value <= 599:  # noqa: PLR2004 - HTTP's statuses
            return value
    return 0


def _from_har(entry: dict[str, Any]) -> Exchange:
    """Read an entry of a HAR file ("HTTP Archive 1.2")."""
    request, response = _object(entry.get("request")), _object(entry.get("response"))
    exchange = _from_object(response, outer=entry)
    exchange.ask(str(request.get("method") or ""), str(request.get("url") or ""))
    for name, value in _pairs(request.get("headers") or request.get("header")):
        exchange.send(name, value)
    exchange.sent_body = str(_object(request.get("postData")).get("text") or "")
    if not exchange.status and isinstance(response.get("_error"), str):
        exchange.lines.append(response["_error"])
    return exchange


def _from_object(node: dict[str, Any], *, outer: dict[str, Any]) -> Exchange:
    """Read an answer as a program prints it; `outer` is an error object that may hold the request."""
    exchange = Exchange(status=_status(node), forms={"json"})
    for name, value in _pairs(node.get("headers") or node.get("Headers") or node.get("header")):
        exchange.receive(name, value)
    config = _object(
        node.get("config") or outer.get("config") or outer.get("originalRequest") or node.get("originalRequest")
    )
    url = config.get("url") or node.get("url") or outer.get("url") or ""
    url = _object(url).get("raw") or url
    base = config.get("baseURL")
    exchange.ask(str(config.get("method") or node.get("method") or ""), f"{base if isinstance(base, str) else ''}{url}")
    for name, value in _pairs(config.get("headers") or config.get("header")):
        exchange.send(name, value)
    if isinstance(config.get("data"), str):
        exchange.sent_body = config["data"]
    body = next((node[key] for key in _BODY_KEYS if node.get(key) not in (None, "")), outer.get("message", ""))
    content = _object(body)
    body = content.get("text", body) if "mimeType" in content else body
    exchange.lines = [body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)]
    return exchange


def _pairs(headers: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - what JSON holds
    """Yield names and values of headers: an object, a list of objects, or a list of pairs."""
    if isinstance(headers, dict):
        for name, value in headers.items():
            first = value[0] if isinstance(value, list) and value else value
            yield str(name), str(first["value"] if isinstance(first, dict) and "value" in first else first)
    elif isinstance(headers, list):
        for each in headers:
            if isinstance(each, dict):
                yield str(each.get("name", each.get("key", ""))), str(each.get("value", ""))
            elif isinstance(each, list) and len(each) == 2:  # noqa: PLR2004 - a pair
                yield str(each[0]), str(each[1])


def _object(value: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON holds
    return value if isinstance(value, dict) else {}
