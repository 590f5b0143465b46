"""The event as bytes, written around its base64, and the loop that carries it all."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import sys
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.function.decision import decide
from edge_hasher.local.cloudfront.event import DeliveredBody, origin_request_event
from edge_hasher.local.cloudfront.model import Distribution, ForwardedRequest, OriginConfig
from edge_hasher.local.cloudfront.result import validate_result
from edge_hasher.local.event_loop import loop_factory, run
from edge_hasher.local.serving.edge_function import event_json, row_of

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


@given(
    method=st.sampled_from(["POST", "DELETE", "GET"]),
    body=st.binary(max_size=40),
    claim=st.sampled_from([None, "right", "wrong", "UNSIGNED-PAYLOAD"]),
    setting=st.sampled_from(["", "viewer-digest=trust", "bodyless=hash", "max-body=10"]),
    truncated=st.booleans(),
)
def test_the_row_is_the_one_that_decides(
    method: str, body: bytes, claim: str | None, setting: str, *, truncated: bool
) -> None:
    """The row that is told from the answer is the one that the table has, whatever came."""
    digests = {"right": hashlib.sha256(body).hexdigest(), "wrong": "0" * 64}
    claims = (("X-Amz-Content-Sha256", digests.get(claim, claim)),) if claim is not None else ()
    origin = OriginConfig(domain_name="a.lambda-url.us-east-1.on.aws", custom_headers=(("Edge-Hasher", setting),))
    request = ForwardedRequest(
        method=method,
        path="/",
        query=None,
        headers=(("Content-Length", str(len(body))), *claims),
        hidden_headers=(),
        custom_headers=origin.custom_headers,
        client_ip="192.0.2.1",
        request_id="id",
    )
    delivered = DeliveredBody(base64.b64encode(body).decode(), truncated)
    event = origin_request_event(request, origin=origin, distribution=Distribution(), body=delivered)
    decision = decide(event["Records"][0]["cf"]["request"])
    outcome = validate_result(json.loads(json.dumps(decision.answer)), event=event, request=request)
    assert asyncio.run(row_of(event, outcome)) == decision.row


def test_the_loop_without_uvloop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where uvloop is not installed, asyncio's own loop runs."""
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert loop_factory() is None

    async def name() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert run(name()).startswith("asyncio.")
