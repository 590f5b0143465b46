"""Server-sent events on the wire, and a heartbeat while nothing happens.

Source: WHATWG HTML, "Server-sent events": fields, line ends, comments.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

MEDIA_TYPE = "text/event-stream"

HEADERS = {
    # no-transform: nothing on the way may compress or rewrite the stream, either would hold events back.
    "cache-control": "no-store, no-transform",
    "x-content-type-options": "nosniff",
}
"""Headers of a stream. X-Accel-Buffering is not among them: it speaks to nginx, which is not on this way."""

HEARTBEAT = b": heartbeat\n\n"
"""A comment: clients skip it, and every idle timeout on the way starts anew."""

LINE_END = re.compile(r"\r\n|\r|\n")


def frame(name: str, data: str) -> bytes:
    """Make one event; every line of `data`, however it ends, becomes a data field.

    Raises ValueError for a line break in `name`.
    """
    if LINE_END.search(name):
        raise ValueError(f"an event's name is one line, this is {name!r}")
    lines = "".join(f"data: {line}\n" for line in LINE_END.split(data))
    return f"event: {name}\n{lines}\n".encode()


def json_frame(name: str, data: Mapping[str, object]) -> bytes:
    """Make one event whose data is compact JSON on one line."""
    return frame(name, json.dumps(data, ensure_ascii=False, separators=(",", ":")))


async def with_heartbeat(
    chunks: AsyncIterator[bytes], heartbeat: bytes, interval_s: float
) -> AsyncGenerator[bytes, None]:
    """Pass `chunks` on as they come; after every `interval_s` of silence, send `heartbeat`."""
    waiting: asyncio.Future[bytes] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(anext(chunks))
            await asyncio.wait({waiting}, timeout=interval_s)
            if not waiting.done():
                yield heartbeat
                continue
            try:
                chunk = waiting.result()
            except StopAsyncIteration:
                return
            waiting = None
            yield chunk
    finally:
        # Reached when the client goes away, too: what the agent is doing ends here.
        if waiting is not None:
            waiting.cancel()
