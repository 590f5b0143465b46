"""Asks each check at each behavior, leaves out what another finding answers, and puts equal outcomes together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Literal

from edge_hasher.doctor.check import SEVERITIES, CannotTellError, CheckContext
from edge_hasher.doctor.checks import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edge_hasher.doctor.check import Check, Fault, Severity
    from edge_hasher.doctor.facts import Facts, Unread

Status = Literal["ok", "found", "unread", "dependent"]
ALL_RIGHT, FINDINGS, COULD_NOT_LOOK = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What became of one check at some behaviors.

    found: `fault` says what. unread: `unread` says what could not be read. dependent: not asked, since `after`, another
    code, answers it.
    """

    check: Check
    status: Status
    behaviors: tuple[str, ...]
    fault: Fault | None = None
    unread: Unread | None = None
    after: str | None = None

    @property
    def severity(self) -> Severity | None:
        """How bad it is, where something was found."""
        return (self.fault.severity or self.check.severity) if self.fault else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All outcomes, in the order of the checks."""

    facts: Facts
    outcomes: tuple[CheckResult, ...]

    def found(self, severity: Severity) -> tuple[CheckResult, ...]:
        """Return the findings of one severity."""
        return tuple(each for each in self.outcomes if each.severity == severity)

    def with_status(self, status: Status) -> tuple[CheckResult, ...]:
        """Return the outcomes of one status."""
        return tuple(each for each in self.outcomes if each.status == status)

    def limited(
        self, *, only: frozenset[str] = frozenset(), skip: frozenset[str] = frozenset(), severity: Severity = "note"
    ) -> Report:
        """Return the outcomes of the codes in `only`, or of all, without those in `skip` and findings milder than this.

        All checks were asked all the same, since one may explain another.
        """
        shown = SEVERITIES[: SEVERITIES.index(severity) + 1]
        kept = (
            each
            for each in self.outcomes
            if each.check.code not in skip
            and (not only or each.check.code in only)
            and (each.severity is None or each.severity in shown)
        )
        return replace(self, outcomes=tuple(kept))

    def why_not_asked(self, after: str) -> str:
        """Say why a check was not asked, by the code that answers it: what is a note need not be fixed."""
        is_note = any(each.check.code == after for each in self.found("note"))
        return f"{after} says why" if is_note else f"fix {after} first"

    @property
    def counts(self) -> Counter[str]:
        """How many outcomes there are of each severity, and ok, and skipped."""
        skipped = {"unread", "dependent"}
        return Counter("skipped" if each.status in skipped else each.severity or each.status for each in self.outcomes)

    @property
    def exit_code(self) -> int:
        """Give 1 if anything is broken or risky, else 2 if anything could not be read, else 0; notes do not count."""
        if self.found("broken") or self.found("risky"):
            return FINDINGS
        return COULD_NOT_LOOK if self.with_status("unread") else ALL_RIGHT


def run(facts: Facts, checks: Sequence[Check] = CHECKS) -> Report:
    """Ask every check at every behavior."""
    outcomes = [outcome for behavior in facts.behaviors for outcome in _at(CheckContext(facts, behavior), checks)]
    order = {check.code: position for position, check in enumerate(checks)}
    return Report(facts=facts, outcomes=tuple(sorted(_together(outcomes), key=lambda each: order[each.check.code])))


def _at(context: CheckContext, checks: Sequence[Check]) -> Iterator[CheckResult]:
    """Ask in an order in which what a check requires comes before it."""
    answered_by: dict[str, str] = {}
    for check in _in_order(checks):
        after = next((answered_by[code] for code in check.requires if code in answered_by), None)
        outcome = _ask(check, context, after)
        if outcome.status in {"found", "dependent"}:
            answered_by[check.code] = outcome.after or check.code
        yield outcome


def _ask(check: Check, context: CheckContext, after: str | None) -> CheckResult:
    here = (context.behavior.label,)
    if after is not None:
        return CheckResult(check=check, status="dependent", behaviors=here, after=after)
    try:
        fault = check.look(context)
    except CannotTellError as error:
        if error.unread.after is not None:
            return CheckResult(check=check, status="dependent", behaviors=here, after=error.unread.after)
        return CheckResult(check=check, status="unread", behaviors=here, unread=error.unread)
    return CheckResult(check=check, status="found" if fault else "ok", behaviors=here, fault=fault)


def _in_order(checks: Sequence[Check]) -> list[Check]:
    """Sort so that requirements come first, else as given; raises ValueError for a circle or an unknown code."""
    by_code = {check.code: check for check in checks}
    sorter = TopologicalSorter(dict.fromkeys(by_code, ()))
    for check in checks:
        sorter.add(check.code, *check.requires)
    try:
        return [by_code[code] for code in sorter.static_order()]
    except (CycleError, KeyError) as error:
        raise ValueError(f"these checks require each other, or a code that does not exist: {error.args}") from error


def _together(outcomes: Iterable[CheckResult]) -> list[CheckResult]:
    """Join outcomes that differ in their behavior alone: a permission is missing once, not once for each behavior."""
    joined: dict[CheckResult, list[str]] = {}
    for outcome in outcomes:
        joined.setdefault(replace(outcome, behaviors=()), []).extend(outcome.behaviors)
    return [replace(outcome, behaviors=tuple(labels)) for outcome, labels in joined.items()]
