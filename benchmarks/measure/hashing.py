"""A pyperf program: the hashing loop, every form at every size. `python -m benchmarks.measure.hashing -o FILE`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measure.timing import repeats_for, runner, timed
from benchmarks.subjects.forms import FORMS, expected
from benchmarks.subjects.payloads import HASHING_SIZES_BYTES

if TYPE_CHECKING:
    from benchmarks.subjects.forms import Form


def timed_form(loops: int, form: Form, size_bytes: int, repeats: int) -> float:
    """Prepare and time one form in its worker process."""
    return timed(loops, repeats, form.prepare(size_bytes), expected(size_bytes))


def main() -> None:
    """Time each form at each size; the forms of one size follow on each other."""
    bench, value_s = runner("benchmarks.measure.hashing")
    for size_bytes in HASHING_SIZES_BYTES:
        repeats = repeats_for(size_bytes, value_s)
        for form in FORMS:
            name = f"{form.name}/{size_bytes}"
            bench.bench_time_func(name, timed_form, form, size_bytes, repeats, inner_loops=repeats)


if __name__ == "__main__":
    main()
