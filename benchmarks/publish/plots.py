"""The plots of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measure.slices import SLICES_CHARS
from benchmarks.publish.charts import Axis, Bar, Series, grouped, lines, ranking
from benchmarks.publish.findings import BOUND_BYTES
from benchmarks.publish.tables import FUNCTIONS, STARTS
from benchmarks.publish.words import milliseconds, size
from benchmarks.subjects.forms import FORMS
from benchmarks.subjects.payloads import HASHING_SIZES_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.publish.findings import Findings

_BLUE, _GREY, _ORANGE, _GREEN, _PURPLE = "#0b6bcb", "#9aa5b1", "#d9822b", "#4c9a52", "#8d6cab"
_COLOURS = {
    "ours": _BLUE, "identity": _GREY, "empty": _GREY, "stdlib": _ORANGE, "node": _GREEN, "pybase64": _PURPLE,
    "limit": _GREY, "ours-no-bytecode": "#6fa8dc", "ours-powertools": "#084b8f",
    "ours-powertools-no-bytecode": "#5b7ea3",
}  # fmt: skip
_ANSWERED = ("get", "1-kib", "64-kib", "1-mb")
_KIB = 1024


def draw(found: Findings, folder: Path) -> None:
    """Write every plot."""
    folder.mkdir(parents=True, exist_ok=True)
    plots = {"hashing": hashing, "slices": slices, "invocation": invocation, "cold-start": cold_start}
    for name, plot in plots.items():
        (folder / f"{name}.svg").write_text(plot(found))


def hashing(found: Findings) -> str:
    """Draw throughput by size."""
    sizes = HASHING_SIZES_BYTES[1:]
    series = [
        Series(
            label=form.label,
            colour=_COLOURS[form.name],
            points=[(count, count / found.seconds(form.name, count).median / 1e9) for count in sizes],
            dash="6 4" if form.name == "limit" else "",
        )
        for form in FORMS
    ]
    fastest = max(y for one in series for _, y in one.points)
    marks = [step * 0.5 for step in range(int(fastest / 0.5) + 2)]
    x_axis = Axis(
        low=sizes[0],
        high=sizes[-1],
        marks=sizes,
        write=lambda value: size(int(value)),
        label="payload",
        logarithmic=True,
    )
    y_axis = Axis(low=0, high=marks[-1], marks=marks, write=lambda value: f"{value:.1f}", label="GB/s of payload")
    return lines("Hashing a body from its base64", x_axis, y_axis, series)


def slices(found: Findings) -> str:
    """Draw speed at 1 MiB over the memory that a slice size costs."""
    peaks = found.memory["slice_peak_bytes"]
    points = [(peaks[str(chars)] / _KIB, found.slice_share(chars).median) for chars in SLICES_CHARS]
    chosen = found.memory["slice_chars"]
    marks = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    x_axis = Axis(
        low=4, high=512, marks=[4, 8, 16, 32, 64, 128, 256, 512], write=lambda value: f"{value:g}",
        label="extra peak memory, KiB (the dashed bound: 128)", logarithmic=True,
    )  # fmt: skip
    y_axis = Axis(low=0.5, high=1, marks=marks, write=lambda value: f"{value:.1f}", label="share of hashlib's speed")
    series = [
        Series(label="each slice size", colour=_PURPLE, points=points),
        Series(
            label=f"chosen: {chosen:,} characters",
            colour=_BLUE,
            points=[(peaks[str(chosen)] / _KIB, found.slice_share(chosen).median)],
        ),
    ]
    return lines("Slice size at 1 MiB: speed and memory", x_axis, y_axis, series, limit_x=BOUND_BYTES / _KIB)


def invocation(found: Findings) -> str:
    """Draw the CPU of an invocation, by case and function."""
    groups = [(found.invocation["cases"][case]["label"], _bars(found, case)) for case in _ANSWERED]
    return grouped("CPU per invocation under AWS's runtime client", groups)


def _bars(found: Findings, case: str) -> list[Bar]:
    taken = {name: found.cpu(case, name).median for name in found.functions(case)}
    return [
        Bar(label=FUNCTIONS[name], value=cpu_s, words=milliseconds(cpu_s), colour=_COLOURS[name])
        for name, cpu_s in taken.items()
        if name != "again"
    ]


def cold_start(found: Findings) -> str:
    """Draw the CPU of each start beyond the empty handler's."""
    names = [name for name in STARTS if name in found.cold_start["starts"] and name not in {"empty", "node"}]
    over = {name: found.cold_cpu_over_empty(name).median for name in names}
    bars = [
        Bar(label=STARTS[name], value=taken, words=f"{taken * 1000:.1f} ms", colour=_COLOURS[name])
        for name, taken in over.items()
    ]
    return ranking("CPU that a cold start costs beyond an empty handler's", bars)
