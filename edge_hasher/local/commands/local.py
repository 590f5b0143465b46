"""`edge-hasher local`: one edge, from its ready line to Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING

from edge_hasher.local.commands import local_report
from edge_hasher.local.serving.local_edge import LocalEdge

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.local.config import EdgeConfig
    from edge_hasher.local.exchange import Exchange

_GATHER_S = 0.02  # how long a line may wait for others
_COLLECT_AFTER = 10_000  # containers made and not freed: Python's own limit is 2,000


async def serve(config: EdgeConfig, *, log_format: str, echo: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `echo` prints a line. Raises ConfigError when it cannot start.

    It also ends when standard output is closed, as behind `| head`.
    """
    as_json = log_format == "json"

    def on_end(exchange: Exchange) -> None:
        say(partial(local_report.as_json if as_json else local_report.as_text, exchange))

    def on_log(line: str) -> None:
        if not as_json and config.is_own_function and local_report.is_told_by_request(line):
            return
        text = local_report.function_log_json(line) if as_json else local_report.function_log_text(line)
        say(text) if early is None else early.append(text)

    # What is written while it starts comes after the ready line, or not at all: the error says what went wrong.
    early: list[str] | None = []
    ended = ended_by_signal()
    printer = _Printer(echo, on_closed=ended.set)
    say = printer.say
    edge = LocalEdge(config, on_end=on_end, on_log=on_log)
    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(stack.enter_async_context(edge))
        stopped = asyncio.create_task(ended.wait())
        await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting})
            return
        await starting
        ready = edge.addresses
        say(local_report.ready_json(ready) if as_json else local_report.ready_text(ready, config))
        printer.flush()
        started_with, early = early, None
        for line in started_with or ():
            say(line)
        _let_the_collector_rest()
        await ended.wait()
    printer.flush()


class _Printer:
    """Prints lines, those of a short time in one write: each write wakes who reads them.

    A line may come as a function that writes it: that waits until then, and a viewer does not wait for it.
    """

    def __init__(self, echo: Callable[[str], None], *, on_closed: Callable[[], None]) -> None:
        self._echo = echo
        self._on_closed = on_closed
        self._loop = asyncio.get_running_loop()
        self._lines: list[str | Callable[[], str]] = []

    def say(self, line: str | Callable[[], str]) -> None:
        self._lines.append(line)
        if len(self._lines) == 1:
            self._loop.call_later(_GATHER_S, self.flush)

    def flush(self) -> None:
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        text = "\n".join([line if isinstance(line, str) else line() for line in lines])
        try:
            self._echo(text)
        except OSError:
            self._on_closed()
            with suppress(OSError):  # what is still buffered would fail again, with a trace, at the interpreter's end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _let_the_collector_rest() -> None:
    """Leave what was made at the start out of each garbage collection, and collect less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


class EndSignal(asyncio.Event):
    """Set by SIGINT or SIGTERM; `number` is the first that came."""

    number: signal.Signals = signal.SIGINT

    def come(self, number: signal.Signals) -> None:
        """Note the signal."""
        if not self.is_set():
            self.number = number
        self.set()


def ended_by_signal() -> EndSignal:
    """Return an event that SIGINT and SIGTERM set."""
    ended = EndSignal()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.come, number)
    return ended
