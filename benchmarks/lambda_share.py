"""What Lambda's share of a CPU makes of the measured CPU time: wall time, cold start and cost, by memory size.

The model: memory buys CPU, 1,769 MB is one vCPU (documented: "Configure Lambda function memory"), so work of `c`
seconds of CPU takes `c * 1769 / memory` seconds. Billing is in steps of 1 ms (documented). Prices: Lambda@Edge, as in
agreeing transcriptions of the price list (seen). It is the pessimistic end: a quota is refilled many times a second
(inferred), so a short invocation after a pause may run at full speed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.stats import percentile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEMORY_SIZES_MB = (128, 256, 512, 1024, 1769)
FULL_VCPU_MB = 1769  # documented
USD_PER_MILLION_REQUESTS = 0.60  # seen
USD_PER_GB_SECOND = 0.00005001  # seen
_MB_PER_GB = 1024
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """A kind of traffic: which share of the requests each measured case has."""

    name: str
    about: str
    shares: Mapping[str, float]


MIXES = (
    Mix(name="chat", about="70 % POST of 1 KiB, 30 % GET", shares={"1-kib": 0.7, "get": 0.3}),
    Mix(
        name="API",
        about="55 % GET, 40 % POST of 1 KiB, 4 % of 64 KiB, 1 % refused",
        shares={"get": 0.55, "1-kib": 0.4, "64-kib": 0.04, "refused-400": 0.01},
    ),
    Mix(
        name="uploads",
        about="20 % GET, 20 % POST of 64 KiB, 58 % of 1,000,000 bytes, 2 % refused",
        shares={"get": 0.2, "64-kib": 0.2, "1-mb": 0.58, "refused-413": 0.02},
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a mix would see at one memory size: wall times in seconds, and US dollars per million requests."""

    p50_s: float
    p99_s: float
    usd_per_million: float


def wall_s(cpu_s: float, memory_mb: int) -> float:
    """Return how long work takes on the CPU share of `memory_mb`."""
    return cpu_s * max(1.0, FULL_VCPU_MB / memory_mb)


def forecast(mix: Mix, cpu_s: Mapping[str, Sequence[float]], memory_mb: int) -> Forecast:
    """Return the forecast from the measured CPU seconds per invocation of each case."""
    weighted = [
        (wall_s(value, memory_mb), share / len(cpu_s[case]))
        for case, share in mix.shares.items()
        for value in cpu_s[case]
    ]
    billed_s = sum(math.ceil(wall * 1000) / 1000 * weight for wall, weight in weighted)
    usd = USD_PER_MILLION_REQUESTS + _MILLION * billed_s * memory_mb / _MB_PER_GB * USD_PER_GB_SECOND
    return Forecast(p50_s=_quantile(weighted, 0.5), p99_s=_quantile(weighted, 0.99), usd_per_million=usd)


def _quantile(weighted: list[tuple[float, float]], share: float) -> float:
    reached = 0.0
    for value, weight in sorted(weighted):
        reached += weight
        if reached >= share - 1e-9:
            return value
    return percentile([value for value, _ in weighted], 1.0)
