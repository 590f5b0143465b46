"""A pool of a function's processes that can be replaced by one that runs the code as it is now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from edge_hasher.local.runtime.pool import FunctionPool

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from edge_hasher.local.runtime.values import FunctionSpec, Invocation


class _Generation:
    """One pool, and how many wait for it."""

    def __init__(self, pool: FunctionPool) -> None:
        self.pool = pool
        self.callers = 0
        self.idle = asyncio.Event()
        self.idle.set()


class ReloadingPool:
    """Runs a function like FunctionPool; `reload` starts new processes, and then ends the old ones once they are idle.

    Use it as a context manager, or with `start` and `close`.
    """

    def __init__(self, spec: FunctionSpec, *, size: int, on_log: Callable[[str], None] | None) -> None:
        self.spec = spec
        self._size = size
        self._on_log = on_log
        self._current: _Generation | None = None
        self._all: set[FunctionPool] = set()
        self._reloading = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Start the processes; raises FunctionFailure."""
        self._current = _Generation(await self._started())

    async def invoke(self, event: bytes, request_id: str | None = None) -> Invocation:
        """Run one invocation in the newest processes; see FunctionPool."""
        assert self._current is not None  # noqa: S101 - start() came first
        generation = self._current
        generation.callers += 1
        generation.idle.clear()
        try:
            return await generation.pool.invoke(event, request_id)
        finally:
            generation.callers -= 1
            if not generation.callers:
                generation.idle.set()

    async def reload(self) -> None:
        """Serve with the code as it is now. Raises FunctionFailure when that does not start; the old code serves on."""
        async with self._reloading:
            old, self._current = self._current, _Generation(await self._started(one_first=True))
            if old is not None:
                await old.idle.wait()
                await self._end(old.pool)

    async def close(self) -> None:
        """End all processes; see FunctionPool."""
        for pool in tuple(self._all):
            await self._end(pool)

    async def _started(self, *, one_first: bool = False) -> FunctionPool:
        pool = FunctionPool(self.spec, size=self._size, on_log=self._on_log, measured=False)
        self._all.add(pool)
        try:
            await pool.start(one_first=one_first)
        except BaseException:
            self._all.discard(pool)
            raise
        return pool

    async def _end(self, pool: FunctionPool) -> None:
        await pool.close()
        self._all.discard(pool)
