"""What the project set out to reach, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.publish.findings import BOUND_BYTES
from benchmarks.publish.words import beside_limit
from benchmarks.stats import spread
from benchmarks.subjects.forms import ACHIEVABLE, VIEW

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
    achievable = found.share_of_limit(ACHIEVABLE, _MIB).median
    peak_bytes = found.memory["traced_peak_bytes"][VIEW][str(_MIB)]
    invocations = {
        "1-mb": ("invocation of 1,000,000 bytes, CPU", 0.20),
        "64-kib": ("invocation of 64 KiB, CPU", 0.55),
        "1-kib": ("invocation of 1 KiB, CPU", 1.02),
        "get": ("GET, CPU", 1.00),
        "refused-413": ("refusal of a body over 1 MiB, CPU", 0.17),
    }
    return {
        "hashing": Target(
            figure="hashing loop at 1 MiB, from the event's bytes, share of SHA-256 alone "
            f"(with SIMD base64, {achievable:.3f} is achievable)",
            limit=0.88, at_least=True, measured=found.share_of_limit(VIEW, _MIB), digits=3,
        ),
        **{
            case: Target(figure=figure, limit=limit, measured=found.cpu_ratio(case, "ours"))
            for case, (figure, limit) in invocations.items()
        },
        "cold-start": Target(
            figure="cold start, the marshaller included, CPU over an empty handler", limit=5, unit=" ms", digits=1,
            measured=found.cold_cpu_over_empty("ours").times(1000),
        ),
        "memory": Target(
            figure="extra peak memory of hashing 1 MiB", limit=BOUND_BYTES / 1024, unit=" KiB", digits=0,
            measured=spread([peak_bytes / 1024]),
        ),
    }  # fmt: skip
