"""Deleting the versions that nothing uses: a plan, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from edge_hasher.aws.errors import NotAllowedError, NotFoundError, OperateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from edge_hasher.aws.functions import Functions
    from edge_hasher.operate.clock import Clock
    from edge_hasher.operate.versions.published import Version, Versions

# Documented: "Delete Lambda@Edge functions and replicas": replicas are typically deleted within a few hours.
REPLICAS_GONE_AFTER = timedelta(hours=4)
_REPLICATED = "replicated function"  # seen: "Lambda was unable to delete … because it is a replicated function."


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunePlan:
    """The versions of a function that may go; the listing that marks them is the dry run."""

    function: str
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """What became of one version. `problem` None: deleted; `try_after`: when its replicas should be gone."""

    version: Version
    problem: str | None = None
    try_after: datetime | None = None


def plan(found: Versions) -> PrunePlan:
    """Plan to delete the versions that nothing needs."""
    return PrunePlan(function=found.function, versions=tuple(each for each in found.versions if each.is_prunable))


def apply(functions: Functions, plan: PrunePlan, *, clock: Clock, progress: Callable[[str], None]) -> list[PruneResult]:
    """Delete what is planned; Lambda itself refuses a version that is replicated, or in use after all."""
    results = []
    for version in plan.versions:
        progress(f"deleting version {version.number}")
        try:
            functions.delete_version(plan.function, version.number)
        except NotAllowedError:
            raise
        except NotFoundError:
            results.append(PruneResult(version=version))
        except OperateError as error:
            is_replicated = _REPLICATED in str(error)
            results.append(
                PruneResult(
                    version=version,
                    problem="still replicated" if is_replicated else str(error),
                    try_after=clock.date() + REPLICAS_GONE_AFTER if is_replicated else None,
                )
            )
        else:
            results.append(PruneResult(version=version))
    return results
