"""Deleting the versions that nothing uses; the listing that marks them is the plan, and the dry run."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from edge_hasher.aws.errors import NotAllowedError, NotFoundError, OperateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.aws.functions import Functions
    from edge_hasher.operate.clock import Clock
    from edge_hasher.operate.versions.published import Versions

# Documented: "Delete Lambda@Edge functions and replicas": replicas are typically deleted within a few hours.
REPLICAS_GONE_AFTER = timedelta(hours=4)
_REPLICATED = "replicated function"  # seen: "Lambda was unable to delete … because it is a replicated function."


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """What became of one version. `try_after`: when its replicas should be gone, an ISO time."""

    number: int
    deleted: bool = True
    problem: str | None = None
    try_after: str | None = None


def prune(functions: Functions, found: Versions, *, clock: Clock, progress: Callable[[str], None]) -> list[PruneResult]:
    """Delete the prunable versions; Lambda itself refuses one that is replicated, or in use after all."""
    results = []
    for number in found.prunable:
        progress(f"deleting version {number}")
        try:
            with suppress(NotFoundError):
                functions.delete_version(found.function, number)
            results.append(PruneResult(number=number))
        except NotAllowedError:
            raise
        except OperateError as error:
            problem, try_after = str(error), None
            if _REPLICATED in problem:
                problem = "still replicated"
                try_after = (clock.date() + REPLICAS_GONE_AFTER).isoformat(timespec="minutes")
            results.append(PruneResult(number=number, deleted=False, problem=problem, try_after=try_after))
    return results
