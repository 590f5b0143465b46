"""Published versions: who uses each, and why one that nobody uses is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edge_hasher.aws.configuration import associations, behaviors
from edge_hasher.aws.errors import NotAllowedError
from edge_hasher.operate import function_choice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from edge_hasher.aws.door import Aws
    from edge_hasher.aws.functions import PublishedVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One behavior of one distribution that runs a version."""

    distribution: str
    domain: str
    path: str
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A published version. `kept` says why it stays though no distribution uses it; `prunable`: nothing needs it."""

    number: int
    arn: str
    modified: str
    uses: tuple[Use, ...] = ()
    kept: str | None = None
    prunable: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "prunable", not self.uses and self.kept is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """All published versions of a function, oldest first."""

    function: str
    versions: tuple[Version, ...]
    notes: tuple[str, ...] = ()

    @property
    def prunable(self) -> list[int]:
        """The numbers of those that nothing needs."""
        return [each.number for each in self.versions if each.prunable]


def listed(aws: Aws, name: str | None, progress: Callable[[str], None]) -> Versions:
    """List the versions with their uses; raises OperateError where a use could have been missed."""
    named = function_choice.function_named(aws, name)
    published = aws.functions.versions(named.name)
    uses = _uses(aws.cloudfront.summaries(progress), {version.arn for version in published})
    kept, notes = _kept(aws, named, published)
    versions = tuple(
        Version(
            number=version.number,
            arn=version.arn,
            modified=version.modified,
            uses=tuple(uses[version.arn]),
            kept=kept.get(version.number),
        )
        for version in published
    )
    return Versions(function=named.name, versions=versions, notes=notes)


def _uses(summaries: Iterable[dict[str, Any]], arns: set[str]) -> Mapping[str, list[Use]]:
    """Find every association, of any event type, in every distribution."""
    uses: dict[str, list[Use]] = {arn: [] for arn in arns}
    for summary in summaries:
        aliases = (summary.get("Aliases") or {}).get("Items") or []
        for behavior in behaviors(summary):
            for item in associations(behavior.settings):
                if (arn := item["LambdaFunctionARN"]) in uses:
                    domain = (aliases or [summary["DomainName"]])[0]
                    use = Use(distribution=summary["Id"], domain=domain, path=behavior.label, event=item["EventType"])
                    uses[arn].append(use)
    return uses


def _kept(
    aws: Aws, named: function_choice.FunctionRef, published: Sequence[PublishedVersion]
) -> tuple[Mapping[int, str], tuple[str, ...]]:
    """Return why versions stay though no distribution uses them: the next attach, an alias or a stack takes them."""
    kept: dict[int, str] = {}
    notes: tuple[str, ...] = ()
    try:
        kept = {
            number: f"the alias {each.name}" for each in aws.functions.aliases(named.name) for number in each.versions
        }
    except NotAllowedError as error:
        notes = (f"aliases were not looked at ({error}); Lambda deletes no version that has one",)
    kept |= {version.number: named.source for version in published if version.arn == named.version_arn}
    if published:
        kept.setdefault(published[-1].number, "the newest, which attach takes")
    return kept, notes
