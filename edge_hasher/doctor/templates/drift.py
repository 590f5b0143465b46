"""A deployed distribution beside the code that should have made it: what differs and matters for bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge_hasher.aws.errors import OperateError
from edge_hasher.doctor.check import CannotTellError, known
from edge_hasher.doctor.resource_policy import INVOKE, INVOKE_URL, Caller, fit
from edge_hasher.doctor.templates.discovery import read_all
from edge_hasher.doctor.templates.facts.distribution import distributions
from edge_hasher.doctor.templates.places import spot
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edge_hasher.doctor.facts import BehaviorFacts, Facts, FunctionUrlFacts, Unread
    from edge_hasher.doctor.templates.facts.distribution import StaticFacts
    from edge_hasher.doctor.templates.reading.values import World

_ORIGIN_REQUEST = "origin-request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """One thing that is compared: `look` reads it off a behavior, `code` is the check about it, which says where."""

    name: str
    code: str
    look: Callable[[Facts, BehaviorFacts], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference, and where the code says otherwise."""

    behavior: str
    name: str
    deployed: str
    written: str
    place: str


def _includes_body(_: Facts, behavior: BehaviorFacts) -> object:
    found = [each.includes_body for each in behavior.associations if each.event == _ORIGIN_REQUEST]
    return found[0] if found else "no origin-request function"


def _cache(_: Facts, behavior: BehaviorFacts) -> object:
    policy = known(behavior.cache)
    return sorted(policy.headers), policy.min_ttl_s, policy.default_ttl_s


def _request(_: Facts, behavior: BehaviorFacts) -> object:
    policy = known(behavior.request)
    return None if policy is None else (policy.mode, sorted(policy.headers))


def _access_control(_: Facts, behavior: BehaviorFacts) -> object:
    control = known(behavior.origin.access_control)
    return None if control is None else (control.origin_type, control.behavior)


def _url(behavior: BehaviorFacts) -> FunctionUrlFacts:
    return known(behavior.origin.url)


def _is_granted(action: str) -> Callable[[Facts, BehaviorFacts], bool]:
    def look(facts: Facts, behavior: BehaviorFacts) -> bool:
        url = _url(behavior)
        caller = Caller(distribution_arn=facts.arn, auth_type=url.auth_type)
        return any(each.allows and fit(each, action, caller) == "yes" for each in known(url.policy))

    return look


ASPECTS = (
    Aspect(name="methods", code="EH102", look=lambda _, it: sorted(it.methods)),
    Aspect(name="cache policy (headers, least and default TTL)", code="EH403", look=_cache),
    Aspect(name="origin request policy", code="EH401", look=_request),
    Aspect(name="compression", code="EH502", look=lambda _, it: it.compresses),
    Aspect(name="IncludeBody", code="EH604", look=_includes_body),
    Aspect(name="origin access control (type, behavior)", code="EH203", look=_access_control),
    Aspect(name="protocol to the origin", code="EH501", look=lambda _, it: it.origin.protocol),
    Aspect(name="read timeout (s)", code="EH503", look=lambda _, it: it.origin.read_timeout_s),
    Aspect(name="completion timeout (s)", code="EH504", look=lambda _, it: it.origin.completion_timeout_s),
    Aspect(name="Edge-Hasher header", code="EH608", look=lambda _, it: list(it.origin.settings)),
    Aspect(name="AuthType of the Function URL", code="EH301", look=lambda _, it: _url(it).auth_type),
    Aspect(name="streaming", code="EH301", look=lambda _, it: _url(it).streams),
    Aspect(name=f"permission for {INVOKE_URL}", code="EH302", look=_is_granted(INVOKE_URL)),
    Aspect(name=f"permission for {INVOKE}", code="EH303", look=_is_granted(INVOKE)),
)


def compare(deployed: Facts, path: Path) -> tuple[str, bool]:
    """Return the report, and whether anything differs; raises OperateError if the code cannot be read."""
    reading = read_all([path], {})
    found = [(world, each) for world in reading.worlds for each in distributions(world, deployed.path)]
    wanted = {behavior.label for behavior in deployed.behaviors}
    found.sort(key=lambda one: -len(wanted & set(one[1].written)))
    if not found or not wanted & set(found[0][1].written):
        problems = [f"{file}: {why}" for file, why in reading.problems]
        raise OperateError(
            f"{path} makes no distribution with a behavior that leads to a Function URL, as {deployed.id} has",
            *problems,
        )
    world, static = found[0]
    drifts, unread = differences(deployed, static, world)
    return "\n".join(_lines(deployed, static, drifts, unread)), bool(drifts)


def differences(deployed: Facts, static: StaticFacts, world: World) -> tuple[list[Drift], list[Unread]]:
    """Return what differs at each behavior, and what cannot be compared."""
    drifts: list[Drift] = []
    unread: list[Unread] = []
    written = {each.label: each for each in static.facts.behaviors}
    for behavior in deployed.behaviors:
        if behavior.label not in written:
            drifts.append(_only(behavior.label, "yes", "no", str(static.facts.id)))
            continue
        for aspect in ASPECTS:
            try:
                there = aspect.look(deployed, behavior)
                here = aspect.look(static.facts, written[behavior.label])
            except CannotTellError as error:
                unread.append(error.unread)
                continue
            if there != here:
                where = spot(world, static.written[behavior.label], aspect.code, "").place
                drifts.append(
                    Drift(
                        behavior=behavior.label,
                        name=aspect.name,
                        deployed=_shown(there),
                        written=_shown(here),
                        place=f"{where.document.file}:{where.span().line}",
                    )
                )
    missing = [label for label in written if label not in {each.label for each in deployed.behaviors}]
    drifts += [_only(label, "no", "yes", str(static.facts.id)) for label in missing]
    return drifts, list(dict.fromkeys(unread))


def _only(label: str, deployed: str, written: str, place: str) -> Drift:
    return Drift(behavior=label, name="it is there", deployed=deployed, written=written, place=place)


def _lines(deployed: Facts, static: StaticFacts, drifts: list[Drift], unread: list[Unread]) -> Iterator[str]:
    yield ""
    yield printable(
        f"{deployed.id} beside {static.facts.id} in the code: {len(drifts)} differences that matter for bodies"
    )
    for each in drifts:
        yield printable(f"differs  {each.behavior}: {each.name}: deployed {each.deployed}, {each.place} {each.written}")
    for question in unread:
        yield printable(f"unread   {question.what}: {question.why}")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_shown(each) for each in value) or "none"
    return "none" if value is None else str(value)
