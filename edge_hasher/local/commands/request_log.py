"""One line per request, for people or for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edge_hasher.terminal import bytes_text, printable, seconds_text

if TYPE_CHECKING:
    from edge_hasher.local.exchange import Exchange

_JSON_FIELDS = (
    "id",
    "source",
    "method",
    "target",
    "body_bytes",
    "decision",
    "verdict",
    "status",
    "answer_bytes",
    "first_byte_ms",
    "total_ms",
    "broken",
    "sentence",
)


def as_text(exchange: Exchange) -> str:
    """Return the request's line; what was refused is followed by the reason on a line of its own."""
    times = _ms(exchange.first_byte_ms), _ms(exchange.total_ms)
    line = (
        f"{'edge' if exchange.source == 'edge' else 'direct':6} {printable(exchange.method):7} "
        f"{printable(exchange.target)}  {bytes_text(exchange.body_bytes)}  {printable(exchange.decision)}  "
        f"{printable(exchange.verdict)}  {exchange.status or '---'}{' broken off' if exchange.broken else ''}  "
        f"first byte {times[0]}, total {times[1]}"
    )
    return f"{line}\n         {printable(exchange.sentence)}" if exchange.sentence else line


def as_json(exchange: Exchange) -> str:
    """Return the request's line as one JSON object."""
    document = exchange.as_dict()
    return json.dumps({name: document[name] for name in _JSON_FIELDS})


def _ms(milliseconds: float | None) -> str:
    return "-" if milliseconds is None else seconds_text(milliseconds / 1000)
