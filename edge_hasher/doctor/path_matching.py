"""Which behavior serves a path, decided as CloudFront decides it.

Facts it stands on (documented: "Path pattern" and CacheBehavior in the API reference):
- Behaviors are asked in the order of the list; the first whose pattern fits serves, else the default one.
- `*` stands for any number of characters, slashes among them, and `?` for exactly one. Case counts.
- A pattern is the same with and without its leading slash. The query string takes no part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def fits(pattern: str, text: str) -> bool:
    """Whether `text` is what `pattern` describes, with * and ?; never slower than the product of their lengths."""
    at, star, resume = 0, -1, 0
    position = 0
    while position < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, position
            at += 1
        elif at < len(pattern) and pattern[at] in {"?", text[position]}:
            at += 1
            position += 1
        elif star >= 0:
            # The last star takes one character more.
            resume += 1
            at, position = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")


def serving(patterns: Sequence[str], path: str) -> int | None:
    """Return the position of the pattern that serves `path`, or None for the default behavior."""
    wanted = path_of(path)
    for position, pattern in enumerate(patterns):
        # With or without its slash, a pattern like *.jpg begins anywhere: only what begins otherwise gets a slash.
        rooted = pattern if pattern.startswith(("/", "*")) else f"/{pattern}"
        if fits(rooted, wanted):
            return position
    return None


def path_of(text: str) -> str:
    """Return the path of what a person types: with its slash, without query and fragment."""
    path = text.split("#", 1)[0].split("?", 1)[0]
    return path if path.startswith("/") else f"/{path}"
