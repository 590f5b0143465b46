"""The two kinds of chart: bars in groups, and lines over an axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.publish.svg import FAINT, GRID, WIDTH, Svg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_BAR, _GAP, _GROUP_GAP, _TOP, _GROUP_LEFT = 16, 3, 18, 64, 184
_RANKING_TOP, _RANKING_LEFT = 46, 330
_LEFT, _RIGHT, _BOTTOM, _LINES_TOP, _LINES_HEIGHT = 64, 28, 60, 96, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: what it is, its length, and the number as it is written."""

    label: str
    value: float
    words: str
    colour: str


def grouped(title: str, groups: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Draw bars in groups, each with a scale of its own: what is compared is in one group. Colours tell the labels."""
    height = _TOP + sum(len(bars) * (_BAR + _GAP) + _GROUP_GAP for _, bars in groups)
    svg = Svg(height, title)
    svg.legend(50, list(dict.fromkeys((bar.label, bar.colour) for _, bars in groups for bar in bars)))
    y = float(_TOP)
    for label, bars in groups:
        svg.text(_GROUP_LEFT - 12, y + _BAR - 3, label, anchor="end", weight="600")
        y = _draw(svg, bars, y, _GROUP_LEFT) + _GROUP_GAP
    return svg.document()


def ranking(title: str, bars: Sequence[Bar]) -> str:
    """Draw bars on one scale, each with its label beside it."""
    svg = Svg(_TOP + len(bars) * (_BAR + _GAP), title)
    for number, bar in enumerate(bars):
        svg.text(_RANKING_LEFT - 12, _RANKING_TOP + number * (_BAR + _GAP) + _BAR - 4, bar.label, anchor="end")
    _draw(svg, bars, _RANKING_TOP, _RANKING_LEFT)
    return svg.document()


def _draw(svg: Svg, bars: Sequence[Bar], y: float, left: float) -> float:
    longest = max(bar.value for bar in bars)
    for bar in bars:
        length = max(0.0, bar.value / longest * (WIDTH - left - 110))
        svg.box(left, y, length, _BAR, bar.colour)
        svg.text(left + length + 6, y + _BAR - 4, bar.words, colour=FAINT)
        y += _BAR + _GAP
    return y


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line, from left to right."""

    label: str
    colour: str
    points: Sequence[tuple[float, float]]
    dash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis: its range, the values that get a mark, how a mark is written, and what it shows."""

    low: float
    high: float
    marks: Sequence[float]
    write: Callable[[float], str]
    label: str
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Return how far along the axis a value lies, 0 to 1."""
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def lines(title: str, x_axis: Axis, y_axis: Axis, series: Sequence[Series], limit_x: float | None = None) -> str:
    """Draw lines with a dot at each point; `limit_x` is a bound to stay left of."""
    svg = Svg(_LINES_HEIGHT, title)
    svg.legend(50, [(one.label, one.colour) for one in series])

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = x_axis.share(x), y_axis.share(y)
        return _LEFT + across * (WIDTH - _LEFT - _RIGHT), _LINES_HEIGHT - _BOTTOM - up * (
            _LINES_HEIGHT - _BOTTOM - _LINES_TOP
        )

    for mark in y_axis.marks:
        start, end = place(x_axis.low, mark), place(x_axis.high, mark)
        svg.line([start, end], GRID)
        svg.text(start[0] - 8, start[1] + 4, y_axis.write(mark), anchor="end", colour=FAINT)
    for mark in x_axis.marks:
        x, y = place(mark, y_axis.low)
        svg.text(x, y + 18, x_axis.write(mark), anchor="middle", colour=FAINT)
    svg.text(WIDTH - _RIGHT, _LINES_HEIGHT - 16, x_axis.label, anchor="end", colour=FAINT)
    svg.text(16, _LINES_TOP - 18, y_axis.label, colour=FAINT)
    if limit_x is not None:
        svg.line([place(limit_x, y_axis.low), place(limit_x, y_axis.high)], FAINT, dash="4 4")
    for one in series:
        places = [place(x, y) for x, y in one.points]
        svg.line(places, one.colour, width=2, dash=one.dash)
        for x, y in places:
            svg.dot(x, y, one.colour)
    return svg.document()
