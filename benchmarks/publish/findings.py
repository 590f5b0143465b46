"""What the results say: the numbers that tables, plots and the README quote, each computed in one place."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from benchmarks.lambda_share import MEMORY_SIZES_MB, MIXES, forecast, wall_s
from benchmarks.machine import ROOT, function_sha256
from benchmarks.results import read, sources, values_s
from benchmarks.stats import ratios, spread

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.lambda_share import Forecast
    from benchmarks.stats import Spread

    Values = dict[str, list[list[float]]]

BOUND_BYTES = 131_072  # the extra peak memory that a body may cost
_OURS, _LIMIT, _BASELINE = "ours", "limit", "identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All results of one folder, the function's sources that they were measured on, and the sources at hand."""

    measured_sha256: frozenset[str]
    current_sha256: str
    hashing: Values
    slices: Values
    openssl: dict[str, Any]
    invocation: dict[str, Any]
    cold_start: dict[str, Any]
    imports: dict[str, Any]
    memory: dict[str, Any]
    cpu_limit: dict[str, Any]
    local_edge: dict[str, Any]

    @property
    def older_sources(self) -> bool:
        """Whether the function's code has changed since some of this was measured."""
        return self.measured_sha256 != {self.current_sha256}

    def share_of_limit(self, form: str, size_bytes: int) -> Spread:
        """Return the speed of a form as a share of the limit's, pass by pass."""
        return _share(self.hashing[f"{form}/{size_bytes}"], self.hashing[f"{_LIMIT}/{size_bytes}"])

    def slice_share(self, kind: str, slice_chars: int) -> Spread:
        """Return the speed at 1 MiB of text or bytes with a slice size as a share of the limit's."""
        return _share(self.slices[f"{kind}/{slice_chars}"], self.slices[_LIMIT])

    def seconds(self, form: str, size_bytes: int) -> Spread:
        """Return the time of one call."""
        return spread(list(chain.from_iterable(self.hashing[f"{form}/{size_bytes}"])))

    def functions(self, case: str) -> dict[str, Any]:
        """Return what was measured of a case, by function."""
        functions: dict[str, Any] = self.invocation["cases"][case]["functions"]
        return functions

    def cpu(self, case: str, function: str) -> Spread:
        """Return the CPU seconds of an invocation, over all batches."""
        return spread(self._batches_s(case, function))

    def cpu_ratio(self, case: str, function: str, other: str = _BASELINE) -> Spread:
        """Return the CPU of an invocation over another function's, process by process."""
        ours, baseline = (
            [statistics.median(process) for process in self.functions(case)[name]["cpu_s"]]
            for name in (function, other)
        )
        return spread(ratios(ours, baseline))

    def _batches_s(self, case: str, function: str) -> list[float]:
        return list(chain.from_iterable(self.functions(case)[function]["cpu_s"]))

    def cold_cpu_over_empty(self, function: str) -> Spread:
        """Return the CPU seconds of a start beyond an empty handler's, start by start."""
        starts = self.cold_start["starts"]
        pairs = zip(starts[function]["cpu_s"], starts["empty"]["cpu_s"], strict=True)
        return spread([ours - empty for ours, empty in pairs])

    def forecasts(self) -> dict[str, dict[int, Forecast]]:
        """Return the forecast for our invocations, by mix and memory size."""
        cpu_s = {name: self._batches_s(name, _OURS) for name in self.invocation["cases"]}
        return {mix.name: {mb: forecast(mix, cpu_s, mb) for mb in MEMORY_SIZES_MB} for mix in MIXES}

    def cold_start_s(self, function: str, memory_mb: int) -> float:
        """Return the modelled time from the start of a process to its first question."""
        return wall_s(statistics.median(self.cold_start["starts"][function]["cpu_s"]), memory_mb)


def load(folder: Path) -> Findings:
    """Read a results folder; raises FileNotFoundError when a benchmark has not been measured."""
    return Findings(
        measured_sha256=sources(folder),
        current_sha256=function_sha256(ROOT),
        hashing=values_s(folder, "hashing"),
        slices=values_s(folder, "slices"),
        openssl=read(folder, "openssl"),
        invocation=read(folder, "invocation"),
        cold_start=read(folder, "cold-start"),
        imports=read(folder, "imports"),
        memory=read(folder, "memory"),
        cpu_limit=read(folder, "cpu-limit"),
        local_edge=read(folder, "local-edge"),
    )


def _share(passes: list[list[float]], limit_passes: list[list[float]]) -> Spread:
    """Compare speeds pass by pass: the processes of one pass ran within seconds of each other."""
    times = [statistics.median(values) for values in passes]
    limits = [statistics.median(values) for values in limit_passes]
    return spread(ratios(limits, times))
