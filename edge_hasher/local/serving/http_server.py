"""A listening HTTP/1.1 server on aiohttp's low level: raw targets, no routes, no decompression, CloudFront's bounds."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from aiohttp import HttpVersion10, HttpVersion11, web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.streams import EMPTY_PAYLOAD
from aiohttp.web_protocol import _ErrInfo

from edge_hasher.local.paused_reading import PausedReading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp.streams import StreamReader

    Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
    # Answers 400, or 413 for a head that the parser would not hold; the text says what is wrong with the request.
    Refuse = Callable[[HTTPStatus, str], web.Response]

# Above CloudFront's own limit on a request's head (20,480 bytes), so the edge judges it and not the parser.
_LINE_LIMIT_BYTES = 32_768
_HEADER_LIMIT = 5_200  # more than fit into such a head
_TOO_MANY_HEADERS = "Too many headers"  # aiohttp has no exception type for it
# A head that has not ended by then never will: the parser would hold all of it.
_UNFINISHED_HEAD_LIMIT_BYTES = 64 * 1024
# A connection that has not sent a whole head for so long is closed, between requests too.
_IDLE_S = 60.0
# So is one whose body does not go on.
STALL_S = 60.0
_SHUTDOWN_S = 1.0


@asynccontextmanager
async def listen(handler: Handler, host: str, port: int, *, refuse: Refuse) -> AsyncIterator[int]:
    """Serve until the end of the block; gives the port, which is a free one for 0.

    A client that goes away cancels its handler. Malformed HTTP, in the head or mid-body, is answered with `refuse()`
    and the connection closed. Raises OSError when the port is taken.
    """
    runner = web.ServerRunner(_Server(handler, refuse), shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class BrokenBodyError(Exception):
    """A body cannot be read to its end, and the message says why; raised to its reader."""


async def arrived(reading: Awaitable[bytes]) -> bytes:
    """Return what is read of a body. Raises BrokenBodyError when its framing breaks, or nothing comes for too long."""
    try:
        async with asyncio.timeout(STALL_S):
            return await reading
    except TimeoutError:
        raise BrokenBodyError(f"nothing came of its body for {STALL_S:g} s") from None


async def body_chunks(request: web.BaseRequest) -> AsyncIterator[bytes]:
    """Give a body as it comes; raises as `arrived` does."""
    if request.content.is_eof():  # all of it is there
        if rest := request.content.read_nowait():
            yield rest
        return
    while chunk := await arrived(request.content.readany()):
        yield chunk


class _Server(web.Server):
    def __init__(self, handler: Handler, refuse: Refuse) -> None:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            if _is_other_http(request):
                return _closing(refuse(HTTPStatus.BAD_REQUEST, "it is not HTTP/1.1"))
            try:
                cast("_Protocol", request.protocol).begin(request)
                return await handler(request)
            except BrokenBodyError as error:
                return _closing(refuse(HTTPStatus.BAD_REQUEST, str(error)))
            except ConnectionResetError:
                return web.Response()  # the client has gone: this goes nowhere, and nothing has failed here
            finally:
                if request.content.exception() is not None:
                    request.content.feed_eof()  # or aiohttp would wait for the rest

        super().__init__(handle, handler_cancellation=True)
        self._refuse = refuse

    def __call__(self) -> web.RequestHandler:
        return _Protocol(self, self._refuse)


class _Protocol(PausedReading, web.RequestHandler):
    def __init__(self, server: _Server, refuse: Refuse) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # aiohttp's own way to have none
            auto_decompress=False,  # the digest is of the bytes that were sent
            keepalive_timeout=_IDLE_S,
            max_line_size=_LINE_LIMIT_BYTES,
            max_field_size=_LINE_LIMIT_BYTES,
            max_headers=_HEADER_LIMIT,
        )
        self._refuse = refuse
        self._reading: web.BaseRequest | None = None
        self._body: StreamReader = EMPTY_PAYLOAD  # of the newest request
        self._head_bytes = 0  # what has come of the next one's head

    def begin(self, request: web.BaseRequest) -> None:
        """Note whose body is being read."""
        self._reading = request
        self._break_body()

    def data_received(self, data: bytes) -> None:
        """Take bytes; the reader of a body learns of malformed ones, and no head grows without end."""
        known, in_body = len(self._messages), not self._body.is_eof()
        super().data_received(data)
        if len(self._messages) > known:
            self._body, self._head_bytes = self._messages[-1][1], 0
        elif not in_body:
            self._head_bytes += len(data)
            if self._head_bytes > _UNFINISHED_HEAD_LIMIT_BYTES:
                self._refuse_head()
        self._break_body()

    def _refuse_head(self) -> None:
        # As the parser's own refusal is queued.
        self._head_bytes = -sys.maxsize  # once
        error = LineTooLong(b"", _UNFINISHED_HEAD_LIMIT_BYTES)
        self._messages.append((_ErrInfo(status=400, exc=error, message=error.message), EMPTY_PAYLOAD))
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _break_body(self) -> None:
        # aiohttp queues the parser's error behind the request, which then waits for the rest of its body for ever.
        # Nothing else can be in the queue while a body has not ended.
        request = self._reading
        if request is not None and self._messages and not request.content.is_eof():
            request.content.set_exception(BrokenBodyError("its body's framing is broken: the chunks are not HTTP"))

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what the parser refused; anything else is a fault of ours, and aiohttp logs it."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        if isinstance(exc, LineTooLong) or _TOO_MANY_HEADERS in str(exc):
            return _closing(self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "its head is too large"))
        return _closing(self._refuse(HTTPStatus.BAD_REQUEST, "its head is not HTTP"))


def _is_other_http(request: web.BaseRequest) -> bool:
    """Whether it is another HTTP than 1.0 and 1.1, or 1.0 with a framing that came with 1.1 (RFC 9112, section 6.1)."""
    if request.version == HttpVersion10:
        return "Transfer-Encoding" in request.headers
    return request.version != HttpVersion11


def _closing(response: web.Response) -> web.Response:
    response.headers["Connection"] = "close"  # also where the request has no version that aiohttp would answer so
    response.force_close()
    return response
