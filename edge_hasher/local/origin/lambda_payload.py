"""Function URL events and answers, payload format 2.0, for a Python Lambda handler behind the local edge.

Facts this stands on (documented: "Invoking Lambda function URLs", Lambda Developer Guide; seen; inferred):
- The event's keys, header names in lower case, repeated headers and parameters joined by commas, cookies apart, the
  answer's inference (JSON without statusCode: 200, application/json, the JSON itself). Documented.
- Authorization does not reach the handler; headers.cookie stands beside `cookies`, its values joined by "; "; the
  headers x-amzn-trace-id and x-amzn-tls-*. Seen (captured events). That authentication is there, as null: documented,
  and missing in captured events.
- rawQueryString has a blank for a plus. Seen, see query_string.
- A body is text for text/*, JSON, XML and JavaScript, base64 for the rest, forms and a missing type included. Seen,
  measured on HTTP APIs, whose format this is; for Function URLs inferred. Text that is not UTF-8: base64, inferred.
- rawPath stays percent-encoded: inferred.
- A handler that fails, or answers what cannot be sent: 502 "Internal Server Error". Seen.
- An answer of more than 6,291,556 bytes of JSON is a failure. Seen (the runtime's own text).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from edge_hasher.local.aws_limits import ACCOUNT_ID, FUNCTION_URL_ID, LAMBDA_RESPONSE_LIMIT_BYTES
from edge_hasher.local.origin.query_string import event_query

if TYPE_CHECKING:
    from datetime import datetime

Event = dict[str, Any]  # the JSON document that a handler gets

_ROLE_ID = "AROAIOSFODNN7EXAMPLE"

_TEXT_TYPE = re.compile(r"(?i)\s*(text/|application/(json|xml|javascript)\s*(;|$))")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# The server frames its answer itself (inferred for a Function URL; two framings would be a smuggling hole).
_FRAMING = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An admitted request: raw `target`, headers in order, the whole body; `by_oac` if CloudFront signed it."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    source_ip: str
    access_key_id: str
    request_id: str
    by_oac: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaResponse:
    """What goes to the client; `reason` says why where the handler's answer could not be sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    reason: str = ""


def build_event(call: Call, *, now: datetime) -> Event:
    """Build the event of one call; `now` is timezone-aware. JSON-serialisable whatever the client sent."""
    path, _, query = _text(call.target).partition("?")
    headers = _joined([(name.lower(), _text(value)) for name, value in call.headers])
    cookies = _cookies(call.headers)
    headers.pop("authorization", None)
    if cookies:
        headers["cookie"] = "; ".join(cookies)
    # What a Function URL adds (seen in captured events; the cipher and the trace are made up).
    trace = f"Root=1-{int(now.timestamp()):08x}-{hashlib.sha256(call.request_id.encode()).hexdigest()[:24]}"
    headers |= {
        "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
        "x-amzn-tls-version": "TLSv1.3",
        "x-amzn-trace-id": trace,
        "x-forwarded-proto": "https",
        "x-forwarded-port": "443",
    }
    headers.setdefault("x-forwarded-for", call.source_ip)
    body, is_base64 = _event_body(call.body, headers.get("content-type", ""))
    event: Event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": event_query(query),
        "headers": headers,
        "requestContext": _request_context(call, path, headers, now.astimezone(UTC)),
        "isBase64Encoded": is_base64,
    }
    if cookies:
        event["cookies"] = cookies
    if parameters := _joined(parse_qsl(query, keep_blank_values=True)):
        event["queryStringParameters"] = parameters
    if call.body:
        event["body"] = body
    return event


def read_answer(payload: bytes) -> LambdaResponse:
    """Turn the JSON that the runtime posted into an HTTP answer; 502 with a reason where that cannot be."""
    if len(payload) > LAMBDA_RESPONSE_LIMIT_BYTES:
        return failed(
            f"The handler's answer has {len(payload)} bytes of JSON; Lambda takes {LAMBDA_RESPONSE_LIMIT_BYTES}."
        )
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        return failed("The handler's answer is not JSON.")
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return LambdaResponse(status=200, headers=(("Content-Type", "application/json"),), body=payload)
    try:
        return _buffered(answer)
    except _UnsendableError as wrong:
        return failed(str(wrong))


def failed(reason: str) -> LambdaResponse:
    """Answer for a handler that raised, died, was late, or answered what cannot be sent."""
    return LambdaResponse(
        status=502, headers=(("Content-Type", "application/json"),), body=b"Internal Server Error", reason=reason
    )


class _UnsendableError(ValueError):
    """The handler's answer breaks the format."""


def _buffered(answer: Event) -> LambdaResponse:
    status = answer["statusCode"]
    # A number as a string: unknown, so not taken.
    if type(status) is not int or not 200 <= status <= 599:  # noqa: PLR2004  an answer's statuses; 1xx is interim
        raise _UnsendableError(f"statusCode is {status!r}; it has to be a whole number from 200 to 599.")
    headers = _answer_headers(answer.get("headers"), answer.get("cookies"))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers = (("Content-Type", "application/json"), *headers)  # inferred, as without statusCode
    return LambdaResponse(status=status, headers=headers, body=_answer_body(answer))


def _answer_body(answer: Event) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise _UnsendableError(f"body is a {type(body).__name__}; it has to be a string: use json.dumps.")
    if answer.get("isBase64Encoded") is not True:
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise _UnsendableError("isBase64Encoded is true, but body is not base64.") from None


def _answer_headers(headers: object, cookies: object) -> tuple[tuple[str, str], ...]:
    headers = {} if headers is None else headers
    cookies = [] if cookies is None else cookies
    if not isinstance(headers, dict) or not isinstance(cookies, list):
        raise _UnsendableError("headers has to be an object, and cookies a list of strings.")
    pairs: list[tuple[str, object]] = [*headers.items(), *(("Set-Cookie", cookie) for cookie in cookies)]
    for name, value in pairs:
        if not _TOKEN.fullmatch(name) or not isinstance(value, str | int | float):
            raise _UnsendableError(f"header {name!r} is not a name with a plain value.")
        if _UNSENDABLE.search(str(value)):
            raise _UnsendableError(f"header {name!r} has a character in its value that no header can hold.")
    return tuple((name, _plain(value)) for name, value in pairs if name.lower() not in _FRAMING)


def _plain(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _event_body(body: bytes, content_type: str) -> tuple[str, bool]:
    if not body:
        return "", False
    if _TEXT_TYPE.match(content_type):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def _cookies(headers: tuple[tuple[str, str], ...]) -> list[str]:
    lines = [_text(value) for name, value in headers if name.lower() == "cookie"]
    return [cookie.strip() for line in lines for cookie in line.split(";") if cookie.strip()]


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _request_context(call: Call, path: str, headers: dict[str, str], now: datetime) -> Event:
    host = headers.get("host", "")
    return {
        "accountId": ACCOUNT_ID,
        "apiId": FUNCTION_URL_ID,
        "authentication": None,
        "authorizer": {"iam": _caller(call)},
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "http": {
            "method": call.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": call.source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": call.request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": f"{now:%d}/{_MONTHS[now.month - 1]}/{now:%Y:%H:%M:%S} +0000",
        "timeEpoch": int(now.timestamp() * 1000),
    }


def _caller(call: Call) -> Event:
    # The role and session names of OAC, and the id of a role before the session (seen in captured events); those of
    # another caller are made up.
    role, session = ("OriginAccessControlRole", "OriginAccessSession") if call.by_oac else ("local-caller", "local")
    return {
        "accessKey": call.access_key_id,
        "accountId": ACCOUNT_ID,
        "callerId": f"{_ROLE_ID}:{session}",
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role}/{session}",
        "userId": f"{_ROLE_ID}:{session}",
    }


def _text(text: str) -> str:
    # Bytes that are not UTF-8 came as surrogates, which JSON cannot carry.
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
