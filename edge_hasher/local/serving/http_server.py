"""A listening HTTP/1.1 server on aiohttp's low level: raw targets, no routes, no decompression, CloudFront's bounds."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from aiohttp import HttpVersion10, HttpVersion11, web
from aiohttp.http_exceptions import LineTooLong

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
    # Answers 400, or 413 for a head that the parser would not hold.
    Refuse = Callable[[HTTPStatus], web.Response]

# Above CloudFront's own limit on a request's head (20,480 bytes), so the edge judges it and not the parser. The
# parser's bound is on one line, and on how many there are: what a connection can make it hold is 16 MiB.
_LINE_LIMIT_BYTES = 32_768
_HEADER_LIMIT = 512
_TOO_MANY_HEADERS = "Too many headers"  # aiohttp has no exception type for it
# A connection that has not sent a whole head for so long is closed, between requests too. Must be above the idle time
# of aiohttp's client (15 s), which keeps connections to the Function URL.
_IDLE_S = 60.0
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
    """The framing of a body is malformed; raised to its reader."""


class _Server(web.Server):
    def __init__(self, handler: Handler, refuse: Refuse) -> None:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            if _is_other_http(request):
                return _closing(refuse(HTTPStatus.BAD_REQUEST))
            try:
                cast("_Protocol", request.protocol).begin(request)
                return await handler(request)
            except BrokenBodyError:
                return _closing(refuse(HTTPStatus.BAD_REQUEST))
            finally:
                if request.content.exception() is not None:
                    request.content.feed_eof()  # or aiohttp would wait for the rest

        super().__init__(handle, handler_cancellation=True)
        self._refuse = refuse

    def __call__(self) -> web.RequestHandler:
        return _Protocol(self, self._refuse)


class _Protocol(web.RequestHandler):
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

    def begin(self, request: web.BaseRequest) -> None:
        """Note whose body is being read."""
        self._reading = request
        self._break_body()

    def data_received(self, data: bytes) -> None:
        """Take bytes; the reader of a body learns of malformed ones."""
        super().data_received(data)
        self._break_body()

    def _break_body(self) -> None:
        # aiohttp queues the parser's error behind the request, which then waits for the rest of its body for ever.
        # Nothing else can be in the queue while a body has not ended.
        request = self._reading
        if request is not None and self._messages and not request.content.is_eof():
            request.content.set_exception(BrokenBodyError("the body's framing is broken"))

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
        too_large = isinstance(exc, LineTooLong) or _TOO_MANY_HEADERS in str(exc)
        return _closing(self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else HTTPStatus.BAD_REQUEST))


def _is_other_http(request: web.BaseRequest) -> bool:
    """Whether it is another HTTP than 1.0 and 1.1, or 1.0 with a framing that came with 1.1 (RFC 9112, section 6.1)."""
    if request.version == HttpVersion10:
        return "Transfer-Encoding" in request.headers
    return request.version != HttpVersion11


def _closing(response: web.Response) -> web.Response:
    response.force_close()
    return response
