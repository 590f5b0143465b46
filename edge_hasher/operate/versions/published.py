"""Published versions: who uses each, and which may go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from edge_hasher.aws.cloudfront import Distributions
from edge_hasher.aws.configuration import associations, behaviors
from edge_hasher.aws.errors import NotAllowedError, NotFoundError, OperateError, translated
from edge_hasher.operate import function_choice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from edge_hasher.aws.clients import Aws

# Documented: "Delete Lambda@Edge functions and replicas": replicas are typically deleted within a few hours.
REPLICAS_GONE_AFTER = timedelta(hours=4)
_REPLICATED = "replicated function"  # seen: "Lambda was unable to delete … because it is a replicated function."


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One behavior of one distribution that runs a version."""

    distribution: str
    domain: str
    path: str
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A published version. `kept` says why it stays though no distribution uses it; None: it may go."""

    number: int
    arn: str
    modified: str
    uses: tuple[Use, ...] = ()
    kept: str | None = None

    @property
    def is_prunable(self) -> bool:
        """Whether nothing needs it."""
        return not self.uses and self.kept is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """All published versions of a function, oldest first."""

    function: str
    versions: tuple[Version, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """What became of one version. `problem` None: deleted; `try_after`: when its replicas should be gone."""

    version: Version
    problem: str | None = None
    try_after: datetime | None = None


def listed(aws: Aws, name: str | None, progress: Callable[[str], None]) -> Versions:
    """List the versions with their uses; raises OperateError where a use could have been missed."""
    named = function_choice.function_named(aws, name)
    published = _published(aws, named.name)
    uses = _uses(Distributions(aws.cloudfront).summaries(progress), {arn for arn, _ in published})
    kept, notes = _kept(aws, named, [arn for arn, _ in published])
    versions = (
        Version(
            number=int(arn.rpartition(":")[2]),
            arn=arn,
            modified=modified,
            uses=tuple(uses.get(arn, ())),
            kept=kept.get(arn),
        )
        for arn, modified in published
    )
    return Versions(
        function=named.name, versions=tuple(sorted(versions, key=lambda version: version.number)), notes=notes
    )


def prune(aws: Aws, versions: Versions, *, now: datetime, progress: Callable[[str], None]) -> list[PruneResult]:
    """Delete the versions that nothing needs; Lambda itself refuses one that is replicated, or in use after all."""
    with translated("lambda"):
        client = aws.awslambda()
    pruned = []
    for version in versions.versions:
        if not version.is_prunable:
            continue
        progress(f"deleting version {version.number}")
        try:
            with translated("lambda"):
                # The number in the qualifier: without one, the call deletes the whole function.
                client.delete_function(FunctionName=versions.function, Qualifier=str(version.number))
        except NotFoundError:
            pruned.append(PruneResult(version=version))
        except NotAllowedError:
            raise
        except OperateError as error:
            is_replicated = _REPLICATED in str(error)
            pruned.append(
                PruneResult(
                    version=version,
                    problem="still replicated" if is_replicated else str(error),
                    try_after=now + REPLICAS_GONE_AFTER if is_replicated else None,
                )
            )
        else:
            pruned.append(PruneResult(version=version))
    return pruned


def _published(aws: Aws, name: str) -> list[tuple[str, str]]:
    """List the ARN and the time of each published version."""
    with translated("lambda"):
        pages = aws.awslambda().get_paginator("list_versions_by_function").paginate(FunctionName=name)
        return [
            (version["FunctionArn"], version.get("LastModified", ""))
            for page in pages
            for version in page["Versions"]
            if version["Version"] != "$LATEST"
        ]


def _uses(summaries: Iterable[dict[str, Any]], arns: set[str]) -> Mapping[str, list[Use]]:
    """Find every association, of any event type, in every distribution."""
    uses: dict[str, list[Use]] = {}
    for summary in summaries:
        aliases = (summary.get("Aliases") or {}).get("Items") or []
        for behavior in behaviors(summary):
            for item in associations(behavior.settings):
                if item["LambdaFunctionARN"] in arns:
                    use = Use(
                        distribution=summary["Id"],
                        domain=(aliases or [summary["DomainName"]])[0],
                        path=behavior.label,
                        event=item["EventType"],
                    )
                    uses.setdefault(item["LambdaFunctionARN"], []).append(use)
    return uses


def _kept(
    aws: Aws, named: function_choice.FunctionRef, arns: Sequence[str]
) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Return why versions stay though no distribution uses them: the next attach, an alias or a stack takes them."""
    kept: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    try:
        for number, alias in _aliases(aws, named.name):
            kept |= {arn: f"the alias {alias}" for arn in arns if arn.endswith(f":{number}")}
    except NotAllowedError as error:
        notes = (f"aliases were not looked at ({error}); Lambda deletes no version that has one",)
    if named.version_arn in arns:
        kept[str(named.version_arn)] = named.source
    if arns:
        newest = max(arns, key=lambda arn: int(arn.rpartition(":")[2]))
        kept.setdefault(newest, "the newest, which attach takes")
    return kept, notes


def _aliases(aws: Aws, name: str) -> list[tuple[str, str]]:
    """List the version and the name of each alias; one that shifts traffic has two versions."""
    found = []
    with translated("lambda"):
        for page in aws.awslambda().get_paginator("list_aliases").paginate(FunctionName=name):
            for alias in page["Aliases"]:
                weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
                found += [(number, alias["Name"]) for number in (alias["FunctionVersion"], *weights)]
    return found
