"""The local edge end to end: apps that are down, late, or die, and Python Lambda handlers."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.local.config import HandlerApp, HttpApp
from tests.support import aws_texts
from tests.support.edge.edge_fixtures import OWN, WITH_FUNCTION, digest_of, running_edge
from tests.support.edge.raw_http import ask, connected, request
from tests.support.edge.signing_client import signed_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.edge.edge_fixtures import Running, Talk

# Under it a silent app is late; long enough for a slow machine to do everything else.
READ_TIMEOUT_S = 0.7
EDGE = {"read_timeout_s": READ_TIMEOUT_S}


async def silence(talk: Talk) -> None:
    """Send nothing until the edge hangs up."""
    await talk.reader.read()


@WITH_FUNCTION
def test_a_silent_app_is_504(edge: Running) -> None:
    """No first byte within the read timeout: CloudFront's 504, and the app sees that nobody waits any more."""
    gone = asyncio.Event()

    async def silent(talk: Talk) -> None:
        await silence(talk)
        gone.set()

    edge.app.routes[b"/silent"] = silent
    answer = ask(edge.port, request("POST", "/silent", b"x", digest_of(b"x")))
    assert (answer.status, answer.values("x-cache")) == (504, [aws_texts.X_CACHE_ERROR])
    assert aws_texts.ORIGIN_TIMEOUT.sentence.encode() in answer.body
    assert "read timeout" in edge.last("/silent").sentence
    edge.do(asyncio.wait_for(gone.wait(), 10))
    assert ask(edge.port, request("GET", "/next")).status == 200


@WITH_FUNCTION
@pytest.mark.parametrize(
    "framing", [b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", b"Content-Length: 9\r\n\r\nhello"]
)
def test_silence_in_the_middle_breaks_the_stream(edge: Running, framing: bytes) -> None:
    """Silence after the first byte ends the viewer's stream without its proper end."""

    async def stalls(talk: Talk) -> None:
        await talk.write(b"HTTP/1.1 200 OK\r\n" + framing)
        await silence(talk)

    edge.app.routes[b"/stalls"] = stalls
    answer = ask(edge.port, request("GET", "/stalls"))
    assert (answer.status, answer.body, answer.whole) == (200, b"hello", False)
    exchange = edge.last("/stalls")
    assert exchange.broken
    assert "heartbeat" in exchange.sentence


@WITH_FUNCTION
@pytest.mark.parametrize(
    "framing", [b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", b"Content-Length: 9\r\n\r\nhello"]
)
def test_an_app_that_dies_in_the_middle(edge: Running, framing: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """An app that dies after its first byte ends the viewer's stream likewise, and nobody prints a trace."""

    async def dies(talk: Talk) -> None:
        await talk.write(b"HTTP/1.1 200 OK\r\n" + framing)

    edge.app.routes[b"/dies"] = dies
    answer = ask(edge.port, request("POST", "/dies", b"x", digest_of(b"x")))
    assert (answer.status, answer.body, answer.whole) == (200, b"hello", False)
    assert edge.last("/dies").broken
    assert ask(edge.port, request("GET", "/next")).status == 200
    assert caplog.records == []


@WITH_FUNCTION
@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-", b"my secret answer\r\n\r\n", b"\x16\x03\x01"])
def test_an_app_that_sends_no_http(edge: Running, said: bytes) -> None:
    """An app that hangs up or says something else is Lambda's 502, and what it said is shown nowhere."""
    edge.app.routes[b"/no-http"] = lambda talk: talk.write(said)
    answer = ask(edge.port, request("GET", "/no-http"))
    assert (answer.status, answer.body) == (502, aws_texts.HANDLER_FAILED)
    assert "secret" not in json.dumps(edge.last("/no-http").as_dict())


@WITH_FUNCTION
def test_an_upload_may_be_slower_than_the_read_timeout(edge: Running) -> None:
    """The read timeout counts from the end of the upload: a slow client is not a late app."""
    body = bytes(1_200_000)
    with connected(edge.port) as connection:
        connection.send(request("PUT", "/slow", None, f"Content-Length: {len(body)}", digest_of(body)))
        for start in range(0, len(body), 400_000):
            edge.do(asyncio.sleep(READ_TIMEOUT_S * 0.6))
            connection.send(body[start : start + 400_000])
        # The function refuses what it got in part only, unless it may go on: either way it is not a 504.
        assert connection.answer().status in {200, 413}


def test_a_slow_upload_reaches_the_app() -> None:
    """The same with a function that lets it pass: the app gets it."""
    body = bytes(1_200_000)
    with running_edge(read_timeout_s=0.3, settings=("oversize=forward",)) as running, connected(running.port) as viewer:
        viewer.send(request("PUT", "/slow", None, f"Content-Length: {len(body)}", digest_of(body)) + body[:1_100_000])
        running.do(asyncio.sleep(0.7))
        viewer.send(body[1_100_000:])
        assert viewer.answer().status == 200
        assert running.app.seen[-1].body == body


@pytest.mark.parametrize("function", [OWN, None], ids=["with-function", "without"])
def test_an_app_that_went_down(function: Any) -> None:
    """An app that no longer listens is 502; when it is back, it is served again."""
    with running_edge(function=None) as first:
        port = int(first.app.address.rpartition(":")[2])
        with running_edge(function=function, app=HttpApp("127.0.0.1", port)) as running:
            assert ask(running.port, request("GET", "/up")).status == 200
            first.do(first.app.stop())
            answer = ask(running.port, request("POST", "/down", b"x", digest_of(b"x")))
            assert (answer.status, answer.body) == (502, aws_texts.HANDLER_FAILED)
            assert "did not answer" in running.last("/down").sentence
            with socket.create_server(("127.0.0.1", port)) as back, connected(running.port) as connection:
                connection.send(request("GET", "/back"))
                app, _ = back.accept()
                with app:
                    app.recv(65536)
                    app.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                    assert connection.answer().status == 200


HANDLER = """
import base64, json, os, time

def handler(event, context):
    body = event.get("body") or ""
    if event["rawPath"] == "/json":
        return {"hello": "edge", "path": event["rawPath"], "query": event["rawQueryString"]}
    if event["rawPath"] == "/event":
        return event
    if event["rawPath"] == "/binary":
        return {"statusCode": 201, "isBase64Encoded": True, "body": body if event["isBase64Encoded"] else "",
                "headers": {"content-type": "application/octet-stream"}}
    if event["rawPath"] == "/cookies":
        return {"statusCode": 200, "cookies": ["a=1; Path=/", "b=2"], "body": ",".join(event["cookies"])}
    if event["rawPath"] == "/raise":
        raise ValueError("my secret")
    if event["rawPath"] == "/die":
        os._exit(1)
    if event["rawPath"] == "/inject":
        return {"statusCode": 200, "headers": {"x-a": "b\\r\\nx-b: c"}}
    if event["rawPath"] == "/status":
        return {"statusCode": 99}
    if event["rawPath"] == "/huge":
        return {"statusCode": 200, "body": "a" * 7_000_000}
    return {"statusCode": 200, "body": str(len(body))}
"""


@pytest.fixture(scope="module", params=[OWN, None], ids=["with-function", "without"])
def handler(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run an edge before a Lambda handler."""
    root: Path = tmp_path_factory.mktemp("handler")
    (root / "app.py").write_text(HANDLER)
    with running_edge(function=request.param, app=HandlerApp(root, "app.handler")) as running:
        yield running


def test_handler_json(handler: Running) -> None:
    """What a handler returns without a status code is JSON with 200."""
    answer = ask(handler.port, request("GET", "/json?a=%2F&b"))
    assert (answer.status, answer.values("content-type")) == (200, ["application/json"])
    assert json.loads(answer.body) == {"hello": "edge", "path": "/json", "query": "a=%2F&b"}


def test_handler_binary(handler: Running) -> None:
    """Binary bodies come in and go out as base64."""
    body = bytes(range(256))
    answer = ask(handler.port, request("POST", "/binary", body, digest_of(body)))
    assert (answer.status, answer.body) == (201, body)


def test_handler_cookies(handler: Running) -> None:
    """Cookies come as a list, and go out as Set-Cookie, each on its own."""
    answer = ask(handler.port, request("GET", "/cookies", None, "Cookie: c=3; d=4"))
    assert (answer.body, answer.values("set-cookie")) == (b"c=3,d=4", ["a=1; Path=/", "b=2"])


def test_handler_event_of_a_direct_call(handler: Running) -> None:
    """Who signs with keys of the account's own is not CloudFront in the event."""
    event = json.loads(ask(handler.direct_port, signed_request(handler, "GET", "/event")).body)
    caller = event["requestContext"]["authorizer"]["iam"]
    assert caller["accessKey"] == handler.addresses.caller_keys.access_key_id
    assert "OriginAccess" not in json.dumps(caller)


def test_handler_event(handler: Running) -> None:
    """The event is of payload format 2.0, and tells that IAM let CloudFront in."""
    lines = ("Authorization: Bearer viewer", "Cookie: a=1; b=2", "User-Agent: me")
    event = json.loads(ask(handler.port, request("GET", "/event?q=a+b%2Bc", None, *lines)).body)
    assert event["version"] == "2.0"
    assert "authorization" not in event["headers"]
    assert event["requestContext"]["authorizer"]["iam"]["userArn"].endswith("/OriginAccessSession")
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert (event["cookies"], event["headers"]["cookie"]) == (["a=1", "b=2"], "a=1; b=2")
    assert {"x-amzn-trace-id", "x-amzn-tls-version", "x-amzn-tls-cipher-suite"} <= event["headers"].keys()
    assert (event["rawQueryString"], event["queryStringParameters"]) == ("q=a b%2Bc", {"q": "a b+c"})
    context = event["requestContext"]
    assert (context["authentication"], context["http"]["userAgent"]) == (None, "me")
    assert context["domainPrefix"] == context["apiId"] == context["domainName"].partition(".")[0]


@pytest.mark.parametrize("path", ["/raise", "/die", "/inject", "/status", "/huge"])
def test_handler_that_fails(handler: Running, path: str) -> None:
    """A handler that raises, dies or answers what cannot be sent is Lambda's 502; the next call is served."""
    answer = ask(handler.port, request("GET", path))
    assert (answer.status, answer.body) == (502, aws_texts.HANDLER_FAILED)
    assert handler.last(path).sentence
    assert ask(handler.port, request("GET", "/json")).status == 200


def test_handler_body_that_is_too_large_as_an_event(handler: Running) -> None:
    """5 MB of binary are more than 6 MB as an event: 413, as Lambda counts."""
    body = bytes(5_000_000)
    answer = ask(handler.port, request("POST", "/big", body, digest_of(body)))
    if handler.last("/big").decision.startswith("body-too-large"):
        assert answer.status == 413
        return
    assert (answer.status, answer.values("x-amzn-errortype")) == (413, ["RequestEntityTooLargeException"])
    assert "base64" in handler.last("/big").sentence
    text = base64.b64encode(body[:4_000_000])
    answer = ask(handler.port, request("POST", "/text", text, digest_of(text), "Content-Type: text/plain"))
    assert (answer.status, answer.body) == (200, str(len(text)).encode())
