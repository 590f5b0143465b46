"""Before a change: read, choose, plan, and look at what stands against it. Nothing is changed here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from edge_hasher.aws import function_arn
from edge_hasher.aws.cloudfront import IN_PROGRESS
from edge_hasher.operate import function_choice
from edge_hasher.operate.attach import backup, ownership, preflight
from edge_hasher.operate.attach.options import resume_command
from edge_hasher.operate.attach.plan import Attach, Detach, Restore

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.aws.door import Aws
    from edge_hasher.operate.attach.options import AttachOptions
    from edge_hasher.operate.attach.plan import Intent, Plan

Action = Literal["attach", "detach"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """A planned change, and what to know before it is made; printing it is the dry run.

    `busy` says why to hold back while an earlier change is being deployed; `resume` is the command that
    continues to wait.
    """

    intent: Intent
    plan: Plan
    resume: str
    busy: str | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def prepare(action: Action, options: AttachOptions, aws: Aws, progress: Callable[[str], None]) -> Preparation:
    """Plan to attach, to detach, or to restore a backup; raises OperateError for what may not be."""
    distribution = aws.cloudfront.distribution(aws.cloudfront.id_of(options.distribution, progress))
    intent, function_name, notes = _intent(action, options, aws)
    plan = intent.plan(distribution)
    prepared = Preparation(intent=intent, plan=plan, resume=resume_command(options, plan, function_name), notes=notes)
    if plan.is_empty:
        return prepared
    if isinstance(intent, Attach):
        notes = (*notes, *preflight.check(aws, function_arn.version_arn(intent.arn), plan))
    owner, unknown = ownership.look(aws.cloudfront, distribution)
    return replace(
        prepared,
        busy=_busy(options, plan),
        notes=(*notes, *unknown),
        warnings=ownership.warning(owner, plan) if owner else (),
    )


def _intent(action: Action, options: AttachOptions, aws: Aws) -> tuple[Intent, str | None, tuple[str, ...]]:
    """Return what is wanted, the function's name, and notes on how it was chosen."""
    if options.restore is not None:
        return Restore(backup=backup.read(options.restore), replace=options.replace), None, ()
    given = None if options.function_arn is None else function_arn.version_arn(options.function_arn)
    if action == "detach":
        name = given.name if given else function_choice.function_named(aws, options.function).name
        return Detach(paths=options.paths, function_name=name, arn=options.function_arn), name, ()
    version_choice = function_choice.VersionChoice(arn=given) if given else None
    chosen = version_choice or function_choice.newest_version(aws, options.function)
    return Attach(paths=options.paths, arn=chosen.arn.text, replace=options.replace), chosen.arn.name, chosen.notes


def _busy(options: AttachOptions, plan: Plan) -> str | None:
    """Return why to hold back while a change is being deployed. Restoring does not wait: something is wrong already."""
    distribution = plan.distribution
    if distribution.status != IN_PROGRESS or options.while_deploying or plan.action == "restore":
        return None
    return (
        f"{distribution.id} is still deploying a change of {distribution.modified_at:%Y-%m-%d %H:%M:%S %Z}: "
        f"`aws cloudfront wait distribution-deployed --id {distribution.id}` waits for it, --while-deploying does not"
    )
