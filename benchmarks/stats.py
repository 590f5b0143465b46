"""Few numbers out of many: medians and spread, and ratios of what was measured side by side."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A median with the tenth and the ninetieth percentile, and the minimum."""

    median: float
    low: float
    high: float
    minimum: float

    def times(self, factor: float) -> Spread:
        """Return the spread in another unit."""
        return Spread(
            median=self.median * factor, low=self.low * factor, high=self.high * factor, minimum=self.minimum * factor
        )


def spread(values: Sequence[float]) -> Spread:
    """Return the spread of at least one value."""
    ordered = sorted(values)
    return Spread(
        median=statistics.median(ordered),
        low=percentile(ordered, 0.1),
        high=percentile(ordered, 0.9),
        minimum=ordered[0],
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie: the nearest one that was measured."""
    ordered = sorted(values)
    return ordered[round(share * (len(ordered) - 1))]


def ratios(values: Sequence[float], baselines: Sequence[float]) -> list[float]:
    """Return value / baseline, pair by pair: both of a pair were measured one right after the other."""
    return [value / baseline for value, baseline in zip(values, baselines, strict=True)]
