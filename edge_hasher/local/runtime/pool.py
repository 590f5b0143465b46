"""Run a function as Lambda runs it: a pool of processes under AWS's own runtime interface client.

    async with FunctionPool(FunctionSpec(root=path, handler="pkg.module.function"), size=2) as pool:
        invocation = await pool.invoke({"hello": "edge"})

Each process serves one request at a time, as at the edge, and is driven through a small Runtime API on a loopback
port of its own. The driver enforces the timeout, and reports and replaces a process that dies. A replacement is started
by the next invocation that needs it, which also gets the failure if it does not start: a function that cannot start is
never started in a loop. Not modelled: the memory limit, /tmp, the frozen process between invocations, credentials and
network of Lambda. Linux and macOS.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from edge_hasher.local.aws_limits import LAMBDA_EVENT_LIMIT_BYTES
from edge_hasher.local.runtime import failures
from edge_hasher.local.runtime.background import Background
from edge_hasher.local.runtime.environment import python_version
from edge_hasher.local.runtime.places import Places
from edge_hasher.local.runtime.values import FunctionFailure, PoolClosedError
from edge_hasher.local.runtime.worker import Launch, Worker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Self

    from edge_hasher.local.runtime.values import FunctionSpec, Invocation, ProcessUsage

# A request id travels in a header and, unescaped, in a path. CloudFront's own ids fit ("=", "-", "_" occur there).
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.=-]{1,200}")


class FunctionPool:
    """A fixed number of processes of one function, shared by any number of callers, first come first served.

    `on_log` gets every line that the processes write, as it comes, within invocations or not. Without `measured` an
    invocation does not tell its CPU time and peak memory. `grace_s` is how long
    `close` waits after SIGTERM. Callers beyond `size` wait without bound: who must bound them counts them before. Use
    it as a context manager, inside one running loop.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        *,
        size: int = 1,
        on_log: Callable[[str], None] | None = None,
        measured: bool = True,
        grace_s: float = 2.0,
    ) -> None:
        if size < 1:
            raise ValueError(f"a pool needs at least 1 process, not {size}")
        self._spec = spec
        self._size = size
        self._on_log = on_log
        self._measured = measured
        self._grace_s = grace_s
        self._launch: Launch | None = None
        self._open = False
        self._workers: set[Worker] = set()
        self._background = Background()
        self._closing: asyncio.Task[None] | None = None
        self._places: Places[Worker] = Places()  # an empty place needs a process started first

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self, *, one_first: bool = False) -> None:
        """Start all processes and wait until each asked for an event; `one_first`: code that fails says so once.

        Raises the first FunctionFailure, once all that was started has ended.
        """
        try:
            self._launch = await self._prepare()
            first = [await self._start_worker()] if one_first else []
            self._places.extend(first)
            rest = self._size - len(first)
            self._places.extend(await _all_or_first_failure(self._start_worker() for _ in range(rest)))
        except BaseException:
            await self.close()
            raise
        self._open = True

    async def invoke(self, event: bytes | Mapping[str, Any], request_id: str | None = None) -> Invocation:
        """Run one invocation, when its turn has come, and return its answer.

        `event` is JSON, or what becomes JSON, of at most 6 MiB. A caller that is cancelled stops waiting; the
        function runs on to its end, as at the edge. Raises FunctionFailure; PoolClosedError; ValueError for an event
        or a request id out of bounds.
        """
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        if len(payload) > LAMBDA_EVENT_LIMIT_BYTES:
            raise ValueError(f"the event has {len(payload)} bytes; Lambda takes at most {LAMBDA_EVENT_LIMIT_BYTES}")
        request_id = str(uuid.uuid4()) if request_id is None else request_id
        if not _REQUEST_ID.fullmatch(request_id):
            raise ValueError(f"the request id {request_id!r} is not 1 to 200 characters of A-Z a-z 0-9 _ . = -")
        if not self._open:
            raise _closed()
        worker, invocation = await self._places.take(), None
        try:
            # In the caller's own task, which costs least.
            if worker is not None and await worker.ready():
                invocation = await worker.invoke(payload, request_id)
        except asyncio.CancelledError:
            self._background.start(self._run_on(worker))
            raise
        except BaseException as error:
            await self._background.result(self._give_back(worker))
            self._raise_if_closed(error)
            raise
        if invocation is None:
            return await self._background.result(self._invoke_anew(worker, payload, request_id))
        self._places.give(worker)
        return invocation

    @property
    def pids(self) -> tuple[int, ...]:
        """The ids of the processes that live now."""
        return tuple(worker.pid for worker in self._workers if worker.pid is not None)

    async def usage(self) -> tuple[ProcessUsage, ...]:
        """Return what each living process has used, once those that have answered wait for an event again.

        Two readings around N invocations give their whole CPU cost, the runtime client's work after the answer
        included.
        """
        for worker in self._places.occupied():
            await worker.ready()
        return tuple(worker.usage() for worker in self._workers if worker.pid is not None)

    async def close(self) -> None:
        """End all processes (SIGTERM, after the grace SIGKILL) and servers; who waits gets PoolClosedError.

        Cancelled, it kills at once and still leaves nothing behind. May be called again.
        """
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        try:
            await asyncio.shield(self._closing)
        except asyncio.CancelledError:
            for worker in self._workers:
                worker.kill()
            while not self._closing.done():  # a matter of milliseconds now
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({self._closing})
            raise

    async def _close(self) -> None:
        self._open = False
        self._places.refuse(_closed())
        await asyncio.gather(*(worker.stop(grace_s=self._grace_s) for worker in tuple(self._workers)))
        await self._background.wait()
        self._workers.clear()

    async def _prepare(self) -> Launch:
        root = self._spec.root.resolve()
        if not root.is_dir():
            raise failures.no_start(f"{root} is not a directory")
        python = shutil.which(self._spec.python)  # looked up on the user's PATH, for the process gets another one
        if python is None:
            raise failures.no_start(f"there is no Python interpreter {self._spec.python!r}")
        return Launch(
            spec=self._spec,
            root=root,
            python=python,
            python_version=await python_version(python),
            measured=self._measured,
        )

    async def _start_worker(self) -> Worker:
        if self._closing is not None or self._launch is None:
            raise _closed()
        worker = Worker(self._launch, self._show)
        self._workers.add(worker)
        try:
            await worker.start()
        except BaseException:
            self._workers.discard(worker)
            raise
        return worker

    async def _invoke_anew(self, dead: Worker | None, payload: bytes, request_id: str) -> Invocation:
        """Run an invocation in a new process; `dead` had its place."""
        worker = None
        try:
            await self._discard(dead)
            worker = await self._start_worker()
            return await worker.invoke(payload, request_id)
        except FunctionFailure as failure:
            self._raise_if_closed(failure)
            raise
        finally:
            await self._give_back(worker)

    async def _run_on(self, worker: Worker | None) -> None:
        """Give back the place of a caller that went, once the function has run to its end or to its timeout."""
        if worker is not None and (worker.is_dead or not await worker.ready()):
            worker.kill()
        await self._give_back(worker)

    async def _give_back(self, worker: Worker | None) -> None:
        dead = worker if worker is not None and worker.is_dead else None
        try:
            await self._discard(dead)
        finally:
            self._places.give(worker if dead is None else None)

    def _raise_if_closed(self, error: BaseException) -> None:
        if isinstance(error, FunctionFailure) and self._closing is not None:  # the process ended because we ended it
            raise _closed() from None

    async def _discard(self, worker: Worker | None) -> None:
        if worker is not None:
            await worker.stop(grace_s=0)
            self._workers.discard(worker)

    def _show(self, line: str) -> None:
        if self._on_log is None:
            return
        try:
            self._on_log(line)
        except Exception as error:  # noqa: BLE001 - a listener's fault must not end an invocation
            context = {"message": "on_log raised", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)


async def _all_or_first_failure(starts: Iterable[Awaitable[Worker]]) -> list[Worker]:
    """Wait for all, and only then raise what failed first: nothing is still starting by then."""
    outcomes = await asyncio.gather(*starts, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Worker)]


def _closed() -> PoolClosedError:
    return PoolClosedError("the function pool is not open: use it inside `async with`")
