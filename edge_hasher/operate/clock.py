"""Time, passed in so that tests can let it pass."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds from any start, a way to let some pass, and the date."""

    now: Callable[[], float] = field(default=time.monotonic)
    sleep: Callable[[float], None] = field(default=time.sleep)
    date: Callable[[], datetime] = field(default=lambda: datetime.now(tz=UTC))
