"""Log lines of the function, from every Region where it ran, in one order."""

from __future__ import annotations

import heapq
import json
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from edge_hasher.aws.errors import CredentialsError, OperateError
from edge_hasher.aws.parallel import in_parallel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from edge_hasher.aws.logs import Line

VALIDATION_PREFIX = "/aws/cloudfront/LambdaEdge/"  # documented: "Edge function logs"
LINE_LIMIT = 10_000  # of one log group at a time: what a person can still read, and a bound on memory
# Seen: a Region that is not enabled answers as if it did not know the credentials, and they are right elsewhere. It
# answers the same to a session token that is not valid in every Region (documented: STS, "Managing Regional tokens").
_NOT_ENABLED_CODES = frozenset({"UnrecognizedClientException", "InvalidClientTokenId", "OptInRequired", "AuthFailure"})
_REGIONS_AT_ONCE = 8

Place = tuple[str, str]  # Region and log group


class LogSource(Protocol):
    """The two questions to CloudWatch Logs; each raises OperateError."""

    def groups(self, region: str, prefix: str) -> list[str]:
        """List the log groups of a Region whose names begin so."""

    def lines(
        self, region: str, group: str, start_ms: int, limit: int, seen: Collection[str]
    ) -> tuple[list[Line], bool]:
        """Return up to `limit` lines from `start_ms` on, oldest first, but not those `seen`; and if there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Which lines; `distribution` None is all. `custom_group` is the log group that the function was given, if any."""

    function: str
    distribution: str | None = None
    custom_group: str | None = None

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the names of its log groups begin with."""
        custom = (self.custom_group,) if self.custom_group else ()
        return (f"/aws/lambda/us-east-1.{self.function}", *custom, VALIDATION_PREFIX + (self.distribution or ""))

    def is_its(self, group: str) -> bool:
        """Whether a log group is one of its own, and not of a function or distribution whose name goes on."""
        if group.startswith(VALIDATION_PREFIX):
            return self.distribution in {None, group.removeprefix(VALIDATION_PREFIX)}
        return group in {f"/aws/lambda/us-east-1.{self.function}", self.custom_group}

    def keeps(self, line: Line) -> bool:
        """Whether a line is wanted: not one that names another distribution."""
        if self.distribution is None or line.group.startswith(VALIDATION_PREFIX):
            return True
        return _distribution_of(line.message) in {None, self.distribution}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBatch:
    """Lines in order, and all that was `read` for them, log group by log group; `cut` are those that have more.

    `failed` says which Regions could not be asked and why; those `not_enabled` do not know the credentials.
    """

    lines: tuple[Line, ...] = ()
    read: Mapping[Place, Sequence[Line]] = field(default_factory=dict)
    failed: tuple[tuple[str, str], ...] = ()
    not_enabled: tuple[tuple[str, str], ...] = ()
    cut: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a log group was read: from when to read on, without the events that were `seen`, by id and time."""

    since_ms: int
    newest_ms: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)


def collect(
    source: LogSource,
    regions: Sequence[str],
    wanted: LogQuery,
    *,
    start_ms: int,
    progress: Callable[[str], None],
    positions: Mapping[Place, Position] | None = None,
) -> LogBatch:
    """Ask the Regions, several at once, for the lines from `start_ms` on, or from where a log group's position is.

    A Region that fails is named; raises OperateError where all fail.
    """
    answers: list[LogBatch] = []
    errors: dict[str, OperateError] = {}

    def ask(region: str) -> LogBatch | OperateError:
        try:
            return _ask(source, region, wanted, positions or {}, Position(since_ms=start_ms))
        except OperateError as error:
            return error

    with closing(in_parallel(ask, regions, at_once=_REGIONS_AT_ONCE)) as asked:
        for region, answer in zip(regions, asked, strict=True):
            if isinstance(answer, OperateError):
                errors[region] = answer
            else:
                answers.append(answer)
            progress(f"asked {len(answers) + len(errors)} of {len(regions)} Regions")
    if errors and not answers:
        first, *others = errors.values()
        if all(str(error) == str(first) for error in others):
            raise first
        raise OperateError(*(f"{region}: {error}" for region, error in errors.items()))
    not_enabled = {
        region
        for region, error in errors.items()
        if isinstance(error, CredentialsError) and error.code in _NOT_ENABLED_CODES
    }
    return LogBatch(
        lines=tuple(heapq.merge(*(answer.lines for answer in answers))),
        read={place: lines for answer in answers for place, lines in answer.read.items()},
        failed=tuple(sorted((region, str(error)) for region, error in errors.items() if region not in not_enabled)),
        not_enabled=tuple(sorted((region, str(errors[region])) for region in not_enabled)),
        cut=tuple(sorted(place for answer in answers for place in answer.cut)),
    )


def _ask(
    source: LogSource, region: str, wanted: LogQuery, positions: Mapping[Place, Position], start: Position
) -> LogBatch:
    groups = {group for prefix in wanted.prefixes for group in source.groups(region, prefix) if wanted.is_its(group)}
    read: dict[Place, list[Line]] = {}
    cut = []
    for group in groups:
        place = (region, group)
        position = positions.get(place, start)
        read[place], has_more = source.lines(region, group, position.since_ms, LINE_LIMIT, position.seen)
        cut += [place] if has_more else []
    unique = {line.event_id: line for lines in read.values() for line in lines if wanted.keeps(line)}
    return LogBatch(lines=tuple(sorted(unique.values())), read=read, cut=tuple(cut))


def _distribution_of(message: str) -> str | None:
    """Return the distribution that one of our own JSON lines is about."""
    if '"distribution"' not in message:
        return None
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        return None
    name = found.get("distribution") if isinstance(found, dict) else None
    return name if isinstance(name, str) else None
