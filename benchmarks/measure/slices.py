"""A pyperf program: the hashing loop at 1 MiB by slice size. `python -m benchmarks.measure.slices -o FILE`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measure.timing import repeats_for, runner, timed
from benchmarks.subjects.forms import LIMIT, decoded, expected
from benchmarks.subjects.payloads import as_base64, payload
from edge_hasher.function import content_hash

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE_BYTES = 1_048_576
SLICES_CHARS = (4096, 8192, 16_384, 24_576, 32_768, 49_152, 65_536, 73_728, 98_304, 131_072, 262_144)


def sliced(slice_chars: int) -> Callable[[], str]:
    """Return the function's own call with another slice size, which stays set in this process."""
    content_hash.SLICE_CHARS = slice_chars
    text = as_base64(payload(SIZE_BYTES))
    return lambda: content_hash.digest_of(text, "base64")


def timed_slice(loops: int, slice_chars: int | None, repeats: int) -> float:
    """Time one slice size in its worker process; None is the limit."""
    call = decoded(SIZE_BYTES) if slice_chars is None else sliced(slice_chars)
    return timed(loops, repeats, call, expected(SIZE_BYTES))


def main() -> None:
    """Time the limit and each slice size."""
    bench, value_s = runner("benchmarks.measure.slices")
    repeats = repeats_for(SIZE_BYTES, value_s)
    for slice_chars in (None, *SLICES_CHARS):
        name = LIMIT if slice_chars is None else f"slice/{slice_chars}"
        bench.bench_time_func(name, timed_slice, slice_chars, repeats, inner_loops=repeats)


if __name__ == "__main__":
    main()
