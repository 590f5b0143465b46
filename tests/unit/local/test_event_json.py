"""The event as bytes, written around its base64, and the loop that carries it all."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.local.event_loop import loop_factory, run
from edge_hasher.local.serving.edge_function import event_json

if TYPE_CHECKING:
    import pytest

HOSTILE = st.text() | st.sampled_from(['{"": ""}', '"body": {"": ""}', '\\"', "\ud800", "\u2028", "}}}]}"])


@given(values=st.lists(HOSTILE, min_size=4, max_size=4), body=st.none() | st.binary(), truncated=st.booleans())
def test_the_event_is_what_json_dumps_writes(values: list[str], body: bytes | None, *, truncated: bool) -> None:
    """Whatever a viewer sent, the bytes are those of json.dumps, body and all."""
    name, value, query, uri = values
    request: dict[str, Any] = {"headers": {name: [{"key": name, "value": value}]}, "querystring": query, "uri": uri}
    if body is not None:
        data = base64.b64encode(body).decode()
        request["body"] = {"action": "read-only", "data": data, "encoding": "base64", "inputTruncated": truncated}
    event = {"Records": [{"cf": {"config": {"requestId": value}, "request": request}}]}
    assert event_json(event) == json.dumps(event).encode()


def test_the_loop_without_uvloop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where uvloop is not installed, asyncio's own loop runs."""
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert loop_factory() is None

    async def name() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert run(name()).startswith("asyncio.")
