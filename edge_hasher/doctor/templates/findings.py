"""What the checks found in one world of resources: each finding with its place in a file, and what is not known."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge_hasher.doctor import runner
from edge_hasher.doctor.check import SEVERITIES
from edge_hasher.doctor.facts import AssociationFacts, BehaviorFacts, Facts
from edge_hasher.doctor.fixes.distribution import OWN_HANDLER
from edge_hasher.doctor.templates.facts.distribution import StaticFacts, Written, distributions
from edge_hasher.doctor.templates.facts.edge_function import edge_function
from edge_hasher.doctor.templates.facts.function_names import FUNCTION, arn_of, function_name
from edge_hasher.doctor.templates.facts.partial import partial
from edge_hasher.doctor.templates.facts.permissions import SOME_REGION
from edge_hasher.doctor.templates.fix_lines import as_patched, fix_lines
from edge_hasher.doctor.templates.patches import diff, patched
from edge_hasher.doctor.templates.places import spot
from edge_hasher.doctor.templates.reading.intrinsics import ACCOUNT
from edge_hasher.doctor.templates.reading.values import Map, Reference, Unknown
from edge_hasher.doctor.templates.static_checks import FUNCTION_CHECKS, checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from edge_hasher.doctor.check import Check, Severity
    from edge_hasher.doctor.facts import Unread
    from edge_hasher.doctor.runner import CheckResult
    from edge_hasher.doctor.templates.places import Spot
    from edge_hasher.doctor.templates.reading.source import Span
    from edge_hasher.doctor.templates.reading.values import Resource, World

_STAND_IN = re.compile(rf"arn:aws:lambda:[a-z0-9-]+:{ACCOUNT}:function:[\w-]+(:[\w$-]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, where it is written, and how to fix it: `lines` for this dialect.

    `patch` is the fix as a diff of the file, and `after` the file's text with it, where there is one way to write it.
    """

    check: Check
    severity: Severity
    what: str
    behaviors: tuple[str, ...]
    address: str
    label: str
    file: Path
    span: Span
    source: str
    lines: str
    patch: str | None = None
    after: str | None = field(default=None, repr=False)
    spot: Spot = field(repr=False, compare=False)
    written: Written = field(repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        """The same for the same finding on another day; lines move, so they do not count."""
        parts = [self.check.code, self.file.as_posix(), self.address, *self.behaviors]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of one world: findings, what is not known, how many checks are right, and what was looked at."""

    world: World
    findings: tuple[Finding, ...]
    unread: tuple[tuple[str, Unread], ...]
    ok: int
    distributions: int
    functions: int


def judge(world: World, path: str | None = None, *, clients_hash: bool = False) -> Judged:
    """Run the checks on each distribution of a world, and on each Edge Hasher function that none of them uses."""
    findings: list[Finding] = []
    unread: list[tuple[str, Unread]] = []
    ok = 0
    found = list(distributions(world, path, clients_hash=clients_hash))
    lone = list(_lone_functions(world, found))
    for each in [*found, *lone]:
        report = runner.run(each.facts, FUNCTION_CHECKS if each in lone else checks(each.unsettled))
        unread += [("", question) for question in each.open_questions]
        for outcome in report.outcomes:
            findings += _findings(world, each, outcome)
            if outcome.unread is not None:
                unread.append((outcome.check.code, outcome.unread))
            ok += outcome.status == "ok"
    if not any(each.written for each in found):
        unread += [("", question) for question in world.unread]
    order = {severity: position for position, severity in enumerate(SEVERITIES)}
    findings.sort(key=lambda each: (str(each.file), each.span, order[each.severity], each.check.code))
    return Judged(
        world=world,
        findings=tuple(_once(findings)),
        unread=tuple(dict.fromkeys(unread)),
        ok=ok,
        distributions=len(found),
        functions=len(lone),
    )


def _findings(world: World, static: StaticFacts, outcome: CheckResult) -> Iterator[Finding]:
    """Place an outcome; what is wrong at several behaviors may be written once, or at each."""
    fault, severity = outcome.fault, outcome.severity
    if fault is None or severity is None:
        return
    for label in outcome.behaviors:
        written = static.written[label]
        what = _readable(fault.what, static, written)
        where = spot(world, written, outcome.check.code, fault.what)
        span, document = where.place.span(), where.place.document
        after = patched(world, outcome.check.code, where, written)
        yield Finding(
            check=outcome.check,
            severity=severity,
            what=what,
            behaviors=(label,),
            address=where.resource.address,
            label=where.resource.label,
            file=document.file,
            span=span,
            source=document.lines[span.line - 1] if span.line <= len(document.lines) else "",
            lines=as_patched(fix_lines(world, written, fault.fix), document, after),
            patch=None if after is None else diff(document, after),
            # A plan says the same until the next one, whatever is written into its sources.
            after=after if document in world.documents else None,
            spot=where,
            written=written,
        )


def _readable(what: str, static: StaticFacts, written: Written) -> str:
    """Put names for the ARNs that stand for those of the deployment."""
    what = what.replace(static.facts.arn, f"the distribution {static.facts.id}")
    function = written.edge_function
    return _STAND_IN.sub(function.label, what) if function else what


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out what says the same of the same place."""
    seen = set()
    for each in findings:
        key = (each.check.code, each.file, each.span, each.what)
        if key not in seen:
            seen.add(key)
            yield each


def _lone_functions(world: World, found: Iterable[StaticFacts]) -> Iterator[StaticFacts]:
    """Return Edge Hasher functions that the code makes for distributions elsewhere."""
    used = {
        written.edge_function.address for each in found for written in each.written.values() if written.edge_function
    }
    for resource in world.of(FUNCTION):
        if resource.config.get("Handler") == OWN_HANDLER and resource.address not in used:
            yield _lone(world, resource)


def _lone(world: World, resource: Resource) -> StaticFacts:
    name = function_name(world, Unknown(resource.address, "", (Reference(resource.address),)))
    facts = partial(
        AssociationFacts,
        arn=arn_of(name, SOME_REGION) if name else resource.address,
        event="origin-request",
        includes_body=True,
        function=edge_function(world, resource),
    )
    behavior = partial(BehaviorFacts, pattern="*", is_default=True, associations=(facts,))
    nothing = Map(resource.place)
    written = Written(
        distribution=resource,
        behavior=nothing,
        origin=nothing,
        url=None,
        access_control=None,
        association=None,
        edge_function=resource,
        function=None,
    )
    return StaticFacts(
        facts=partial(Facts, id=resource.label, arn=resource.address, domain="", path=None, behaviors=(behavior,)),
        written={behavior.label: written},
        unsettled={},
    )
