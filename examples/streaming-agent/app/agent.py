"""The agent: a loop that plans by parsing, calls tools and streams its answer. No model, no network."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .tools import TOOLS, Result, ToolError, World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .tools import Tool

MESSAGE_LIMIT = 4_000
"""Longest message in characters."""

STEP_LIMIT = 8
"""Most steps that are taken of one message."""

STEP_LENGTH_LIMIT = 300
"""Longest step in characters, but for tools that take text; it keeps every pattern fast."""

SHOWN_INPUT = 120
"""Characters of a step that are shown in `tool_start`."""

SEPARATOR = re.compile(r'"[^"]*"|(?P<end>;|\?\s|,?\s(?:and\s)?then\s)', re.IGNORECASE)
"""What ends a step, outside double quotes. Only quotes repeat: the cost is linear in what a stranger sends."""

THAT = re.compile(r"\b(?:that|the result|the answer)\b", re.IGNORECASE)
SPOKEN = {"plus": "+", "minus": "-", "times": "*", "divided by": "/", "to the power of": "**"}
SPOKEN_OPERATOR = re.compile(rf"(?<=[\d)] )(?:{'|'.join(SPOKEN)})(?= [\d(])", re.IGNORECASE)
GREETING = re.compile(r"(?:help|hello|hi|what can you do)\b", re.IGNORECASE)
PIECE = re.compile(r"\s*\S{1,16}\s*|\s+")

HELP = "I am a small agent without a language model: I parse what you write and call tools. Try: "

REAL_WORLD = World(now=lambda: datetime.now(UTC), seconds=time.monotonic, sleep=asyncio.sleep)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: tool_start, tool_end, message or done, with what JSON can carry."""

    name: str
    data: dict[str, object]


async def run(message: str, *, token_delay_s: float, world: World = REAL_WORLD) -> AsyncIterator[Event]:
    """Take the steps of `message` in order; yields their events and, last, `done`."""
    started = world.seconds()
    tools = pieces = 0
    that = ""
    for number, step in enumerate(steps(message) or [message]):
        chosen = choose(step, that)
        sentence = _not_understood(step)
        if chosen:
            tool, match = chosen
            tools += 1
            call = {"id": f"call-{tools}", "name": tool.name}
            yield Event("tool_start", {**call, "input": _shortened(match.groupdict().get("input") or match.string)})
            before = world.seconds()
            result, ok = await _call(tool, match, world)
            took_s = world.seconds() - before
            yield Event("tool_end", {**call, "ok": ok, "output": result.output, "ms": _ms(took_s)})
            sentence, that = result.sentence, result.that
        for piece in split_text(" " * bool(number) + sentence):
            await world.sleep(token_delay_s)
            pieces += 1
            yield Event("message", {"text": piece})
    yield Event("done", {"tools": tools, "messages": pieces, "ms": _ms(world.seconds() - started)})


def steps(message: str) -> list[str]:
    """Give the first STEP_LIMIT steps of a message: its parts between ';', '? ' and 'then'."""
    ends = [match.span("end") for match in SEPARATOR.finditer(message) if match["end"]]
    edges = [0, *(edge for span in ends for edge in span), len(message)]
    parts = (message[start:stop].strip() for start, stop in zip(edges[::2], edges[1::2], strict=True))
    return [part for part in parts if part][:STEP_LIMIT]


def choose(step: str, that: str = "") -> tuple[Tool, re.Match[str]] | None:
    """Find the first tool that understands `step`, with its match; `that` is what the step before found."""
    short = len(step) <= STEP_LENGTH_LIMIT
    spoken = _spoken(step, that) if short else ""
    for tool in TOOLS:
        if not (short or tool.takes_text):
            continue
        match = tool.pattern.match(step if tool.takes_text else spoken)
        if match:
            return tool, match
    return None


def split_text(text: str) -> Iterator[str]:
    """Cut an answer into what a model would send as tokens: a word, or a part of a long one."""
    return (match[0] for match in PIECE.finditer(text))


def _spoken(step: str, that: str) -> str:
    text = THAT.sub(lambda _: that, step) if that else step
    text = SPOKEN_OPERATOR.sub(lambda match: SPOKEN[match[0].lower()], text)
    return " ".join(text.split()).rstrip(" ?!.")


async def _call(tool: Tool, match: re.Match[str], world: World) -> tuple[Result, bool]:
    try:
        return await tool.run(match, world), True
    except ToolError as error:
        return Result(output=str(error), sentence=f"The {tool.name} could not do that: {error}."), False


def _not_understood(step: str) -> str:
    examples = "; ".join(tool.example for tool in TOOLS)
    opening = "" if GREETING.match(step) else "I did not understand that. "
    return f"{opening}{HELP}{examples}."


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN_INPUT else f"{text[:SHOWN_INPUT]}…"
