"""Turns for large bodies: a few pass at a time, so what streams beside them keeps its pace."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# From here on a body costs more than the rest of its request.
LARGE_BODY_BYTES = 256 * 1024
_PATIENCE_S = 0.1


class Turns:
    """`count` turns at a time, for as long as a large body is on its way to the app.

    More at once would not be faster, since they share the same cores, and each would make every stream wait.
    """

    def __init__(self, count: int) -> None:
        self._free = asyncio.Semaphore(count)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, but not for long: a slow client or app that holds one must not hold up all others."""
        has_one = False
        try:
            async with asyncio.timeout(_PATIENCE_S):
                has_one = await self._free.acquire()
        except TimeoutError:
            pass
        try:
            yield
        finally:
            if has_one:
                self._free.release()
