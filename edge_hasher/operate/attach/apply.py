"""Apply a plan: back up, update once with If-Match, plan anew on a conflict, read back and compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.aws import distribution_xml
from edge_hasher.aws.configuration import differences, same
from edge_hasher.aws.errors import ConflictError, NoAnswerError, OperateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge_hasher.aws.cloudfront import CloudFront, Distribution
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
    """Apply a plan, or the one made anew where someone else was faster; raises OperateError where it was not made."""
    for _ in range(MAX_TRIES):
        if plan.is_empty:
            return ApplyResult(plan=plan)
        backup, etag = save(plan), None
        say(f"backup: {backup}")
        try:
            etag = cloudfront.update(plan.distribution.id, plan.xml, etag=plan.distribution.etag)
        except OperateError as error:
            now = _after_failure(cloudfront, plan, backup, error)
            if not plan.holds_in(now):
                say("someone else changed the distribution in the meantime: reading it again, and planning anew")
                plan = intent.plan(now)
                continue
        problems, notes = _read_back(cloudfront, plan, etag)
        return ApplyResult(plan=plan, backup=backup, problems=problems, notes=notes)
    raise OperateError(
        f"others changed the distribution {MAX_TRIES} times while this one tried: nothing changed; run it again later"
    )


def _after_failure(cloudfront: CloudFront, plan: Plan, backup: Path, error: OperateError) -> Distribution:
    """Read the distribution after an update that failed, by whatever error: it may have been made all the same.

    Raises OperateError where it was not made, and where nobody knows. The backup goes only while the ETag is the old
    one: then nothing was made, by anybody.
    """
    before = plan.distribution
    try:
        now = cloudfront.distribution(before.id)
    except OperateError:
        raise OperateError(
            f"{error}; whether the change was made is not known: the same command finds out. Backup: {backup}"
        ) from error
    is_conflict = isinstance(error, ConflictError)
    if now.etag == before.etag and isinstance(error, NoAnswerError):
        # It may still arrive.
        raise OperateError(f"{error}; the distribution is as it was so far. Backup: {backup}") from error
    if now.etag == before.etag:
        backup.unlink(missing_ok=True)
    if now.etag == before.etag and not is_conflict:
        raise error
    if not is_conflict and not isinstance(error, NoAnswerError) and not plan.holds_in(now):
        raise OperateError(
            f"{error}; someone else changed the distribution in the meantime. Backup: {backup}"
        ) from error
    return now


def _read_back(cloudfront: CloudFront, plan: Plan, etag: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Compare what CloudFront has now with the plan; returns problems and notes. `etag` None: the answer was lost."""
    try:
        now = cloudfront.distribution(plan.distribution.id)
    except OperateError as error:
        return (f"the change was made, but could not be read back: {error}",), ()
    config = distribution_xml.read(now.xml)
    if same(plan.after, config):
        return (), ()
    if now.etag != etag:
        if plan.holds_in(now):
            return (), ("someone else changed the distribution right after; what this command did still stands",)
        return ("someone else changed the distribution right after, and undid this; run the same command again",), ()
    found = differences(plan.after, config)
    lines = (f"  {each.where}: asked for {each.before}, is {each.after}" for each in found)
    return ("CloudFront has something else than it was asked for:", *lines), ()
