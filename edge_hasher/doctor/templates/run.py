"""Checks paths: reads what is there, judges it, and takes out what the user wants left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge_hasher.doctor.check import SEVERITIES
from edge_hasher.doctor.runner import ALL_RIGHT, COULD_NOT_LOOK, FINDINGS
from edge_hasher.doctor.templates.discovery import read_all
from edge_hasher.doctor.templates.findings import judge
from edge_hasher.doctor.templates.reading.parameters import refuse_wrong
from edge_hasher.doctor.templates.skips import skipped, without_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from edge_hasher.doctor.check import Severity
    from edge_hasher.doctor.facts import Unread
    from edge_hasher.doctor.templates.findings import Finding, Judged
    from edge_hasher.doctor.templates.reading.source import Document
    from edge_hasher.doctor.templates.reading.values import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to check, and what to leave out: codes, and fingerprints of findings that are known."""

    paths: tuple[Path, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    viewer_path: str | None = None
    clients_hash: bool = False
    skip: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    strict: bool = False
    pass_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknowns:
    """What one reason leaves open in one world: how many questions, and the codes of the checks that ask them."""

    world: World
    unread: Unread
    codes: tuple[str, ...]
    count: int

    @property
    def text(self) -> str:
        """What is not known, why, and for which checks."""
        checks = "1 check" if self.count == 1 else f"{self.count} checks"
        named = f": {', '.join(self.codes)}" if self.codes else ""
        return f"{self.unread.what}: {self.unread.why} ({checks}{named})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """The outcome: `findings` are to be told, `left_out` are those that --skip, a comment or the baseline names."""

    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]
    left_out: tuple[tuple[Finding, str], ...]
    problems: tuple[tuple[Path, str], ...]
    remarks: tuple[str, ...]
    strict: bool
    may_be_empty: bool = False

    @property
    def unread(self) -> tuple[tuple[Judged, str, Unread], ...]:
        """What is not known before the deployment, with the code of the check that asked."""
        return tuple((judged, code, why) for judged in self.judged for code, why in judged.unread)

    @property
    def unknowns(self) -> tuple[Unknowns, ...]:
        """The same, by reasons."""
        codes: dict[tuple[int, str, str], list[tuple[Judged, str, Unread]]] = {}
        for each in self.unread:
            judged, _, why = each
            codes.setdefault((id(judged), why.what, why.why), []).append(each)
        return tuple(
            Unknowns(
                world=same[0][0].world,
                unread=same[0][2],
                codes=tuple(sorted({code for _, code, _ in same if code})),
                count=len(same),
            )
            for same in codes.values()
        )

    @property
    def why_nothing_was_judged(self) -> str | None:
        """The reason where no check could tell anything; None where one could."""
        if self.findings or self.left_out or any(each.ok for each in self.judged):
            return None
        if self.unread:
            return f"{len(self.unread)} unread"
        if self.judged:
            return "no behavior leads to a Function URL"
        return "no file could be read" if self.problems else "no file is a template"

    def count(self, severity: Severity) -> int:
        """Return how many findings of one severity there are."""
        return sum(each.severity == severity for each in self.findings)

    @property
    def summary(self) -> dict[str, int]:
        """How many there are of each severity, and of what is not known, right, and left out."""
        return {
            **{severity: self.count(severity) for severity in SEVERITIES},
            "unread": len(self.unread),
            "ok": sum(each.ok for each in self.judged),
            "left_out": len(self.left_out),
        }

    @property
    def exit_code(self) -> int:
        """Give 2 if a file could not be read, else 1 for anything broken or risky, else 0; strict counts the unread."""
        if self.problems or not (self.judged or self.may_be_empty):
            return COULD_NOT_LOOK
        if self.count("broken") or self.count("risky"):
            return FINDINGS
        return COULD_NOT_LOOK if self.strict and self.unread else ALL_RIGHT


def run(question: Question) -> CheckRun:
    """Read and judge; raises ParameterError for a parameter that nothing has."""
    reading = read_all(question.paths, question.parameters, pass_over=question.pass_over)
    # A file that could not be read, or that a hook did not name this time, may have the parameter.
    if not (reading.problems or question.pass_over):
        refuse_wrong(reading.worlds, question.parameters)
    judged = tuple(judge(world, question.viewer_path, clients_hash=question.clients_hash) for world in reading.worlds)
    told: list[Finding] = []
    left_out: list[tuple[Finding, str]] = []
    for finding in _once(judged):
        reason = _left_out(finding, question)
        if reason is None:
            told.append(finding)
        else:
            left_out.append((finding, reason))
    return CheckRun(
        judged=judged,
        findings=tuple(told),
        left_out=tuple(left_out),
        problems=tuple(reading.problems),
        remarks=tuple(without_reason(_documents(judged))),
        strict=question.strict,
        may_be_empty=question.pass_over,
    )


def _once(judged: Iterable[Judged]) -> Iterator[Finding]:
    """Return the findings; a module that several call is wrong once."""
    seen: set[tuple[object, ...]] = set()
    for one in judged:
        new = [each for each in one.findings if (each.check.code, each.file, each.span) not in seen]
        seen.update((each.check.code, each.file, each.span) for each in new)
        yield from new


def _documents(judged: Iterable[Judged]) -> dict[Path, Document]:
    return {document.file: document for each in judged for document in each.world.documents}


def _left_out(finding: Finding, question: Question) -> str | None:
    """Return why a finding is not told."""
    if finding.check.code in question.skip:
        return "--skip"
    if finding.fingerprint in question.known:
        return "baseline"
    return skipped(finding)
