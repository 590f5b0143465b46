"""What the project set out to reach, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.publish.words import beside_limit

if TYPE_CHECKING:
    from benchmarks.publish.findings import Findings
    from benchmarks.stats import Spread

_MIB = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One figure with its limit; both are written in `unit`, the figure with `digits` or more."""

    figure: str
    limit: float
    measured: Spread
    digits: int = 2
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the median, unrounded, keeps to the limit."""
        median = self.measured.median
        return median >= self.limit if self.at_least else median <= self.limit

    @property
    def median(self) -> str:
        """The median, never rounded across the limit."""
        return beside_limit(self.measured.median, self.limit, self.digits) + self.unit

    @property
    def bound(self) -> str:
        """The limit in words."""
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g}{self.unit}"

    def row(self) -> list[str]:
        """Return the row of the table."""
        low, high = (f"{value:.{self.digits}f}" for value in (self.measured.low, self.measured.high))
        return [self.figure, self.bound, f"{self.median} ({low} to {high})", "yes" if self.met else "**no**"]


def targets(found: Findings) -> dict[str, Target]:
    """Return every target, by a short name."""
    return {
        "hashing": Target(
            figure="hashing loop at 1 MiB, share of hashlib over decoded bytes",
            limit=0.85, at_least=True, measured=found.share_of_limit("ours", _MIB), digits=3,
        ),
        "1-mb": Target(
            figure="invocation of 1,000,000 bytes, CPU", limit=0.45, measured=found.cpu_ratio("1-mb", "ours")
        ),
        "1-kib": Target(figure="invocation of 1 KiB, CPU", limit=1.05, measured=found.cpu_ratio("1-kib", "ours")),
        "get": Target(figure="GET, CPU", limit=1.03, measured=found.cpu_ratio("get", "ours")),
        "cold-start": Target(
            figure="cold start, CPU over an empty handler", limit=6, unit=" ms", digits=1,
            measured=found.cold_cpu_over_empty("ours").times(1000),
        ),
    }  # fmt: skip
