"""Server-sent events of what changes: the newest state of each exchange, never a backlog of old ones.

A listener owes its page a set of exchanges, not a list of changes. A flood of changes, or a page that does not read,
makes that set no larger than the exchanges that are kept, and what is sent is made only when it can be written.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge_hasher.local.exchange import KEPT_EXCHANGES
from edge_hasher.local.inspector.outcome import as_view
from edge_hasher.local.inspector.table import row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from edge_hasher.local.exchange import Exchange, Exchanges

_RETRY_MS = 1000  # how soon a page comes back after the stream has ended
_HEARTBEAT = b": still here\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a stream may go, and for how long it waits; `listeners` is how many streams there may be at once."""

    coalesce_s: float = 0.1
    heartbeat_s: float = 10
    patience_s: float = 30
    listeners: int = 50


def as_json(document: Mapping[str, Any]) -> str:
    """Return JSON on one line, in ASCII, so nothing that a client sent can break UTF-8 or end an event."""
    return json.dumps(document, separators=(",", ":"))


class Listener:
    """One open page, and the exchanges that it has yet to get."""

    def __init__(self, exchanges: Exchanges, pace: Pace) -> None:
        """Begin with everything that is kept, oldest first."""
        self._pace = pace
        self._owed: dict[str, Exchange] = {exchange.request_id: exchange for exchange in exchanges.all()}
        self._wake = asyncio.Event()
        if self._owed:
            self._wake.set()
        self._greeting: Mapping[str, Any] | None = None
        self._closing = False
        self._writing: asyncio.Timeout | None = None

    @property
    def owed(self) -> int:
        """How many exchanges wait to be sent: at most KEPT_EXCHANGES."""
        return len(self._owed)

    def changed(self, exchange: Exchange) -> None:
        """Remember to send this exchange; call it in the event loop of the stream."""
        self._owed[exchange.request_id] = exchange
        if len(self._owed) > KEPT_EXCHANGES:
            del self._owed[next(iter(self._owed))]
        self._wake.set()

    def greet(self, hello: Mapping[str, Any]) -> None:
        """Send the greeting once more: what it tells has changed."""
        self._greeting = hello
        self._wake.set()

    def close(self) -> None:
        """End the stream, also one whose page does not read."""
        self._closing = True
        self._wake.set()
        if self._writing is not None:
            self._writing.reschedule(asyncio.get_running_loop().time())

    async def run(self, request: web.BaseRequest, response: web.StreamResponse, hello: Mapping[str, Any]) -> None:
        """Write the greeting and then what changes, until the page leaves or `close` is called."""
        try:
            self._greeting = hello
            await self._send_greeting(response)
            while not self._closing:
                await self._send_what_is_owed(response)
        except TimeoutError:
            # The page does not read, so a polite end would not arrive either.
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:
            pass  # the page has left

    async def _send_what_is_owed(self, response: web.StreamResponse) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.heartbeat_s):
                await self._wake.wait()
        self._wake.clear()
        if await self._send_greeting(response):
            return
        if not self._owed and not self._closing:
            await self._write(response, _HEARTBEAT)
            return
        # Taken out first: a change while these are written is sent in the next round.
        batch, self._owed = self._owed, {}
        for exchange in batch.values():
            if self._closing:
                return
            await self._write(response, f"data: {as_json(as_view(exchange) | {'row': row(exchange)})}\n\n".encode())
            await asyncio.sleep(0)  # 200 exchanges at once must not hold up anybody's stream
        await asyncio.sleep(self._pace.coalesce_s)

    async def _send_greeting(self, response: web.StreamResponse) -> bool:
        hello, self._greeting = self._greeting, None
        if hello is None:
            return False
        await self._write(response, f"retry: {_RETRY_MS}\nevent: hello\ndata: {as_json(hello)}\n\n".encode())
        if self._owed:
            self._wake.set()
        return True

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        async with asyncio.timeout(self._pace.patience_s) as self._writing:
            await response.write(data)
        self._writing = None
