"""Terraform's functions of text, applied to forms: what they make of a value that only the deployment knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.forms import FUNCTION_URL, SOMETHING, item_form, limited, split_form
from edge_hasher.doctor.templates.reading.terraform.language.operators import arguments, expressions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Documented: attributes of the resource and of the data source; with `*` it is a list.
_FUNCTION_URL = re.compile(r"(?:data\.)?aws_lambda_function_url\.[\w-]+(?:\[[^\]*]+\])?\.function_url")
# What is not in regular expressions that end soon on a text of this length, since nothing that repeats is repeated
# itself, and that mean the same in Go as in Python.
_SLOW = re.compile(r"\)[*+{]|\{|\[\^?\[|--|&&|~~|\|\||\(\?(?!:|P<\w+>)|\\[ABCEGQzZpPk0-9]")
_REPEAT_LIMIT = 3
_CHOICE_LIMIT = 5  # repeats, what may be left out, and what may be another: each more doubles the time
_SUBJECT_LIMIT_CHARACTERS = 100  # a Function URL has 66; three repeats take a time that grows with its fourth power
INDEX = "[]"
_PATTERN_LIMIT_CHARACTERS = 200
_GROUP = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def traversal_form(text: str) -> str | None:
    """Return the form of what an expression without functions names."""
    return FUNCTION_URL if _FUNCTION_URL.fullmatch(text) else None


def form_operands(node: Any) -> tuple[str, list[Any]]:
    """Return the name and the arguments of a function of text, or INDEX, what is indexed, and by what."""
    kind = str(getattr(node, "data", ""))
    if kind == "function_call" and str(node.children[0].children[0]) in FUNCTIONS:
        return str(node.children[0].children[0]), arguments(node)
    if kind == "index_expr_term" and node.children[1].data == "braces_index":
        return INDEX, [node.children[0], *expressions(node.children[1])]
    return "", []


def call_form(name: str, given: list[object]) -> object:
    """Return the form of what a function gives; None where that is not known."""
    function = FUNCTIONS.get(name)
    if function is None or not all(map(_is_certain, given)):
        return None
    try:
        return limited(function(*given))
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, re.error):
        return None  # Terraform refuses these arguments, or takes them in another way


def _is_certain(argument: object) -> bool:
    """Whether an argument is known as far as functions cut it, and short: two long ones would make one without end."""
    return limited(argument) is not None and not (isinstance(argument, str) and SOMETHING in argument)


def index_form(key: object, value: object) -> object:
    """Return the form of an item of a list, or of an object, which is a mapping."""
    if isinstance(value, dict):
        return value.get(key) if isinstance(key, str) else None
    return item_form(key, value)


def _element(items: list[object], index: int) -> object:
    return items[index % len(items)]


def _trim(text: str, characters: str) -> str:
    return text.strip(characters)


def _substr(text: str, offset: int, length: int) -> str:
    start = offset if offset >= 0 else len(text) + offset
    return text[start:] if length < 0 else text[start : start + length]


def _replace(text: str, old: str, new: str) -> str | None:
    """Documented: `replace`: between slashes it is a regular expression, in whose replacement $1 is a group."""
    if len(old) < 2 or old[0] != "/" or old[-1] != "/":
        return text.replace(old, new)
    pattern = _pattern(old[1:-1], text)

    def inserted(found: re.Match[str]) -> str:
        return _GROUP.sub(lambda group: _captured(found, group[1] or group[2]) or "", new)

    return pattern.sub(inserted, text) if pattern else None


def _captured(found: re.Match[str], name: str) -> str | None:
    return found[int(name) if name.isdecimal() else name]


def _regex(pattern: str, text: str) -> str | list[Any] | Mapping[str, Any] | None:
    """Documented: `regex`: the whole match, or a list of the groups, or an object where they have names."""
    compiled = _pattern(pattern, text)
    found = compiled.search(text) if compiled else None
    if found is None:
        return None
    return found.groupdict() or list(found.groups()) or found[0]


def _pattern(text: str, subject: str) -> re.Pattern[str] | None:
    """Compile a regular expression that means the same in Go (RE2) and in Python, and cannot take long."""
    is_plain = len(text) <= _PATTERN_LIMIT_CHARACTERS and not _SLOW.search(text)
    repeats = sum(text.count(each) for each in "*+")
    choices = repeats + sum(text.replace("(?", "(").count(each) for each in "?|")
    is_short = repeats <= _REPEAT_LIMIT and choices <= _CHOICE_LIMIT and len(subject) <= _SUBJECT_LIMIT_CHARACTERS
    return re.compile(text) if is_plain and is_short else None


FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "element": _element,
    "join": str.join,
    "lower": str.lower,
    "regex": _regex,
    "replace": _replace,
    "split": split_form,
    "substr": _substr,
    "trim": _trim,
    "trimprefix": str.removeprefix,
    "trimsuffix": str.removesuffix,
    "trimspace": str.strip,
    "upper": str.upper,
}
