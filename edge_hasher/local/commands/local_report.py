"""The lines of `edge-hasher local`, for people and for programs: where it listens, each request, the function's log."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edge_hasher import schemas
from edge_hasher.terminal import bytes_text, clock_text, printable, seconds_text

if TYPE_CHECKING:
    from edge_hasher.local.config import EdgeConfig
    from edge_hasher.local.exchange import Exchange
    from edge_hasher.local.serving.local_edge import Addresses

_JSON_FIELDS = (
    *("source", "method", "target", "body_bytes", "decision", "verdict", "status", "answer_bytes"),
    *("first_byte_ms", "total_ms", "broken", "sentence"),
)


def as_text(exchange: Exchange) -> str:
    """Return the request's line, with when it arrived; a refusal's reason follows on a line of its own."""
    times = _ms(exchange.first_byte_ms), _ms(exchange.total_ms)
    line = (
        f"{clock_text(exchange.started_at)} "
        f"{'edge' if exchange.source == 'edge' else 'direct':6} {printable(exchange.method):7} "
        f"{printable(exchange.shown_target)}  {bytes_text(exchange.body_bytes)}  {printable(exchange.decision)}  "
        f"{printable(exchange.verdict)}  {exchange.status or '---'}{' broken off' if exchange.broken else ''}  "
        f"first byte {times[0]}, total {times[1]}"
    )
    return f"{line}\n         {printable(exchange.sentence)}" if exchange.sentence else line


def as_json(exchange: Exchange) -> str:
    """Return the request's line as one JSON object."""
    members = {name: getattr(exchange, name) for name in _JSON_FIELDS}  # as_dict would copy all its steps
    members["target"] = exchange.shown_target
    first = {"time": _timestamp(exchange.started_at), "id": exchange.request_id}
    return schemas.document("local", first | members, indent=None)


def ready_text(addresses: Addresses, config: EdgeConfig) -> str:
    """Return the first lines: the addresses, and keys for signed calls to the Function URL."""
    keys = addresses.caller_keys
    function = f"with {config.function.handler}" if config.function is not None else "without a function"
    return "\n".join(
        [
            f"ready      {addresses.edge}  (CloudFront {function}, in front of {config.app})",
            f"inspector  {addresses.inspector}",
            f"direct     {addresses.function_url}  (the Function URL, AuthType AWS_IAM), for calls signed with",
            f"           AWS_ACCESS_KEY_ID={keys.access_key_id}",
            f"           AWS_SECRET_ACCESS_KEY={keys.secret_access_key}",
            f"           AWS_SESSION_TOKEN={keys.session_token}",
            "Ctrl-C ends it.",
        ]
    )


def ready_json(addresses: Addresses) -> str:
    """Return the same as one JSON object."""
    members = {"ready": addresses.edge, "inspector": addresses.inspector, "function_url": addresses.function_url}
    return schemas.document("local", members | asdict(addresses.caller_keys), indent=None)


def is_told_by_request(line: str) -> bool:
    """Whether a log line of Edge Hasher's function says what the request's own line says: a refusal, or its metric."""
    try:
        document = json.loads(line)
    except ValueError:
        return False
    return isinstance(document, dict) and ("_aws" in document or {"code", "status"} <= document.keys())


def function_log_text(line: str) -> str:
    """Return a line that the function has just written."""
    return f"{clock_text(time.time())} function {printable(line.expandtabs(1))}"


def function_log_json(line: str) -> str:
    """Return a line that the function has just written as one JSON object."""
    return schemas.document("local", {"time": _timestamp(time.time()), "function_log": line}, indent=None)


def _timestamp(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ms(milliseconds: float | None) -> str:
    return "-" if milliseconds is None else seconds_text(milliseconds / 1000)
