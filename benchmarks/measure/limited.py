"""The model of lambda_share.py next to two points measured under a CPU limit of this machine's kernel."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from benchmarks.lambda_share import FULL_VCPU_MB, wall_s
from benchmarks.measure.cpu_limit import NoCpuLimitError, cpu_limit, limited_python
from benchmarks.subjects.contenders import invocation_contenders
from benchmarks.subjects.driver import check_answer, encoded, used
from benchmarks.subjects.payloads import cases
from edge_hasher.local.runtime import FunctionPool

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.progress import Progress
    from benchmarks.scale import Scale
    from benchmarks.subjects.contenders import Stage
    from benchmarks.subjects.payloads import Case

MEASURED_MB = (128, 512)
_CASES = ("1-kib", "1-mb")


async def measure(scale: Scale, stage: Stage, progress: Progress, folder: Path) -> dict[str, Any]:
    """Return, by memory size and case, the seconds per invocation, modelled and measured; or why there is none."""
    points = []
    try:
        for memory_mb in MEASURED_MB:
            with cpu_limit(memory_mb / FULL_VCPU_MB) as procs:
                python = limited_python(folder / f"python-{memory_mb}", procs)
                points += await _measure_size(scale, stage, progress, memory_mb, python)
    except NoCpuLimitError as error:
        return {"possible": False, "reason": str(error), "points": []}
    return {"possible": True, "reason": None, "points": points}


async def _measure_size(
    scale: Scale, stage: Stage, progress: Progress, memory_mb: int, python: str
) -> list[dict[str, Any]]:
    spec = dataclasses.replace(invocation_contenders(stage)["ours"], python=python, init_timeout_s=60.0)
    points = []
    async with FunctionPool(spec, grace_s=0) as pool:
        (usage,) = await pool.usage()
        assert usage.init_cpu_s is not None
        model_s = wall_s(usage.init_cpu_s, memory_mb)
        points.append({"memory_mb": memory_mb, "case": "cold start", "model_s": model_s, "measured_s": usage.init_s})
        for case in cases():
            if case.name in _CASES:
                progress.step(f"{case.label} at the share of {memory_mb} MB")
                await check_answer("ours", pool, case)
                points.append(
                    {"memory_mb": memory_mb, "case": case.name} | await _back_to_back(scale, pool, case, memory_mb)
                )
    return points


async def _back_to_back(scale: Scale, pool: FunctionPool, case: Case, memory_mb: int) -> dict[str, Any]:
    """Invoke without a pause: the quota is then always used up, as the model assumes."""
    event, count, walls_s = encoded(case.event), 0, []
    (cpu_before_s, _), began = await used(pool), time.perf_counter()
    while count == 0 or time.perf_counter() - began < scale.limited_s:
        walls_s.append((await pool.invoke(event)).duration_s)
        count += 1
    (cpu_after_s, _), taken_s = await used(pool), time.perf_counter() - began
    cpu_s = (cpu_after_s - cpu_before_s) / count
    return {"model_s": wall_s(cpu_s, memory_mb), "measured_s": taken_s / count, "p50_s": sorted(walls_s)[count // 2]}
