"""The one command: runs the benchmarks, writes their results, renders the report."""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import results
from benchmarks.measure import cold_start, imports, invocation, limited, local_edge, memory, openssl_speed
from benchmarks.progress import Progress
from benchmarks.publish import readme, report
from benchmarks.scale import FULL, SCALES
from benchmarks.subjects.contenders import ARTIFACT, ROOT, prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.scale import Scale
    from benchmarks.subjects.contenders import Stage

PYPERF_PROGRAMS = ("hashing", "slices")
_QUICK_OUTPUT = ROOT / "build" / "benchmarks"
_PASS_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What every benchmark is given."""

    scale: Scale
    stage: Stage
    progress: Progress
    scratch: Path
    output: Path


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    options = _parser().parse_args(arguments)
    scale = SCALES[options.scale]
    output = options.output or (ROOT / "benchmarks" if scale is FULL else _QUICK_OUTPUT)
    if not options.render:
        measure(scale, output, options.only, None if options.source else ARTIFACT)
    report.render(output)
    if output == ROOT / "benchmarks":
        readme.update(ROOT / "README.md", output)
    print(f"report: {os.path.relpath(output / 'README.md')}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", dest="scale", action="store_const", const="quick", help="less of each, < 1 minute")
    parser.add_argument("--scale", choices=SCALES, help=argparse.SUPPRESS)
    parser.set_defaults(scale=FULL.name)
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="measure this one (may be repeated)")
    parser.add_argument("--render", action="store_true", help="measure nothing, render what was measured")
    parser.add_argument("--source", action="store_true", help="measure the source tree, not the SAM build")
    parser.add_argument("--output", type=Path, help="folder of results, plots and report")
    return parser


def measure(scale: Scale, output: Path, only: list[str] | None, artifact: Path | None) -> None:
    """Run the benchmarks, one after the other: two at a time would disturb each other."""
    chosen = {name: run for name, run in BENCHMARKS.items() if only is None or name in only}
    progress = Progress(len(chosen))
    with tempfile.TemporaryDirectory() as scratch:
        stage = prepare(Path(scratch), artifact)
        job = Job(scale=scale, stage=stage, progress=progress, scratch=Path(scratch), output=output / "results")
        for name, run in chosen.items():
            progress.begin(name)
            run(job)
    progress.end()


def _run_pyperf(job: Job, program: str) -> None:
    """Run a pyperf program in passes, a process per benchmark and pass, so all share the machine's disturbances."""
    files = []
    for turn in range(job.scale.passes):
        job.progress.step(f"pass {turn + 1} of {job.scale.passes}")
        files.append(job.scratch / f"{program}-{turn}.json")
        counts = ("-p", "1", "-w", "1", "-n", str(job.scale.values), "--value-s", str(job.scale.value_s))
        command = [sys.executable, "-m", f"benchmarks.measure.{program}", *counts, "--quiet", "-o", str(files[-1])]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=_PASS_TIMEOUT_S)
    results.merge_pyperf(files, job.output / f"{program}.json")


def _write(job: Job, name: str, measured: dict[str, Any]) -> None:
    results.write(job.output, name, job.scale.name, measured)


def _hashing(job: Job) -> None:
    _run_pyperf(job, "hashing")


def _slices(job: Job) -> None:
    _run_pyperf(job, "slices")


def _openssl(job: Job) -> None:
    _write(job, "openssl", openssl_speed.measure(job.scale, job.progress))


def _invocation(job: Job) -> None:
    _write(job, "invocation", asyncio.run(invocation.measure(job.scale, job.stage, job.progress)))


def _cold_start(job: Job) -> None:
    _write(job, "cold-start", asyncio.run(cold_start.measure(job.scale, job.stage, job.progress)))


def _imports(job: Job) -> None:
    _write(job, "imports", imports.measure(job.scale, job.stage, job.progress))


def _memory(job: Job) -> None:
    _write(job, "memory", asyncio.run(memory.measure(job.scale, job.stage, job.progress)))


def _limited(job: Job) -> None:
    _write(job, "cpu-limit", asyncio.run(limited.measure(job.scale, job.stage, job.progress, job.scratch)))


def _local_edge(job: Job) -> None:
    _write(job, "local-edge", asyncio.run(local_edge.measure(job.scale, job.progress)))


BENCHMARKS: dict[str, Callable[[Job], None]] = {
    "hashing": _hashing,
    "slices": _slices,
    "openssl": _openssl,
    "invocation": _invocation,
    "cold-start": _cold_start,
    "imports": _imports,
    "memory": _memory,
    "cpu-limit": _limited,
    "local-edge": _local_edge,
}
