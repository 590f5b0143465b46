"""A local edge and an app on raw sockets, both in one event loop in a thread of the test's process."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import pytest

from edge_hasher.local.config import EdgeConfig, HttpApp
from edge_hasher.local.event_loop import run
from edge_hasher.local.own_function import own_function
from edge_hasher.local.runtime import FunctionSpec
from edge_hasher.local.serving.local_edge import LocalEdge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
    from pathlib import Path
    from typing import Any

    from edge_hasher.local.config import HandlerApp
    from edge_hasher.local.exchange import Exchange
    from edge_hasher.local.serving.local_edge import Addresses

WAIT_S = 20
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
OWN = own_function()
WITH_FUNCTION = pytest.mark.parametrize("edge", [OWN, None], ids=["with-function", "without"], indirect=True)
T = TypeVar("T")


@dataclass(frozen=True)
class RecordedRequest:
    """One request as the app got it, byte for byte; `headers` in order, `body` without its chunked framing."""

    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def values(self, name: str) -> list[bytes]:
        """Give all values of a header (lower-case name)."""
        return [value for key, value in self.headers if key.lower() == name.encode()]


@dataclass(frozen=True)
class Talk:
    """An open connection from the edge, for an app that writes its answer itself."""

    seen: RecordedRequest
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def write(self, data: bytes) -> None:
        """Send bytes at once."""
        self.writer.write(data)
        await self.writer.drain()


class RawApp:
    """Answers `answer` to every request, or what the function in `routes` for its target writes itself."""

    def __init__(self) -> None:
        self.answer = OK
        self.seen: list[RecordedRequest] = []
        self.routes: dict[bytes, Callable[[Talk], Awaitable[None]]] = {}
        self.address = ""
        self._server: asyncio.Server | None = None

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Serve on a free loopback port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        yield
        self._server.close()

    async def stop(self) -> None:
        """Listen no more."""
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            seen = await _read(reader)
            self.seen.append(seen)
            route = self.routes.get(seen.target)
            if route is not None:
                await route(Talk(seen, reader, writer))
            else:
                head, _, body = self.answer.partition(b"\r\n\r\n")
                writer.write(head + b"\r\n\r\n" + (b"" if seen.method == "HEAD" else body))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the edge has gone
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> RecordedRequest:
    lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
    method, target, _ = lines[0].split(b" ")
    headers = tuple((name, value.lstrip()) for name, _, value in (line.partition(b":") for line in lines[1:]))
    lower = {name.lower(): value for name, value in headers}
    body = bytearray()
    if lower.get(b"transfer-encoding") == b"chunked":
        while length := int(await reader.readline(), 16):
            body += await reader.readexactly(length)
            await reader.readexactly(2)
        await reader.readexactly(2)
    else:
        body += await reader.readexactly(int(lower.get(b"content-length", b"0")))
    return RecordedRequest(method.decode(), target, headers, bytes(body))


@dataclass
class Running:
    """A running edge in front of `app`; `ended` are the exchanges in the order in which they ended."""

    app: RawApp
    loop: asyncio.AbstractEventLoop
    addresses: Addresses
    local_edge: LocalEdge
    ended: list[Exchange] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """The edge's address."""
        return self.addresses.edge

    @property
    def port(self) -> int:
        """The edge's port."""
        return _port(self.addresses.edge)

    @property
    def direct_port(self) -> int:
        """The Function URL's port."""
        return _port(self.addresses.function_url)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the edge's loop and give its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(WAIT_S)

    def on_end(self, exchange: Exchange) -> None:
        """Note an exchange that has ended."""
        with self._changed:
            self.ended.append(exchange)
            self._changed.notify_all()

    def on_change(self, exchange: Exchange) -> None:
        """Note an exchange that has begun."""
        with self._changed:
            self.begun.add(exchange.target)
            self._changed.notify_all()

    def wait_for_begin(self, target: str) -> None:
        """Wait until a request for this target has reached the edge."""
        with self._changed:
            assert self._changed.wait_for(lambda: target in self.begun, WAIT_S), f"{target} has not reached the edge"

    def wait_for_ends(self, count: int) -> None:
        """Wait until so many exchanges have ended."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.ended) >= count, WAIT_S), (
                f"only {len(self.ended)} have ended"
            )

    def last(self, target: str) -> Exchange:
        """Wait for the end of an exchange with this target and give the newest."""

        def found() -> Exchange | None:
            return next((exchange for exchange in reversed(self.ended) if exchange.target == target), None)

        with self._changed:
            exchange = self._changed.wait_for(found, WAIT_S)
        assert exchange is not None, f"no exchange for {target} has ended; those that have: {self.ended}"
        return exchange


@contextmanager
def running_edge(
    *, function: FunctionSpec | None = OWN, app: HttpApp | HandlerApp | None = None, processes: int = 1, **options: Any
) -> Iterator[Running]:
    """Run an edge; `app` None puts it in front of a `RawApp`, `options` are fields of EdgeConfig."""
    box: list[Running] = []
    failed: list[BaseException] = []
    ready, stop = threading.Event(), asyncio.Event()

    async def main() -> None:
        raw = RawApp()
        try:
            async with raw.run():
                config = EdgeConfig(
                    app=app or HttpApp("127.0.0.1", _port(raw.address)),
                    function=function,
                    is_own_function=function is OWN,
                    function_processes=processes,
                    **options,
                )
                lines: list[str] = []

                def on_end(exchange: Exchange) -> None:
                    box[0].on_end(exchange)

                edge = LocalEdge(config, on_end=on_end, on_log=lines.append)
                async with edge:
                    box.append(Running(raw, asyncio.get_running_loop(), edge.addresses, edge, log=lines))
                    edge.exchanges.listen(box[0].on_change)
                    ready.set()
                    await stop.wait()
        except BaseException as error:  # noqa: BLE001 - the test shall see it
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=run, args=(main(),), daemon=True)
    thread.start()
    assert ready.wait(WAIT_S), "the edge did not start"
    if failed:
        raise failed[0]
    try:
        yield box[0]
    finally:
        box[0].loop.call_soon_threadsafe(stop.set)
        thread.join(WAIT_S)
    assert not thread.is_alive(), "the edge did not end"
    if failed:
        raise failed[0]


def handler_spec(root: Path, source: str, timeout_s: float = 10) -> FunctionSpec:
    """Write a function `answer(event, context)` to a module in `root` and say how to run it."""
    (root / "custom.py").write_text(source)
    return FunctionSpec(root=root, handler="custom.answer", timeout_s=timeout_s)


def digest_of(body: bytes) -> str:
    """Give the header that a client sends with the digest of its body."""
    return f"X-Amz-Content-Sha256: {hashlib.sha256(body).hexdigest()}"


def _port(address: str) -> int:
    port = urlsplit(address).port
    assert port is not None
    return port
