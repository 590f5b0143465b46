"""Numbers and untrusted text, as a terminal should show them."""

from __future__ import annotations

_KIB = 1024
_MILLI = 1e-3
_MINUTE_S = 60


def bytes_text(count: int) -> str:
    """Return a byte count as people read it: 17 B, 1.5 KiB, 2.0 MiB."""
    if count < _KIB:
        return f"{count} B"
    if count < _KIB * _KIB:
        return f"{count / _KIB:.1f} KiB"
    return f"{count / _KIB / _KIB:.1f} MiB"


def seconds_text(seconds: float) -> str:
    """Return a duration as people read it: 0.8 ms, 41 ms, 1.25 s."""
    if seconds < 10 * _MILLI:
        return f"{seconds / _MILLI:.1f} ms"
    return f"{seconds / _MILLI:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def minutes_text(seconds: float) -> str:
    """Return a long duration as people read it: 41 s, 2 min 5 s."""
    minutes, rest = divmod(int(seconds), _MINUTE_S)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def printable(text: str, *, keep_lines: bool = False) -> str:
    """Return text that cannot act on a terminal: control and format characters are escaped."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or (keep_lines and char == "\n") else char.encode("unicode_escape").decode()
        for char in text
    )
