"""Terraform's operators, as far as they decide what is made: conditions, comparisons, `!`, a minus, and attributes."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.values import Unknown, unknown_in

if TYPE_CHECKING:
    from collections.abc import Callable

_OPERATIONS = frozenset({"conditional", "binary_op", "unary_op", "expr_term"})
_ORDER = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
_TRUTHS = {"true": True, "false": False}
_PATH = re.compile(
    r"(?P<name>(?:module\.[\w-]+|[A-Za-z_][\w-]*)\.[A-Za-z_][\w-]*)(?P<keys>(?:\.[A-Za-z_][\w-]*|\[\"[^\"\]]*\"\]|\[\d+\])+)"
)
_KEY = re.compile(r"\.(?P<attribute>[A-Za-z_][\w-]*)|\[\"(?P<key>[^\"\]]*)\"\]|\[(?P<index>\d+)\]")


def evaluate(node: Any, value: Callable[[Any], Any]) -> tuple[Any] | None:
    """Return an operation's value in a tuple; None for an operation that is not read, and for what is none."""
    kind = str(getattr(node, "data", ""))
    if kind not in _OPERATIONS:
        return None
    operands = expressions(node)
    if kind == "conditional":
        return _conditional(operands, value)
    if kind == "binary_op":
        left, (sign, right) = operands[0], expressions(operands[1])
        return _binary(str(sign.children[0]), value(left), lambda: value(right))
    if str(node.children[0]) == "(":
        return (value(operands[0]),)
    return _unary(str(node.children[0]), value(operands[0])) if kind == "unary_op" else None


def expressions(node: Any) -> list[Any]:
    """Return what stands in a node besides words, line ends and comments."""
    return [each for each in node.children if hasattr(each, "data") and each.data != "new_line_or_comment"]


def arguments(call: Any) -> list[Any]:
    """Return what a function is called with."""
    given = [each for each in call.children if getattr(each, "data", "") == "arguments"]
    return [one for each in given for one in expressions(each)]


def attribute(text: str, named: Callable[[str], Any], knows: Callable[[str], bool]) -> tuple[Any] | None:
    """Return what an attribute of a variable or a local is; None where that does not say it."""
    match = _PATH.fullmatch(text)
    if match is None or not knows(match["name"]):
        return None
    found = named(match["name"])
    for each in _KEY.finditer(match["keys"]):
        if isinstance(found, Unknown):
            return (Unknown(text, found.why, found.references),)
        key = each["attribute"] or each["key"]
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and each["index"] and int(each["index"]) < len(found):
            found = found[int(each["index"])]
        else:
            return None
    return (found,)


def _conditional(operands: list[Any], value: Callable[[Any], Any]) -> tuple[Any] | None:
    condition, then, other = operands
    decided = _truth(value(condition))
    return None if decided is None else (value(then if decided else other),)


def _unary(sign: str, operand: Any) -> tuple[Any] | None:
    if sign == "!":
        truth = _truth(operand)
        return None if truth is None else (not truth,)
    return (-operand,) if _is_number(operand) else None


def _binary(sign: str, left: Any, right: Callable[[], Any]) -> tuple[Any] | None:
    if sign in {"&&", "||"}:
        return _logical(left, right(), decisive=sign == "||")
    other = right()
    if unknown_in(left) or unknown_in(other):
        return None
    if sign in {"==", "!="}:
        # Documented: "Equality Operators": true if both have the same type and the same value.
        is_equal = left == other and isinstance(left, bool) == isinstance(other, bool)
        return (is_equal == (sign == "=="),)
    if sign in _ORDER and _is_number(left) and _is_number(other):
        return (_ORDER[sign](left, other),)
    return None


def _logical(left: Any, right: Any, *, decisive: bool) -> tuple[bool] | None:
    """One side may decide alone, whatever the other is."""
    sides = {_truth(left), _truth(right)}
    if decisive in sides:
        return (decisive,)
    return None if None in sides else (not decisive,)


def _truth(value: Any) -> bool | None:
    """Documented: "Types and Values": the texts "true" and "false" are taken for the truths."""
    if isinstance(value, str):
        return _TRUTHS.get(value)
    return value if isinstance(value, bool) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
