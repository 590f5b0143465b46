"""The readings of one method together: what the table of diagnoses looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge_hasher.probe.diagnosis.readings import Reading
    from edge_hasher.probe.diagnosis.response_kinds import Kind
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
    """What GET and one other method got, by role; `method` names the latter."""

    method: str
    readings: dict[Role, Reading]

    def reading(self, role: Role) -> Reading | None:
        """Return the reading of a role, or None where the request was not sent."""
        return self.readings.get(role)

    def kind(self, role: Role) -> Kind | None:
        """Return the kind of a role's reading."""
        reading = self.readings.get(role)
        return None if reading is None else reading.kind

    def any_is(self, kinds: Iterable[Kind]) -> bool:
        """Whether an answer of the method itself, or GET's, is of one of these kinds."""
        return any(self.kind(role) in set(kinds) for role in ("get", "plain", "digest"))


_GET_ROLES: tuple[Role, ...] = ("get", "get-wrong", "get-authorization")
_METHOD_ROLES: tuple[Role, ...] = ("plain", "digest", "wrong")


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
        )
        for method in methods
    )
