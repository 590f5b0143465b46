"""Apply a plan: back up, update once with If-Match, plan anew on a conflict, read back and compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.aws.configuration import differences, same
from edge_hasher.aws.errors import ConflictError, NoAnswerError, OperateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge_hasher.aws.cloudfront import CloudFront
    from edge_hasher.operate.attach.plan import Intent, Plan

MAX_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyResult:
    """The plan that was applied in the end. `backup` is None where nothing had to change."""

    plan: Plan
    backup: Path | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def apply(
    cloudfront: CloudFront, intent: Intent, plan: Plan, *, save: Callable[[Plan], Path], say: Callable[[str], None]
) -> ApplyResult:
    """Apply a plan, or the one made anew where someone else was faster; raises OperateError with nothing changed."""
    for _ in range(MAX_TRIES):
        if plan.is_empty:
            return ApplyResult(plan=plan)
        backup = save(plan)
        say(f"backup: {backup}")
        etag = _update(cloudfront, plan, backup)
        if etag is not None:
            problems, notes = _read_back(cloudfront, plan, etag)
            return ApplyResult(plan=plan, backup=backup, problems=problems, notes=notes)
        backup.unlink(missing_ok=True)
        say("someone else changed the distribution in the meantime: reading it again, and planning anew")
        plan = intent.plan(cloudfront.distribution(plan.distribution.id))
    raise OperateError(
        f"others changed the distribution {MAX_TRIES} times while this one tried: nothing changed; run it again later"
    )


def _update(cloudfront: CloudFront, plan: Plan, backup: Path) -> str | None:
    """Return the new ETag, or None on a conflict. A backup of what did not change is taken away again."""
    before = plan.distribution
    try:
        return cloudfront.update(before.id, plan.after, etag=before.etag)
    except ConflictError:
        return None
    except NoAnswerError as error:
        return _after_silence(cloudfront, plan, backup, error)
    except OperateError:
        backup.unlink(missing_ok=True)
        raise


def _after_silence(cloudfront: CloudFront, plan: Plan, backup: Path, error: NoAnswerError) -> str | None:
    """Find out whether an update that was not answered took effect."""
    before = plan.distribution
    try:
        now = cloudfront.distribution(before.id)
    except OperateError:
        raise OperateError(
            f"{error}; whether the change was made is not known: the same command finds out. Backup: {backup}"
        ) from error
    if now.etag == before.etag:
        raise OperateError(f"{error}; the distribution is as it was so far. Backup: {backup}") from error
    return now.etag if plan.holds_in(now.config) else None


def _read_back(cloudfront: CloudFront, plan: Plan, etag: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Compare what CloudFront has now with the plan; returns problems and notes."""
    try:
        now = cloudfront.distribution(plan.distribution.id)
    except OperateError as error:
        return (f"the change was made, but could not be read back: {error}",), ()
    if same(plan.after, now.config):
        return (), ()
    if now.etag != etag:
        if plan.holds_in(now.config):
            return (), ("someone else changed the distribution right after; what this command did still stands",)
        return ("someone else changed the distribution right after, and undid this; run the same command again",), ()
    found = differences(plan.after, now.config)
    lines = (f"  {each.where}: asked for {each.before}, is {each.after}" for each in found)
    return ("CloudFront has something else than it was asked for:", *lines), ()
