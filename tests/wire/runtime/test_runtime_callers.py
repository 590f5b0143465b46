"""Callers of the runtime driver: turns, those that go away, and the end of a pool."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.local.runtime import FunctionFailure, FunctionPool, FunctionSpec, PoolClosedError
from edge_hasher.local.runtime.places import Places
from tests.wire.runtime.driven import Lines, is_alive, until_dead

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from edge_hasher.local.runtime import Invocation

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the driver uses process groups: Linux and macOS")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what another process has used")


def test_places_are_given_in_the_order_of_asking() -> None:
    """A newcomer never overtakes one who was woken, and a place given to a cancelled caller goes to the next."""

    async def scenario() -> list[str]:
        places: Places[str] = Places()
        order: list[str] = []

        async def caller(name: str) -> None:
            place = await places.take()
            order.append(name)
            places.give(place)

        first, cancelled, last = [asyncio.create_task(caller(name)) for name in ("first", "cancelled", "last")]
        await asyncio.sleep(0)
        places.give("a place")  # it is the first one's now, who has not run yet
        newcomer = asyncio.create_task(caller("newcomer"))
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.wait({first, cancelled, last, newcomer}, timeout=5)
        assert places.occupied() == ("a place",)
        return order

    assert asyncio.run(scenario()) == ["first", "last", "newcomer"]


def test_caller_that_goes_away_takes_no_process_with_it(root: Path) -> None:
    """A cancelled caller returns at once; the function runs to its end and its process serves the next one."""

    async def scenario() -> None:
        lines = Lines()
        async with FunctionPool(FunctionSpec(root=root, handler="app.handler"), on_log=lines) as pool:
            caller = asyncio.create_task(pool.invoke({"do": "sleep", "s": 0.3}))
            await lines.number_after("asleep")
            caller.cancel()
            with pytest.raises(asyncio.CancelledError):
                await caller
            pids = pool.pids
            assert (await pool.invoke({"do": "sleep", "s": 0})).value() == pids[0]
            assert pool.pids == pids

    asyncio.run(scenario())


@pytest.mark.parametrize("asked", [{"do": "sleep", "s": 0.004}, {"do": "vanish"}], ids=["answers", "dies"])
def test_callers_that_leave_at_any_moment_keep_no_place(root: Path, asked: dict[str, Any]) -> None:
    """Callers are cancelled while they wait, start a process, are answered or find it dead: every place serves on."""

    async def scenario() -> None:
        spec = FunctionSpec(root=root, handler="app.handler")
        async with FunctionPool(spec, size=2) as pool:
            for turn in range(40 if asked["do"] == "sleep" else 8):
                callers = [asyncio.create_task(pool.invoke(asked)) for _ in range(4)]
                await asyncio.sleep(turn * 0.0003 if asked["do"] == "sleep" else turn * 0.03)
                for caller in callers:
                    caller.cancel()
                await asyncio.wait(callers)
            both = (pool.invoke({"do": "sleep", "s": 0.5}) for _ in range(2))
            async with asyncio.timeout(20):
                answers = await asyncio.gather(*both)
            assert len({answer.value() for answer in answers}) == 2, "one place is lost: one process served both"

    asyncio.run(scenario())


@linux_only
def test_callers_that_leave_while_processes_die_leave_nothing_open(root: Path) -> None:
    """Callers are cancelled while a dead process is cleared away: its server and its pipe are closed all the same."""

    async def scenario() -> None:
        async with FunctionPool(FunctionSpec(root=root, handler="app.handler")) as pool:
            await pool.invoke({"do": "echo"})
            descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names are enough
            for turn in range(16):
                (pid,) = pool.pids
                caller = asyncio.create_task(pool.invoke({"do": "vanish"}))
                while is_alive(pid):  # noqa: ASYNC110 - nothing tells of it but the system
                    await asyncio.sleep(0)
                for _ in range(turn):
                    await asyncio.sleep(0)
                caller.cancel()
                await asyncio.wait({caller})
                await pool.invoke({"do": "echo"})
            assert len(os.listdir("/proc/self/fd")) == descriptors  # noqa: PTH208

    asyncio.run(scenario())


def test_process_starts_though_its_caller_went_away(tmp_path: Path) -> None:
    """Callers with less patience than the function's start takes do not keep it from ever starting."""
    (tmp_path / "slow.py").write_text(
        "import os, time\nprint('pid', os.getpid())\ntime.sleep(0.3)\n"
        "def handler(event, context):\n    if event['ends']: os._exit(1)\n    return os.getpid()\n"
    )

    async def scenario() -> None:
        lines = Lines()
        async with FunctionPool(FunctionSpec(root=tmp_path, handler="slow.handler"), on_log=lines) as pool:
            await lines.number_after("pid")
            with pytest.raises(FunctionFailure):
                await pool.invoke({"ends": True})
            caller = asyncio.create_task(pool.invoke({"ends": False}))
            pid = await lines.number_after("pid")
            caller.cancel()
            assert (await pool.invoke({"ends": False})).value() == pid

    asyncio.run(scenario())


@asynccontextmanager
async def spinning(root: Path, timeout_s: float) -> AsyncIterator[tuple[asyncio.Task[Invocation], int]]:
    """A caller of a function that never ends by itself, and the function's process."""
    lines = Lines()
    async with FunctionPool(FunctionSpec(root=root, handler="app.handler", timeout_s=timeout_s), on_log=lines) as pool:
        caller = asyncio.create_task(pool.invoke({"do": "spin"}))
        yield caller, await lines.number_after("busy")


def test_timeout_holds_for_a_caller_that_went_away(root: Path) -> None:
    """An invocation that nobody waits for any more is still ended at its timeout."""

    async def scenario() -> None:
        async with spinning(root, 0.3) as (caller, pid):
            caller.cancel()
            assert await until_dead(pid)

    asyncio.run(scenario())


def test_timeout_counts_from_the_event_not_from_the_callers_leave(root: Path) -> None:
    """A caller that leaves late gives its invocation no more time."""

    async def scenario() -> None:
        async with spinning(root, 4) as (caller, pid):
            began = time.monotonic()
            await asyncio.sleep(3.5)
            caller.cancel()
            assert await until_dead(pid)
            assert time.monotonic() - began < 6.5

    asyncio.run(scenario())


def test_close_leaves_nothing_alive(root: Path) -> None:
    """Idle, busy and stubborn processes are gone after close, their own children too; who waited is told."""

    async def scenario() -> None:
        lines = Lines()
        pool = FunctionPool(FunctionSpec(root=root, handler="app.handler"), size=2, on_log=lines, grace_s=0.2)
        async with pool:
            busy = [asyncio.create_task(pool.invoke({"do": do})) for do in ("stubborn", "spin", "echo")]
            child = await lines.number_after("child")
            pids = pool.pids
        assert len(pids) == 2
        for task in busy:
            with pytest.raises(PoolClosedError):
                await task
        assert not any(is_alive(pid) for pid in pids)
        assert await until_dead(child)
        assert pool.pids == ()
        with pytest.raises(PoolClosedError):
            await pool.invoke({"do": "echo"})

    asyncio.run(scenario())


def test_close_that_is_cancelled_kills_at_once(root: Path) -> None:
    """Cancelling close while a process resists SIGTERM ends it by force, before the cancellation goes on."""

    async def scenario() -> float:
        lines = Lines()
        pool = FunctionPool(FunctionSpec(root=root, handler="app.handler"), on_log=lines, grace_s=60)
        await pool.start()
        running = asyncio.create_task(pool.invoke({"do": "stubborn"}))
        await lines.number_after("child")
        pids = pool.pids
        closing = asyncio.create_task(pool.close())
        await asyncio.sleep(0.1)
        assert all(is_alive(pid) for pid in pids)
        started = time.monotonic()
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert not any(is_alive(pid) for pid in pids)
        with pytest.raises(PoolClosedError):
            await running
        return time.monotonic() - started

    assert asyncio.run(scenario()) < 5


def test_start_that_is_cancelled_leaves_nothing_alive(tmp_path: Path) -> None:
    """Ctrl-C while the processes load their module ends them."""
    (tmp_path / "slow.py").write_text("import os, time\nprint('pid', os.getpid())\ntime.sleep(60)\n")

    async def scenario() -> None:
        lines = Lines()
        pool = FunctionPool(FunctionSpec(root=tmp_path, handler="slow.handler"), on_log=lines)
        starting = asyncio.create_task(pool.start())
        pid = await lines.number_after("pid")
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert not is_alive(pid)

    asyncio.run(scenario())
