"""The places of a pool, first come, first served."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

Occupant = TypeVar("Occupant")


class Places(Generic[Occupant]):
    """Places with an occupant, or empty (None). An occupied one is given before an empty one.

    `asyncio.Queue` would let a newcomer overtake a caller that was woken but has not run yet. Here a place that is
    given back belongs to the first who waits from that moment on.
    """

    def __init__(self) -> None:
        self._free: deque[Occupant | None] = deque()
        self._waiting: deque[asyncio.Future[Occupant | None]] = deque()

    def occupied(self) -> tuple[Occupant, ...]:
        """Return the occupants of the free places."""
        return tuple(occupant for occupant in self._free if occupant is not None)

    def extend(self, occupants: Iterable[Occupant]) -> None:
        """Add places."""
        for occupant in occupants:
            self.give(occupant)

    async def take(self) -> Occupant | None:
        """Wait for a place and take it; raises what `refuse` was given."""
        if self._free:  # then nobody waits
            return self._free.pop()
        turn: asyncio.Future[Occupant | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:  # given and cancelled in one turn
                self.give(turn.result())
            raise

    def give(self, occupant: Occupant | None) -> None:
        """Give a place back, or a new one."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(occupant)
                return
        if occupant is None:
            self._free.appendleft(occupant)
        else:
            self._free.append(occupant)

    def refuse(self, error: BaseException) -> None:
        """Send away all who wait."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(error)
