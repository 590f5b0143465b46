"""Literals and texts of Terraform's language: escapes, and pieces put together."""

from __future__ import annotations

import re
import sys

from edge_hasher.doctor.templates.reading.forms import joined_form
from edge_hasher.doctor.templates.reading.values import Unknown, plain_text, references

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
DOUBLED_MARK = re.compile(r"([$%])\1\{")  # a $ or % doubled stands for itself
MARK = re.compile(r"(?<![$%])[$%]\{")  # where a template's expression or directive begins
_SIZE_LIMIT = 20_000  # values within a value
_LITERALS = {"true": True, "false": False, "null": None}


def is_large(value: object) -> bool:
    """Whether a value is more than any template holds; values within values make such with a few lines."""
    count, inner = 0, [value]
    while inner and count <= _SIZE_LIMIT:
        each = inner.pop()
        count += 1 + (len(each) // 100 if isinstance(each, str) else 0)
        inner += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    return count > _SIZE_LIMIT


def literal(text: str) -> object:
    """Return a number, a truth or null."""
    if text in _LITERALS:
        return _LITERALS[text]
    try:
        return int(text)
    except ValueError:
        return float(text)


def joined(pieces: list[object]) -> object:
    """Put text together; with a piece that is not known, the whole is not, and its text shows which."""
    if all(isinstance(each, str | int | float) for each in pieces):
        return "".join(map(plain_text, pieces))
    first = next((each for each in pieces if isinstance(each, Unknown)), None)
    text = "".join(f"${{{each.text}}}" if isinstance(each, Unknown) else str(each) for each in pieces)
    why = first.why if first else "a part of it is not text"
    return Unknown(text, why, tuple(dict.fromkeys(references(pieces))), joined_form(pieces))


def unescaped(text: str) -> str:
    """Replace the escapes of a quoted text (documented: "Strings and Templates", "Escape Sequences")."""
    return undoubled(_ESCAPE.sub(lambda found: _ESCAPES.get(found[1]) or _code_point(found[1]), text))


def _code_point(escape: str) -> str:
    return chr(int(escape[1:], 16)) if escape[1:] and int(escape[1:], 16) <= sys.maxunicode else escape


def undoubled(text: str) -> str:
    """Return a text in which a $ or % that was doubled before a brace stands for itself."""
    return DOUBLED_MARK.sub(r"\1{", text)
