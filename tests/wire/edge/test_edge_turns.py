"""Large bodies take turns, and nobody is held up by one that is slow."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from edge_hasher.local.serving.turns import Turns
from tests.support.edge.edge_fixtures import OK, running_edge
from tests.support.edge.raw_http import ask, request

if TYPE_CHECKING:
    from tests.support.edge.edge_fixtures import Talk

LARGE = bytes(300_000)
UPLOADS = 6


def test_turns_are_given_in_order_and_given_back() -> None:
    """The third of two turns waits until one ends, by an error too."""
    order: list[str] = []

    async def take(turns: Turns, name: str, held: asyncio.Event) -> None:
        async with turns.turn():
            order.append(name)
            await held.wait()
            if name == "first":
                raise ValueError(name)

    async def scenario() -> None:
        turns, ends = Turns(2), [asyncio.Event() for _ in range(3)]
        names = ("first", "second", "third")
        tasks = [asyncio.create_task(take(turns, name, end)) for name, end in zip(names, ends, strict=True)]
        await asyncio.sleep(0.01)
        assert order == ["first", "second"]
        ends[0].set()
        await asyncio.wait({tasks[0]})
        await asyncio.sleep(0)
        assert order == ["first", "second", "third"]
        assert isinstance(tasks[0].exception(), ValueError)
        for end in ends:
            end.set()
        await asyncio.wait(tasks)

    asyncio.run(scenario())


def test_a_turn_that_lasts_is_not_waited_for() -> None:
    """Who waits goes on soon without a turn, and takes none away; who leaves while waiting takes none either."""

    async def scenario() -> None:
        turns = Turns(1)
        began = time.monotonic()
        async with turns.turn():
            async with turns.turn():
                assert time.monotonic() - began >= 0.05
            waiting = asyncio.create_task(turns.turn().__aenter__())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait({waiting})
        for _ in range(3):  # the one turn is free again, as often as it is asked for
            began = time.monotonic()
            async with turns.turn():
                assert time.monotonic() - began < 0.05

    asyncio.run(scenario())


def test_large_bodies_that_the_app_holds_hold_up_nobody() -> None:
    """Six uploads to an app that answers none of them before all have come, through one process: all are answered."""
    come: list[bytes] = []

    async def answer_when_all_have_come(talk: Talk) -> None:
        come.append(talk.seen.body)
        async with asyncio.timeout(20):
            while len(come) < UPLOADS:  # noqa: ASYNC110 - the requests come from threads
                await asyncio.sleep(0.01)
        talk.writer.write(OK)
        await talk.writer.drain()

    with running_edge() as edge, ThreadPoolExecutor(UPLOADS) as pool:
        edge.app.routes[b"/held"] = answer_when_all_have_come
        answers = [pool.submit(ask, edge.port, request("POST", "/held", LARGE)) for _ in range(UPLOADS)]
        assert [answer.result(30).status for answer in answers] == [200] * UPLOADS
    assert come == [LARGE] * UPLOADS
