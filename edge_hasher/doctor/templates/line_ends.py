"""A fix in a file as it lies on the disk: every byte stays, its line ends too, but for those that the fix is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading.source import normalized

if TYPE_CHECKING:
    from edge_hasher.doctor.templates.reading.source import Document

_LINE_END = re.compile(r"\r\n|\r|\n")


def on_disk(document: Document) -> str | None:
    """Return a file's text with its own line ends; None where it is not UTF-8, or not what was read any more."""
    try:
        text = document.file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return text if normalized(text) == document.text else None


def carried_over(text: str, before: str, after: str) -> str:
    """Make in `text` the change that leads from `before`, which is `text` with plain line ends, to `after`."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    first, last = _position(text, start), _position(text, len(before) - end)
    ends = _LINE_END.findall(text[:first]) or _LINE_END.findall(text) or ["\n"]
    return text[:first] + after[start : len(after) - end].replace("\n", ends[-1]) + text[last:]


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (mine, yours) in pairs if mine != yours), min(len(one), len(other)))


def _position(text: str, index: int) -> int:
    """Return the position in a text of an index in the same text with plain line ends."""
    shift = 0
    for found in re.finditer("\r\n", text):
        if found.start() - shift >= index:
            break
        shift += 1
    return index + shift
