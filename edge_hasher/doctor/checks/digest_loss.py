"""CloudFront Functions that take away the digest which clients send, as their code says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CODE_LIMIT_CHARACTERS = 10_240  # documented: "Quotas on CloudFront Functions"
_NAMES_LIMIT = 20
_STEPS = 3  # from a variable to the one that it is made of
# JavaScript's texts, which stay, and its comments, which go.
_TEXT_OR_COMMENT = re.compile(
    r"""(?P<text>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*.*?\*/""", re.DOTALL
)
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_DIGEST = r"""['"`]x-amz-content-sha256['"`]"""
_NAMED = re.compile(rf"(?P<name>[\w$]{{1,50}})\s{{0,9}}=\s{{0,9}}{_DIGEST}", re.IGNORECASE)
_OBJECT = r"""(?P<object>[\w$.?\[\]'"]{1,100}?)(?:\?\.)?"""
# `=` alone, or an operator's: a comparison has another = beside it, and an arrow a >. ||= and ??= keep what was sent.
_SET = r"\s*(?:\.\s*(?:value|multiValue)\s*)?(?:&&|\+)?=(?![=>])(?P<value>[^;\n]{0,500})"


def loses_digest(code: str) -> bool:
    """Whether the code deletes x-amz-content-sha256, or sets it to what does not come from the viewer's headers."""
    if len(code) > _CODE_LIMIT_CHARACTERS:
        return False
    plain = _TEXT_OR_COMMENT.sub(lambda found: found["text"] or " ", code)
    named = [re.escape(each["name"]) for each in _NAMED.finditer(plain)][:_NAMES_LIMIT]
    key = rf"(?:{'|'.join([_DIGEST, *named])})\s*"
    deletes = rf"\bdelete(?:\s+|\s*\(\s*){_OBJECT}\[\s*{key}\](?!\s*\.(?!\s*value\b))"
    removes = rf"\bdeleteProperty\s*\(\s*{_OBJECT}\s*,\s*{key}\)"
    if any(_is_of_viewer(each["object"], plain) for each in _found(deletes, plain) + _found(removes, plain)):
        return True
    sets = _found(rf"(?<![\w$.]){_OBJECT}\[\s*{key}\]{_SET}", plain)
    return any(
        _is_of_viewer(each["object"], plain) and not _is_of_viewer(each["value"], plain, steps=_STEPS) for each in sets
    )


def _found(pattern: str, code: str) -> list[re.Match[str]]:
    return list(re.finditer(pattern, code, re.IGNORECASE))


def _is_of_viewer(value: str, code: str, *, steps: int = 1) -> bool:
    """Whether a value is made of the request's headers, at once or by way of variables, so many steps far."""
    seen: set[str] = set()
    values = [value]
    for _ in range(steps):
        names = {name for each in values for name in _NAME.findall(_TEXT.sub("", each))} - seen
        seen |= names
        values += _behind(sorted(names)[:_NAMES_LIMIT], code)
    return any("header" in each.lower() for each in values)


def _behind(names: Iterable[str], code: str) -> list[str]:
    made = [rf"(?<![\w$.]){re.escape(each)}\s{{0,9}}=(?!=)([^;\n]{{0,500}})" for each in names]
    return [value for pattern in made for value in re.findall(pattern, code)]
