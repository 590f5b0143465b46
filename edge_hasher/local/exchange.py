"""What the local edge keeps of each request for its log line and the inspector: no bodies, no secrets."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal

from edge_hasher.local.masking import masked_target

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT_EXCHANGES = 200
# Text in a block (a canonical request, a trace) is cut here, so 200 exchanges stay within a few tens of MB.
BLOCK_LIMIT_CHARS = 20_000
SENTENCE_LIMIT_CHARS = 2_000
WORD_LIMIT_CHARS = 100

StepName = Literal["viewer", "event", "function", "oac", "function-url", "app", "answer"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step on a request's way.

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
    _steps: list[Step | tuple[Callable[[], Step], float]] = field(default_factory=list, repr=False)
    _began: float = field(default_factory=time.perf_counter, repr=False)

    @property
    def shown_target(self) -> str:
        """The target as people may see it: `target` may hold a token in its query."""
        return masked_target(self.target)

    @property
    def steps(self) -> list[Step]:
        """The steps so far; those that nobody has looked at yet are written now."""
        made = [step if isinstance(step, Step) else _shown(step[0](), step[1]) for step in self._steps]
        self._steps = [*made]
        return made

    def elapsed_ms(self) -> float:
        """Return how long ago the request arrived."""
        return (time.perf_counter() - self._began) * 1000

    def first_byte(self, status: int, *, answer_bytes: int = 0) -> None:
        """Note that the answer begins; `answer_bytes` where it is whole already."""
        self.status, self.answer_bytes, self.first_byte_ms = status, answer_bytes, self.elapsed_ms()

    def broke_off(self, sentence: str = "") -> None:
        """Note that the answer, or the client, went away too early."""
        self.broken, self.sentence = True, sentence or self.sentence

    def as_dict(self) -> dict[str, Any]:
        """Return all of it, for JSON: the inspector's own form."""
        document = {item.name: getattr(self, item.name) for item in fields(self) if not item.name.startswith("_")}
        document |= {"target": self.shown_target, "steps": [asdict(step) for step in self.steps]}
        return {"id": document.pop("request_id"), **document, "done": self.total_ms is not None}


class Exchanges:
    """The last exchanges, newest last. Listeners are called at each change, `on_end` at each end."""

    def __init__(self, on_end: Callable[[Exchange], None] | None = None) -> None:
        self._on_end = on_end
        self._kept: OrderedDict[str, Exchange] = OrderedDict()
        self._open: dict[str, Exchange] = {}  # those on their way, however many newer ones have overtaken them
        self._count = 0
        self._listeners: set[Callable[[Exchange], None]] = set()

    def open(self, request_id: str, *, method: str, target: str, source: Literal["edge", "direct"]) -> Exchange:
        """Keep a request that has just arrived, and forget the oldest beyond the limit."""
        self._count += 1
        exchange = Exchange(
            request_id=request_id,
            number=self._count,
            method=method,
            target=target,
            source=source,
            started_at=time.time(),
        )
        self._kept[request_id] = self._open[request_id] = exchange
        while len(self._kept) > KEPT_EXCHANGES:
            self._kept.popitem(last=False)
        self.changed(exchange)
        return exchange

    def refused(self, request_id: str, status: int, why: str, *, source: Literal["edge", "direct"]) -> None:
        """Keep a request that no method and target can be told of: it is not HTTP."""
        exchange = self.open(request_id, method="?", target="?", source=source)
        sentence = f"The request is refused: {why}."
        viewer = source == "edge"
        name: StepName = "viewer" if viewer else "function-url"
        self.step(exchange, Step(name, "CloudFront" if viewer else "Function URL", ok=False, sentence=sentence))
        exchange.first_byte(status)
        self.close(exchange)

    def step(self, exchange: Exchange, step: Step | Callable[[], Step]) -> None:
        """Add a step to the request's way, timed now; long texts are cut.

        A step that refuses nothing may come as a function that makes it, which is called only if somebody looks. What
        the function holds is kept as long as the exchange: no bodies.
        """
        at_ms = exchange.elapsed_ms()
        if isinstance(step, Step):
            shown = _shown(step, at_ms)
            exchange._steps.append(shown)  # noqa: SLF001 - its only writer
            if step.ok is False and not exchange.sentence:
                exchange.sentence = shown.sentence
        else:
            exchange._steps.append((step, at_ms))  # noqa: SLF001 - as above
        self.changed(exchange)

    def close(self, exchange: Exchange) -> None:
        """Note that the request has ended."""
        exchange.total_ms = exchange.elapsed_ms()
        self._open.pop(exchange.request_id, None)
        self.changed(exchange)
        if self._on_end is not None:
            self._on_end(exchange)

    def get(self, request_id: str) -> Exchange | None:
        """Return a request that has not ended yet."""
        return self._open.get(request_id)

    def all(self) -> list[Exchange]:
        """Return the kept requests, oldest first."""
        return list(self._kept.values())

    def listen(self, listener: Callable[[Exchange], None]) -> Callable[[], None]:
        """Call `listener` at each change; the returned function stops that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def changed(self, exchange: Exchange) -> None:
        """Call every listener."""
        for listener in tuple(self._listeners):
            listener(exchange)


def _shown(step: Step, at_ms: float) -> Step:
    return replace(
        step,
        sentence=_cut(step.sentence, SENTENCE_LIMIT_CHARS),
        facts=tuple((label, _cut(value, SENTENCE_LIMIT_CHARS)) for label, value in step.facts),
        blocks=tuple((title, _cut(text, BLOCK_LIMIT_CHARS)) for title, text in step.blocks),
        at_ms=round(at_ms, 2),
    )


def _cut(text: str, limit_chars: int) -> str:
    return text if len(text) <= limit_chars else f"{text[:limit_chars]}…"
