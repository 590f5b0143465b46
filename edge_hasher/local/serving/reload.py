"""Reloading: when the files of a handler change, its processes are replaced; what does not start changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchfiles import PythonFilter, awatch

from edge_hasher.local.runtime import FunctionFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.local.runtime.reloading import ReloadingPool

_POLL_MS = 200  # how soon the watching thread notices that it shall end


async def reload_on_change(pool: ReloadingPool, tell: Callable[[str], None]) -> None:
    """Watch the Python files below the handler's folder, until cancelled; `tell` gets a sentence for each reload."""
    root, handler = pool.spec.root, pool.spec.handler
    try:
        async for _ in awatch(root, watch_filter=PythonFilter(), rust_timeout=_POLL_MS, yield_on_timeout=False):
            tell(await _reload(pool))
    except (OSError, RuntimeError) as error:  # more folders than the system lets anybody watch, for example
        tell(f"{handler} is not reloaded: cannot watch {root}: {error}")


async def _reload(pool: ReloadingPool) -> str:
    handler = pool.spec.handler
    try:
        await pool.reload()
    except FunctionFailure as failure:
        place = f" ({failure.stack_trace[-1].strip().partition(chr(10))[0]})" if failure.stack_trace else ""
        message = " ".join(failure.message.split()) or failure.error_type
        return f"{handler} has changed and does not start: {message}{place}. The code before the change serves on."
    return f"{handler} has changed, and the new code serves."
