"""What the pyperf programs share: a timed loop that asserts its result, and how a program is started."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pyperf

from benchmarks.machine import library_versions

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

# About what one call costs, to choose how many make a value; exactness does not matter.
_CALL_S = 1.5e-6
_BYTE_S = 0.8e-9


def repeats_for(size_bytes: int, value_s: float) -> int:
    """Return how many calls take about `value_s`."""
    return max(1, round(value_s / (_CALL_S + size_bytes * _BYTE_S)))


def timed(loops: int, repeats: int, call: Callable[[], str], digest: str) -> float:
    """Return the CPU seconds that `loops * repeats` calls take; the first and the last result are asserted."""
    assert call() == digest
    found = ""
    calls = range(loops * repeats)
    start = time.process_time()
    for _ in calls:
        found = call()
    taken = time.process_time() - start
    assert found == digest
    return taken


def runner(module: str) -> tuple[pyperf.Runner, float]:
    """Return a runner whose worker processes are `python -m MODULE`, and the seconds that a value should take.

    There is no calibration: `repeats_for` says how many calls make a value, the same in every process.
    """
    made = pyperf.Runner(
        loops=1, program_args=("-m", module), add_cmdline_args=_hand_on_value_s, metadata=library_versions()
    )
    made.argparser.add_argument("--value-s", type=float, default=0.015, help="seconds that a value takes, about")
    return made, made.parse_args().value_s


def _hand_on_value_s(command: list[str], args: argparse.Namespace) -> None:
    command.extend(("--value-s", str(args.value_s)))
