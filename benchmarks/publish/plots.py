"""The plots of the report, as SVG; the same results give the same bytes."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from benchmarks.measure.slices import SLICES_CHARS
from benchmarks.publish.findings import BOUND_BYTES
from benchmarks.publish.tables import FUNCTIONS, STARTS
from benchmarks.publish.words import milliseconds, size
from benchmarks.subjects.forms import ACHIEVABLE, FORMS, LIMIT
from benchmarks.subjects.payloads import HASHING_SIZES_BYTES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from benchmarks.publish.findings import Findings

_BLUE, _GREY, _ORANGE, _GREEN, _PURPLE, _FAINT = "#0b6bcb", "#9aa5b1", "#d9822b", "#4c9a52", "#8d6cab", "#52606d"
_COLORS = {
    "ours": _BLUE, "identity": _GREY, "blank": _PURPLE, "stdlib": _ORANGE, "node": _GREEN,
    "view": _BLUE, "text": _PURPLE, "achievable": _FAINT, "limit": _GREY,
    "ours-no-bytecode": "#6fa8dc", "ours-powertools": "#084b8f", "ours-powertools-no-bytecode": "#5b7ea3",
}  # fmt: skip
_STYLE = Path(__file__).with_suffix(".mplstyle")
_WIDTH, _HEIGHT = 10.0, 5.2  # inches of 72 pixels
_BAR_HEIGHT = 0.28  # inches, with the gap to the next
_ANSWERED = ("get", "1-kib", "64-kib", "1-mb")
_LEGEND_COLUMNS = 3
_KIB = 1024


def draw(found: Findings, folder: Path, suffix: str = "svg") -> None:
    """Write every plot, as SVG or as another format of matplotlib's."""
    folder.mkdir(parents=True, exist_ok=True)
    plots = {"hashing": hashing, "slices": slices, "invocation": invocation, "cold-start": cold_start}
    plots["local-edge"] = local_edge
    with rc_context(fname=_STYLE):
        for name, plot in plots.items():
            metadata = {"Date": None, "Creator": None} if suffix == "svg" else None
            plot(found).savefig(folder / f"{name}.{suffix}", metadata=metadata)


def hashing(found: Findings) -> Figure:
    """Draw throughput by size."""
    figure, axes = _canvas("Hashing a body from its base64")
    sizes = HASHING_SIZES_BYTES[1:]
    for form in FORMS:
        rates = [count / found.seconds(form.name, count).median / 1e9 for count in sizes]
        line = "o--" if form.name in {ACHIEVABLE, LIMIT} else "o-"
        axes.plot(sizes, rates, line, label=form.label, color=_COLORS[form.name])
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [size(count) for count in sizes])
    axes.set_ylim(bottom=0)
    axes.set(xlabel="payload", ylabel="GB/s of payload")
    axes.legend(loc="center right")
    _finish(axes, "y")
    return figure


def slices(found: Findings) -> Figure:
    """Draw speed at 1 MiB over the memory that a slice size costs."""
    figure, axes = _canvas("Slice size at 1 MiB: speed and memory")
    for (kind, sizes), color in zip(SLICES_CHARS.items(), (_PURPLE, _BLUE), strict=True):
        peaks, chosen = found.memory["slice_peak_bytes"][kind], found.memory["slice_chars"][kind]
        shares = {chars: found.slice_share(kind, chars).median for chars in sizes}
        taken = [peaks[str(chars)] / _KIB for chars in shares]
        axes.plot(taken, list(shares.values()), "o-", color=color, label=kind)
        place = (peaks[str(chosen)] / _KIB, shares[chosen])
        axes.plot(*place, "o", color=color, markersize=10)
        axes.annotate(f"{chosen:,} characters", place, (-8, 12), textcoords="offset points", ha="right", color=color)
    axes.legend(loc="upper left", title="input; the large points are chosen")
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.axvline(BOUND_BYTES / _KIB, color=_FAINT, linestyle="--", linewidth=1)
    axes.annotate(
        f"bound: {BOUND_BYTES // _KIB} KiB", (BOUND_BYTES / _KIB, 0), (6, 10), xycoords=("data", "axes fraction"),
        textcoords="offset points", color=_FAINT,
    )  # fmt: skip
    axes.set(xlabel="extra peak memory, KiB", ylabel="share of hashlib's speed on decoded bytes")
    _finish(axes, "y")
    return figure


def invocation(found: Findings) -> Figure:
    """Draw the CPU of an invocation as a multiple of the baseline's: one scale for all cases."""
    names = [name for name in FUNCTIONS if name != "again" and name in found.functions(_ANSWERED[0])]
    height = len(_ANSWERED) * (len(names) + 1) * _BAR_HEIGHT
    figure, axes = _canvas("CPU per invocation under AWS's runtime client", height + 1.9)
    for place, name in enumerate(names):
        ratios = [found.cpu_ratio(case, name).median for case in _ANSWERED]
        rows = [group * (len(names) + 1) + place for group in range(len(_ANSWERED))]
        bars = axes.barh(rows, ratios, label=FUNCTIONS[name], color=_COLORS[name])
        times = [milliseconds(found.cpu(case, name).median) for case in _ANSWERED]
        axes.bar_label(bars, times, padding=4, color=_FAINT)
    axes.axvline(1, color=_FAINT, linestyle="--", linewidth=1)
    centers = [group * (len(names) + 1) + (len(names) - 1) / 2 for group in range(len(_ANSWERED))]
    axes.set_yticks(centers, [found.invocation["cases"][case]["label"] for case in _ANSWERED])
    axes.invert_yaxis()
    axes.set_xlabel("CPU as a multiple of the handler that returns the request; next to each bar the time itself")
    axes.set_title(axes.get_title("left"), pad=52)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=_LEGEND_COLUMNS, borderaxespad=0.2)
    _finish(axes, "x")
    return figure


def cold_start(found: Findings) -> Figure:
    """Draw the CPU of each start beyond the empty handler's."""
    names = [name for name in STARTS if name in found.cold_start["starts"] and name not in {"empty", "node"}]
    figure, axes = _canvas("CPU that a cold start adds to an empty handler's", len(names) * _BAR_HEIGHT + 1.6)
    taken_ms = [found.cold_cpu_over_empty(name).median * 1000 for name in names]
    bars = axes.barh([STARTS[name] for name in names], taken_ms, color=[_COLORS[name] for name in names])
    axes.bar_label(bars, [f"{taken:.1f} ms" for taken in taken_ms], padding=4, color=_FAINT)
    axes.invert_yaxis()
    axes.set_xlabel("ms of CPU")
    _finish(axes, "x")
    return figure


def local_edge(found: Findings) -> Figure:
    """Draw requests a second over connections, of the bare app and behind the local edge."""
    figure, axes = _canvas("POSTs of 1 KiB through the local edge")
    loads = [load for load in found.local_edge["loads"] if load["body_bytes"] == _KIB]
    connections = [load["connections"] for load in loads]
    for name, label, color in (("app", "bare app", _GREY), ("edge", "through the local edge", _BLUE)):
        rates = [statistics.median(load[name]["requests_per_s"]) for load in loads]
        axes.plot(connections, rates, "o-", label=label, color=color)
        for place in zip(connections, rates, strict=True):
            axes.annotate(f"{place[1]:,.0f}", place, (0, 8), textcoords="offset points", ha="center", color=color)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(connections, [str(count) for count in connections])
    axes.set(xlabel="connections", ylabel="requests a second")
    axes.legend(loc="center right")
    _finish(axes, "y")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    return figure


def _canvas(title: str, height: float = _HEIGHT) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def _finish(axes: Axes, grid: Literal["x", "y"]) -> None:
    """Draw grid lines across one axis, and leave room at its end."""
    axes.grid(axis=grid)
    axes.margins(x=0.12 if grid == "x" else None, y=0.12 if grid == "y" else None)
