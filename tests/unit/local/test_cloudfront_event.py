"""The origin-request event that a Lambda@Edge function is handed."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.local.cloudfront.event import (
    NO_BODY,
    PREFIX_BYTES,
    DeliveredBody,
    delivered_body,
    event_headers,
    exposes_body,
    origin_request_event,
)
from edge_hasher.local.cloudfront.model import Distribution, ForwardedRequest, HeaderPairs, OriginConfig, Policy
from tests.support.aws_texts import DELIVERED_LIMIT_BYTES, DISALLOWED_HEADERS, READ_ONLY_HEADERS

ORIGIN = OriginConfig(
    domain_name="abc123.lambda-url.us-east-1.on.aws",
    response_completion_timeout_s=30,
    custom_headers=(("Edge-Hasher", "max-body=1024"),),
)


def forwarded(headers: HeaderPairs = (), *, path: str = "/chat", query: str | None = None) -> ForwardedRequest:
    """Return an origin request as `viewer.forward` makes it."""
    return ForwardedRequest(
        method="POST",
        path=path,
        query=query,
        headers=headers,
        hidden_headers=(("X-Amz-Cf-Id", "id=="),),
        custom_headers=ORIGIN.custom_headers,
        client_ip="203.0.113.7",
        request_id="id==",
    )


def test_the_event_is_the_documented_one() -> None:
    """Every documented field is there, and no other."""
    request = forwarded((("Host", "o.example"), ("X-Two", "1"), ("x-two", "2")), query="a=b&a=c")
    body = DeliveredBody("aGk=", truncated=False)
    event = origin_request_event(request, origin=ORIGIN, distribution=Distribution(), body=body)
    assert event == {
        "Records": [
            {
                "cf": {
                    "config": {
                        "distributionDomainName": "d111111abcdef8.cloudfront.net",
                        "distributionId": "EDFDVBD6EXAMPLE",
                        "eventType": "origin-request",
                        "requestId": "id==",
                    },
                    "request": {
                        "body": {
                            "action": "read-only",
                            "data": "aGk=",
                            "encoding": "base64",
                            "inputTruncated": False,
                        },
                        "clientIp": "203.0.113.7",
                        "headers": {
                            "host": [{"key": "Host", "value": "o.example"}],
                            "x-two": [{"key": "X-Two", "value": "1"}, {"key": "x-two", "value": "2"}],
                        },
                        "method": "POST",
                        "origin": {
                            "custom": {
                                "customHeaders": {"edge-hasher": [{"key": "Edge-Hasher", "value": "max-body=1024"}]},
                                "domainName": "abc123.lambda-url.us-east-1.on.aws",
                                "keepaliveTimeout": 5,
                                "path": "",
                                "port": 443,
                                "protocol": "https",
                                "readTimeout": 30,
                                "responseCompletionTimeout": 30,
                                "sslProtocols": ["TLSv1.2"],
                            }
                        },
                        "querystring": "a=b&a=c",
                        "uri": "/chat",
                    },
                }
            }
        ]
    }


def test_without_include_body_there_is_no_body() -> None:
    """With include body off the event has no `body`; with it on, a GET has one with empty data."""
    off = origin_request_event(forwarded(), origin=ORIGIN, distribution=Distribution(), body=None)
    on = origin_request_event(forwarded(), origin=ORIGIN, distribution=Distribution(), body=NO_BODY)
    assert "body" not in off["Records"][0]["cf"]["request"]
    assert on["Records"][0]["cf"]["request"]["body"] == {
        "action": "read-only",
        "data": "",
        "encoding": "base64",
        "inputTruncated": False,
    }


def test_what_is_kept_from_the_function() -> None:
    """Disallowed headers are not in the event, and read-only ones are."""
    pairs = tuple((name.upper(), "1") for name in sorted(DISALLOWED_HEADERS | READ_ONLY_HEADERS))
    headers = event_headers((*pairs, ("X-Amz-Cf-Id", "1"), ("X-Edge-Foo", "1")))
    assert headers.keys() == READ_ONLY_HEADERS


def test_text_that_is_not_utf8_reaches_the_event_as_latin1() -> None:
    """A path or query that is not UTF-8 is converted from ISO-8859-1, as documented, and can be serialised."""
    raw = b"/caf\xe9".decode("utf-8", "surrogateescape")
    request = forwarded(path=raw, query=raw)
    event = origin_request_event(request, origin=ORIGIN, distribution=Distribution(), body=None)
    json.dumps(event, ensure_ascii=False).encode("utf-8")
    assert event["Records"][0]["cf"]["request"]["uri"] == "/caf\u00e9"
    assert event["Records"][0]["cf"]["request"]["querystring"] == "/caf\u00e9"
    assert request.target == f"{raw}?{raw}"


@pytest.mark.parametrize(
    ("length", "more", "truncated"),
    [
        (0, False, False),
        (1, False, False),
        (DELIVERED_LIMIT_BYTES - 1, False, False),
        (DELIVERED_LIMIT_BYTES, False, False),
        (DELIVERED_LIMIT_BYTES, True, True),
        (DELIVERED_LIMIT_BYTES + 1, False, True),
        (PREFIX_BYTES, True, True),
    ],
)
def test_the_cut_at_one_mebibyte(length: int, more: bool, truncated: bool) -> None:  # noqa: FBT001
    """The delivered body decodes to the first 1,048,576 bytes; the flag is set exactly when bytes are missing."""
    payload = (bytes(range(256)) * 4097)[:length]
    body = delivered_body(payload, more=more)
    assert base64.b64decode(body.data) == payload[:1_048_576]
    assert body.truncated is truncated


@given(payload=st.binary(max_size=2000))
def test_a_small_body_is_delivered_whole(payload: bytes) -> None:
    """Any body under the limit decodes to itself."""
    body = delivered_body(payload, more=False)
    assert base64.b64decode(body.data, validate=True) == payload
    assert not body.truncated


def test_too_short_a_prefix_is_the_servers_mistake() -> None:
    """A server that has not read up to the limit is told, and does not deliver too little."""
    with pytest.raises(ValueError, match="only 5 were given"):
        delivered_body(b"hello", more=True)


def test_delete_can_be_delivered_or_not() -> None:
    """A DELETE's body is exposed by default; a switch plays the product that saw otherwise."""
    assert exposes_body("DELETE", Policy())
    assert not exposes_body("DELETE", Policy(deliver_delete_body=False))
    assert exposes_body("POST", Policy(deliver_delete_body=False))
