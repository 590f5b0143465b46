"""Arithmetic on text that a stranger typed: decimals, seven operators, brackets, and nothing else."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from decimal import Context, DecimalException, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

EXPRESSION_LIMIT = 200
"""Longest expression in characters; it also bounds how deep brackets nest."""

DIGITS = 40
"""Digits that are kept. With LARGEST_EXPONENT it bounds the cost of every operation, powers included."""

LARGEST_EXPONENT = 300
"""A result of 10**301 or more is refused."""

SHOWN_DIGITS = 12
"""Digits that are shown of a result that had to be rounded."""

ALLOWED = re.compile(r"[0-9.eE+\-*/%() ]+")
PERCENT_OF = re.compile(r"(\d+(?:\.\d+)?) ?% of ")
SPELLINGS = str.maketrans({"×": "*", "÷": "/", "−": "-", "^": "**"})  # noqa: RUF001 (people type these)

OPERATORS: dict[type[ast.operator], Callable[[Context, Decimal, Decimal], Decimal]] = {
    ast.Add: Context.add,
    ast.Sub: Context.subtract,
    ast.Mult: Context.multiply,
    ast.Div: Context.divide,
    ast.FloorDiv: Context.divide_int,
    ast.Mod: Context.remainder,
    ast.Pow: Context.power,
}


class CalculationError(ValueError):
    """An expression that has no answer here, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A result; `exact` is false where digits were rounded away."""

    value: Decimal
    exact: bool = True

    def __str__(self) -> str:
        """Plain digits where they are few, ≈ in front where the number was rounded."""
        value = self.value if self.exact else Context(prec=SHOWN_DIGITS).plus(self.value)
        text = format(value.normalize(Context(prec=DIGITS)), "f")
        if len(text) > DIGITS + 2:
            text = format(value, "e")
        return text if self.exact else f"≈ {text}"


def calculate(expression: str) -> Number:
    """Work out `expression`; raises CalculationError, and nothing else, whatever the text."""
    text = normalise(expression)
    if len(text) > EXPRESSION_LIMIT:
        raise CalculationError(f"the expression has {len(text)} characters, the limit is {EXPRESSION_LIMIT}")
    if not ALLOWED.fullmatch(text):
        raise CalculationError("only numbers, brackets and + - * / // % ** are understood")
    context = Context(
        prec=DIGITS,
        Emax=LARGEST_EXPONENT,
        Emin=-LARGEST_EXPONENT,
        traps=[DivisionByZero, InvalidOperation, Overflow],
    )
    try:
        value = _value(ast.parse(text, mode="eval").body, text, context)
    except (SyntaxError, MemoryError, RecursionError):
        raise CalculationError("this is not a complete expression") from None
    except DivisionByZero:
        raise CalculationError("it divides by zero") from None
    except Overflow:
        raise CalculationError(f"the result is too large, the limit is 10**{LARGEST_EXPONENT + 1}") from None
    except DecimalException:
        raise CalculationError("it has no defined result") from None
    return Number(value=value, exact=not context.flags[Inexact])


def normalise(expression: str) -> str:
    """Replace people's operators with Python's: the typographic ones, ^, and '15% of 80'."""
    return PERCENT_OF.sub(r"\1/100*", expression.translate(SPELLINGS).strip())


def _value(node: ast.expr, text: str, context: Context) -> Decimal:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        # The digits as they were typed: 0.1 stays a tenth.
        return context.create_decimal(ast.get_source_segment(text, node) or "")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
        operand = _value(node.operand, text, context)
        return context.minus(operand) if isinstance(node.op, ast.USub) else operand
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        left, right = _value(node.left, text, context), _value(node.right, text, context)
        return OPERATORS[type(node.op)](context, left, right)
    raise CalculationError("only numbers, brackets and + - * / // % ** are understood")
