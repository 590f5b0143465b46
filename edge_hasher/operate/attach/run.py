"""The commands attach and detach: read, plan, look before the change, apply, wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.aws import function_arn
from edge_hasher.aws.cloudfront import IN_PROGRESS, Distributions
from edge_hasher.aws.errors import OperateError
from edge_hasher.operate import function_choice
from edge_hasher.operate.attach import backup, ownership, preflight, wait
from edge_hasher.operate.attach.apply import ApplyResult, apply
from edge_hasher.operate.attach.options import resume_command
from edge_hasher.operate.attach.plan import Attach, Detach, Restore
from edge_hasher.terminal import minutes_text

if TYPE_CHECKING:
    from pathlib import Path

    from edge_hasher.aws.clients import Aws
    from edge_hasher.aws.cloudfront import Distribution
    from edge_hasher.operate.attach.apply import Intent
    from edge_hasher.operate.attach.options import AttachOptions
    from edge_hasher.operate.attach.plan import Plan
    from edge_hasher.operate.clock import Clock
    from edge_hasher.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachResult:
    """What a run did. `deployed` is None where nobody waited; `resume` is the command that waits on."""

    applied: ApplyResult
    dry_run: bool
    resume: str
    deployed: bool | None = None
    elapsed_s: float | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0: done, or nothing to do. 1: changed, but something is not right or not yet seen to be."""
        return 1 if self.problems or self.deployed is False else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Preparation:
    """An intent with its first plan, and what was noticed on the way."""

    intent: Intent
    plan: Plan
    function_name: str | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def attach(options: AttachOptions, aws: Aws, screen: Screen, clock: Clock) -> AttachResult:
    """Attach the function, or restore a backup; raises OperateError with nothing changed."""
    distributions = Distributions(aws.cloudfront)
    distribution = _read(distributions, options, screen)
    prepared = _restore(options, distribution) or _attach(options, aws, distribution)
    return _finish(options, distributions, prepared, screen, clock)


def detach(options: AttachOptions, aws: Aws, screen: Screen, clock: Clock) -> AttachResult:
    """Detach the function, or restore a backup; raises OperateError with nothing changed."""
    distributions = Distributions(aws.cloudfront)
    distribution = _read(distributions, options, screen)
    prepared = _restore(options, distribution) or _detach(options, aws, distribution)
    return _finish(options, distributions, prepared, screen, clock)


def _read(distributions: Distributions, options: AttachOptions, screen: Screen) -> Distribution:
    return distributions.read(distributions.id_of(options.distribution, screen.progress))


def _restore(options: AttachOptions, distribution: Distribution) -> _Preparation | None:
    if options.restore is None:
        return None
    intent = Restore(backup=backup.read(options.restore), replace=options.replace)
    return _Preparation(intent=intent, plan=intent.plan(distribution))


def _attach(options: AttachOptions, aws: Aws, distribution: Distribution) -> _Preparation:
    if options.function_arn is not None:
        chosen = function_choice.VersionChoice(arn=function_arn.version_arn(options.function_arn))
    else:
        chosen = function_choice.newest_version(aws, options.function)
    intent = Attach(paths=options.paths, arn=chosen.arn.text, replace=options.replace)
    plan = intent.plan(distribution)
    notes = () if plan.is_empty else preflight.check(aws, chosen.arn)
    return _Preparation(intent=intent, plan=plan, function_name=chosen.arn.name, notes=(*chosen.notes, *notes))


def _detach(options: AttachOptions, aws: Aws, distribution: Distribution) -> _Preparation:
    if options.function_arn is not None:
        name = function_arn.version_arn(options.function_arn).name
    else:
        name = function_choice.function_named(aws, options.function).name
    intent = Detach(paths=options.paths, function_name=name, arn=options.function_arn)
    return _Preparation(intent=intent, plan=intent.plan(distribution), function_name=name)


def _finish(
    options: AttachOptions, distributions: Distributions, prepared: _Preparation, screen: Screen, clock: Clock
) -> AttachResult:
    """Look at the owner, refuse where a change is under way, and do it; the dry run ends before."""
    plan, notes, warnings = prepared.plan, prepared.notes, prepared.warnings
    busy = None if plan.is_empty else _busy(options, plan)
    if not plan.is_empty:
        owner, unknown = ownership.look(distributions, plan.distribution)
        notes = (*notes, *unknown)
        warnings = (*warnings, *(ownership.warning(owner, plan) if owner else ()))
    resume = resume_command(options, plan, prepared.function_name)
    if options.dry_run:
        notes = (*notes, *([f"without --dry-run: {busy}"] if busy else []))
        return AttachResult(applied=ApplyResult(plan=plan), dry_run=True, resume=resume, notes=notes, warnings=warnings)
    if busy:
        raise OperateError(busy)
    folder = options.backup_dir or backup.default_folder()
    applied = apply(distributions, prepared.intent, plan, save=lambda each: _save(each, folder, clock), say=screen.say)
    notes = (*notes, *applied.notes)
    waited, problems = _wait(options, distributions, applied, screen, clock)
    return AttachResult(
        applied=applied,
        dry_run=False,
        resume=resume,
        deployed=waited.deployed if waited else None,
        elapsed_s=waited.elapsed_s if waited else None,
        notes=notes,
        warnings=warnings,
        problems=(*applied.problems, *problems),
    )


def _busy(options: AttachOptions, plan: Plan) -> str | None:
    """Return why to hold back while a change is being deployed. Restoring does not wait: something is wrong already."""
    distribution = plan.distribution
    if distribution.status != IN_PROGRESS or options.while_deploying or plan.action == "restore":
        return None
    return (
        f"{distribution.id} is still deploying a change of {distribution.modified_at:%Y-%m-%d %H:%M:%S %Z}: "
        f"`aws cloudfront wait distribution-deployed --id {distribution.id}` waits for it, --while-deploying does not"
    )


def _save(plan: Plan, folder: Path, clock: Clock) -> Path:
    return backup.write(plan.distribution, plan.after, folder, action=plan.action, now=clock.date())


def _wait(
    options: AttachOptions, distributions: Distributions, applied: ApplyResult, screen: Screen, clock: Clock
) -> tuple[wait.WaitResult | None, tuple[str, ...]]:
    """Wait for the deployment; what goes wrong meanwhile takes nothing back, so it is a problem and no error."""
    distribution_id = applied.plan.distribution.id
    if not options.wait:
        return None, ()
    start = clock.now()
    try:
        waited = wait.until_deployed(
            lambda: distributions.read(distribution_id).status,
            progress=screen.progress,
            timeout_s=options.timeout_s,
            clock=clock,
        )
    except OperateError as error:
        return wait.WaitResult(deployed=False, elapsed_s=clock.now() - start), (
            f"could not see the deployment end: {error}",
        )
    except KeyboardInterrupt:
        return wait.WaitResult(deployed=False, elapsed_s=clock.now() - start), (
            "interrupted; the deployment itself goes on",
        )
    finally:
        screen.clear()
    if waited.deployed:
        return waited, ()
    return waited, (f"not deployed everywhere after {minutes_text(waited.elapsed_s)}; the deployment itself goes on",)
