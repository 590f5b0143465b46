"""The local edge end to end: heads of requests and answers at AWS's limits, and what is explained in a sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support import aws_texts
from tests.support.edge.edge_fixtures import OK, WITH_FUNCTION, running_edge
from tests.support.edge.raw_http import ask, connected, request

if TYPE_CHECKING:
    from tests.support.edge.edge_fixtures import Running

HEAD_LIMIT_BYTES = 20_480  # CloudFront's quota for an origin's response without its body


@pytest.mark.parametrize("mode", ["BUFFERED", "RESPONSE_STREAM"])
@pytest.mark.parametrize("head", [b"101 Switching Protocols", b"600 Odd", b"999 Odd", b"700 "])
def test_statuses_that_are_no_answer(mode: str, head: bytes) -> None:
    """A protocol switch that nobody asked for, and statuses beyond 599, are errors of the app."""
    with running_edge(function=None, invoke_mode=mode) as running:
        running.app.answer = (
            b"HTTP/1.1 " + head + b"\r\nUpgrade: x\r\nConnection: upgrade\r\nContent-Length: 2\r\n\r\nok"
        )
        with connected(running.port) as connection:
            answer = connection.ask(request("GET", "/odd"))
            assert (answer.status, answer.body) == (502, aws_texts.HANDLER_FAILED)
            assert head[:3].decode() in running.last("/odd").sentence
            running.app.answer = OK
            assert connection.ask(request("GET", "/next")).status == 200


def with_headers(total_bytes: int, count: int) -> bytes:
    """Give an answer with headers of about so many bytes in all."""
    size = total_bytes // count
    lines = [b"X-%04d: %s\r\n" % (number, b"a" * (size - 10)) for number in range(count)]
    return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + b"".join(lines) + b"\r\nok"


@WITH_FUNCTION
@pytest.mark.parametrize(
    ("total_bytes", "count"), [(9_000, 1), (16_000, 1), (19_000, 1), (19_000, 100), (19_000, 1_000)]
)
def test_answer_headers_up_to_cloudfronts_quota(edge: Running, total_bytes: int, count: int) -> None:
    """One long header, or many, pass up to CloudFront's own quota."""
    edge.app.routes[b"/headers"] = lambda talk: talk.write(with_headers(total_bytes, count))
    answer = ask(edge.port, request("GET", "/headers"))
    assert (answer.status, sum(name.startswith("X-0") for name, _ in answer.headers)) == (200, count)


@WITH_FUNCTION
@pytest.mark.parametrize("count", [1, 2, 40])
@pytest.mark.parametrize("total_bytes", [HEAD_LIMIT_BYTES, 33_000, 120_000])
def test_answer_headers_over_the_quota(edge: Running, total_bytes: int, count: int) -> None:
    """Headers over the quota are a 502, and the sentence has both numbers where they could be read."""
    edge.app.routes[b"/headers"] = lambda talk: talk.write(with_headers(total_bytes, count))
    answer = ask(edge.port, request("GET", "/headers"))
    assert answer.status == 502
    assert "X-0000" not in [name for name, _ in answer.headers]
    assert ask(edge.port, request("GET", "/next")).status == 200


@WITH_FUNCTION
@pytest.mark.parametrize("count", [100, 502, 503, 507, 511, 512, 1_000])
def test_many_request_headers(edge: Running, count: int) -> None:
    """As many headers as CloudFront's 20,480 bytes hold reach the app: no other number of them is AWS's."""
    lines = tuple(f"X-{number:04}: a" for number in range(count))
    answer = ask(edge.port, request("GET", "/many", None, *lines))
    assert answer.status == 200
    assert sum(name.startswith(b"X-0") for name, _ in edge.app.seen[-1].headers) == count


@WITH_FUNCTION
def test_a_redirect_to_the_function_urls_host(edge: Running) -> None:
    """A redirect that leads viewers to the Function URL itself is passed on, as in production, and explained."""
    own = "https://edgehasherlocal.lambda-url.us-east-1.on.aws/next"
    head = f"HTTP/1.1 302 Found\r\nLocation: {own}\r\nContent-Length: 0\r\n\r\n".encode()
    edge.app.routes[b"/redirect"] = lambda talk: talk.write(head)
    answer = ask(edge.port, request("GET", "/redirect"))
    assert (answer.status, answer.values("location")) == (302, [own])
    assert "own host" in edge.last("/redirect").sentence
    other = b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"
    edge.app.routes[b"/other"] = lambda talk: talk.write(other)
    ask(edge.port, request("GET", "/other"))
    assert edge.last("/other").sentence == ""


@WITH_FUNCTION
def test_a_websocket_is_explained(edge: Running) -> None:
    """A WebSocket becomes a plain GET, and one sentence says that a Function URL has none."""
    lines = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13")
    assert ask(edge.port, request("GET", "/socket", None, *lines)).status == 200
    exchange = edge.last("/socket")
    assert "WebSocket" in exchange.sentence
    assert "WebSocket" in json.dumps(exchange.as_dict()["steps"])
    refused = ask(edge.port, request("GET", "/socket?/x", None, *lines))
    assert (refused.status, "Percent-encode" in edge.last("/socket?/x").sentence) == (400, True)
