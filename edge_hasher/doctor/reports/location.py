"""Where in a file a finding is, if it is in a file at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge_hasher.doctor.runner import CheckResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place in a file: a path as the user named it, a line and a column, both from 1."""

    file: str
    line: int | None = None
    column: int | None = None


Locate = Callable[[CheckResult], Sequence[Location]]


def in_no_file(_: CheckResult) -> Sequence[Location]:
    """Return no places: what doctor reads from AWS is in no file."""
    return ()
