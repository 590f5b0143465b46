"""What attach and detach are told on the command line."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.operate.attach.wait import TIMEOUT_S

if TYPE_CHECKING:
    from pathlib import Path

    from edge_hasher.operate.attach.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachOptions:
    """Options of attach and detach; None is left to the defaults of docs/attach.md."""

    distribution: str
    paths: tuple[str, ...] = ()
    function: str | None = None
    function_arn: str | None = None
    restore: Path | None = None
    backup_dir: Path | None = None
    replace: bool = False
    while_deploying: bool = False
    wait: bool = True
    timeout_s: float = TIMEOUT_S
    profile: str | None = None
    region: str | None = None


def resume_command(options: AttachOptions, plan: Plan, function_name: str | None) -> str:
    """Return the command that goes on with waiting: the same one, with what it chose by itself written out."""
    arn = options.function_arn or next((each.after.function_arn for each in plan.changes if each.after), None)
    words = (
        ("--restore", options.restore),
        *(("--path", path) for path in options.paths),
        ("--function-arn", arn),
        ("--function", None if arn else function_name),
        ("--profile", options.profile),
        ("--region", options.region),
    )
    given = [str(word) for pair in words if pair[1] is not None for word in pair]
    command = "attach" if plan.action == "restore" else plan.action
    return shlex.join(["edge-hasher", command, plan.distribution.id, *given])
