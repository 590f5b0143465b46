"""Cold starts under awslambdaric: from the start of the process to its first `next`, CPU and wall, in turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.subjects.contenders import cold_contenders
from benchmarks.subjects.driver import check_answer
from benchmarks.subjects.payloads import cases
from edge_hasher.local.runtime import FunctionPool

if TYPE_CHECKING:
    from benchmarks.progress import Progress
    from benchmarks.scale import Scale
    from benchmarks.subjects.contenders import Stage
    from edge_hasher.local.runtime import FunctionSpec


async def measure(scale: Scale, stage: Stage, progress: Progress) -> dict[str, Any]:
    """Return, by function, the CPU and wall seconds of every start; for ours also of the first invocation."""
    specs = cold_contenders(stage)
    starts: dict[str, dict[str, list[float]]] = {name: {"cpu_s": [], "wall_s": [], "first_cpu_s": []} for name in specs}
    for turn in range(scale.starts):
        progress.step(f"start {turn + 1} of {scale.starts}")
        for name, spec in specs.items():
            await _start(name, spec, starts[name])
    return {"artifact": stage.artifact, "starts": starts}


async def _start(name: str, spec: FunctionSpec, into: dict[str, list[float]]) -> None:
    async with FunctionPool(spec, grace_s=0) as pool:
        (usage,) = await pool.usage()
        assert usage.init_cpu_s is not None, "CPU time of another process can be read on Linux only"
        into["cpu_s"].append(usage.init_cpu_s)
        into["wall_s"].append(usage.init_s)
        if name in {"ours", "stdlib", "node"}:
            case = next(case for case in cases() if case.name == "1-kib")
            await check_answer(name, pool, case)
            (after,) = await pool.usage()
            assert after.cpu_s is not None
            into["first_cpu_s"].append(after.cpu_s - usage.init_cpu_s)
