"""What became of a request, in a few words and as a row of stations: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from edge_hasher.local.exchange import Exchange, Step, StepName

RequestState = Literal["live", "passed", "refused", "broken", "app-error", "left"]
StationState = Literal["passed", "refused", "live", "unused", "ahead"]

STATIONS: tuple[tuple[str, tuple[StepName, ...]], ...] = (
    ("Client", ()),
    ("Edge", ("viewer", "event")),
    ("Function", ("function",)),
    ("OAC", ("oac",)),
    ("Function URL", ("function-url",)),
    ("App", ("app",)),
)
"""The way of a request: each station with its steps. The step `answer` is the way back and has no station."""

FIRST_ERROR_STATUS = 400

_WHERE: dict[str, str] = {
    "viewer": "at the edge",
    "event": "at the edge",
    "function": "at the edge function",
    "oac": "at OAC",
    "function-url": "at the Function URL",
    "app": "at the app",
    "answer": "on the way back",
}


class Station(NamedTuple):
    """One station of the way: `unused` was passed by, `ahead` was not reached."""

    label: str
    state: StationState
    steps: tuple[StepName, ...]


def outcome_of(exchange: Exchange) -> RequestState:
    """Return what became of the request, as far as it has come."""
    if exchange.broken:
        # The edge tells of a client that left in a sentence, and blames no step for it.
        blamed = any(step.ok is False for step in exchange.steps)
        return "left" if exchange.sentence and not blamed else "broken"
    if _refusing_step(exchange) is not None:
        return "refused"
    if exchange.total_ms is None:
        return "live"
    if exchange.status == 0:
        return "left"
    return "app-error" if exchange.status >= FIRST_ERROR_STATUS else "passed"


def headline_of(exchange: Exchange) -> str:
    """Return the outcome in a few words, without its reason."""
    step = _refusing_step(exchange)
    return {
        "broken": "Broken off",
        "refused": f"Stopped {_WHERE[step.name]}" if step is not None else "",
        "live": "Streaming" if exchange.status else "On its way",
        "left": "The client left",
        "app-error": f"The app answered {exchange.status}",
        "passed": f"Answered {exchange.status}",
    }[outcome_of(exchange)]


def advice_of(exchange: Exchange) -> str:
    """Return the sentence that goes with the headline: what happened and, after a refusal, what to do."""
    outcome = outcome_of(exchange)
    if outcome == "app-error":
        return "Signature and permissions are right: this answer is the app's own. Look at the app's log."
    step = _refusing_step(exchange)
    unexplained = {
        "left": "It went away before an answer began.",
        "broken": "The connection ended before the answer did. Look at the app's log.",
    }
    return exchange.sentence or (step.sentence if step is not None else "") or unexplained.get(outcome, "")


def way_of(exchange: Exchange) -> tuple[Station, ...]:
    """Return every station with its state: passed up to where the request is, refused where it ended."""
    told = [[step for step in exchange.steps if step.name in names] for _, names in STATIONS]
    last = max((index for index, steps in enumerate(told) if steps), default=0)
    refused_somewhere = any(step.ok is False for steps in told for step in steps)
    outcome = outcome_of(exchange)

    def state(index: int, steps: list[Step]) -> StationState:
        if any(step.ok is False for step in steps):
            return "refused"
        if index < last:
            # Without a verdict these two did nothing: no function, no signature.
            idle = all(step.name in {"function", "oac"} and step.ok is None for step in steps)
            return "unused" if index and idle else "passed"
        if index > last:
            return "ahead"
        # A failure on the way back has no station: the last one that was reached stands for it.
        failed = outcome in {"broken", "refused"} and not refused_somewhere
        return "refused" if failed else "live" if outcome == "live" else "passed"

    return tuple(
        Station(label, state(index, steps), names)
        for index, ((label, names), steps) in enumerate(zip(STATIONS, told, strict=True))
    )


def as_view(exchange: Exchange) -> dict[str, Any]:
    """Return `exchange.as_dict()` with what the page says of it: outcome, headline, advice, way."""
    return exchange.as_dict() | {
        "outcome": outcome_of(exchange),
        "headline": headline_of(exchange),
        "advice": advice_of(exchange),
        "way": [[station.label, station.state, list(station.steps)] for station in way_of(exchange)],
    }


def _refusing_step(exchange: Exchange) -> Step | None:
    blamed = [step for step in exchange.steps if step.ok is False]
    stations = [step for step in exchange.steps if step.name != "answer"]
    told = next((step for step in blamed if step.name != "answer"), None)
    if told is not None or exchange.status < FIRST_ERROR_STATUS:
        return told or (blamed[0] if blamed else None)
    # An error that no station reported is the app's own if the app was reached; else the last station made it.
    ended = bool(blamed) or exchange.total_ms is not None
    return stations[-1] if ended and stations and stations[-1].name != "app" else None
