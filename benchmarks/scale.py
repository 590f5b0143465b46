"""How much is measured: all of it, a quick look, or just enough to see that every program runs and asserts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The counts of every benchmark.

    `passes` of pyperf processes take turns over all programs, with `values` each of about `value_s`. `restarts` of each
    function's process are measured for `rounds` of batches of about `batch_s` each. `starts` is the number of
    cold starts per function, `memory_runs` the invocations before a peak is read, `limited_s` the time under each CPU
    limit, `edge_s` the time per load of the local edge.
    """

    name: str
    passes: int
    values: int
    value_s: float
    restarts: int
    rounds: int
    batch_s: float
    starts: int
    import_runs: int
    memory_runs: int
    limited_s: float
    edge_s: float
    openssl_s: int


FULL = Scale(
    name="full",
    passes=12,
    values=4,
    value_s=0.012,
    restarts=10,
    rounds=8,
    batch_s=0.04,
    starts=30,
    import_runs=15,
    memory_runs=20,
    limited_s=6.0,
    edge_s=3.0,
    openssl_s=1,
)
QUICK = Scale(
    name="quick",
    passes=1,
    values=3,
    value_s=0.004,
    restarts=1,
    rounds=3,
    batch_s=0.04,
    starts=3,
    import_runs=3,
    memory_runs=5,
    limited_s=0.7,
    edge_s=0.4,
    openssl_s=1,
)
TINY = Scale(
    name="tiny",
    passes=1,
    values=1,
    value_s=0.0001,
    restarts=1,
    rounds=2,
    batch_s=0.002,
    starts=1,
    import_runs=1,
    memory_runs=1,
    limited_s=0.1,
    edge_s=0.1,
    openssl_s=0,
)
SCALES = {scale.name: scale for scale in (FULL, QUICK, TINY)}
