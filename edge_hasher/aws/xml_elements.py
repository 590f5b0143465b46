"""XML as AWS wrote it: its elements with their places in the bytes, so a change leaves every other byte as it was.

A parser that builds a tree and writes it again changes quotes, spaces and prefixes. A document type is refused: AWS
writes none, and entities are declared there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")


@dataclass(slots=True, kw_only=True, eq=False)
class Element:
    """An element; `start` and `end` are its bytes in the document, `inside` and `inside_end` those between its tags."""

    tag: str
    attributes: dict[str, str]
    start: int
    inside: int
    inside_end: int = 0
    end: int = 0
    text: str = ""
    children: list[Element] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The tag without its prefix."""
        return self.tag.rpartition(":")[2]

    @property
    def is_self_closing(self) -> bool:
        """Whether it is one tag, such as <Items/>."""
        return self.inside == self.end

    def child(self, *path: str) -> Element | None:
        """Return the first child of that name, or of a child's; None where there is none."""
        found: Element | None = self
        for name in path:
            found = next((each for each in found.children if each.name == name), None) if found else None
        return found


@dataclass(frozen=True, slots=True)
class Edit:
    """Other bytes in place of those from `start` to `end`."""

    start: int
    end: int
    content: bytes


def parse(document: bytes) -> Element:
    """Return the root of a UTF-8 document; raises ValueError, which quotes nothing of it, for anything else."""
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    root = Element(tag="", attributes={}, start=0, inside=0)
    stack = [root]

    def start(tag: str, attributes: dict[str, str]) -> None:
        place = parser.CurrentByteIndex
        match = _TAG.match(document, place)
        inside = match.end() if match else place
        stack.append(Element(tag=tag, attributes=attributes, start=place, inside=inside))
        stack[-2].children.append(stack[-1])

    def end(_tag: str) -> None:
        element = stack.pop()
        element.inside_end = element.end = element.inside
        if document[element.inside - 2 : element.inside] != b"/>":
            element.inside_end = parser.CurrentByteIndex
            element.end = document.index(b">", element.inside_end) + 1

    def text(content: str) -> None:
        stack[-1].text += content

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(document, True)  # noqa: FBT003 (it takes no name)
    except expat.ExpatError as error:
        raise ValueError(f"not well-formed XML, at line {error.lineno}") from None
    return root.children[0]


def edited(document: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the document with some of its bytes replaced; edits do not overlap, and those at one place keep order."""
    parts, place = [], 0
    for edit in sorted(edits, key=lambda each: each.start):
        parts += [document[place : edit.start], edit.content]
        place = edit.end
    return b"".join([*parts, document[place:]])
