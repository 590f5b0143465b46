"""The Runtime API for one process of a function: what it asks, what it posts, in which order.

Source: Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes" (paths, headers; documented). The
statuses and error types of the refusals are those of Lambda's own emulator (seen).
"""

from __future__ import annotations

import asyncio
import select
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from aiohttp import web

from edge_hasher.local.aws_limits import LAMBDA_RESPONSE_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

Phase = Literal["starting", "waiting", "running", "answered", "ended"]
PostKind = Literal["response", "error", "too large"]
Mark = TypeVar("Mark")

_PREFIX = "/2018-06-01/runtime"
_KEEPALIVE_S = 24 * 3600.0  # the client keeps one connection, silent while the function works
_SHUTDOWN_S = 0.1  # the process is dead by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One event for the process, with the headers that go with it."""

    request_id: str
    payload: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post(Generic[Mark]):
    """What the process posted for an event; `mark` was taken at the arrival, before the process went on."""

    kind: PostKind
    body: bytes
    mark: Mark


class RuntimeApi(Generic[Mark]):
    """A Runtime API on a loopback port of its own, so it is known which process asks.

    `asked` is done when the process waits for an event, or failed when it never will. `on_post` is called the
    moment that a response or an error has arrived, `on_first_ask` when the process has started; both before the
    process hears of it. `on_init_error` makes the failure out of the posted document.
    """

    def __init__(
        self,
        *,
        on_post: Callable[[], Mark],
        on_first_ask: Callable[[], None],
        on_init_error: Callable[[bytes], BaseException],
    ) -> None:
        self._on_post = on_post
        self._on_first_ask = on_first_ask
        self._on_init_error = on_init_error
        self._loop = asyncio.get_running_loop()
        self._lifecycle = asyncio.Lock()  # who closes while another opens would leave a server behind
        self._runner: web.AppRunner | None = None
        self._address = ""
        self._offer: asyncio.Future[Offer] | None = None
        self._answer: asyncio.Future[Post[Mark]] | None = None
        self._request_id = ""
        self._transport: asyncio.BaseTransport | None = None
        self.asked: asyncio.Future[None] = self._loop.create_future()
        self.phase: Phase = "starting"

    async def open(self) -> str:
        """Listen on a free loopback port and return the address, "host:port"."""
        async with self._lifecycle:
            self._runner = web.AppRunner(
                self._application(),
                access_log=None,
                keepalive_timeout=_KEEPALIVE_S,
                shutdown_timeout=_SHUTDOWN_S,
            )
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            host, port = self._runner.addresses[0][:2]
            self._address = f"{host}:{port}"
        return self._address

    async def close(self) -> None:
        """End the server, after `fail`; may be called again."""
        async with self._lifecycle:
            runner, self._runner = self._runner, None
            if runner is not None:
                await runner.cleanup()

    def fail(self, error: BaseException) -> None:
        """Tell all that wait for the process that it will not come."""
        self.phase = "ended"
        for future in (self.asked, self._answer):
            if future is not None and not future.done():
                future.set_exception(error)
                future.exception()  # retrieved: perhaps nothing awaits it
        if self._offer is not None:
            self._offer.cancel()

    def can_take_an_event(self) -> bool:
        """Say whether the process waits for an event, and is still there: it may have died a moment ago."""
        transport = self._transport
        return self.phase == "waiting" and transport is not None and not _closed_by_peer(transport)

    def hand_over(self, offer: Offer) -> asyncio.Future[Post[Mark]]:
        """Give an event to the waiting process; the future gets what it posts, or the failure."""
        if self.phase != "waiting" or self._offer is None:
            raise RuntimeError(f"the process does not wait for an event, it is {self.phase}")
        self.phase = "running"
        self._request_id = offer.request_id
        self._answer = self._loop.create_future()
        self.asked = self._loop.create_future()
        self._offer.set_result(offer)
        return self._answer

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=LAMBDA_RESPONSE_LIMIT_BYTES)
        app.add_routes(
            [
                web.get(f"{_PREFIX}/invocation/next", self._next),
                web.post(f"{_PREFIX}/invocation/{{request_id}}/response", partial(self._post, kind="response")),
                web.post(f"{_PREFIX}/invocation/{{request_id}}/error", partial(self._post, kind="error")),
                web.post(f"{_PREFIX}/init/error", self._init_error),
            ]
        )
        return app

    async def _next(self, request: web.Request) -> web.Response:
        if self._is_foreign(request):
            return _refusal(403, "Forbidden", "this Runtime API serves one process, not browsers")
        if self.phase not in {"starting", "answered"}:
            return self._wrong_time("next")
        if self.phase == "starting":
            self._on_first_ask()
        self.phase = "waiting"
        self._transport = request.transport
        self._offer = self._loop.create_future()
        self.asked.set_result(None)
        offer = await self._offer
        # aiohttp sends headers and body in one write with TCP_NODELAY; two would cost 40 ms a call.
        return web.Response(body=offer.payload, content_type="application/json", headers=offer.headers)

    async def _post(self, request: web.Request, kind: PostKind) -> web.Response:
        if refused := self._refuse_post(request):
            return refused
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            self._settle("too large", b"")
            return _refusal(413, "RequestEntityTooLarge", f"more than {LAMBDA_RESPONSE_LIMIT_BYTES} bytes")
        if refused := self._refuse_post(request):  # reading took time
            return refused
        self._settle(kind, body)
        return _accepted()

    def _refuse_post(self, request: web.Request) -> web.Response | None:
        if self._is_foreign(request) or request.match_info["request_id"] != self._request_id:
            return _refusal(400, "InvalidRequestID", "Invalid request ID")
        if self.phase != "running":
            return self._wrong_time("post")
        return None

    def _settle(self, kind: PostKind, body: bytes) -> None:
        self.phase = "answered"
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Post(kind=kind, body=body, mark=self._on_post()))

    async def _init_error(self, request: web.Request) -> web.Response:
        if self._is_foreign(request) or self.phase != "starting":
            return self._wrong_time("init/error")
        body = await request.read()
        self.fail(self._on_init_error(body))
        return _accepted()

    def _wrong_time(self, what: str) -> web.Response:
        return _refusal(403, "InvalidStateTransition", f"{what} is not allowed while {self.phase}")

    def _is_foreign(self, request: web.Request) -> bool:
        # Any page in the user's browser can reach a loopback port; but a browser says where a request comes from,
        # and a name that was rebound to us shows in Host.
        by_browser = "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
        return by_browser or request.host != self._address


def _accepted() -> web.Response:
    return web.json_response({"status": "OK"}, status=202)


def _refusal(status: int, error_type: str, message: str) -> web.Response:
    return web.json_response({"errorType": error_type, "errorMessage": message}, status=status)


def _closed_by_peer(transport: asyncio.BaseTransport) -> bool:
    """Ask the socket itself: a client that waits for an answer sends nothing, so readable means closed."""
    connection = transport.get_extra_info("socket")
    if transport.is_closing() or connection is None or connection.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
