"""Standard output and error that are closed, full, or that nobody reads, and SIGTERM: none of them stops the work."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType
    from typing import TextIO

    from _typeshed import ReadableBuffer

_STDERR = 2


class TerminatedError(KeyboardInterrupt):
    """SIGTERM: it ends a command as Ctrl-C does."""


class _Output(io.FileIO):
    """Writes that cannot fail. What a full disk does not take goes to standard error; else it is dropped."""

    problem: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno != errno.EBADF:  # closed on purpose is as good as /dev/null
                self.problem = error
                if error.errno != errno.EPIPE and self.fileno() != _STDERR:
                    with suppress(OSError):
                        os.write(_STDERR, data)
            return memoryview(data).nbytes


def guard() -> None:
    """Make printing unable to fail, and let SIGTERM end the work as Ctrl-C does. For the start of a program."""
    if sys.stdout is not sys.__stdout__:
        return  # it is guarded, or somebody else's: a test's, for example
    for name in ("stdin", "stdout", "stderr"):
        # One that is closed: else the next connection would get its number, and what is printed with it.
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(descriptor, True)  # noqa: FBT003 (its only argument)
            setattr(sys, name, os.fdopen(descriptor, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False))
    # What the encoding lacks is replaced: on standard error by its escape, as Python itself does.
    for name, errors in (("stdout", "replace"), ("stderr", "backslashreplace")):
        setattr(sys, name, _guarded(getattr(sys, name), errors=errors))
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def output_problem() -> OSError | None:
    """Return why standard output does not take what is printed, if it does not."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw.problem if isinstance(raw, _Output) else None


def _guarded(stream: TextIO, *, errors: str) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = getattr(stream.buffer, "raw", stream.buffer)
    if type(raw) is not io.FileIO:  # the console of Windows
        stream.reconfigure(errors=errors)
        return stream
    output = io.BufferedWriter(_Output(raw.fileno(), "w", closefd=False))
    return io.TextIOWrapper(output, stream.encoding, errors, line_buffering=True)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise TerminatedError
