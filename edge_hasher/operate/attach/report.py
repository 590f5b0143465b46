"""The outcome of attach and detach, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from edge_hasher import schemas
from edge_hasher.terminal import minutes_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_hasher.operate.attach.edit import PlannedAssociation
    from edge_hasher.operate.attach.plan import Plan
    from edge_hasher.operate.attach.run import AttachResult


def as_text(outcome: AttachResult) -> str:
    """Return the outcome in lines."""
    return "\n".join(printable(line) for line in _lines(outcome))


def as_json(outcome: AttachResult) -> str:
    """Return the outcome as one JSON object, described in docs/attach.md."""
    plan = outcome.applied.plan
    return schemas.document(
        "attach",
        {
            "action": plan.action,
            "distribution": plan.distribution.id,
            "etag": plan.distribution.etag,
            "dry_run": outcome.dry_run,
            "changed": outcome.applied.backup is not None,
            "changes": [asdict(change) for change in plan.changes],
            "already": plan.already,
            "differences": [asdict(difference) for difference in plan.differences],
            "backup": str(outcome.applied.backup) if outcome.applied.backup else None,
            "deployed": outcome.deployed,
            "elapsed_s": round(outcome.elapsed_s, 3) if outcome.elapsed_s is not None else None,
            "resume": outcome.resume,
            "notes": [*plan.notes, *outcome.notes],
            "warnings": outcome.warnings,
            "problems": outcome.problems,
        },
    )


def _lines(outcome: AttachResult) -> Iterator[str]:
    plan = outcome.applied.plan
    yield f"{plan.action} {plan.distribution.id} ({plan.distribution.domain})"
    yield from _plan_lines(plan)
    for note in (*plan.notes, *outcome.notes):
        yield f"note: {note}"
    for i, warning in enumerate(outcome.warnings):
        yield f"warning: {warning}" if i == 0 else f"  {warning}"
    yield from outcome.problems
    yield _last_line(outcome)


def _plan_lines(plan: Plan) -> Iterator[str]:
    for label in plan.already:
        yield f"  {label}: no change needed"
    for change in plan.changes:
        yield f"  {change.path}: {_association(change.before)} -> {_association(change.after)}"
    if not plan.changes:
        for each in plan.differences:
            yield f"  {each.where}: {each.before} -> {each.after}"


def _last_line(outcome: AttachResult) -> str:
    resume = f"To continue waiting: {outcome.resume}"
    if outcome.dry_run:
        return "nothing to do" if outcome.applied.plan.is_empty else "--dry-run: nothing was changed"
    did = "nothing to do" if outcome.applied.backup is None else "done"
    if outcome.deployed is None:
        return f"{did}; did not wait for the deployment. {resume}"
    if not outcome.deployed:
        return f"{did}, but the deployment is not confirmed yet. {resume}"
    after = f" after {minutes_text(outcome.elapsed_s or 0)}" if outcome.applied.backup else ""
    return f"{did}; deployed to all edge locations{after}"


def _association(association: PlannedAssociation | None) -> str:
    if association is None:
        return "no origin-request function"
    return f"{association.function_arn} {'with' if association.include_body else 'without'} the body"
