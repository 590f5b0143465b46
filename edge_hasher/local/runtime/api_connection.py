"""One connection of a function's process to its Runtime API: aiohttp's parser in, an answer in one write out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpRequestParser

from edge_hasher.local.paused_reading import PausedReading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiohttp.http_parser import RawRequestMessage
    from aiohttp.streams import StreamReader
    from multidict import CIMultiDictProxy

# The runtime client sends an error's trace in a header too, X-Ray's, of less than 1 MiB (seen in its source).
_FIELD_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request; `body` is None when it is over the limit, and then the connection ends with the answer."""

    method: str
    path: str
    headers: CIMultiDictProxy[str]
    body: bytes | None


class ApiConnection(PausedReading):
    """Calls `on_request` with each whole request; the answer is given to `answer`, at once or later."""

    def __init__(
        self,
        on_request: Callable[[ApiConnection, ApiRequest], None],
        *,
        limit_bytes: int,
        on_open: Callable[[ApiConnection], None],
        on_close: Callable[[ApiConnection], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(loop)
        self._on_request = on_request
        self._limit_bytes = limit_bytes
        self._on_open = on_open
        self._on_close = on_close
        # Larger than any body, so the parser never pauses reading.
        self._parser = HttpRequestParser(
            self, loop, limit_bytes + 1, max_field_size=_FIELD_LIMIT_BYTES, auto_decompress=False
        )
        self._head: RawRequestMessage | None = None
        self._body: StreamReader | None = None
        self._ends = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._on_open(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """See asyncio.Protocol."""
        super().connection_lost(exc)
        self._on_close(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes. The process asks one thing at a time: a second request before the answer is no client of ours."""
        if self._ends or self._parser is None:
            return None
        try:
            messages, _, _ = self._parser.feed_data(data)
        except HttpProcessingError:
            return self.end()
        if len(messages) > 1 or (messages and self._head is not None):
            return self.end()
        for message, body in messages:
            self._head, self._body = message, body
        self._read_on()
        return None

    def answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Send an answer, in one write: two would cost 40 ms a call, since the client acknowledges late."""
        if self.transport is None:
            return
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(body)}", *(["Connection: close"] if self._ends else [])]
        self.transport.writelines(("\r\n".join(lines).encode() + b"\r\n\r\n", body))
        if self._ends:
            self.transport.close()

    def end(self) -> None:
        """Close the connection."""
        self._ends = True
        if self.transport is not None:
            self.transport.close()

    def _read_on(self) -> None:
        head, body = self._head, self._body
        if head is None or body is None:
            return
        is_long = max(body.total_bytes, int(head.headers.get("Content-Length", "0"))) > self._limit_bytes
        if not is_long and not body.is_eof():
            return
        self._head = self._body = None  # before the body is read: that makes the parser come here once more
        self._ends = is_long or head.should_close  # what follows a long body's head is not read
        data = None if is_long else body.read_nowait()
        self._on_request(self, ApiRequest(head.method, head.path, head.headers, data))
