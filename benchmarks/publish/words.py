"""How numbers are written in reports: as many digits as the noise leaves."""

from __future__ import annotations

_KIB = 1024


def milliseconds(seconds: float) -> str:
    """Write a time of a request: `0.43 ms`, `8.2 ms`, `72 ms`."""
    ms = seconds * 1000
    return f"{ms:.2f} ms" if ms < 3 else f"{ms:.1f} ms" if ms < 30 else f"{ms:.0f} ms"


def microseconds(seconds: float) -> str:
    """Write a time of a call: `1.5 us`, `684 us`."""
    us = seconds * 1e6
    return f"{us:.2f} µs" if us < 10 else f"{us:.1f} µs" if us < 100 else f"{us:,.0f} µs"


def beside_limit(value: float, limit: float, digits: int) -> str:
    """Write a number with `digits` decimals, or as many more as it takes to stay on its side of the limit."""
    while True:
        text = f"{value:.{digits}f}"
        if (float(text) < limit, float(text) > limit) == (value < limit, value > limit):
            return text
        digits += 1


def size(count: int) -> str:
    """Write a body's size: `64 B`, `16 KiB`, `1 MiB`, and a round decimal number as it is."""
    if count >= _KIB * _KIB and count % (_KIB * _KIB) == 0:
        return f"{count // (_KIB * _KIB)} MiB"
    if count >= _KIB and count % _KIB == 0:
        return f"{count // _KIB} KiB"
    return f"{count:,} B"


def kib(count: float) -> str:
    """Write an amount of memory in KiB."""
    return f"{count / _KIB:,.0f} KiB"


def mb(count: float) -> str:
    """Write a process's memory in MB."""
    return f"{count / 1e6:.1f} MB"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Write a Markdown table, all but the first column set to the right."""
    marks = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, marks, *rows])
