"""`edge-hasher local`: one edge, from its ready line to Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING

from edge_hasher.local.commands import local_report
from edge_hasher.local.serving.local_edge import LocalEdge

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.local.config import EdgeConfig
    from edge_hasher.local.exchange import Exchange


async def serve(config: EdgeConfig, *, log_format: str, echo: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `echo` prints a line. Raises ConfigError when it cannot start.

    It also ends when standard output is closed, as behind `| head`.
    """
    as_json = log_format == "json"

    def say(line: str) -> None:
        try:
            echo(line)
        except OSError:
            ended.set()
            with suppress(OSError):  # what is still buffered would fail again, with a trace, at the interpreter's end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def on_end(exchange: Exchange) -> None:
        say(local_report.as_json(exchange) if as_json else local_report.as_text(exchange))

    def on_log(line: str) -> None:
        if early is not None:
            early.append(line)
            return
        if as_json or not (config.is_own_function and local_report.is_told_by_request(line)):
            say(local_report.function_log_json(line) if as_json else local_report.function_log_text(line))

    # What is written while it starts comes after the ready line, or not at all: the error says what went wrong.
    early: list[str] | None = []
    ended = ended_by_signal()
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
        lines, early = early, None
        for line in lines or ():
            on_log(line)
        await ended.wait()


def ended_by_signal() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    return ended
