"""Who uses a version: every association, of any event type, in every distribution. What cannot be read is an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge_hasher.aws.configuration import associations, behaviors
from edge_hasher.aws.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One behavior of one distribution that runs a version."""

    distribution: str
    domain: str
    path: str
    event: str


def uses_of(summaries: Iterable[dict[str, Any]], arns: Collection[str]) -> Mapping[str, list[Use]]:
    """Return the uses of each ARN; raises OperateError for a distribution that cannot be read whole."""
    uses: dict[str, list[Use]] = {arn: [] for arn in arns}
    for number, summary in enumerate(summaries, 1):
        try:
            for arn, use in _uses_in(summary):
                uses.get(arn, []).append(use)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise OperateError(
                f"CloudFront's list of distributions could not be read whole (at number {number}), and what is missing "
                "may use any version: run this again in a minute"
            ) from error
    return uses


def _uses_in(summary: dict[str, Any]) -> list[tuple[str, Use]]:
    """Return the associations with their ARNs; raises LookupError and the like where a part is missing."""
    distribution, domain = str(summary["Id"]), str(summary["DomainName"])
    _check_lists(summary)
    # None can be without an origin; and the behaviors are listed, even none (documented: DistributionSummary).
    if not (distribution and domain and summary["Origins"]["Items"] and summary["CacheBehaviors"]):
        raise ValueError
    domain = ((summary.get("Aliases") or {}).get("Items") or [domain])[0]
    return [
        (
            item["LambdaFunctionARN"],
            Use(distribution=distribution, domain=domain, path=behavior.label, event=item["EventType"]),
        )
        for behavior in behaviors(summary)
        for item in associations(behavior.settings)
    ]


def _check_lists(part: object) -> None:
    """Raise ValueError where a list, at any depth, has not as many items as its Quantity says."""
    if isinstance(part, dict):
        if "Quantity" in part and len(part.get("Items") or []) != part["Quantity"]:
            raise ValueError
        for value in part.values():
            _check_lists(value)
    elif isinstance(part, list):
        for value in part:
            _check_lists(value)
