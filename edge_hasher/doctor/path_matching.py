"""Which behavior serves a path, decided as CloudFront decides it.

Facts it stands on (documented: "Path pattern" and CacheBehavior in the API reference):
- Behaviors are tried in the order of the list. The first whose pattern matches serves, else the default one.
- `*` stands for any number of characters, slashes among them, and `?` for exactly one. Case counts.
- A pattern is the same with and without its leading slash. The query string takes no part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def fits(pattern: str, text: str) -> bool:
    """Whether `pattern`, with * and ?, matches `text`; never slower than the product of their lengths."""
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
            # Let the last star match one more character.
            resume += 1
            at, position = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")


def serving(patterns: Sequence[str], path: str) -> int | None:
    """Return the position of the pattern that serves `path`, or None for the default behavior."""
    wanted = path_of(path)
    for position, pattern in enumerate(patterns):
        # *.jpg and /*.jpg are the same pattern; any other gets the slash that it lacks.
        rooted = pattern if pattern.startswith(("/", "*")) else f"/{pattern}"
        if fits(rooted, wanted):
            return position
    return None


def path_of(text: str) -> str:
    """Return the path in what a person types: with its slash, without query and fragment."""
    path = text.split("#", 1)[0].split("?", 1)[0]
    return path if path.startswith("/") else f"/{path}"
