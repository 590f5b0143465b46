"""The page as it comes from the server: complete without JavaScript, and safe whatever a client sent."""

from __future__ import annotations

from html import escape
from string import Template
from typing import TYPE_CHECKING

from edge_hasher.local.inspector.outcome import advice_of, headline_of, outcome_of, way_of
from edge_hasher.terminal import bytes_text, clock_text, printable, seconds_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge_hasher.local.exchange import Exchange
    from edge_hasher.local.inspector.outcome import RequestState

_NOTHING = "\N{EN DASH}"
_OUTCOMES: dict[RequestState, str] = {
    "live": "in progress",
    "passed": "answered",
    "refused": "refused",
    "broken": "broken off",
    "app-error": "error of the app",
    "left": "client left",
}


def fill(template: str, exchanges: Sequence[Exchange], about: Mapping[str, str]) -> str:
    """Return the page with what the edge was started with, and a row for each exchange, newest first."""
    return Template(template).substitute(
        about="".join(f"<div><dt>{_safe(name)}</dt><dd>{_safe(value)}</dd></div>" for name, value in about.items()),
        rows="\n".join(row(exchange) for exchange in reversed(exchanges)),
        empty="hidden" if exchanges else "",
    )


def row(exchange: Exchange) -> str:
    """Return the table body of one exchange, for the page and for list.js, which puts it in: the one renderer.

    Its link has no address: without JavaScript there is nothing to open.
    """
    outcome, target = outcome_of(exchange), _safe(exchange.shown_target)
    status = f'<span class="pill">{exchange.status or _NOTHING}</span><span class="aside"> {_OUTCOMES[outcome]}</span>'
    cells = {
        "number": str(exchange.number),
        "time": clock_text(exchange.started_at),
        "status": status,
        "method": _safe(exchange.method),
        "target": f'<a class="path" title="{target}">{target}</a>',
        "way": "".join(f'<i class="dot is-{station.state}"></i>' for station in way_of(exchange)),
        "decision": _word(exchange.decision),
        "verdict": _word(exchange.verdict),
        "in": bytes_text(exchange.body_bytes),
        "out": bytes_text(exchange.answer_bytes),
        "first": _duration(exchange.first_byte_ms),
        "total": _duration(exchange.total_ms),
    }
    written = "".join(f'<td class="{name}">{content}</td>' for name, content in cells.items())
    sentence = _safe(f"{headline_of(exchange)}. {advice_of(exchange)}".strip())
    told = f'<td colspan="{len(cells)}"><span class="sentence">{sentence}</span></td>'
    hidden = " hidden" if outcome == "passed" else ""
    return f'<tbody class="is-{outcome}"><tr>{written}</tr><tr class="told"{hidden}>{told}</tr></tbody>'


def _word(text: str) -> str:
    return _NOTHING if text == "-" else f'<span title="{_safe(text)}">{_safe(text)}</span>'


def _duration(duration_ms: float | None) -> str:
    return _NOTHING if duration_ms is None else seconds_text(duration_ms / 1000)


def _safe(text: str) -> str:
    return escape(printable(text))
