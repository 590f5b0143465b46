"""Steps that are written only when somebody looks."""

from __future__ import annotations

import time

from edge_hasher.local.exchange import Exchanges, Step


def test_a_step_is_written_once_and_only_when_somebody_looks() -> None:
    """Yet its time is that of the request's passing, and its place among the others the one in which it came."""
    exchanges, written = Exchanges(), []

    def make() -> Step:
        written.append("step")
        return Step("oac", "OAC", ok=True, sentence="x" * 5_000, blocks=(("Canonical request", "y" * 50_000),))

    exchange = exchanges.open("1", method="POST", target="/", source="edge")
    exchanges.step(exchange, make)
    noted_ms = exchange.elapsed_ms()
    exchanges.step(exchange, Step("answer", "Answer", ok=True, sentence="The viewer gets 200."))
    exchanges.close(exchange)
    assert not written
    time.sleep(0.01)
    first, second = exchange.steps
    assert [step.name for step in exchange.steps] == ["oac", "answer"]
    assert written == ["step"]
    assert first.at_ms <= round(noted_ms, 2) <= second.at_ms
    assert (len(first.sentence), len(first.blocks[0][1])) == (2_001, 20_001)  # cut, with an ellipsis
    assert exchange.as_dict()["steps"][0]["title"] == "OAC"
