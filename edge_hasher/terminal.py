"""Numbers, untrusted text and pages, as a terminal should show them."""

from __future__ import annotations

import posixpath
import re
import textwrap
import time

_KIB = 1024
_MILLI = 1e-3
_MINUTE_S = 60
_LONGEST_LINE = 100
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)", re.DOTALL)


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


def clock_text(at_s: float) -> str:
    """Return the time of day here, of a moment in seconds since 1970: 14:03:07."""
    return time.strftime("%H:%M:%S", time.localtime(at_s))


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


def page_text(markdown: str, *, width: int) -> str:
    """Return a section of docs without the marks of Markdown, wrapped to `width` columns and at most 100."""
    blocks = re.split(r"\n\s*\n|\n(?=- )", _LINK.sub(_link_text, markdown.strip()))
    return "\n\n".join(_block_text(block, min(width, _LONGEST_LINE)) for block in blocks) + "\n"


def _link_text(link: re.Match[str]) -> str:
    """Name what is linked, and the file that has it, unless it is on the same page."""
    text, target = link[1], link[2]
    if target.startswith("#"):
        return text
    return f"{text} ({target if '://' in target else posixpath.normpath(f'docs/{target}')})"


def _block_text(block: str, width: int) -> str:
    plain = " ".join(re.sub(r"^#+ |\*\*|`", "", block).split())
    indent = "  " if plain.startswith("- ") else ""
    return textwrap.fill(plain, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
