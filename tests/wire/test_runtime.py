"""The runtime driver: real processes under AWS's runtime client, answering, failing, dying and being replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from edge_hasher.local.descriptors import limit_as_on_lambda
from edge_hasher.local.runtime import FunctionFailure, FunctionPool, FunctionSpec, PoolClosedError
from edge_hasher.local.runtime.log import LogPipe
from edge_hasher.local.runtime.places import Places
from edge_hasher.local.runtime.worker import Launch, Worker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge_hasher.local.runtime import Invocation

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the driver uses process groups: Linux and macOS")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what another process has used")

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


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a task root with the function in it."""
    (tmp_path / "app.py").write_text(FUNCTION)
    return tmp_path.resolve()


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


# --- answers


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


# --- failures of the function


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


# --- failures at the start


@pytest.mark.parametrize(
    ("source", "handler", "error_type", "message"),
    [
        ("import no_such_thing", "bad.handler", "Runtime.ImportModuleError", "No module named 'no_such_thing'"),
        ("def broken(:\n", "bad.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'bad'"),
        ("x = 1", "bad.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'bad'"),
        ("x = 1", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler'"),
        ("1 / 0", "bad.handler", "ZeroDivisionError", "division by zero"),
    ],
)
def test_function_that_cannot_be_loaded_says_why(
    tmp_path: Path, source: str, handler: str, error_type: str, message: str
) -> None:
    """Import, syntax, a missing handler, a throw at import: reported in the function's own words, nothing left."""
    (tmp_path / "bad.py").write_text(source)
    failure = start_failure(tmp_path, handler=handler)
    assert failure.error_type == error_type
    assert message in failure.message


def test_throw_at_import_comes_with_its_trace(tmp_path: Path) -> None:
    """The stack of a failed start points into the function's module."""
    (tmp_path / "bad.py").write_text("def divide():\n    return 1 / 0\n\ndivide()\n")
    assert "in divide" in start_failure(tmp_path, handler="bad.handler").stack_trace[-1]


def test_process_that_exits_at_import_is_told_with_status_and_log(tmp_path: Path) -> None:
    """A module that ends the process is a failed start, with what it wrote."""
    (tmp_path / "bad.py").write_text("import os\nprint('bye')\nos._exit(5)\n")
    failure = start_failure(tmp_path, handler="bad.handler")
    assert failure.exit_status == 5
    assert failure.log == ("bye",)


def test_start_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """A module that never finishes its import is killed at the init timeout."""
    (tmp_path / "bad.py").write_text("import time\nprint('loading')\ntime.sleep(60)\n")
    failure = start_failure(tmp_path, handler="bad.handler", init_timeout_s=0.5)
    assert "did not ask for its first event within 0.5 s" in failure.message
    assert failure.log == ("loading",)


def test_missing_root_and_interpreter_are_told(tmp_path: Path) -> None:
    """A root that is no directory and an interpreter that is not there are failed starts that name them."""
    assert "nowhere is not a directory" in start_failure(tmp_path / "nowhere").message
    assert "no Python interpreter 'python-none'" in start_failure(tmp_path, python="python-none").message


def test_function_that_crashes_at_every_start_is_not_started_in_a_loop(root: Path) -> None:
    """One start per invocation that needs it, whose caller gets the reason; once fixed, the pool serves again."""

    async def scenario(pool: FunctionPool) -> None:
        assert (await failure_of(pool, {"do": "vanish", "break": True})).kind == "crashed"
        for starts in (2, 3):
            failure = await failure_of(pool, {"do": "echo"})
            assert (failure.kind, failure.message) == ("could not start", "broken at start")
            await asyncio.sleep(0.2)
            assert len((root / "starts").read_text()) == starts
        (root / "broken").unlink()
        assert await echoes(pool)

    serve(pool_of(root), scenario)


# --- the Runtime API


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


# --- turns


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


def test_timeout_holds_for_a_caller_that_went_away(root: Path) -> None:
    """An invocation that nobody waits for any more is still ended at its timeout."""

    async def scenario() -> None:
        lines = Lines()
        async with FunctionPool(FunctionSpec(root=root, handler="app.handler", timeout_s=0.3), on_log=lines) as pool:
            caller = asyncio.create_task(pool.invoke({"do": "spin"}))
            pid = await lines.number_after("busy")
            caller.cancel()
            assert await until_dead(pid)

    asyncio.run(scenario())


def test_timeout_counts_from_the_event_not_from_the_callers_leave(root: Path) -> None:
    """A caller that leaves late gives its invocation no more time."""

    async def scenario() -> None:
        lines = Lines()
        async with FunctionPool(FunctionSpec(root=root, handler="app.handler", timeout_s=4), on_log=lines) as pool:
            caller = asyncio.create_task(pool.invoke({"do": "spin"}))
            pid = await lines.number_after("busy")
            began = time.monotonic()
            await asyncio.sleep(3.5)
            caller.cancel()
            assert await until_dead(pid)
            assert time.monotonic() - began < 6.5

    asyncio.run(scenario())


# --- the end


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
