"""The event loop of the local edge: uvloop's where it is installed, asyncio's own elsewhere (Windows has no uvloop)."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from edge_hasher.local import descriptors

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the loop, as asyncio.Runner takes it."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return uvloop.new_event_loop


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, as asyncio.run does, with as many file descriptors as there may be."""
    descriptors.raise_limit()
    _keep_freed_memory()
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.get_loop().set_exception_handler(_report)
        return runner.run(main)


def _keep_freed_memory() -> None:
    """Keep the C library from giving the memory of each body back, as the function does (its handler says how).

    At 500 kB that is 600 page faults a request, and half of the edge's CPU time.
    """
    bytes(24 * 1024 * 1024)  # never touched, so it takes no memory


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say in one line that no connection can be taken; anything else is a fault of ours."""
    if words := descriptors.exhausted(context.get("exception")):
        print(words, file=sys.stderr, flush=True)  # noqa: T201 - asyncio tries again a second later
    else:
        loop.default_exception_handler(context)
