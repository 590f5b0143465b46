"""The values that go into and come out of the runtime driver: what to run, what came back, how it failed."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FailureKind = Literal["threw", "timed out", "crashed", "could not start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """Which function to run, and what to tell it about where it runs.

    `root` is the process's working directory and first on its `sys.path`: a SAM build or the source tree.
    `handler` is written as AWS writes it, `pkg.module.function`. `timeout_s` counts from the delivery of an event,
    `init_timeout_s` from the start of the process. `memory_mb` is only reported to the function, not enforced.
    `env` is added to the process's environment last, so it wins over what the driver sets.
    """

    root: Path
    handler: str
    timeout_s: float = 30.0
    init_timeout_s: float = 10.0  # Lambda ends an init phase after 10 s (documented)
    memory_mb: int = 512
    function_name: str = "us-east-1.edge-hasher"  # the form of a replica's name at the edge (inferred)
    function_version: str = "1"  # Lambda@Edge runs numbered versions only (documented)
    region: str = "us-east-1"
    python: str = sys.executable
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One answered invocation.

    `response` is the JSON as the function posted it. `duration_s` and `cpu_s` run from the delivery of the event to
    the arrival of the whole response; `cpu_s` counts all threads of the process. `peak_rss_bytes` is the process's
    peak since it started. Both are None where the system does not tell (not Linux). `cold`: the first invocation of
    its process. `log`: the lines written during the invocation.
    """

    response: bytes
    request_id: str
    duration_s: float
    cpu_s: float | None
    peak_rss_bytes: int | None
    cold: bool
    log: tuple[str, ...]

    def value(self) -> Any:  # noqa: ANN401 - a function may return anything that JSON can say
        """Return the response as an object; raises ValueError when the function did not post JSON."""
        return json.loads(self.response)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessUsage:
    """What one process has used so far; times in seconds, None where the system does not tell (not Linux)."""

    pid: int
    invocations: int
    init_s: float
    init_cpu_s: float | None
    cpu_s: float | None
    peak_rss_bytes: int | None


class FunctionFailure(Exception):  # noqa: N818 - the function failed, not the driver
    """The function did not answer: it threw, timed out, crashed, or could not start.

    `error_type`, `message` and `stack_trace` are the function's own where it reported them. `exit_status` is that of
    a process that exited, negative for a signal. `log`: the lines it wrote, the newest if there were many.
    """

    def __init__(
        self,
        *,
        kind: FailureKind,
        error_type: str,
        message: str,
        stack_trace: tuple[str, ...] = (),
        log: tuple[str, ...] = (),
        exit_status: int | None = None,
    ) -> None:
        super().__init__(f"the function {kind}: {error_type}: {message}")
        self.kind: FailureKind = kind
        self.error_type = error_type
        self.message = message
        self.stack_trace = stack_trace
        self.log = log
        self.exit_status = exit_status


class PoolClosedError(RuntimeError):
    """The pool is not open: not yet started, or closed, perhaps while the invocation waited or ran."""
