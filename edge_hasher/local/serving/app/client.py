"""Asking an HTTP app, on aiohttp's parser: one request at a time on a connection, and connections that are kept.

A POST on a connection that the app is about to close is lost, and may not be sent again: the app may have acted on it.
So a connection is used again only where the app has shown that it leaves one open after an answer, and only if it has
been idle for less than any server's time-out. What may be sent twice (RFC 9110, section 9.2.2) is, where a kept
connection fails before an answer has begun.
"""

from __future__ import annotations

import asyncio
import select
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from edge_hasher.local.cloudfront import syntax
from edge_hasher.local.serving import relay
from edge_hasher.local.serving.app.connection import AppConnection
from edge_hasher.local.serving.wire import Answer, reader_of, write_head

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.http import RawResponseMessage
    from aiohttp.streams import StreamReader

    from edge_hasher.local.cloudfront.model import HeaderPairs
    from edge_hasher.local.config import HttpApp
    from edge_hasher.local.serving.wire import Head

_CONNECT_TIMEOUT_S = 10.0
_PROOF_S = 0.1  # an app that leaves a connection open for so long after an answer keeps connections
_IDLE_S = 1.0  # gunicorn closes an idle connection after 2 s, uvicorn and Node.js after 5 s
_KEPT_CONNECTIONS = 256
_PIECE_BYTES = 256 * 1024  # written at once, a large body would delay all other streams
# Above CloudFront's own limits, so the edge judges an answer's head and not the parser.
_LINE_LIMIT_BYTES = 65_536
_HEADER_LIMIT = 1024
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_SWITCHING_PROTOCOLS, _FIRST_FINAL_STATUS = 101, 200


class AppClient:
    """Asks one app; raises aiohttp.ClientError or OSError where it does not answer in HTTP."""

    def __init__(self, app: HttpApp) -> None:
        self._app = app
        self._loop = asyncio.get_running_loop()
        self._address = (app.host, app.port)
        self._idle: list[tuple[AppConnection, float]] = []  # the longest idle first
        self._is_watched = False  # whether a timer will look for those that were idle too long
        self._keeps = False  # whether the app keeps connections
        self._proof: AppConnection | None = None  # the connection that is to show it
        self._timers: set[asyncio.TimerHandle] = set()
        self._closed = False

    async def connect(self) -> AppConnection:
        """Open a connection. Raises OSError, or UnicodeError for a name that IDNA refuses."""
        host, port = self._address
        is_tls = self._app.scheme == "https"
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                transport, protocol = await self._loop.create_connection(
                    lambda: AppConnection(self._loop),
                    host,
                    port,
                    ssl=is_tls or None,
                    server_hostname=self._app.host if is_tls else None,
                )
        except OSError:
            self._address = (self._app.host, self._app.port)
            raise
        host, port, *_ = transport.get_extra_info("peername")
        self._address = (host, port)  # a name is not looked up for each request
        return protocol

    async def ask(self, head: Head, body: bytes) -> Answer:
        """Send a request and return the answer once its head is there."""
        data = write_head(head)
        kept = self._take()
        if kept is not None:
            try:
                return await self._exchange(kept, head.method, data, body)
            except (aiohttp.ClientError, OSError):
                self._keeps = False
                if head.method not in _IDEMPOTENT:
                    raise
        return await self._exchange(await self.connect(), head.method, data, body)

    def close(self) -> None:
        """End what is idle."""
        self._closed = True
        for timer in self._timers:
            timer.cancel()
        for connection, _ in self._idle:
            connection.close()
        if self._proof is not None:
            self._proof.close()
        self._idle, self._proof = [], None

    async def _exchange(self, connection: AppConnection, method: str, head: bytes, body: bytes) -> Answer:
        connection.set_response_params(
            skip_payload=method == "HEAD",
            read_until_eof=True,
            auto_decompress=False,
            max_line_size=_LINE_LIMIT_BYTES,
            max_field_size=_LINE_LIMIT_BYTES,
            max_headers=_HEADER_LIMIT,
        )
        connection.expect_head()
        sending: asyncio.Task[None] | None = None
        ended = False

        def close() -> None:
            end(connection.abort)

        def end(how: Callable[[], None]) -> None:
            nonlocal ended
            if ended:
                return
            ended = True
            if sending is not None and not sending.done():  # the app did not want all of the body
                sending.cancel()
                connection.force_close()
            how()

        async def read() -> bytes:
            chunk = await payload.readany()
            if not chunk:
                end(lambda: self._release(connection))
            return chunk

        try:
            if len(body) <= _PIECE_BYTES:
                _write(connection, head + body)
            else:  # an app may answer while the body still comes
                _write(connection, head)
                sending = self._loop.create_task(_send(connection, body))
            message, payload = await _read_head(connection)
            headers = _headers_of(message)
        except BaseException:
            close()
            raise

        if not payload.is_eof() or payload.exception() is not None or "Content-Length" not in message.headers:
            return Answer(message.code, headers, read, close)
        body = payload.read_nowait()
        end(lambda: self._release(connection))
        return Answer(message.code, headers, reader_of(body), close, body)

    def _take(self) -> AppConnection | None:
        while self._idle:
            connection, _ = self._idle.pop()
            if _is_silent(connection):
                return connection
            self._keeps = False
            connection.close()
        return None

    def _release(self, connection: AppConnection) -> None:
        if self._closed or connection.should_close or self._app.scheme == "https":
            connection.close()
        elif self._keeps and len(self._idle) < _KEPT_CONNECTIONS:
            self._idle.append((connection, time.monotonic()))
            if not self._is_watched:
                self._watch_idle(_IDLE_S)
        elif self._proof is None:
            self._proof = connection
            self._later(_PROOF_S, self._judge_proof)
        else:
            connection.close()

    def _judge_proof(self) -> None:
        connection, self._proof = self._proof, None
        if connection is not None:
            self._keeps = _is_silent(connection)
            self._release(connection) if self._keeps else connection.close()

    def _end_idle(self) -> None:
        now = time.monotonic()
        while self._idle and (self._idle[0][1] + _IDLE_S <= now or not self._idle[0][0].is_connected()):
            connection, _ = self._idle.pop(0)
            self._keeps = self._keeps and connection.is_connected()
            connection.close()
        self._is_watched = False
        if self._idle:
            self._watch_idle(self._idle[0][1] + _IDLE_S - now)

    def _watch_idle(self, delay_s: float) -> None:
        self._is_watched = True  # one timer, not one for each answer
        self._later(delay_s, self._end_idle)

    def _later(self, delay_s: float, action: Callable[[], None]) -> None:
        def run() -> None:
            self._timers.discard(timer)
            action()

        timer = self._loop.call_later(delay_s, run)
        self._timers.add(timer)


async def _read_head(connection: AppConnection) -> tuple[RawResponseMessage, StreamReader]:
    while True:
        try:
            message, payload = await connection.read()
        except HttpProcessingError as error:
            raise aiohttp.ClientPayloadError("what it sent is not HTTP") from error
        if message.code >= _FIRST_FINAL_STATUS or message.code == _SWITCHING_PROTOCOLS:
            return message, payload


def _headers_of(message: RawResponseMessage) -> HeaderPairs:
    headers = relay.headers_of(message)
    if syntax.has_control("".join([value for _, value in headers])):  # aiohttp's parser lets them pass, its server not
        raise aiohttp.ClientPayloadError("a header of its answer holds a control character")
    return headers


async def _send(connection: AppConnection, body: bytes) -> None:
    view = memoryview(body)
    with suppress(aiohttp.ClientError, ConnectionError):  # who reads the answer learns of it
        for start in range(0, len(body), _PIECE_BYTES):
            _write(connection, view[start : start + _PIECE_BYTES])
            await connection._drain_helper()  # noqa: SLF001 - aiohttp's back pressure


def _write(connection: AppConnection, data: bytes | memoryview) -> None:
    if connection.transport is None:
        raise aiohttp.ServerDisconnectedError
    connection.transport.write(data)


def _is_silent(connection: AppConnection) -> bool:
    """Ask the socket itself whether the app has sent or closed anything since its answer."""
    transport = connection.transport
    if transport is None or transport.is_closing() or connection.should_close:
        return False
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
    return not poll.poll(0)
