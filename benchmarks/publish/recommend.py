"""The memory size that follows from the results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.lambda_share import MEMORY_SIZES_MB

if TYPE_CHECKING:
    from benchmarks.publish.findings import Findings

# The mixes that most people have, and how much dearer than the cheapest size a faster one may be.
DECIDING_MIXES = ("chat", "API")
TOLERATED = 0.05


def memory_mb(found: Findings) -> int:
    """Return the largest size that costs at most `TOLERATED` more than the cheapest, in each of the deciding mixes.

    More memory is less time, always; so what decides is from where on it costs real money.
    """
    forecasts = found.forecasts()
    fitting = [
        size
        for size in MEMORY_SIZES_MB
        if all(
            forecasts[mix][size].usd_per_million
            <= (1 + TOLERATED) * min(of.usd_per_million for of in forecasts[mix].values())
            for mix in DECIDING_MIXES
        )
    ]
    return max(fitting)
