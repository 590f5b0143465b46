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
    """

    method: str
    readings: dict[Role, Reading]
    sized: tuple[Reading, ...] = ()

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
    """Return one pattern for each method but GET, in the order in which they were sent."""
    shared = {result.request.role: result.reading for result in results if result.request.role in _GET_ROLES}
    methods = dict.fromkeys(result.request.method for result in results if result.request.role in _METHOD_ROLES)
    return tuple(
        Pattern(
            method,
            shared
            | {
                result.request.role: result.reading
                for result in results
                if result.request.method == method and result.request.role in _METHOD_ROLES
            },
            tuple(result.reading for result in results if result.request.method == method and _should_pass(result)),
        )
        for method in methods
    )


def _should_pass(result: Result) -> bool:
    """Whether a large body has no reason to fail: not a wrong digest, nor one that the edge cannot compute."""
    request = result.request
    if request.role != "sized" or request.digest == "wrong":
        return False
    may_be_cut = (request.body_bytes or 0) >= DELIVERED_LIMIT_BYTES and request.digest == "none"
    return not (may_be_cut and result.reading.kind == "signature")
