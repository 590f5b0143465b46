"""The whole invocation under awslambdaric: every function on every case, in turns, one Runtime API driver for all."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from benchmarks.machine import node_version
from benchmarks.subjects.contenders import invocation_contenders
from benchmarks.subjects.driver import check_answer, encoded, opened, run_batch
from benchmarks.subjects.payloads import cases

if TYPE_CHECKING:
    from benchmarks.progress import Progress
    from benchmarks.scale import Scale
    from benchmarks.subjects.contenders import Stage
    from benchmarks.subjects.driver import Batch
    from benchmarks.subjects.payloads import Case
    from edge_hasher.local.runtime import FunctionPool

    Batches = dict[str, list[list[Batch]]]  # of each function, by process

# Warm-up: allocators settle, and the JIT of Node.js has seen enough.
_WARM_UP_BATCHES = 2
# Only our function refuses; the handler that returns the request shows what the event itself costs.
_REFUSING = ("identity", "again", "ours")


async def measure(scale: Scale, stage: Stage, progress: Progress) -> dict[str, Any]:
    """Return, by case and function, CPU per invocation of each process and batch, page faults, wall times."""
    specs = invocation_contenders(stage)
    measured: dict[str, Batches] = {case.name: {} for case in cases()}
    for restart in range(scale.restarts):
        async with opened(specs) as pools:
            for case in cases():
                progress.step(f"process {restart + 1} of {scale.restarts}, {case.label}")
                await _measure_case(scale, case, _pools_for(case, pools), measured[case.name])
    return {
        "artifact": stage.artifact,
        "node": {"version": node_version(), "client": stage.node_client} if stage.node else None,
        "cases": {case.name: {"label": case.label, "functions": _document(measured[case.name])} for case in cases()},
    }


def _pools_for(case: Case, pools: dict[str, FunctionPool]) -> dict[str, FunctionPool]:
    return pools if case.refusal is None else {name: pool for name, pool in pools.items() if name in _REFUSING}


async def _measure_case(scale: Scale, case: Case, pools: dict[str, FunctionPool], into: Batches) -> None:
    event, count = encoded(case.event), case.batch(scale.batch_s)
    for name, pool in pools.items():
        into.setdefault(name, []).append([])
        await check_answer(name, pool, case)
        for _ in range(_WARM_UP_BATCHES):
            await run_batch(pool, event, count)
    for turn in range(scale.rounds):
        order = list(pools) if turn % 2 == 0 else list(reversed(pools))  # none always comes first
        for name in order:
            into[name][-1].append(await run_batch(pools[name], event, count))


def _document(batches: Batches) -> dict[str, Any]:
    return {
        name: {
            "cpu_s": [[batch.cpu_s for batch in process] for process in processes],
            "faults": [statistics.median(batch.faults for batch in process) for process in processes],
            "wall_s": _thinned(sorted(wall_s for process in processes for batch in process for wall_s in batch.wall_s)),
        }
        for name, processes in batches.items()
    }


def _thinned(ordered: list[float], keep: int = 101) -> list[float]:
    """Return the percentiles 0 to 100 where there are more values than that."""
    if len(ordered) <= keep:
        return ordered
    return [ordered[round(step * (len(ordered) - 1) / (keep - 1))] for step in range(keep)]
