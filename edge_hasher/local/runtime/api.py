"""The Runtime API for one process of a function: what it asks, what it posts, in which order.

Source: Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes" (paths, headers; documented). The
statuses and error types of the refusals are those of Lambda's own emulator (seen).
"""

from __future__ import annotations

import asyncio
import json
import re
import select
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar
from urllib.parse import unquote

from edge_hasher.local.aws_limits import LAMBDA_RESPONSE_LIMIT_BYTES
from edge_hasher.local.runtime.api_connection import ApiConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.local.runtime.api_connection import ApiRequest

Phase = Literal["starting", "waiting", "running", "answered", "ended"]
PostKind = Literal["response", "error", "too large"]
Mark = TypeVar("Mark")

_PREFIX = "/2018-06-01/runtime"
_POST = re.compile(r"invocation/(?P<id>[^/]+)/(?P<kind>response|error)")


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
        self._server: asyncio.Server | None = None
        self._connections: set[ApiConnection] = set()
        self._waiting: ApiConnection | None = None  # whose process waits for an event
        self._address = ""
        self._answer: asyncio.Future[Post[Mark]] | None = None
        self._request_id = ""
        self._failure: BaseException | None = None
        self.asked: asyncio.Future[None] = self._loop.create_future()
        self.phase: Phase = "starting"

    async def open(self) -> str:
        """Listen on a free loopback port and return the address, "host:port"."""
        async with self._lifecycle:
            self._server = await self._loop.create_server(self._connection, "127.0.0.1", 0)
            host, port = self._server.sockets[0].getsockname()[:2]
            self._address = f"{host}:{port}"
        return self._address

    async def close(self) -> None:
        """End the server, after `fail`; may be called again."""
        async with self._lifecycle:
            server, self._server = self._server, None
            if server is not None:
                server.close()
                for connection in tuple(self._connections):
                    connection.end()
                await server.wait_closed()

    def fail(self, error: BaseException) -> None:
        """Tell all that wait for the process that it will not come."""
        self.phase, self._failure = "ended", self._failure or error
        for future in (self.asked, self._answer):
            if future is not None and not future.done():
                future.set_exception(error)
                future.exception()  # retrieved: perhaps nothing awaits it
        self._waiting = None

    def can_take_an_event(self) -> bool:
        """Say whether the process waits for an event, and is still there: it may have died a moment ago."""
        transport = self._waiting.transport if self._waiting is not None else None
        return self.phase == "waiting" and transport is not None and not _closed_by_peer(transport)

    def hand_over(self, offer: Offer) -> asyncio.Future[Post[Mark]]:
        """Give an event to the waiting process; the future gets what it posts, or the failure.

        Raises the failure of a process that has ended since it asked.
        """
        if self._failure is not None:
            raise self._failure
        connection, self._waiting = self._waiting, None
        if self.phase != "waiting" or connection is None:
            raise RuntimeError(f"the process does not wait for an event, it is {self.phase}")
        self.phase = "running"
        self._request_id = offer.request_id
        self._answer = self._loop.create_future()
        self.asked = self._loop.create_future()
        connection.answer(200, offer.payload, offer.headers)
        return self._answer

    def _connection(self) -> ApiConnection:
        return ApiConnection(
            self._on_request,
            limit_bytes=LAMBDA_RESPONSE_LIMIT_BYTES,
            on_open=self._connections.add,
            on_close=self._connections.discard,
        )

    def _on_request(self, connection: ApiConnection, request: ApiRequest) -> None:
        answer = self._answer_to(connection, request)
        if answer is not None:
            connection.answer(answer.status, answer.body, {})

    def _answer_to(self, connection: ApiConnection, request: ApiRequest) -> _Reply | None:
        """Return the answer; None for a process that waits for its next event."""
        what = request.path.partition("?")[0].removeprefix(f"{_PREFIX}/")
        if (request.method, what) == ("GET", "invocation/next"):
            return self._next(connection, request)
        if (request.method, what) == ("POST", "init/error"):
            return self._init_error(request)
        posted = _POST.fullmatch(what)
        if request.method == "POST" and posted is not None:
            return self._post(request, unquote(posted["id"]), "error" if posted["kind"] == "error" else "response")
        return _refusal(404, "NotFound", "there is nothing here")

    def _next(self, connection: ApiConnection, request: ApiRequest) -> _Reply | None:
        if self._is_foreign(request):
            return _refusal(403, "Forbidden", "this Runtime API serves one process, not browsers")
        if self.phase not in {"starting", "answered"}:
            return self._wrong_time("next")
        if self.phase == "starting":
            self._on_first_ask()
        self.phase = "waiting"
        self._waiting = connection
        self.asked.set_result(None)
        return None

    def _post(self, request: ApiRequest, request_id: str, kind: PostKind) -> _Reply:
        if self._is_foreign(request) or request_id != self._request_id:
            return _refusal(400, "InvalidRequestID", "Invalid request ID")
        if self.phase != "running":
            return self._wrong_time("post")
        self._settle("too large" if request.body is None else kind, request.body or b"")
        if request.body is None:
            return _refusal(413, "RequestEntityTooLarge", f"more than {LAMBDA_RESPONSE_LIMIT_BYTES} bytes")
        return _ACCEPTED

    def _settle(self, kind: PostKind, body: bytes) -> None:
        self.phase = "answered"
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Post(kind=kind, body=body, mark=self._on_post()))

    def _init_error(self, request: ApiRequest) -> _Reply:
        if self._is_foreign(request) or self.phase != "starting":
            return self._wrong_time("init/error")
        self.fail(self._on_init_error(request.body or b""))
        return _ACCEPTED

    def _wrong_time(self, what: str) -> _Reply:
        return _refusal(403, "InvalidStateTransition", f"{what} is not allowed while {self.phase}")

    def _is_foreign(self, request: ApiRequest) -> bool:
        # Any page in the user's browser can reach a loopback port; but a browser says where a request comes from,
        # and a name that was rebound to us shows in Host.
        by_browser = "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
        return by_browser or request.headers.get("Host") != self._address


class _Reply(NamedTuple):
    status: int
    body: bytes


_ACCEPTED = _Reply(202, b'{"status": "OK"}')


def _refusal(status: int, error_type: str, message: str) -> _Reply:
    return _Reply(status, json.dumps({"errorType": error_type, "errorMessage": message}).encode())


def _closed_by_peer(transport: asyncio.BaseTransport) -> bool:
    """Ask the socket itself: a client that waits for an answer sends nothing, so readable means closed."""
    connection = transport.get_extra_info("socket")
    if transport.is_closing() or connection is None or connection.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
