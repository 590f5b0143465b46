"""The local edge against what is no HTTP, or hides a second request in a first."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.support.edge.raw_http import ask, connected, request

if TYPE_CHECKING:
    from tests.support.edge.edge_fixtures import Running, Talk
    from tests.support.edge.raw_http import Connection

POST = b"POST /bad HTTP/1.1\r\nHost: localhost\r\n"
GET = b"GET /bad HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"

MALFORMED = {
    "both framings": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "both, other order": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 37\r\n\r\n" + HIDDEN,
    "two equal lengths": POST + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "list of lengths": POST + b"Content-Length: 0, 37\r\n\r\n" + HIDDEN,
    "length with a sign": POST + b"Content-Length: +0\r\n\r\n" + HIDDEN,
    "negative length": POST + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "length in hex": POST + b"Content-Length: 0x5\r\n\r\nhello",
    "other encoding": POST + b"Transfer-Encoding: identity\r\n\r\n" + HIDDEN,
    "gzip, chunked": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "odd encoding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "vertical tab": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "blank before colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked in 1.0": b"POST /bad HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunk size": CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n" + HIDDEN,
    "negative chunk": CHUNKED + b"-1\r\nhello\r\n0\r\n\r\n" + HIDDEN,
    "chunk in 0x": CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n" + HIDDEN,
    "huge chunk size": CHUNKED + b"1" + b"0" * 30 + b"\r\nhello\r\n0\r\n\r\n" + HIDDEN,
    "chunk too short": CHUNKED + b"2\r\nhello\r\n0\r\n\r\n" + HIDDEN,
    "chunk with bare LF": CHUNKED + b"5\nhello\n0\n\n" + HIDDEN,
    "folded line": GET + b"X-A: b\r\n c\r\n\r\n" + HIDDEN,
    "folded by tab": GET + b"X-A: b\r\n\tTransfer-Encoding: chunked\r\n\r\n" + HIDDEN,
    "NUL in a value": GET + b"X-A: b\x00c\r\n\r\n",
    "NUL in a name": GET + b"X\x00A: b\r\n\r\n",
    "bare LF": b"GET /bad HTTP/1.1\nHost: localhost\n\n",
    "LF in the head": GET + b"X-A: b\nX-B: c\r\n\r\n",
    "bare CR": GET + b"X-A: b\rX-B: c\r\n\r\n",
    "no colon": GET + b"X-A\r\n\r\n",
    "empty name": GET + b": b\r\n\r\n",
    "blank in a name": GET + b"X A: b\r\n\r\n",
    "lower-case method": b"get /bad HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "absolute form": b"GET http://a/bad HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "absolute inspector": b"GET http://127.0.0.1/__edge/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "absolute nonsense": b"GET http://[::1/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "authority form": b"CONNECT a:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "asterisk form": b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "relative path": b"GET bad HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "fragment": b"GET /bad#x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "blank in the target": b"GET /bad x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "raw bytes in the target": "GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
    "two hosts": GET + b"Host: b\r\n\r\n",
    "no host": b"GET /bad HTTP/1.1\r\n\r\n",
    "HTTP/0.9": b"GET /bad\r\n\r\n",
    "HTTP/2.0": b"GET /bad HTTP/2.0\r\nHost: localhost\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
    "noise": b"\xff\xfe\x00\x01\r\n\r\n",
}
TOO_LARGE = {
    "21 KB in one line": GET + b"X-A: " + b"a" * 21_000 + b"\r\n\r\n",
    "21 KB in many": GET + b"".join(b"X-%d: %s\r\n" % (number, b"a" * 100) for number in range(200)) + b"\r\n",
    "one line of 1 MB": GET + b"X-A: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "a target of 9 KB": b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a target of 100 KB": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "thousands of headers": GET + b"X-A: a\r\n" * 5_000 + b"\r\n",
}
EDGE = {"function": None}


def status_of(connection: Connection, data: bytes) -> int:
    """Send bytes and read the status, whatever HTTP it claims to be."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may have heard enough
        connection.send(data)
    return int(connection.file.readline().split(b" ")[1])


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests(edge: Running, name: str) -> None:
    """What is not HTTP gets 400 and loses its connection; nothing of it reaches the app."""
    before = len(edge.app.seen)
    with connected(edge.port) as connection:
        assert status_of(connection, MALFORMED[name]) == 400
        assert b"/hidden" not in connection.file.read()
    assert len(edge.app.seen) == before
    assert ask(edge.port, request("GET", "/after")).status == 200


@pytest.mark.parametrize("name", TOO_LARGE)
def test_heads_that_are_too_large(edge: Running, name: str) -> None:
    """More than CloudFront takes in a head is 413, however it is divided, and ends the connection."""
    before = len(edge.app.seen)
    with connected(edge.port) as connection:
        assert status_of(connection, TOO_LARGE[name]) == 413
    assert len(edge.app.seen) == before


def test_a_head_just_within_the_limit(edge: Running) -> None:
    """20,480 bytes pass, and one more does not."""
    frame = len(request("GET", "/full", None, "X-A: "))
    assert ask(edge.port, request("GET", "/full", None, f"X-A: {'a' * (20_480 - frame)}")).status == 200
    assert ask(edge.port, request("GET", "/full", None, f"X-A: {'a' * (20_481 - frame)}")).status == 413


@pytest.mark.parametrize("good", [b"5\r\nhello\r\n", b"%x\r\n%s\r\n" % (2_000_000, bytes(2_000_000))])
def test_a_body_that_breaks_late(edge: Running, good: bytes) -> None:
    """A chunk that is no chunk, long after the head, is 400 too: at the edge and on the way to the origin."""
    edge.ended.clear()
    edge.begun.clear()
    with connected(edge.port) as connection:
        connection.send(CHUNKED + good)
        edge.wait_for_begin("/bad")
        assert status_of(connection, b"not a chunk\r\n\r\n") == 400
        connection.file.read()
    assert edge.last("/bad").status == 400
    assert "framing" in edge.last("/bad").sentence
    assert ask(edge.port, request("GET", "/after")).status == 200


def test_a_pipelined_body_that_breaks(edge: Running) -> None:
    """The same behind a request that is still answered: both get their own answer."""
    release = asyncio.Event()

    async def slow(talk: Talk) -> None:
        await release.wait()
        await talk.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")

    edge.app.routes[b"/slow"] = slow
    with connected(edge.port) as connection:
        connection.send(request("GET", "/slow") + CHUNKED + b"5\r\nhello\r\n")
        edge.wait_for_begin("/slow")
        connection.send(b"not a chunk\r\n")
        assert ask(edge.port, request("GET", "/meanwhile")).status == 200
        edge.loop.call_soon_threadsafe(release.set)
        assert connection.answer().body == b"slow"
        assert connection.answer().status == 400
        assert connection.is_closed()


def test_a_bad_neighbour(edge: Running) -> None:
    """While one client sends nonsense, another one's request on an open connection goes on."""
    with connected(edge.port) as good, connected(edge.port) as bad:
        good.send(b"POST /good HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhe")
        assert status_of(bad, b"\x00\x00\x00\r\n\r\n") == 400
        good.send(b"llo")
        assert good.answer().status == 403
        assert good.ask(request("GET", "/good")).status == 200


def test_a_client_that_hangs_up_in_its_body(edge: Running) -> None:
    """A client that leaves in the middle is noted as gone, and the next one is served."""
    with connected(edge.port) as connection:
        connection.send(request("POST", "/gone", None, "Content-Length: 100") + b"half")
        edge.wait_for_begin("/gone")
    assert edge.last("/gone").broken
    assert ask(edge.port, request("GET", "/after")).status == 200


@pytest.mark.parametrize("name", ["both framings", "folded line", "TLS hello", "HTTP/2.0", "two lengths"])
def test_malformed_direct_calls(edge: Running, name: str) -> None:
    """The Function URL's own port refuses the same, in JSON."""
    with connected(edge.direct_port) as connection:
        assert status_of(connection, MALFORMED[name]) == 400
        assert b"/hidden" not in connection.file.read()
