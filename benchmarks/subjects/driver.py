"""Batches of invocations under AWS's runtime client, with their CPU, page faults and wall time."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_hasher.local.runtime import FunctionPool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from benchmarks.subjects.payloads import Case
    from edge_hasher.local.runtime import FunctionSpec

_MINOR_FAULTS_FIELD = 7  # of /proc/PID/stat, counted after the command's name: field 10, "minflt" (proc(5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one batch cost per invocation: CPU with all of the runtime client's work, and the wall time of each."""

    cpu_s: float
    faults: float
    wall_s: tuple[float, ...]


@asynccontextmanager
async def opened(specs: Mapping[str, FunctionSpec]) -> AsyncIterator[dict[str, FunctionPool]]:
    """Give one process of each function."""
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(FunctionPool(spec, grace_s=0)) for name, spec in specs.items()}


async def run_batch(pool: FunctionPool, event: bytes, count: int) -> Batch:
    """Run `count` invocations, one after the other."""
    cpu_before_s, faults_before = await used(pool)
    wall_s = tuple([(await pool.invoke(event)).duration_s for _ in range(count)])
    cpu_after_s, faults_after = await used(pool)
    return Batch(
        cpu_s=(cpu_after_s - cpu_before_s) / count, faults=(faults_after - faults_before) / count, wall_s=wall_s
    )


async def used(pool: FunctionPool) -> tuple[float, int]:
    """Return the CPU seconds and the minor page faults of the pool's one process so far."""
    (usage,) = await pool.usage()
    assert usage.cpu_s is not None, "CPU time of another process can be read on Linux only"
    return usage.cpu_s, _minor_faults(usage.pid)


def _minor_faults(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[_MINOR_FAULTS_FIELD])


async def check_answer(name: str, pool: FunctionPool, case: Case) -> None:
    """Fail unless the function answers `case` as its kind must."""
    answer = (await pool.invoke(case.event)).value()
    if name in {"identity", "again"}:
        assert answer == case.request
    elif name == "blank":
        assert answer == {**case.request, "body": {**case.request["body"], "data": ""}}
    elif name == "ours" and case.refusal is not None:
        assert answer["status"] == case.refusal
    elif case.digest is not None:
        data = "" if name == "ours" else case.request["body"]["data"]
        assert answer["headers"]["x-amz-content-sha256"][0]["value"] == case.digest
        assert answer["body"]["data"] == data
    else:
        assert answer == case.request


def encoded(event: Any) -> bytes:
    """Return an event as Lambda delivers it."""
    return json.dumps(event).encode()
