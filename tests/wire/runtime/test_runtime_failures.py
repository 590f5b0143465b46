"""Failures under the runtime driver: functions that throw, hang, die and talk out of turn, and their replacement."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from edge_hasher.local.descriptors import limit_as_on_lambda
from edge_hasher.local.runtime import FunctionFailure, FunctionPool, FunctionSpec
from edge_hasher.local.runtime.worker import Launch, Worker
from tests.wire.runtime.driven import (
    Lines,
    echoes,
    failure_of,
    has_threads,
    invoke_once,
    is_alive,
    pool_of,
    serve,
    until_dead,
)

if TYPE_CHECKING:
    from pathlib import Path

    from edge_hasher.local.runtime import Invocation

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the driver uses process groups: Linux and macOS")


def test_exception_arrives_with_the_functions_own_trace(root: Path) -> None:
    """What the function threw is reported with type, message, stack and log, and its process serves on."""

    async def scenario(pool: FunctionPool) -> FunctionFailure:
        pids = pool.pids
        failure = await failure_of(pool, {"do": "throw", "colour": "blau"})
        assert await echoes(pool)
        assert pool.pids == pids
        return failure

    failure = serve(pool_of(root), scenario)
    assert (failure.kind, failure.error_type) == ("threw", "ValueError")
    assert failure.message == "no such colour: blau"
    assert "in throw" in failure.stack_trace[-1]
    assert 'raise ValueError("no such colour: "' in failure.stack_trace[-1]
    assert failure.log[0] == "[ERROR] ValueError: no such colour: blau"
    assert any(line.startswith("  File ") for line in failure.log)  # lines again, with blanks before them
    assert "threw: ValueError: no such colour: blau" in str(failure)


def test_answer_that_is_not_json_is_a_failure(root: Path) -> None:
    """A return value that cannot be serialised is reported by the runtime client's own name."""

    async def scenario(pool: FunctionPool) -> FunctionFailure:
        failure = await failure_of(pool, {"do": "unserialisable"})
        assert await echoes(pool)
        return failure

    failure = serve(pool_of(root), scenario)
    assert (failure.kind, failure.error_type) == ("threw", "Runtime.MarshalError")


@pytest.mark.parametrize(("do", "status"), [("leave", 3), ("vanish", 7)])
def test_process_that_ends_itself_is_reported_and_replaced(root: Path, do: str, status: int) -> None:
    """SystemExit and os._exit are crashes, told at once with the status; the pool serves on."""

    async def scenario(pool: FunctionPool) -> FunctionFailure:
        started = time.monotonic()
        failure = await failure_of(pool, {"do": do})
        assert time.monotonic() - started < 5
        assert await echoes(pool)
        return failure

    failure = serve(pool_of(root), scenario)
    assert (failure.kind, failure.error_type, failure.exit_status) == ("crashed", "Runtime.ExitError", status)
    assert f"exit status {status}" in failure.message


def test_last_words_of_a_crash_are_kept(root: Path) -> None:
    """What a process wrote just before it vanished is in the failure, to the last unfinished line."""
    failure = serve(pool_of(root), lambda pool: failure_of(pool, {"do": "vanish"}))
    assert failure.log == ("about to vanish", "no newline at the end")


def test_process_killed_from_outside_in_the_middle_is_reported(root: Path) -> None:
    """A process that gets SIGKILL during an invocation is a crash by that signal; the pool serves on."""

    async def scenario() -> FunctionFailure:
        lines = Lines()
        async with FunctionPool(FunctionSpec(root=root, handler="app.handler"), on_log=lines) as pool:
            running = asyncio.create_task(failure_of(pool, {"do": "spin"}))
            os.kill(await lines.number_after("busy"), signal.SIGKILL)
            failure = await running
            assert await echoes(pool)
            return failure

    failure = asyncio.run(scenario())
    assert (failure.kind, failure.exit_status) == ("crashed", -signal.SIGKILL)
    assert "signal SIGKILL (9)" in failure.message


def test_process_killed_while_idle_costs_no_caller_an_answer(root: Path) -> None:
    """An event is never given to a process that is dead already: a new one answers."""

    async def scenario(pool: FunctionPool) -> Invocation:
        await pool.invoke({"do": "echo"})
        (pid,) = pool.pids
        await pool.usage()  # it waits for an event now
        os.kill(pid, signal.SIGKILL)
        while is_alive(pid) or has_threads(pid):
            time.sleep(0.001)  # noqa: ASYNC251 - the loop must not hear of the death before the next line
        return await pool.invoke({"do": "echo"})

    assert serve(pool_of(root), scenario).cold


def test_process_killed_between_its_start_and_its_first_event_has_crashed(root: Path) -> None:
    """Its caller gets the failure, as for any crash."""

    async def scenario() -> None:
        spec = FunctionSpec(root=root, handler="app.handler")
        worker = Worker(
            Launch(spec=spec, root=root, python=sys.executable, python_version="3.13", measured=False), Lines()
        )
        await worker.start()
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            while not worker.is_dead:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        with pytest.raises(FunctionFailure) as caught:
            await worker.invoke(b"{}", "id")
        assert (caught.value.kind, caught.value.exit_status) == ("crashed", -signal.SIGKILL)
        await worker.stop(grace_s=0)

    asyncio.run(scenario())


def test_process_that_is_dead_before_its_limits_are_set_is_no_fault() -> None:
    """A process may be killed as it comes into being."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    limit_as_on_lambda(process.pid)


def test_late_function_is_ended_and_the_pool_serves_on(root: Path) -> None:
    """An endless loop is killed at the timeout, whoever waits behind it gets an answer from a new process."""

    async def scenario(pool: FunctionPool) -> FunctionFailure:
        (pid,) = pool.pids
        failure, serves = await asyncio.gather(failure_of(pool, {"do": "spin"}), echoes(pool))
        assert serves
        assert not is_alive(pid)
        return failure

    failure = serve(pool_of(root, timeout_s=0.3), scenario)
    assert (failure.kind, failure.error_type) == ("timed out", "Sandbox.Timedout")
    assert failure.message == "Task timed out after 0.30 seconds"
    assert failure.log[0].startswith("busy ")


def test_answer_over_six_megabytes_is_refused(root: Path) -> None:
    """Lambda's limit of a response holds here too, and the process that broke it is replaced."""

    async def scenario(pool: FunctionPool) -> FunctionFailure:
        assert len((await pool.invoke({"do": "large", "bytes": 6 * 1024 * 1024})).response) == 6 * 1024 * 1024 + 2
        failure = await failure_of(pool, {"do": "large", "bytes": 6 * 1024 * 1024 + 99})
        assert await echoes(pool)
        return failure

    failure = serve(pool_of(root), scenario)
    assert (failure.kind, failure.error_type) == ("threw", "Function.ResponseSizeTooLarge")
    assert "6291556 bytes" in failure.message


def test_event_over_six_megabytes_never_starts(root: Path) -> None:
    """An event past Lambda's limit is the caller's mistake, with the numbers."""
    with pytest.raises(ValueError, match="6291457 bytes; Lambda takes at most 6291456"):
        serve(pool_of(root), lambda pool: pool.invoke(b" " * 6_291_457))


@pytest.mark.parametrize("request_id", ["", "a/b", "a\r\nX: y", "\u00e9", "a" * 201])
def test_request_id_that_would_break_a_header_is_refused(root: Path, request_id: str) -> None:
    """Only characters that are safe in a header and a path are a request id."""
    pool = pool_of(root)  # not started: the check comes first
    with pytest.raises(ValueError, match="request id"):
        asyncio.run(pool.invoke({}, request_id=request_id))


def test_what_a_crashed_function_started_ends_with_it(root: Path) -> None:
    """A child that outlives its crashed function is ended by the driver, while the pool is still open."""

    async def scenario(pool: FunctionPool) -> bool:
        failure = await failure_of(pool, {"do": "orphan"})
        return await until_dead(int(failure.log[0].removeprefix("child ")))

    assert serve(pool_of(root), scenario)


def test_runtime_api_refuses_what_is_out_of_order(root: Path) -> None:
    """Wrong ids, a second `next`, an init error in the middle and a browser's request are refused as Lambda does."""
    browser = {"Origin": "https://attacker.example"}
    calls = [
        ["POST", "invocation/00000000-0000-4000-8000-000000000000/response", {}],
        ["POST", "invocation/00000000-0000-4000-8000-000000000000/error", {}],
        ["GET", "invocation/next", {}],
        ["POST", "init/error", {}],
        ["POST", "invocation/{id}/response", browser],
        ["GET", "invocation/next", {"Host": "rebound.example"}],
    ]
    answer = invoke_once(root, {"do": "call_api", "calls": calls})
    assert answer.value() == [
        [400, "InvalidRequestID"],
        [400, "InvalidRequestID"],
        [403, "InvalidStateTransition"],
        [403, "InvalidStateTransition"],
        [400, "InvalidRequestID"],
        [403, "Forbidden"],
    ]
