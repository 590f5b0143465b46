"""What people see while a command works: lines that stay, and one that moves."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

_LOG_EVERY_S = 30.0  # without a terminal, as in CI, progress is a line now and then
_CLEAR_LINE = "\r\x1b[K"


@dataclass(slots=True)
class Screen:
    """Writes to standard error, so standard output holds the result alone. Control characters are escaped."""

    stream: TextIO
    now: Callable[[], float] = field(default=time.monotonic)
    _moving: bool = field(init=False, default=False)
    _logged_at_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._logged_at_s = self.now()

    def say(self, line: str) -> None:
        """Write a line that stays."""
        self.clear()
        self.stream.write(f"{printable(line)}\n")
        self.stream.flush()

    def progress(self, text: str) -> None:
        """Replace the moving line with this text."""
        if self.stream.isatty() and os.environ.get("TERM") != "dumb":
            self.stream.write(f"{_CLEAR_LINE}{printable(text)}")
            self.stream.flush()
            self._moving = True
        elif self.now() - self._logged_at_s >= _LOG_EVERY_S:
            self._logged_at_s = self.now()
            self.say(text)

    def clear(self) -> None:
        """Take the moving line away."""
        if self._moving:
            self.stream.write(_CLEAR_LINE)
            self._moving = False
