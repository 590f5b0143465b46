"""A function that does what its event says, pools of it, and what tests ask of processes."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from edge_hasher.local.runtime import FunctionFailure, FunctionPool, FunctionSpec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge_hasher.local.runtime import Invocation

T = TypeVar("T")

# The function under test does what the event says.
FUNCTION = """
import http.client, json, os, signal, subprocess, sys, time
from pathlib import Path

with open("starts", "a") as starts:
    starts.write("x")
if Path("broken").exists():
    raise RuntimeError("broken at start")
print("module loaded")

def echo(event, context):
    return event

def context(event, context):
    left_ms = context.get_remaining_time_in_millis()
    return {"id": context.aws_request_id, "arn": context.invoked_function_arn, "left_ms": left_ms,
            "name": context.function_name, "version": context.function_version, "memory": context.memory_limit_in_mb}

def environment(event, context):
    return {"env": dict(os.environ), "cwd": os.getcwd(), "path": sys.path[:2]}

def throw(event, context):
    raise ValueError("no such colour: " + event["colour"])

def unserialisable(event, context):
    return {"set": {1, 2}}

def leave(event, context):
    sys.exit(3)

def vanish(event, context):
    print("about to vanish")
    sys.stderr.write("no newline at the end")
    sys.stderr.flush()
    if event.get("break"):
        Path("broken").touch()
    os._exit(7)

def talk(event, context):
    print("out", event["say"])
    print("err", event["say"], file=sys.stderr)
    os.write(1, b"raw")

def babble(event, context):
    print("y" * 200_000)
    for number in range(8_000):
        print("line", number)

def orphan(event, context):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print("child", child.pid)
    os._exit(1)

def spin(event, context):
    print("busy", os.getpid())
    while True:
        pass

def sleep(event, context):
    print("asleep")
    time.sleep(event["s"])
    return os.getpid()

def stubborn(event, context):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print("child", child.pid)
    time.sleep(60)

def large(event, context):
    return "x" * event["bytes"]

def burn(event, context):
    until = time.process_time() + event["s"]
    while time.process_time() < until:
        pass

def call_api(event, context):
    answers = []
    for method, path, headers in event["calls"]:
        connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"], timeout=5)
        path = path.replace("{id}", context.aws_request_id)
        connection.request(method, "/2018-06-01/runtime/" + path, b"1" if method == "POST" else None, headers)
        answer = connection.getresponse()
        answers.append([answer.status, json.loads(answer.read())["errorType"]])
        connection.close()
    return answers

def handler(event, ctx):
    return globals()[event["do"]](event, ctx)
"""


def serve(pool: FunctionPool, scenario: Callable[[FunctionPool], Awaitable[T]]) -> T:
    """Run a scenario inside a started pool."""

    async def main() -> T:
        async with pool:
            return await scenario(pool)

    return asyncio.run(main())


def pool_of(root: Path, **spec: Any) -> FunctionPool:
    """Return a pool of one process over the function."""
    return FunctionPool(FunctionSpec(root=root, **({"handler": "app.handler"} | spec)))


def invoke_once(root: Path, event: dict[str, Any], **spec: Any) -> Invocation:
    """Run one invocation in a pool of its own."""
    return serve(pool_of(root, **spec), lambda pool: pool.invoke(event))


async def failure_of(pool: FunctionPool, event: dict[str, Any]) -> FunctionFailure:
    """Run an invocation that must fail, and return how."""
    with pytest.raises(FunctionFailure) as caught:
        await pool.invoke(event)
    return caught.value


async def echoes(pool: FunctionPool) -> bool:
    """Say whether the pool serves."""
    answer = await pool.invoke({"do": "echo", "n": 1})
    return bool(answer.value() == {"do": "echo", "n": 1})


def start_failure(root: Path, **spec: Any) -> FunctionFailure:
    """Return how a pool fails to start; nothing may be left of it."""
    pool = pool_of(root, **spec)
    with pytest.raises(FunctionFailure) as caught:
        asyncio.run(pool.start())
    assert pool.pids == ()
    assert caught.value.kind == "could not start"
    return caught.value


def is_alive(pid: int) -> bool:
    """Say whether a process lives; one that only waits to be reaped does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # not Linux, or gone since
        return sys.platform != "linux"


def has_threads(pid: int) -> bool:
    """Say whether a dying process still has a thread, which holds its connections open; False if not Linux."""
    try:
        return len(os.listdir(f"/proc/{pid}/task")) > 1  # noqa: PTH208 - names are enough
    except FileNotFoundError:
        return False


async def until_dead(*pids: int) -> bool:
    """Wait up to 5 s for processes of which we are not the parent."""
    for _ in range(500):
        if not any(is_alive(pid) for pid in pids):
            return True
        await asyncio.sleep(0.01)
    return False


class Lines:
    """A listener for the log of a pool, which can be waited for."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[str] = asyncio.Queue()

    def __call__(self, line: str) -> None:
        """Take a line."""
        self.queue.put_nowait(line)

    async def number_after(self, word: str) -> int:
        """Wait for a line "word number"."""
        async with asyncio.timeout(10):
            while True:
                first, _, rest = (await self.queue.get()).partition(" ")
                if first == word:
                    return int(rest or 0)
