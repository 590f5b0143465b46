"""The commands attach and detach: make a prepared change, and wait until it is deployed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edge_hasher.aws.errors import OperateError
from edge_hasher.operate.attach import backup, wait
from edge_hasher.operate.attach.apply import ApplyResult, apply
from edge_hasher.terminal import minutes_text

if TYPE_CHECKING:
    from pathlib import Path

    from edge_hasher.aws.cloudfront import CloudFront
    from edge_hasher.operate.attach.options import AttachOptions
    from edge_hasher.operate.attach.plan import Plan
    from edge_hasher.operate.attach.prepare import Preparation
    from edge_hasher.operate.clock import Clock
    from edge_hasher.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachResult:
    """What a run did. `deployed` is None where nobody waited; `resume` is the command that continues to wait."""

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


def dry_run(prepared: Preparation) -> AttachResult:
    """Return what a run would do."""
    return AttachResult(
        applied=ApplyResult(plan=prepared.plan),
        dry_run=True,
        resume=prepared.resume,
        notes=(*prepared.notes, *([f"without --dry-run: {prepared.busy}"] if prepared.busy else [])),
        warnings=prepared.warnings,
    )


def run(
    prepared: Preparation, options: AttachOptions, cloudfront: CloudFront, screen: Screen, clock: Clock
) -> AttachResult:
    """Make the change and wait for it; raises OperateError with nothing changed, such as while another is deployed."""
    if prepared.busy:
        raise OperateError(prepared.busy)
    folder = options.backup_dir or backup.default_folder()

    def save(plan: Plan) -> Path:
        return backup.write(plan.distribution, plan.xml, folder, action=plan.action, now=clock.date())

    applied = apply(cloudfront, prepared.intent, prepared.plan, save=save, say=screen.say)
    result = AttachResult(
        applied=applied,
        dry_run=False,
        resume=prepared.resume,
        notes=(*prepared.notes, *applied.notes),
        warnings=prepared.warnings,
        problems=applied.problems,
    )
    return _waited(result, options, cloudfront, screen, clock) if options.wait else result


def _waited(
    result: AttachResult, options: AttachOptions, cloudfront: CloudFront, screen: Screen, clock: Clock
) -> AttachResult:
    """Wait for the deployment; what goes wrong meanwhile takes nothing back, so it is a problem and not an error."""
    distribution_id = result.applied.plan.distribution.id
    start, deployed = clock.now(), False
    try:
        deployed = wait.until_deployed(
            lambda: cloudfront.distribution(distribution_id).status,
            progress=screen.progress,
            timeout_s=options.timeout_s,
            clock=clock,
        )
        problem = f"not deployed everywhere after {minutes_text(clock.now() - start)}; the deployment itself continues"
    except OperateError as error:
        problem = f"could not see the deployment end: {error}"
    except KeyboardInterrupt:
        problem = "interrupted; the deployment itself continues"
    finally:
        screen.clear()
    problems = result.problems if deployed else (*result.problems, problem)
    return replace(result, deployed=deployed, elapsed_s=clock.now() - start, problems=problems)
