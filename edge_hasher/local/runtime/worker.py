"""One process of a function with its Runtime API and its log: started, given events one at a time, ended."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.local import descriptors
from edge_hasher.local.aws_limits import ACCOUNT_ID
from edge_hasher.local.runtime import failures
from edge_hasher.local.runtime.api import Offer, RuntimeApi
from edge_hasher.local.runtime.environment import function_environment
from edge_hasher.local.runtime.log import LogPipe
from edge_hasher.local.runtime.usage import cpu_s, peak_rss_bytes
from edge_hasher.local.runtime.values import Invocation, ProcessUsage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge_hasher.local.runtime.api import Post
    from edge_hasher.local.runtime.values import FailureKind, FunctionFailure, FunctionSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What every process of a pool is started with: the specification, with its paths and version found."""

    spec: FunctionSpec
    root: Path
    python: str
    python_version: str
    measured: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """What was true the moment that an answer arrived."""

    at: float
    cpu_s: float | None
    peak_rss_bytes: int | None
    log: tuple[str, ...]


class Worker:
    """One process `python -m awslambdaric HANDLER`, leader of a process group of its own.

    Never more than one invocation at a time: the pool sees to it. After a failure, `is_dead` says whether the
    process is gone; if so, `stop` is still to be called.
    """

    def __init__(self, launch: Launch, on_line: Callable[[str], None]) -> None:
        self._launch = launch
        self._spec = launch.spec
        self._log = LogPipe(on_line)
        self._api: RuntimeApi[_Mark] = RuntimeApi(
            on_post=self._mark, on_first_ask=self._note_start, on_init_error=self._read_init_error
        )
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._stopping = False
        self._launched_at = 0.0
        self._init_s = 0.0
        self._init_cpu_s: float | None = None
        self._invocations = 0
        self._invoked_at = 0.0

    @property
    def pid(self) -> int | None:
        """The id of the process while it lives."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    @property
    def is_dead(self) -> bool:
        """Whether the process has ended or is being ended."""
        return self._stopping or self._api.phase == "ended"

    async def start(self) -> None:
        """Start the process and wait until it asks for an event; raises FunctionFailure "could not start"."""
        try:
            await self._spawn()
            await self._first_ask()
        except BaseException:
            await self._end()
            raise

    async def ready(self) -> bool:
        """Wait until the process asks for the next event; False when it died or does not ask in time.

        An invocation whose caller has gone ends at its timeout all the same.
        """
        if not self._api.asked.done():
            ran_s = time.perf_counter() - self._invoked_at if self._api.phase == "running" else 0.0
            await asyncio.wait({self._api.asked}, timeout=max(0.0, self._spec.timeout_s - ran_s))
        return self._api.can_take_an_event()

    async def invoke(self, event: bytes, request_id: str) -> Invocation:
        """Pass an event to the waiting process and return its answer; raises FunctionFailure."""
        self._log.drain()
        self._log.take()  # written between invocations: shown as it came, but part of none
        cold, self._invocations = self._invocations == 0, self._invocations + 1
        cpu_before_s = self._cpu_s()
        self._invoked_at = time.perf_counter()
        answer = self._api.hand_over(self._offer(event, request_id))
        # asyncio.wait and asyncio.timeout do the same at two and three times the cost, once a request.
        timer = asyncio.get_running_loop().call_later(self._spec.timeout_s, _expire, answer)
        try:
            post = await answer
        except TimeoutError:
            await self._end()
            raise failures.timed_out("timed out", self._spec.timeout_s, self._log.take()) from None
        finally:
            timer.cancel()
        if post.kind == "error":
            raise failures.reported("threw", post.body, post.mark.log)
        if post.kind == "too large":
            # The runtime client ends its process when a response is refused; it must get no other event before that.
            await self._end()
            raise failures.too_large(post.mark.log)
        used_s = None if cpu_before_s is None or post.mark.cpu_s is None else post.mark.cpu_s - cpu_before_s
        return Invocation(
            response=post.body,
            request_id=request_id,
            duration_s=post.mark.at - self._invoked_at,
            cpu_s=used_s,
            peak_rss_bytes=post.mark.peak_rss_bytes,
            cold=cold,
            log=post.mark.log,
        )

    def usage(self) -> ProcessUsage:
        """Return what the process has used until now."""
        return ProcessUsage(
            pid=self._last_pid,
            invocations=self._invocations,
            init_s=self._init_s,
            init_cpu_s=self._init_cpu_s,
            cpu_s=cpu_s(self._last_pid),
            peak_rss_bytes=peak_rss_bytes(self._last_pid),
        )

    def kill(self) -> None:
        """Kill the process, and what it started, at once and without waiting."""
        self._stopping = True
        if self.pid is not None:
            _kill_group(self.pid)

    async def stop(self, *, grace_s: float) -> None:
        """End the process, by force after `grace_s`, and the server; may be called again and by several."""
        self._stopping = True
        if self._watcher is not None:
            if grace_s > 0 and self._process is not None and self.pid is not None:
                with suppress(ProcessLookupError):
                    self._process.terminate()
                await asyncio.wait({self._watcher}, timeout=grace_s)
            self.kill()
            await asyncio.wait({self._watcher})
        self._api.fail(failures.stopped())
        await self._api.close()
        self._log.close()

    def _cpu_s(self) -> float | None:
        return cpu_s(self._last_pid) if self._launch.measured else None

    @property
    def _last_pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    async def _spawn(self) -> None:
        address = await self._api.open()
        if self._stopping:
            raise failures.stopped()
        spec, launch = self._spec, self._launch
        environment = function_environment(
            spec=spec, root=launch.root, address=address, python_version=launch.python_version
        )
        self._launched_at = time.perf_counter()
        try:
            self._process = await asyncio.create_subprocess_exec(
                launch.python,
                *("-m", "awslambdaric", spec.handler),
                cwd=launch.root,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=self._log.write_end,
                stderr=self._log.write_end,
                start_new_session=True,  # what the function starts ends with it, and Ctrl-C reaches only us
            )
        except OSError as error:
            raise failures.no_start(str(error)) from error
        finally:
            self._log.close_write_end()
        descriptors.limit_as_on_lambda(self._process.pid)
        self._watcher = asyncio.create_task(self._watch(self._process))
        if self.is_dead:  # stopped while the process came into being
            self.kill()

    async def _first_ask(self) -> None:
        asked = self._api.asked
        await asyncio.wait({asked}, timeout=self._spec.init_timeout_s)
        if not asked.done():
            self._log.drain()
            raise failures.timed_out("could not start", self._spec.init_timeout_s, self._log.take())
        asked.result()

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        status = await process.wait()
        # What the function started and left behind; the group's number is not given away while one of them lives.
        _kill_group(process.pid)
        self._log.drain()
        if self.is_dead:  # it was ended by us, or has said why it ends
            return
        kind: FailureKind = "could not start" if self._api.phase == "starting" else "crashed"
        self._api.fail(failures.ended(kind, status, self._log.take()))

    def _mark(self) -> _Mark:
        at = time.perf_counter()
        used_s = self._cpu_s()
        self._log.drain()
        peak = peak_rss_bytes(self._last_pid) if self._launch.measured else None  # a file to read, each time
        return _Mark(at=at, cpu_s=used_s, peak_rss_bytes=peak, log=self._log.take())

    def _note_start(self) -> None:
        self._init_s = time.perf_counter() - self._launched_at
        self._init_cpu_s = cpu_s(self._last_pid)

    def _read_init_error(self, body: bytes) -> FunctionFailure:
        self._log.drain()
        return failures.reported("could not start", body, self._log.take())

    def _offer(self, event: bytes, request_id: str) -> Offer:
        spec = self._spec
        arn = f"arn:aws:lambda:{spec.region}:{ACCOUNT_ID}:function:{spec.function_name}:{spec.function_version}"
        return Offer(
            request_id=request_id,
            payload=event,
            headers={
                "Lambda-Runtime-Aws-Request-Id": request_id,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + spec.timeout_s) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": arn,
            },
        )

    async def _end(self) -> None:
        self.kill()
        await self.stop(grace_s=0)


def _expire(answer: asyncio.Future[Post[_Mark]]) -> None:
    if not answer.done():
        answer.set_exception(TimeoutError())


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says EPERM of a group of dead processes
        os.killpg(pid, signal.SIGKILL)
