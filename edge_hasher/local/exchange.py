"""What the local edge remembers of each request, for the log line and the inspector: no bodies, no secrets."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT_EXCHANGES = 200
# Text in a block (a canonical request, a trace) is cut here, so that 200 exchanges stay within a few tens of MB.
BLOCK_LIMIT_CHARS = 20_000
SENTENCE_LIMIT_CHARS = 2_000
WORD_LIMIT_CHARS = 100

StepName = Literal["viewer", "event", "function", "oac", "function-url", "app", "answer"]


@dataclass(frozen=True, slots=True)
class Step:
    """One station of a request.

    `ok` is None where there is nothing to judge, False where the request ended. `sentence` says what happened and,
    after a refusal, what to do. `facts` are short label-value pairs, `blocks` long texts with a title.
    """

    name: StepName
    title: str
    ok: bool | None
    sentence: str
    facts: tuple[tuple[str, str], ...] = ()
    blocks: tuple[tuple[str, str], ...] = ()
    at_ms: float = 0.0


@dataclass(slots=True)
class Exchange:
    """One request on its way, filled in as it goes; times are in milliseconds from its arrival."""

    request_id: str
    number: int
    method: str
    target: str
    source: Literal["edge", "direct"]
    started_at: float
    decision: str = "-"
    verdict: str = "-"
    status: int = 0
    sentence: str = ""
    body_bytes: int = 0
    answer_bytes: int = 0
    first_byte_ms: float | None = None
    total_ms: float | None = None
    broken: bool = False
    steps: list[Step] = field(default_factory=list)
    _began: float = field(default_factory=time.perf_counter, repr=False)

    def elapsed_ms(self) -> float:
        """Return how long ago the request arrived."""
        return (time.perf_counter() - self._began) * 1000

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON can carry it: the inspector's own form."""
        return {
            "id": self.request_id,
            "number": self.number,
            "method": self.method,
            "target": self.target,
            "source": self.source,
            "started_at": self.started_at,
            "decision": self.decision,
            "verdict": self.verdict,
            "status": self.status,
            "sentence": self.sentence,
            "body_bytes": self.body_bytes,
            "answer_bytes": self.answer_bytes,
            "first_byte_ms": self.first_byte_ms,
            "total_ms": self.total_ms,
            "broken": self.broken,
            "done": self.total_ms is not None,
            "steps": [
                {
                    "name": step.name,
                    "title": step.title,
                    "ok": step.ok,
                    "sentence": step.sentence,
                    "facts": [list(fact) for fact in step.facts],
                    "blocks": [list(block) for block in step.blocks],
                    "at_ms": round(step.at_ms, 2),
                }
                for step in self.steps
            ],
        }


class Exchanges:
    """The last exchanges, newest last; whoever listens is told of each change, `on_end` of each end."""

    def __init__(self, on_end: Callable[[Exchange], None] | None = None) -> None:
        self._on_end = on_end
        self._kept: OrderedDict[str, Exchange] = OrderedDict()
        self._count = 0
        self._listeners: set[Callable[[Exchange], None]] = set()

    def open(self, request_id: str, *, method: str, target: str, source: Literal["edge", "direct"]) -> Exchange:
        """Remember a request that has just arrived, and forget the oldest beyond the limit."""
        self._count += 1
        exchange = Exchange(
            request_id=request_id,
            number=self._count,
            method=method,
            target=target,
            source=source,
            started_at=time.time(),
        )
        self._kept[request_id] = exchange
        while len(self._kept) > KEPT_EXCHANGES:
            self._kept.popitem(last=False)
        self.changed(exchange)
        return exchange

    def step(self, exchange: Exchange, step: Step) -> None:
        """Add a station to the request's way, timed now and cut to what is kept."""
        sentence = _cut(step.sentence, SENTENCE_LIMIT_CHARS)
        exchange.steps.append(
            replace(
                step,
                sentence=sentence,
                facts=tuple((label, _cut(value, SENTENCE_LIMIT_CHARS)) for label, value in step.facts),
                blocks=tuple((title, _cut(text, BLOCK_LIMIT_CHARS)) for title, text in step.blocks),
                at_ms=exchange.elapsed_ms(),
            )
        )
        if step.ok is False and not exchange.sentence:
            exchange.sentence = sentence
        self.changed(exchange)

    def close(self, exchange: Exchange) -> None:
        """Note that the request has ended."""
        exchange.total_ms = exchange.elapsed_ms()
        self.changed(exchange)
        if self._on_end is not None:
            self._on_end(exchange)

    def get(self, request_id: str) -> Exchange | None:
        """Return a remembered request that has not ended yet."""
        exchange = self._kept.get(request_id)
        return exchange if exchange is not None and exchange.total_ms is None else None

    def all(self) -> list[Exchange]:
        """Return what is remembered, oldest first."""
        return list(self._kept.values())

    def listen(self, listener: Callable[[Exchange], None]) -> Callable[[], None]:
        """Call `listener` at each change, until the function that comes back is called."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def changed(self, exchange: Exchange) -> None:
        """Tell everyone who listens."""
        for listener in tuple(self._listeners):
            listener(exchange)


def _cut(text: str, limit_chars: int) -> str:
    return text if len(text) <= limit_chars else f"{text[:limit_chars]}…"
