"""Counts of open streams: from outside, they show that a client has left."""

from __future__ import annotations

import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from .sse import with_heartbeat

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.types import Receive, Scope, Send

LOG = logging.getLogger("uvicorn.error")
"""The server's own log: the lines appear among its lines."""


@dataclass(slots=True)
class StreamCounts:
    """Streams of this process: open now, ended by themselves, ended early (the client left, or a fault)."""

    active: int = 0
    finished: int = 0
    cancelled: int = 0


class CountedStream(StreamingResponse):
    """A stream with a heartbeat that ends its work, and says so, when the client goes away."""

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        counts: StreamCounts,
        *,
        heartbeat: bytes,
        heartbeat_s: float,
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        """Take `chunks` to send; nothing runs until the server asks."""
        self.counts = counts
        self.ended = False
        self.generator = with_heartbeat(self._watched(chunks), heartbeat, heartbeat_s)
        super().__init__(self.generator, media_type=media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream and count how it ended."""
        self.counts.active += 1
        try:
            async with aclosing(self.generator):
                await super().__call__(scope, receive, send)
        finally:
            self.counts.active -= 1
            if self.ended:
                self.counts.finished += 1
            else:
                self.counts.cancelled += 1
                LOG.info("stream ended early: the client left; %d still open", self.counts.active)

    async def _watched(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            yield chunk
        self.ended = True
