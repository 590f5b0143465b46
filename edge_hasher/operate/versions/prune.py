"""Deleting the versions that nothing uses; the listing that marks them is the plan, and the dry run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from edge_hasher.aws.errors import NoAnswerError, NotAllowedError, NotFoundError, OperateError
from edge_hasher.operate.versions.published import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge_hasher.aws.door import Aws
    from edge_hasher.operate.clock import Clock
    from edge_hasher.operate.versions.published import Versions

# Documented: "Delete Lambda@Edge functions and replicas": replicas are typically deleted within a few hours.
REPLICAS_GONE_AFTER = timedelta(hours=4)
_REPLICATED = "replicated function"  # seen: "Lambda was unable to delete … because it is a replicated function."
_NOT_KNOWN = "whether it was deleted is not known: `edge-hasher versions` shows it"


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """What became of one version. `try_after`: when its replicas should be gone, an ISO time."""

    number: int
    deleted: bool = True
    problem: str | None = None
    try_after: str | None = None


def prune(aws: Aws, found: Versions, *, clock: Clock, progress: Callable[[str], None]) -> Iterator[PruneResult]:
    """Delete the prunable versions, each after another look at what uses it.

    Yields what became of each, also of the one at which it stops: raises OperateError where a look fails or the
    credentials may not delete. Lambda itself refuses a version that is replicated, or in use after all.
    """
    for number in found.prunable:
        progress(f"looking once more who uses version {number}")
        version = listed(aws, found.function, progress, to_prune=True).numbered(number)
        if version is None:
            yield PruneResult(number=number)
        elif not version.prunable:
            reason = version.kept or "a distribution uses it"
            yield PruneResult(number=number, deleted=False, problem=f"in use since it was listed: {reason}")
        else:
            progress(f"deleting version {number}")
            yield from _deleted(aws, found.function, number, clock)


def _deleted(aws: Aws, function: str, number: int, clock: Clock) -> Iterator[PruneResult]:
    problem: str | None = None
    try_after = None
    try:
        aws.functions.delete_version(function, number)
    except NotFoundError:
        pass
    except NotAllowedError as error:
        yield PruneResult(number=number, deleted=False, problem=str(error))
        raise
    except KeyboardInterrupt:
        yield PruneResult(number=number, deleted=False, problem=f"interrupted; {_NOT_KNOWN}")
        raise
    except OperateError as error:
        problem = str(error)
        if _REPLICATED in problem:
            problem, try_after = "still replicated", (clock.date() + REPLICAS_GONE_AFTER).isoformat(timespec="minutes")
        elif isinstance(error, NoAnswerError):
            problem = _after_no_answer(aws, function, number, problem)
    yield PruneResult(number=number, deleted=problem is None, problem=problem, try_after=try_after)


def _after_no_answer(aws: Aws, function: str, number: int, problem: str) -> str | None:
    """Return what to say of a version whose deletion was not answered: nothing where it is gone."""
    try:
        return problem if any(each.number == number for each in aws.functions.versions(function)) else None
    except OperateError:
        return f"{problem}; {_NOT_KNOWN}"
