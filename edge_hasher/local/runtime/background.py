"""Work that is done to its end even if the caller who began it goes away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


class Background:
    """The tasks of one pool that no caller's cancellation ends."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin work that nobody has to wait for."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def result(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work and return its result; a caller that is cancelled stops waiting, and the work goes on."""
        return await asyncio.shield(self.start(work))

    async def wait(self) -> None:
        """Wait until all that runs now has ended."""
        if self._running:
            await asyncio.wait(self._running)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # the caller may have gone
