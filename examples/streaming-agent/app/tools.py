"""What the agent can do. Every tool computes its answer; none asks a network or a model."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from .calculator import CalculationError, calculate
from .units import UnitError, convert

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

LONGEST_WAIT_S = 120
"""Longest timer: CloudFront's longest origin read timeout (documented), so that heartbeats can be seen."""


class ToolError(Exception):
    """A tool that cannot answer, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The clocks that tools see: `now` is in UTC, `seconds` is monotonic; tests pass their own."""

    now: Callable[[], datetime]
    seconds: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a tool found: a short `output`, the `sentence` to say, and what "that" means in the next step."""

    output: str
    sentence: str
    that: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool: the first whose `pattern` matches the start of a step is called with the match.

    takes_text: the step holds text of the user's, of any length; other steps are short.
    """

    name: str
    example: str
    pattern: re.Pattern[str]
    run: Callable[[re.Match[str], World], Awaitable[Result]]
    takes_text: bool = False


async def _digest(match: re.Match[str], _: World) -> Result:
    found = hashlib.sha256(unquoted(match["input"]).encode()).hexdigest()
    return Result(output=found, sentence=f"The SHA-256 of that text is {found}.")


async def _count(match: re.Match[str], _: World) -> Result:
    text = unquoted(match["input"])
    words, characters, size = len(text.split()), len(text), len(text.encode())
    output = f"{words} words, {characters} characters, {size} bytes"
    sentence = f"That text has {words} words, {characters} characters and {size} bytes in UTF-8."
    return Result(output=output, sentence=sentence)


async def _timer(match: re.Match[str], world: World) -> Result:
    wanted_s = Decimal(match["amount"])
    if wanted_s > LONGEST_WAIT_S:
        raise ToolError(f"the longest wait is {LONGEST_WAIT_S} seconds")
    before = world.seconds()
    await world.sleep(float(wanted_s))
    took_s = world.seconds() - before
    return Result(output=f"{took_s:.1f} s", sentence=f"I waited {took_s:.1f} seconds.")


async def _clock(_: re.Match[str], world: World) -> Result:
    now = world.now()
    output = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    return Result(output=output, sentence=f"It is {now:%H:%M:%S} UTC on {now:%A}, {now.day} {now:%B %Y}.")


async def _weekday(match: re.Match[str], _: World) -> Result:
    day = _date(match["day"])
    return Result(output=f"{day:%A}", sentence=f"{day} is a {day:%A}.")


async def _days(match: re.Match[str], world: World) -> Result:
    end = _date(match["until"] or match["last"])
    start = _date(match["first"]) if match["first"] else world.now().date()
    count = (end - start).days
    unit = "day" if abs(count) == 1 else "days"
    sentence = f"From {start} to {end} there are {count} {unit}."
    return Result(output=f"{count} {unit}", sentence=sentence, that=str(count))


async def _convert(match: re.Match[str], _: World) -> Result:
    amount, source, target = match["amount"], match["source"], match["target"]
    try:
        number = convert(Decimal(amount), source, target)
    except UnitError as error:
        raise ToolError(str(error)) from None
    output = f"{number} {target}"
    that = str(number) if number.exact else ""
    return Result(output=output, sentence=f"{amount} {source} {'= ' * number.exact}{output}.", that=that)


async def _calculate(match: re.Match[str], _: World) -> Result:
    expression = match["input"].strip()
    try:
        number = calculate(expression)
    except CalculationError as error:
        raise ToolError(str(error)) from None
    # A rounded number is computed again in the next step, so a third times three is one.
    that = str(number) if number.exact else f"({expression})"
    return Result(output=str(number), sentence=f"{expression} {'= ' * number.exact}{number}.", that=that)


def unquoted(text: str) -> str:
    """Give the text between double quotes, if it stands in them; else all of it, trimmed."""
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return text[1:-1] if quoted else text


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ToolError(f"{text} is not a date of the calendar") from None


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


ASK = r"(?:please |and |tell me |what is |what's |how much is |show )*"
DAY = r"\d{4}-\d\d-\d\d"
UNIT = r"°?[a-z]+"

TOOLS = (
    Tool(
        name="sha256",
        example='sha256 of "hello"',
        pattern=_pattern(rf"{ASK}(?:the )?sha-?256 (?:digest |hash )?(?:of|for)(?: the text)?:?\s*(?P<input>.+)"),
        run=_digest,
        takes_text=True,
    ),
    Tool(
        name="count",
        example='count the words in "to be or not to be"',
        pattern=_pattern(
            rf"{ASK}(?:count|how many) (?:the )?(?:words|characters|bytes) (?:are )?(?:in|of)"
            r"(?: the text)?:?\s*(?P<input>.+)"
        ),
        run=_count,
        takes_text=True,
    ),
    Tool(
        name="timer",
        example="wait 3 seconds",
        pattern=_pattern(rf"{ASK}wait (?:for )?(?P<amount>\d{{1,9}}(?:\.\d{{1,3}})?) ?(?:s|seconds?)$"),
        run=_timer,
    ),
    Tool(
        name="weekday",
        example="weekday of 2028-02-29",
        pattern=_pattern(rf"{ASK}(?:the )?(?:weekday|day of the week|day) (?:of|is|was|on) (?P<day>{DAY})$"),
        run=_weekday,
    ),
    Tool(
        name="days",
        example="days from 2026-01-01 to 2026-12-24",
        pattern=_pattern(
            rf"{ASK}(?:how many )?days (?:are there |is it )?"
            rf"(?:(?:from|between) (?P<first>{DAY}) (?:to|and) (?P<last>{DAY})"
            rf"|(?:until|till|to) (?P<until>{DAY}))$"
        ),
        run=_days,
    ),
    Tool(
        name="clock",
        example="what time is it",
        pattern=_pattern(
            rf"{ASK}(?:the )?(?:current )?(?:what )?(?:time|date|day|today|now)"
            r"(?: (?:is it|now|today|in utc))*$"
        ),
        run=_clock,
    ),
    Tool(
        name="converter",
        example="convert 26.2 miles to km",
        pattern=_pattern(
            rf"{ASK}(?:convert )?(?P<amount>[+-]?\d+(?:\.\d+)?) ?(?P<source>{UNIT})"
            rf" (?:to|in|into) (?P<target>{UNIT})$"
        ),
        run=_convert,
    ),
    Tool(
        name="calculator",
        example="(17 + 4) * 2",
        pattern=_pattern(
            rf"{ASK}(?:(?:calculate|compute|work out) |(?=[^a-z]*\d)(?=(?:[^a-z]|e[+-]?\d|\bof\b)+$))"
            r"(?P<input>.+)"
        ),
        run=_calculate,
    ),
)
"""Every tool, asked in this order."""
