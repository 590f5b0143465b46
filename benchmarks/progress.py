"""What is being measured now, on stderr: one line that changes on a terminal, one line per benchmark elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Progress:
    """Shows which of `total` benchmarks runs, its step, and the time so far."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._total = total
        self._stream = sys.stderr if stream is None else stream
        self._number = 0
        self._name = ""
        self._began = time.monotonic()

    def begin(self, name: str) -> None:
        """Go on to the next benchmark."""
        self._number += 1
        self._name = name
        self._show("", final=not self._stream.isatty())

    def step(self, what: str) -> None:
        """Name the step of the benchmark that runs now."""
        if self._stream.isatty():
            self._show(what, final=False)

    def end(self) -> None:
        """Finish with the whole time."""
        self._name = "done"
        self._show("", final=True)

    def _show(self, what: str, *, final: bool) -> None:
        seconds = time.monotonic() - self._began
        line = f"[{self._number}/{self._total}] {seconds:4.0f} s  {self._name}{': ' if what else ''}{what}"
        start, end = ("\r\033[K", "") if self._stream.isatty() else ("", "")
        self._stream.write(f"{start}{line}{chr(10) if final else end}")
        self._stream.flush()
