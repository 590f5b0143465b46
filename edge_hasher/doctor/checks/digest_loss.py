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
# What makes a statement one for some requests only; its condition is in the group.
_CONDITION = re.compile(r"(?:\b(?:if|while|switch)\s*\((?P<if>[^{};]{0,500})\)|\belse|\bcase\b[^:]{0,80}:)\s*$")
_CONDITION_LIMIT_CHARACTERS, _BLOCKS_LIMIT = 600, 20
_BRACE = re.compile("[{}]")
_IS_NOT = re.compile(r"!|\bundefined\b|\bnull\b")
_HAS_BODY, _HAS_NO_BODY = (re.compile(rf"['\"](?:{methods})['\"]") for methods in ("POST|PUT|PATCH", "GET|HEAD"))


def loses_digest(code: str) -> bool:
    """Whether the code deletes x-amz-content-sha256, or sets it to what does not come from the viewer's headers."""
    if len(code) > _CODE_LIMIT_CHARACTERS:
        return False
    plain = _TEXT_OR_COMMENT.sub(lambda found: found["text"] or " ", code)
    named = [re.escape(each["name"]) for each in _NAMED.finditer(plain)][:_NAMES_LIMIT]
    key = rf"(?:{'|'.join([_DIGEST, *named])})\s*"
    there = re.compile(key, re.IGNORECASE)
    deletes = rf"\bdelete(?:\s+|\s*\(\s*){_OBJECT}\[\s*{key}\](?!\s*\.(?!\s*value\b))"
    removes = rf"\bdeleteProperty\s*\(\s*{_OBJECT}\s*,\s*{key}\)"
    gone = [each for each in _found(deletes, plain) + _found(removes, plain) if _is_always(plain, each.start(), there)]
    if any(_is_of_viewer(each["object"], plain) for each in gone):
        return True
    found = _found(rf"(?<![\w$.]){_OBJECT}\[\s*{key}\]{_SET}", plain)
    sets = [each for each in found if _is_always(plain, each.start(), there)]
    return any(
        _is_of_viewer(each["object"], plain) and not _is_of_viewer(each["value"], plain, steps=_STEPS) for each in sets
    )


def _found(pattern: str, code: str) -> list[re.Match[str]]:
    return list(re.finditer(pattern, code, re.IGNORECASE))


def _is_always(code: str, start: int, digest: re.Pattern[str]) -> bool:
    """Whether a statement holds for each POST that has the digest, as far as the conditions around it tell."""
    closed, begins = 0, [start]
    for found in reversed(list(_BRACE.finditer(code, 0, start))):
        if found[0] == "}":
            closed += 1
        elif closed:
            closed -= 1
        else:
            begins.append(found.start())
    return not any(_may_be_passed_over(code, each, digest) for each in begins[:_BLOCKS_LIMIT])


def _may_be_passed_over(code: str, start: int, digest: re.Pattern[str]) -> bool:
    found = _CONDITION.search(code, max(0, start - _CONDITION_LIMIT_CHARACTERS), start)
    if found is None:
        return False
    condition = found["if"] or ""
    if _IS_NOT.search(condition):
        return not ("!=" in condition and _HAS_NO_BODY.search(condition))
    return not (digest.search(condition) or _HAS_BODY.search(condition))


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
