"""Answers of the runtime driver: events, context, environment, log, usage; real processes under the runtime client."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.local.runtime import FunctionPool, FunctionSpec
from edge_hasher.local.runtime.log import LogPipe
from tests.wire.runtime.driven import echoes, invoke_once, pool_of, serve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge_hasher.local.runtime import Invocation

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the driver uses process groups: Linux and macOS")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what another process has used")


def test_event_reaches_the_function_and_its_answer_comes_back(root: Path) -> None:
    """An event is echoed; the first invocation of a process is cold, the next is not."""

    async def scenario(pool: FunctionPool) -> tuple[Invocation, Invocation]:
        first = await pool.invoke({"do": "echo", "text": "h\u00e9 \u2713"})
        return first, await pool.invoke(b'{"do": "echo"}', request_id="A-b_c.9==")

    first, second = serve(pool_of(root), scenario)
    assert first.value() == {"do": "echo", "text": "h\u00e9 \u2713"}
    assert (first.cold, second.cold) == (True, False)
    assert second.request_id == "A-b_c.9=="
    assert 0 < first.duration_s < 10


def test_context_tells_what_lambda_tells(root: Path) -> None:
    """Request id, ARN, name, version, memory and the time left arrive in the context object."""
    answer = invoke_once(root, {"do": "context"}, timeout_s=20, memory_mb=128)
    context = answer.value()
    left_ms = context.pop("left_ms")
    assert 15_000 < left_ms <= 20_000
    assert context == {
        "id": answer.request_id,
        "arn": "arn:aws:lambda:us-east-1:123456789012:function:us-east-1.edge-hasher:1",
        "name": "us-east-1.edge-hasher",
        "version": "1",
        "memory": "128",
    }


def test_environment_is_lambdas_and_nothing_of_the_users(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the caller reaches the function; the ones of Lambda do, and the extra ones win."""
    for name in ("MY_SECRET", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "HTTPS_PROXY", "https_proxy", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "leaked")
    seen = invoke_once(root, {"do": "environment"}, env={"EXTRA": "1", "TZ": ":Europe/Rome"}).value()
    environment = seen["env"]
    assert "leaked" not in environment.values()
    assert not {"HOME", "USER"} & set(environment)
    assert environment["EXTRA"] == "1"
    assert environment["TZ"] == ":Europe/Rome"
    assert environment["AWS_EXECUTION_ENV"] == f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"
    assert environment["LAMBDA_TASK_ROOT"] == environment["PYTHONPATH"] == seen["cwd"] == str(root)
    assert environment["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
    assert seen["path"][0] == str(root)


def test_running_a_function_writes_nothing_into_its_root(root: Path) -> None:
    """A SAM build is the same after it ran: no bytecode cache appears."""
    invoke_once(root, {"do": "echo"})
    assert not list(root.rglob("__pycache__"))


def test_body_of_one_megabyte_goes_there_and_back(root: Path) -> None:
    """An event of 1.4 MB, the largest that CloudFront hands over, is answered byte for byte."""
    data = "A" * 1_400_000
    assert invoke_once(root, {"do": "echo", "data": data}).value()["data"] == data


def test_each_of_many_callers_gets_its_own_answer(root: Path) -> None:
    """Fifty invocations at once over two processes are never mixed up, and both processes work."""
    pool = FunctionPool(FunctionSpec(root=root, handler="app.handler"), size=2)

    async def scenario(pool: FunctionPool) -> tuple[list[Invocation], list[int]]:
        answers = await asyncio.gather(*(pool.invoke({"do": "echo", "n": n}) for n in range(50)))
        return answers, [usage.invocations for usage in await pool.usage()]

    answers, shares = serve(pool, scenario)
    assert [answer.value()["n"] for answer in answers] == list(range(50))
    assert len({answer.request_id for answer in answers}) == 50
    assert sum(shares) == 50
    assert min(shares) > 5


def test_lines_belong_to_the_invocation_that_wrote_them(root: Path) -> None:
    """Both streams are captured, in order, with an unfinished line, and never by the neighbour; a listener gets all."""
    lines: list[str] = []
    pool = FunctionPool(FunctionSpec(root=root, handler="app.handler"), on_log=lines.append)

    async def scenario(pool: FunctionPool) -> list[tuple[str, ...]]:
        return [(await pool.invoke({"do": "talk", "say": word})).log for word in ("one", "two")]

    assert serve(pool, scenario) == [("out one", "err one", "raw"), ("out two", "err two", "raw")]
    assert lines == ["module loaded", "out one", "err one", "raw", "out two", "err two", "raw"]


def test_listener_that_raises_disturbs_nobody(root: Path) -> None:
    """An exception of on_log goes to the loop's handler, not to the invocation."""
    reported: list[str] = []

    def listener(line: str) -> None:
        raise LookupError(line)

    async def scenario(pool: FunctionPool) -> bool:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["message"]))
        await pool.invoke({"do": "talk", "say": "x"})
        return await echoes(pool)

    async def main() -> bool:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with FunctionPool(FunctionSpec(root=root, handler="app.handler"), on_log=listener) as pool:
            return await scenario(pool)

    assert asyncio.run(main())
    assert reported == ["on_log raised"] * 3


def test_flood_of_log_is_bounded(root: Path) -> None:
    """A long line is cut and says so; of very many lines the newest are kept, and the number of the others is told."""
    log = invoke_once(root, {"do": "babble"}).log
    assert log[-1] == "line 7999"
    assert len(log) == 5_001
    assert log[0] == "(3001 earlier lines dropped)"
    cut: list[str] = []
    asyncio.run(_babble(root, cut.append))
    assert cut[1] == "y" * 65_536 + f" ({200_000 - 65_536} more bytes cut)"


async def _babble(root: Path, listener: Callable[[str], None]) -> None:
    async with FunctionPool(FunctionSpec(root=root, handler="app.handler"), on_log=listener) as pool:
        await pool.invoke({"do": "babble"})


def test_log_is_read_when_asked_for_not_when_the_loop_comes_to_it() -> None:
    """What is in the pipe at the end of an invocation is part of it, though the loop has not seen it yet."""

    async def scenario() -> tuple[str, ...]:
        pipe = LogPipe(lambda _: None)
        os.write(pipe.write_end, b"first\nlast words")
        pipe.drain()
        pipe.close()
        return pipe.take()

    assert asyncio.run(scenario()) == ("first", "last words")


@linux_only
def test_cpu_and_memory_are_those_of_the_process(root: Path) -> None:
    """CPU time covers what the function burnt; next to next it covers the runtime client's part too."""

    async def scenario(pool: FunctionPool) -> tuple[Any, Invocation, Any]:
        (before,) = await pool.usage()
        answer = await pool.invoke({"do": "burn", "s": 0.1})
        (after,) = await pool.usage()
        return before, answer, after

    before, answer, after = serve(pool_of(root), scenario)
    assert answer.cpu_s is not None
    assert answer.peak_rss_bytes is not None
    assert 0.1 <= answer.cpu_s < 0.2
    assert answer.cpu_s <= after.cpu_s - before.cpu_s < 0.25
    assert 0 < before.init_cpu_s <= before.cpu_s
    assert before.init_s > 0
    assert answer.peak_rss_bytes > 5_000_000
    assert answer.peak_rss_bytes <= after.peak_rss_bytes
