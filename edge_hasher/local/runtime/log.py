"""What a function's process writes to stdout and stderr: line by line, bounded, by invocation."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# A longer line is cut; the longest thing that a person reads is a stack trace in one JSON line.
LINE_LIMIT_BYTES = 64 * 1024
# Of one invocation the newest lines are kept, up to both of these.
RECORD_LIMIT_LINES = 5_000
RECORD_LIMIT_CHARACTERS = 1024 * 1024

_CHUNK_BYTES = 64 * 1024  # the size of a pipe on Linux: one read empties it
_DRAIN_LIMIT_BYTES = 1024 * 1024  # a thread of the function that never stops writing must not hold the loop
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


class LogPipe:
    """One pipe for stdout and stderr of a process, as on Lambda, where both end in one log stream.

    The pipe is read when the loop finds data in it, and by `drain` at the moments that divide invocations: what a
    process wrote before it posted its answer, or before it died, is in the pipe by then, so no line is lost or
    late. `on_line` gets every line as it comes. Must be made inside a running loop.
    """

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._loop = asyncio.get_running_loop()
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._open = True
        self._write_end_open = True
        self._partial = bytearray()
        self._cut_bytes = 0
        self._record: deque[str] = deque()
        self._record_characters = 0
        self._dropped_lines = 0
        self._loop.add_reader(self._read_end, self._read_once)

    def drain(self) -> None:
        """Read what is in the pipe now."""
        left = _DRAIN_LIMIT_BYTES
        while left > 0 and (count := self._read_once()):
            left -= count

    def take(self) -> tuple[str, ...]:
        """Return the lines since the last `take`, an unfinished one too; past the limits the oldest are dropped."""
        if self._partial:
            self._end_line()
        lines = tuple(self._record)
        if self._dropped_lines:
            lines = (f"({self._dropped_lines} earlier lines dropped)", *lines)
        self._record.clear()
        self._record_characters = self._dropped_lines = 0
        return lines

    def close_write_end(self) -> None:
        """Close our copy of the process's end, once it has its own."""
        if self._write_end_open:
            self._write_end_open = False
            os.close(self.write_end)

    def close(self) -> None:
        """Stop reading; may be called again."""
        self.close_write_end()
        if self._open:
            self._open = False
            self._loop.remove_reader(self._read_end)
            os.close(self._read_end)

    def _read_once(self) -> int:
        if not self._open:
            return 0
        try:
            chunk = os.read(self._read_end, _CHUNK_BYTES)
        except BlockingIOError:
            return 0
        if not chunk:  # the process and all it started have closed their end
            self._loop.remove_reader(self._read_end)
        *finished, rest = chunk.split(b"\n")
        for part in finished:
            self._append(part)
            self._end_line()
        self._append(rest)
        return len(chunk)

    def _append(self, part: bytes) -> None:
        room = LINE_LIMIT_BYTES - len(self._partial)
        self._partial += part[:room]
        self._cut_bytes += max(0, len(part) - room)

    def _end_line(self) -> None:
        text = self._partial.decode(errors="replace").removesuffix("\r")
        if self._cut_bytes:
            text += f" ({self._cut_bytes} more bytes cut)"
        self._partial.clear()
        self._cut_bytes = 0
        # The runtime client writes a stack trace as one line for CloudWatch: "\r" between its lines, no-break
        # spaces before them. People get lines again.
        for line in text.split("\r"):
            unindented = line.lstrip(_NO_BREAK_SPACE)
            self._add(" " * (len(line) - len(unindented)) + unindented)

    def _add(self, line: str) -> None:
        self._record.append(line)
        self._record_characters += len(line)
        while len(self._record) > RECORD_LIMIT_LINES or self._record_characters > RECORD_LIMIT_CHARACTERS:
            self._record_characters -= len(self._record.popleft())
            self._dropped_lines += 1
        self._on_line(line)
