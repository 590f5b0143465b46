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
    command = "attach" if plan.action == "restore" else plan.action
    words = ["edge-hasher", command, plan.distribution.id]
    if options.restore is not None:
        words += ["--restore", str(options.restore)]
    for path in options.paths:
        words += ["--path", path]
    arn = options.function_arn or next((each.after.function_arn for each in plan.changes if each.after), None)
    if arn is not None:
        words += ["--function-arn", arn]
    elif function_name is not None:
        words += ["--function", function_name]
    if options.profile is not None:
        words += ["--profile", options.profile]
    if options.region is not None:
        words += ["--region", options.region]
    return shlex.join(words)
