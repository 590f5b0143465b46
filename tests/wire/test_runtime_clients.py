"""The function under AWS's runtime clients, the newest and the oldest, with its marshaller and without: one answer."""

import asyncio
import base64
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awslambdaric
import pytest

from edge_hasher.local.runtime import FunctionFailure, FunctionPool, FunctionSpec
from tests.support.golden import EVENTS, Case, cases

ROOT = Path(__file__).parents[2]
OLDEST = "3.0.0"  # the oldest with wheels for Python 3.13: requirements/oldest-runtime.in
OLDEST_VENV = ROOT / ".venvs" / "oldest-runtime"
OLDEST_RUNS = sys.platform == "linux" and sys.version_info < (3, 14)
LARGE_EVENT_BYTES = 16_384  # the marshaller leaves shorter events to the client

# The function, and what its runtime client is. `without` puts the client's own marshaller back.
HANDLERS = """
import awslambdaric
import awslambdaric.lambda_runtime_client as module

client = getattr(module, "BaseLambdaRuntimeClient", None) or module.LambdaRuntimeClient
own = client.marshaller
from edge_hasher.function.handler import lambda_handler
{after}

def answer(event, context):
    if "ask" in event:
        return {{"version": awslambdaric.__version__, "marshaller": type(client.marshaller).__name__}}
    return lambda_handler(event, context)
"""
WITHOUT = "client.marshaller = own"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the driver uses process groups: Linux and macOS")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


@dataclass(frozen=True, slots=True)
class Client:
    """A runtime client, where its packages are if not the project's own, and what the function does to it."""

    version: str
    packages: Path | None
    after: str = ""

    def spec(self, folder: Path) -> FunctionSpec:
        """Write the handlers to a folder, and return the function to start."""
        (folder / "handlers.py").write_text(HANDLERS.format(after=self.after))
        path = ":".join(str(each) for each in (folder, self.packages, ROOT) if each is not None)
        return FunctionSpec(root=folder, handler="handlers.answer", timeout_s=60, env={"PYTHONPATH": path})


def oldest_packages() -> Path:
    """The packages of the oldest runtime client."""
    found = sorted(OLDEST_VENV.glob("lib/python*/site-packages"))
    if not found:
        pytest.fail(f"There is no {OLDEST_VENV.relative_to(ROOT)}: run `make setup`.")
    return found[0]


NEWEST = awslambdaric.__version__
oldest_runs = pytest.mark.skipif(not OLDEST_RUNS, reason="the oldest client has wheels for Linux and Python up to 3.13")
CLIENTS = [
    pytest.param(Client(NEWEST, None), "Marshaller", id="newest"),
    pytest.param(Client(NEWEST, None, WITHOUT), "LambdaMarshaller", id="newest-without"),
    pytest.param(Client(OLDEST, OLDEST_VENV), "Marshaller", id="oldest", marks=oldest_runs),
    pytest.param(Client(OLDEST, OLDEST_VENV, WITHOUT), "LambdaMarshaller", id="oldest-without", marks=oldest_runs),
]


def raw(case: Case) -> bytes:
    """A golden event as it is on disk."""
    return (EVENTS / f"{case.name}.json").read_bytes()


async def answered(pool: FunctionPool, event: bytes) -> Any:
    """What comes back: an answer, or the type and message of an error."""
    try:
        return (await pool.invoke(event)).value()
    except FunctionFailure as failure:
        return (failure.error_type, failure.message)


def check(case: Case, answer: Any) -> None:
    """Fail unless a golden event got its answer or its error."""
    if "error" in case.expected:
        kind, message = answer
        assert kind == "EventError", case.name
        assert message.endswith(case.expected["error"]), case.name
    else:
        case.check_answer(answer)


@pytest.mark.parametrize(("client", "marshaller"), CLIENTS)
def test_every_golden_event_has_one_answer(client: Client, marshaller: str, tmp_path: Path) -> None:
    """Each golden event is answered alike under each client, short as it is and long enough for the marshaller."""
    if client.packages is not None:
        client = Client(client.version, oldest_packages(), client.after)

    async def run() -> None:
        async with FunctionPool(client.spec(tmp_path)) as pool:
            found = await answered(pool, b'{"ask": 1}')
            assert found == {"version": client.version, "marshaller": marshaller}
            for case in cases():
                for event in (raw(case), raw(case).ljust(LARGE_EVENT_BYTES)):
                    check(case, await answered(pool, event))

    asyncio.run(run())


@linux_only
def test_nothing_of_a_body_stays() -> None:
    """After a thousand bodies of 1 MB, a process has the memory that it had after ten."""
    event = next(case.event for case in cases() if case.name == "11-post-json")
    request = event["Records"][0]["cf"]["request"]
    request["body"]["data"] = base64.b64encode(bytes(1_000_000)).decode()
    del request["headers"]["content-length"]
    payload = json.dumps(event).encode()

    async def run() -> tuple[int, int, int]:
        spec = FunctionSpec(root=ROOT, handler="edge_hasher.function.handler.lambda_handler", timeout_s=60)
        async with FunctionPool(spec) as pool:
            for _ in range(10):
                await pool.invoke(payload)
            early = resident_bytes(pool.pids[0])
            for _ in range(90):
                await pool.invoke(payload)
            settled = resident_bytes(pool.pids[0])
            for _ in range(900):
                await pool.invoke(payload)
            return early, settled, resident_bytes(pool.pids[0])

    early, settled, late = asyncio.run(run())
    # The C library takes up to two blocks of an event's size more until its heap has settled, some twenty bodies on.
    assert late - early < 2 * len(payload) + 1_000_000, f"{early:,} bytes grew to {late:,}"
    assert late - settled < 500_000, f"{settled:,} bytes grew to {late:,}"


def resident_bytes(pid: int) -> int:
    """The resident memory of a process."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024
