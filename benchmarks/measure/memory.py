"""Memory: what the hashing call adds to Python's own allocations, and the process's peak, per size."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

from benchmarks.measure.slices import SIZE_BYTES, SLICES_CHARS, choose, chosen_chars, sliced
from benchmarks.subjects.contenders import invocation_contenders
from benchmarks.subjects.driver import check_answer, encoded
from benchmarks.subjects.forms import FORMS, LIMIT, expected
from benchmarks.subjects.payloads import HASHING_SIZES_BYTES, MEMORY_SIZES_BYTES, cases, post_case
from edge_hasher.local.runtime import FunctionPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.progress import Progress
    from benchmarks.scale import Scale
    from benchmarks.subjects.contenders import Stage
    from edge_hasher.local.runtime import FunctionSpec


async def measure(scale: Scale, stage: Stage, progress: Progress) -> dict[str, Any]:
    """Return bytes: the traced peak of each form by size and of each slice size, and each function's peak RSS."""
    progress.step("traced peaks")
    forms = {
        form.name: {str(size): traced_peak_bytes(form.prepare(size), expected(size)) for size in HASHING_SIZES_BYTES}
        for form in FORMS
        if form.name != LIMIT
    }
    return {
        "artifact": stage.artifact,
        "slice_chars": chosen_chars(),
        "traced_peak_bytes": forms,
        "slice_peak_bytes": _slice_peaks(),
        "peak_rss_bytes": {
            name: {str(size): await _peak_rss_bytes(name, spec, size, scale, progress) for size in MEMORY_SIZES_BYTES}
            for name, spec in invocation_contenders(stage).items()
            if name != "again"
        },
    }


def traced_peak_bytes(call: Callable[[], str], digest: str) -> int:
    """Return how much more memory Python held during a call than before it."""
    assert call() == digest  # and whatever is cached by now is cached
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        assert call() == digest
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def _slice_peaks() -> dict[str, dict[str, int]]:
    chosen = chosen_chars()
    try:
        return {
            kind: {str(chars): traced_peak_bytes(sliced(kind, chars), expected(SIZE_BYTES)) for chars in sizes}
            for kind, sizes in SLICES_CHARS.items()
        }
    finally:
        choose(chosen)


async def _peak_rss_bytes(name: str, spec: FunctionSpec, size: int, scale: Scale, progress: Progress) -> int:
    """Return the peak of a process that has seen only requests of this size; 0 is a GET."""
    progress.step(f"peak RSS of {name} at {size} bytes")
    case = cases()[0] if size == 0 else post_case("memory", f"{size} bytes", size, 0.01)
    async with FunctionPool(spec, grace_s=0) as pool:
        await check_answer(name, pool, case)
        event = encoded(case.event)
        for _ in range(scale.memory_runs):
            await pool.invoke(event)
        (usage,) = await pool.usage()
    assert usage.peak_rss_bytes is not None, "peak memory of another process can be read on Linux only"
    return usage.peak_rss_bytes
