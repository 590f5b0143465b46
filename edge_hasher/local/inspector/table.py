"""The page as it comes from the server: complete without JavaScript, and safe whatever a client sent."""

from __future__ import annotations

import time
from html import escape
from string import Template
from typing import TYPE_CHECKING

from edge_hasher.local.inspector.outcome import advice_of, headline_of, outcome_of, way_of
from edge_hasher.terminal import bytes_text, printable, seconds_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge_hasher.local.exchange import Exchange

_NOTHING = "\N{EN DASH}"


def fill(template: str, exchanges: Sequence[Exchange], about: Mapping[str, str]) -> str:
    """Return the page with what the edge was started with, and a row for each exchange, newest first."""
    return Template(template).substitute(
        about="".join(f"<div><dt>{_safe(name)}</dt><dd>{_safe(value)}</dd></div>" for name, value in about.items()),
        rows="\n".join(_row(exchange) for exchange in reversed(exchanges)),
        empty="hidden" if exchanges else "",
    )


def _row(exchange: Exchange) -> str:
    outcome = outcome_of(exchange)
    # The same cells, in the same order, as list.js makes them.
    cells = (
        ("number", str(exchange.number)),
        ("time", time.strftime("%H:%M:%S", time.localtime(exchange.started_at))),
        ("status", f'<span class="pill">{exchange.status or _NOTHING}</span>'),
        ("method", _safe(exchange.method)),
        ("target", f'<span class="path">{_safe(exchange.target)}</span>'),
        ("way", _way(exchange)),
        ("decision", _safe(_word(exchange.decision))),
        ("verdict", _safe(_word(exchange.verdict))),
        ("in", bytes_text(exchange.body_bytes)),
        ("out", bytes_text(exchange.answer_bytes)),
        ("first", _duration(exchange.first_byte_ms)),
        ("total", _duration(exchange.total_ms)),
    )
    written = "".join(f'<td class="{name}">{content}</td>' for name, content in cells)
    told = "" if outcome == "passed" else _told(exchange, len(cells))
    return f'<tbody class="is-{outcome}"><tr>{written}</tr>{told}</tbody>'


def _told(exchange: Exchange, columns: int) -> str:
    sentence = f"{headline_of(exchange)}. {advice_of(exchange)}".strip()
    return f'<tr class="told"><td colspan="{columns}"><span class="sentence">{_safe(sentence)}</span></td></tr>'


def _way(exchange: Exchange) -> str:
    return "".join(f'<i class="dot is-{station.state}"></i>' for station in way_of(exchange))


def _word(text: str) -> str:
    return _NOTHING if text == "-" else text


def _duration(duration_ms: float | None) -> str:
    return _NOTHING if duration_ms is None else seconds_text(duration_ms / 1000)


def _safe(text: str) -> str:
    return escape(printable(text))
