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
TEXT, BYTES = "text", "bytes"
SLICES_CHARS = {
    TEXT: (8192, 24_576, 49_152, 65_536, 73_728, 98_304, 262_144),
    BYTES: (16_384, 49_152, 98_304, 131_072, 172_032, 262_144),
}


def chosen_chars() -> dict[str, int]:
    """Return the function's own slice sizes."""
    return {TEXT: content_hash.SLICE_CHARS, BYTES: content_hash.VIEW_SLICE_CHARS}


def choose(chars: dict[str, int]) -> None:
    """Set the function's slice sizes, for this process."""
    content_hash.SLICE_CHARS, content_hash.VIEW_SLICE_CHARS = chars[TEXT], chars[BYTES]


def sliced(kind: str, slice_chars: int) -> Callable[[], str]:
    """Return the function's own call with another slice size, which stays set in this process."""
    choose(chosen_chars() | {kind: slice_chars})
    text = as_base64(payload(SIZE_BYTES))
    data = text if kind == TEXT else memoryview(text.encode())
    return lambda: content_hash.digest_of(data, "base64")


def timed_slice(loops: int, kind: str, slice_chars: int, repeats: int) -> float:
    """Time one slice size in its worker process."""
    return timed(loops, repeats, sliced(kind, slice_chars), expected(SIZE_BYTES))


def timed_limit(loops: int, repeats: int) -> float:
    """Time the limit in its worker process."""
    return timed(loops, repeats, decoded(SIZE_BYTES), expected(SIZE_BYTES))


def main() -> None:
    """Time the limit and each slice size."""
    bench, value_s = runner("benchmarks.measure.slices")
    repeats = repeats_for(SIZE_BYTES, value_s)
    bench.bench_time_func(LIMIT, timed_limit, repeats, inner_loops=repeats)
    for kind, sizes in SLICES_CHARS.items():
        for chars in sizes:
            bench.bench_time_func(f"{kind}/{chars}", timed_slice, kind, chars, repeats, inner_loops=repeats)


if __name__ == "__main__":
    main()
