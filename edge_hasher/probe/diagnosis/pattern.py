"""The readings of one method together: what the table of diagnoses looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.function.refusals import DELIVERED_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge_hasher.probe.diagnosis.kinds import Kind
    from edge_hasher.probe.diagnosis.readings import Reading
    from edge_hasher.probe.sending.requests import PlannedRequest, Role

# Past the signature: the request was admitted, whatever the application answered.
REACHED: frozenset[Kind] = frozenset({"app", "app-refuses", "app-fails", "origin"})


@dataclass(frozen=True, slots=True)
class Result:
    """One request and the reading of its answer."""

    request: PlannedRequest
    reading: Reading


@dataclass(frozen=True, slots=True)
class Pattern:
    """What GET and one other method got, by role; `method` names the latter.

    `sized` are the answers to large bodies that should get through, or be refused by Edge Hasher for their size.
    `oversize_unsigned`: a body over what the edge sees was passed on, and refused for its signature.
    """

    method: str
    readings: dict[Role, Reading]
    sized: tuple[Reading, ...] = ()
    oversize_unsigned: bool = False

    def reading(self, role: Role) -> Reading | None:
        """Return the reading of a role, or None where the request was not sent."""
        return self.readings.get(role)

    def kind(self, role: Role) -> Kind | None:
        """Return the kind of a role's reading."""
        reading = self.readings.get(role)
        return None if reading is None else reading.kind

    def any_is(self, kinds: Iterable[Kind]) -> bool:
        """Whether an answer of the method itself, or GET's, is of one of these kinds."""
        return any(self.kind(role) in set(kinds) for role in ("get", "plain", "digest", "bytes"))


_GET_ROLES: tuple[Role, ...] = ("get", "get-wrong", "get-authorization")
_METHOD_ROLES: tuple[Role, ...] = ("plain", "digest", "wrong", "bytes")


def patterns(results: tuple[Result, ...]) -> tuple[Pattern, ...]:
    """Return one pattern for each method but GET, in the order in which they were sent.

    Large bodies go with their method, or with the first one if that was not asked for anything else.
    """
    shared = _by_role(results, _GET_ROLES)
    methods = tuple(dict.fromkeys(result.request.method for result in results if result.request.role in _METHOD_ROLES))
    sized = tuple(result for result in results if result.request.role == "sized")
    return tuple(
        Pattern(
            method,
            shared | _by_role((each for each in results if each.request.method == method), _METHOD_ROLES),
            tuple(each.reading for each in sized if _owner(each, methods) == method and _should_pass(each)),
            any(_owner(each, methods) == method and _is_over_and_refused(each) for each in sized),
        )
        for method in methods
    )


def _by_role(results: Iterable[Result], roles: tuple[Role, ...]) -> dict[Role, Reading]:
    return {each.request.role: each.reading for each in results if each.request.role in roles}


def _owner(result: Result, methods: tuple[str, ...]) -> str:
    return result.request.method if result.request.method in methods else methods[0]


def _may_be_cut(result: Result) -> bool:
    return (result.request.body_bytes or 0) >= DELIVERED_LIMIT_BYTES and result.request.digest == "none"


def _is_over_and_refused(result: Result) -> bool:
    return _may_be_cut(result) and result.reading.kind == "signature"


def _should_pass(result: Result) -> bool:
    """Whether a large body has no reason to fail: not a wrong digest, nor one that the edge cannot compute."""
    return result.request.digest != "wrong" and not _is_over_and_refused(result)
