"""The local edge end to end: streams pass as they come, end when their reader leaves, and wait for who reads slowly."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.support.edge.edge_fixtures import WITH_FUNCTION, digest_of
from tests.support.edge.raw_http import ask, connected, request

if TYPE_CHECKING:
    from tests.support.edge.edge_fixtures import Running, Talk

SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
EVENTS = 20
WAIT_S = 20
pytestmark = WITH_FUNCTION
EDGE = {"processes": 2}


def event(number: int) -> bytes:
    """Make one server-sent event."""
    return b"event: token\ndata: %d\n\n" % number


@pytest.mark.parametrize("framing", ["chunked", "until it closes"])
def test_events_pass_one_by_one(edge: Running, framing: str) -> None:
    """The app sends an event only when the viewer has told that it has the one before: nothing is held back."""
    received: asyncio.Queue[int] = asyncio.Queue()

    async def stream(talk: Talk) -> None:
        await talk.write(SSE + (b"Transfer-Encoding: chunked\r\n\r\n" if framing == "chunked" else b"\r\n"))
        for number in range(EVENTS):
            data = event(number)
            await talk.write(b"%x\r\n%s\r\n" % (len(data), data) if framing == "chunked" else data)
            assert await asyncio.wait_for(received.get(), WAIT_S) == number
        await talk.write(b"0\r\n\r\n" if framing == "chunked" else b"")

    edge.app.routes[b"/events"] = stream
    with connected(edge.port) as connection:
        connection.send(request("POST", "/events", b"hi", digest_of(b"hi"), "Accept: text/event-stream"))
        status, headers = connection.head()
        assert (status, dict(headers)["Content-Type"]) == (200, "text/event-stream")
        for number in range(EVENTS):
            assert connection.chunk() == event(number)
            edge.loop.call_soon_threadsafe(received.put_nowait, number)
        assert connection.chunk() == b""
    exchange = edge.last("/events")
    assert (exchange.broken, exchange.answer_bytes) == (False, sum(len(event(number)) for number in range(EVENTS)))


def test_the_head_passes_before_the_first_byte(edge: Running) -> None:
    """Status and headers of a stream reach the viewer before anything else is sent."""
    seen = asyncio.Event()

    async def stream(talk: Talk) -> None:
        await talk.write(SSE + b"Transfer-Encoding: chunked\r\n\r\n")
        await asyncio.wait_for(seen.wait(), WAIT_S)
        await talk.write(b"0\r\n\r\n")

    edge.app.routes[b"/head-first"] = stream
    with connected(edge.port) as connection:
        connection.send(request("GET", "/head-first"))
        assert connection.head()[0] == 200
        edge.loop.call_soon_threadsafe(seen.set)
        assert connection.chunk() == b""


def test_a_viewer_that_leaves(edge: Running) -> None:
    """When the viewer hangs up in the middle of a stream, the app's connection ends too."""
    gone = asyncio.Event()

    async def stream(talk: Talk) -> None:
        await talk.write(SSE + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await talk.reader.read()
        gone.set()

    edge.app.routes[b"/leave"] = stream
    with connected(edge.port) as connection:
        connection.send(request("GET", "/leave"))
        connection.head()
        assert connection.chunk() == b"hello"
    edge.do(asyncio.wait_for(gone.wait(), WAIT_S))
    exchange = edge.last("/leave")
    assert exchange.broken
    assert "went away" in exchange.sentence


def test_a_viewer_that_leaves_before_the_answer(edge: Running) -> None:
    """The same while the app still thinks."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def think(talk: Talk) -> None:
        asked.set()
        await talk.reader.read()
        gone.set()

    edge.app.routes[b"/think"] = think
    with connected(edge.port) as connection:
        connection.send(request("POST", "/think", b"x", digest_of(b"x")))
        edge.do(asyncio.wait_for(asked.wait(), WAIT_S))
    edge.do(asyncio.wait_for(gone.wait(), WAIT_S))
    assert edge.last("/think").broken


def test_a_slow_reader_slows_the_app_down(edge: Running) -> None:
    """A viewer that does not read stops the app: what is on its way stays within the buffers, not in memory."""
    limit_bytes = 64 * 1024 * 1024
    sent = 0
    stuck = asyncio.Event()

    async def pour(talk: Talk) -> None:
        nonlocal sent
        await talk.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while sent < limit_bytes:
                talk.writer.write(bytes(65536))
                try:
                    async with asyncio.timeout(1):
                        await talk.writer.drain()
                except TimeoutError:
                    stuck.set()
                    await talk.writer.drain()
                sent += 65536

    edge.app.routes[b"/pour"] = pour
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        raw.connect(("127.0.0.1", edge.port))
        raw.sendall(request("GET", "/pour"))
        edge.do(asyncio.wait_for(stuck.wait(), WAIT_S))
        assert sent < 24 * 1024 * 1024, f"{sent} bytes went off to nobody"
        assert ask(edge.port, request("GET", "/meanwhile")).status == 200
    assert edge.last("/pour").broken


def test_200_requests_at_once(edge: Running) -> None:
    """200 viewers at once each get their own answer to their own body."""
    everyone = asyncio.Event()
    bodies: dict[bytes, bytes] = {}

    async def answer(talk: Talk) -> None:
        bodies[talk.seen.target] = talk.seen.body
        if len(bodies) == 200:
            everyone.set()
        await asyncio.wait_for(everyone.wait(), WAIT_S)  # nobody is answered before all are here
        await talk.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(talk.seen.body), talk.seen.body))

    def go(number: int) -> tuple[int, bytes]:
        body = b"body of %d" % number
        got = ask(edge.port, request("POST", f"/many/{number}", body, digest_of(body)))
        return got.status, got.body

    for number in range(200):
        edge.app.routes[b"/many/%d" % number] = answer
    with ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(go, range(200)))
    assert answers == [(200, b"body of %d" % number) for number in range(200)]
    assert bodies == {b"/many/%d" % number: b"body of %d" % number for number in range(200)}
