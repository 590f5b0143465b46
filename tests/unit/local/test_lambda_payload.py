"""Function URL events and answers: payload format 2.0 both ways."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.local.origin.lambda_payload import Call, build_event, failed, read_answer
from tests.support.aws_texts import ANSWER_LIMIT_BYTES, HANDLER_FAILED
from tests.support.edge.signing import HOST, NOW

Headers = tuple[tuple[str, str], ...]
TRACE = "8ae8e21650ac78b91924af8b"  # the SHA-256 of the request id, cut


def event(
    target: str = "/", headers: Headers = (), body: bytes = b"", method: str = "POST", content_type: str | None = None
) -> dict[str, Any]:
    """Build the event of one call."""
    if content_type is not None:
        headers = (*headers, ("Content-Type", content_type))
    call = Call(
        method=method,
        target=target,
        headers=(("Host", HOST), *headers),
        body=body,
        source_ip="192.0.2.7",
        access_key_id="ASIAIOSFODNN7EXAMPLE",
        request_id="the-request-id",
    )
    return build_event(call, now=NOW)


def answer(document: object) -> tuple[int, dict[str, str], bytes]:
    """Read a handler's answer; status, headers, body."""
    read = read_answer(json.dumps(document).encode())
    return read.status, dict(read.headers), read.body


def test_a_whole_event() -> None:
    """A bodyless request has every key of the format that applies, and no other."""
    assert event("/a%20b?x=1", (("User-Agent", "Amazon CloudFront"),), method="GET") == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/a%20b",
        "rawQueryString": "x=1",
        "headers": {
            "host": HOST,
            "user-agent": "Amazon CloudFront",
            "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
            "x-amzn-tls-version": "TLSv1.3",
            "x-amzn-trace-id": f"Root=1-{int(NOW.timestamp()):08x}-{TRACE}",
            "x-forwarded-for": "192.0.2.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "queryStringParameters": {"x": "1"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "edgehasherlocal",
            "authentication": None,
            "authorizer": {
                "iam": {
                    "accessKey": "ASIAIOSFODNN7EXAMPLE",
                    "accountId": "123456789012",
                    "callerId": "AROAIOSFODNN7EXAMPLE:OriginAccessSession",
                    "cognitoIdentity": None,
                    "principalOrgId": None,
                    "userArn": "arn:aws:sts::123456789012:assumed-role/OriginAccessControlRole/OriginAccessSession",
                    "userId": "AROAIOSFODNN7EXAMPLE:OriginAccessSession",
                }
            },
            "domainName": HOST,
            "domainPrefix": "abc123",
            "http": {
                "method": "GET",
                "path": "/a%20b",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.7",
                "userAgent": "Amazon CloudFront",
            },
            "requestId": "the-request-id",
            "routeKey": "$default",
            "stage": "$default",
            "time": "20/Nov/2026:09:30:00 +0000",
            "timeEpoch": 1795167000000,
        },
        "isBase64Encoded": False,
    }


def test_header_names_are_lower_case_and_values_joined() -> None:
    """Repeated headers are one value with commas."""
    headers = event(headers=(("X-A", "1"), ("x-a", "2"), ("X-Forwarded-For", "203.0.113.9")))["headers"]
    assert headers["x-a"] == "1,2"
    assert headers["x-forwarded-for"] == "203.0.113.9"


def test_cookies_are_a_list_of_their_own() -> None:
    """Cookies are split, whatever lines they came in, and leave the headers."""
    built = event(headers=(("Cookie", "a=1; b=2,3"), ("cookie", "c=4;")))
    assert built["cookies"] == ["a=1", "b=2,3", "c=4"]
    assert built["headers"]["cookie"] == "a=1; b=2,3; c=4"  # captured events have both
    assert "cookies" not in event()
    assert "cookie" not in event()["headers"]


def test_the_signature_stays_outside() -> None:
    """The handler does not see the Authorization header."""
    built = event(headers=(("Authorization", "AWS4-HMAC-SHA256 …"), ("X-Amz-Date", "20261120T093000Z")))
    assert "authorization" not in built["headers"]
    assert built["headers"]["x-amz-date"] == "20261120T093000Z"


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("a=1&b=2&a=3", {"a": "1,3", "b": "2"}),
        ("a&b=", {"a": "", "b": ""}),
        ("na%20me=v+w%2B%C3%BC", {"na me": "v w+ü"}),
        ("=x", {"": "x"}),
        ("&", None),
        ("", None),
    ],
)
def test_parameters_are_decoded_and_joined(query: str, parameters: dict[str, str] | None) -> None:
    """QueryStringParameters is decoded; rawQueryString is as it came, but for a plus, which is a blank."""
    built = event(f"/?{query}")
    assert built.get("queryStringParameters") == parameters
    assert built["rawQueryString"] == query.replace("+", " ")


@pytest.mark.parametrize(
    ("content_type", "is_text"),
    [
        ("text/plain", True),
        ("Text/Event-Stream; charset=utf-8", True),
        ("application/json", True),
        ("application/json;charset=utf-8", True),
        ("application/xml", True),
        ("application/javascript", True),
        ("application/x-www-form-urlencoded", False),
        ("application/jsonx", False),
        ("application/octet-stream", False),
        ("multipart/form-data; boundary=x", False),
        ("", False),
        (None, False),
    ],
)
def test_text_types_are_strings_and_the_rest_base64(content_type: str | None, is_text: bool) -> None:  # noqa: FBT001
    """The content type decides how the body is written."""
    built = event(body="grüß".encode(), content_type=content_type)
    assert built["isBase64Encoded"] is not is_text
    assert built["body"] == ("grüß" if is_text else base64.b64encode("grüß".encode()).decode())


def test_text_that_is_no_utf8_is_base64() -> None:
    """No byte is lost to a wrong content type."""
    built = event(body=b"\xff\x00", content_type="text/plain")
    assert (built["body"], built["isBase64Encoded"]) == ("/wA=", True)


def test_no_body_has_no_key() -> None:
    """An empty body is left out."""
    assert "body" not in event(content_type="text/plain")


@given(
    st.text(st.characters(codec="utf-8") | st.sampled_from("\udc80\udcff"), max_size=30),
    st.lists(st.tuples(st.sampled_from(["X-A", "Cookie", "Content-Type", "Host"]), st.text(max_size=30)), max_size=5),
    st.binary(max_size=30),
)
def test_every_event_is_json(target: str, headers: list[tuple[str, str]], body: bytes) -> None:
    """Whatever comes, the event goes through the runtime as JSON, and the body comes out again."""
    built = json.loads(json.dumps(event(target, tuple(headers), body), allow_nan=False).encode())
    came = built.get("body", "")
    assert (base64.b64decode(came) if built["isBase64Encoded"] else came.encode()) == body


def test_stray_bytes_are_replaced() -> None:
    """Bytes that are no UTF-8 come as surrogates, which JSON cannot carry."""
    built = event("/\udcff?\udcff=1", (("X-A", "\udcff"),))
    assert (built["rawPath"], built["rawQueryString"], built["headers"]["x-a"]) == ("/\ufffd", "\ufffd=1", "\ufffd")


@pytest.mark.parametrize("payload", [b'{"message": "Hello",  "n": 1}', b'"Hello"', b"[1]", b"null", b'{"body": "x"}'])
def test_json_without_a_status_is_the_body(payload: bytes) -> None:
    """Lambda infers 200 and application/json, and sends the JSON as it is."""
    read = read_answer(payload)
    assert (read.status, read.headers, read.body) == (200, (("Content-Type", "application/json"),), payload)


def test_a_buffered_answer() -> None:
    """Status, headers, cookies and text go out as the handler says."""
    read = read_answer(
        json.dumps(
            {
                "statusCode": 201,
                "headers": {"content-type": "text/html", "X-N": 5, "X-B": True, "Content-Length": "99"},
                "cookies": ["a=1; Secure", "b=2"],
                "body": "grüß",
                "isBase64Encoded": False,
            }
        ).encode()
    )
    assert read.status == 201
    assert read.headers == (
        ("content-type", "text/html"),
        ("X-N", "5"),
        ("X-B", "true"),
        ("Set-Cookie", "a=1; Secure"),
        ("Set-Cookie", "b=2"),
    )
    assert read.body == "grüß".encode()
    assert not read.reason


def test_little_is_needed() -> None:
    """A status alone is an answer; a missing type is application/json."""
    assert answer({"statusCode": 204}) == (204, {"Content-Type": "application/json"}, b"")
    assert answer({"statusCode": 200, "headers": None, "cookies": None, "body": None})[2] == b""


def test_base64_is_decoded() -> None:
    """Binary answers come as base64."""
    assert answer({"statusCode": 200, "body": "/wA=", "isBase64Encoded": True})[2] == b"\xff\x00"
    assert answer({"statusCode": 200, "body": "/wA=", "isBase64Encoded": False})[2] == b"/wA="


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        ({"statusCode": "200"}, "statusCode is '200'"),
        ({"statusCode": True}, "statusCode is True"),
        ({"statusCode": 99}, "statusCode is 99"),
        ({"statusCode": 100}, "statusCode is 100"),
        ({"statusCode": 600}, "statusCode is 600"),
        ({"statusCode": None}, "statusCode is None"),
        ({"statusCode": 200, "body": {"a": 1}}, "body is a dict"),
        ({"statusCode": 200, "body": "a", "isBase64Encoded": True}, "not base64"),
        ({"statusCode": 200, "body": "ü", "isBase64Encoded": True}, "not base64"),
        ({"statusCode": 200, "body": "AA==\n", "isBase64Encoded": True}, "not base64"),
        ({"statusCode": 200, "headers": ["a"]}, "headers has to be an object"),
        ({"statusCode": 200, "headers": 0}, "headers has to be an object"),
        ({"statusCode": 200, "cookies": "a=1"}, "cookies a list"),
        ({"statusCode": 200, "cookies": [{"a": 1}]}, "'Set-Cookie'"),
        ({"statusCode": 200, "headers": {"X-A": ["1"]}}, "'X-A'"),
        ({"statusCode": 200, "headers": {"X-A": None}}, "'X-A'"),
        ({"statusCode": 200, "headers": {"X A": "1"}}, "'X A'"),
        ({"statusCode": 200, "headers": {"": "1"}}, "''"),
        ({"statusCode": 200, "headers": {"X-A": "1\r\nX-B: 2"}}, "'X-A'"),
        ({"statusCode": 200, "headers": {"X-A": "\ud800"}}, "'X-A'"),
        ({"statusCode": 200, "cookies": ["a=1\nb"]}, "'Set-Cookie'"),
        (b" " * (ANSWER_LIMIT_BYTES + 1), "6291557 bytes"),
    ],
)
def test_an_answer_that_cannot_be_sent_is_502(payload: bytes | dict[str, object], reason: str) -> None:
    """Lambda's answer is 502 with its own text; the reason is for the log."""
    read = read_answer(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    assert (read.status, read.body) == (502, HANDLER_FAILED)
    assert reason in read.reason


def test_an_answer_of_the_limit_is_sent() -> None:
    """The limit itself is allowed."""
    assert read_answer(b'"' + b"x" * (ANSWER_LIMIT_BYTES - 2) + b'"').status == 200


def test_a_handler_that_fails_is_502() -> None:
    """A handler that raised or died has the same answer."""
    assert failed("it raised").status == 502
    assert failed("it raised").reason == "it raised"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.dictionaries(
                st.sampled_from(["statusCode", "headers", "cookies", "body", "isBase64Encoded", "x"]), inner
            )
            | st.lists(inner)
        ),
    )
)
def test_no_handler_can_make_the_reader_raise(document: object) -> None:
    """Whatever a handler answers becomes an HTTP answer with sendable headers."""
    read = read_answer(json.dumps(document).encode())
    assert 200 <= read.status <= 599
    assert all("\n" not in name + value for name, value in read.headers)
