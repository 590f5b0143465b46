"""Published versions: who uses each, and why one that nobody uses is kept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edge_hasher.aws.errors import NotAllowedError, OperateError
from edge_hasher.operate import function_choice
from edge_hasher.operate.versions.uses import uses_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge_hasher.aws.door import Aws
    from edge_hasher.aws.functions import PublishedVersion
    from edge_hasher.operate.versions.uses import Use


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

    def numbered(self, number: int) -> Version | None:
        """Return one version, or None where it is not there."""
        return next((each for each in self.versions if each.number == number), None)


def listed(aws: Aws, name: str | None, progress: Callable[[str], None], *, to_prune: bool = False) -> Versions:
    """List the versions with their uses; raises OperateError where a use could have been missed.

    To prune, that is also where the place that names the version to attach cannot be read; else a note says so.
    """
    named = function_choice.function_named(aws, name)
    published = [_with_number(version) for version in aws.functions.versions(named.name)]
    uses = uses_of(aws.cloudfront.summaries(progress), {version.arn for version in published})
    kept, notes = _kept(aws, named, published, to_prune=to_prune)
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
    return Versions(function=named.name, versions=versions, notes=tuple(notes))


def _with_number(version: PublishedVersion) -> PublishedVersion:
    """Return it with an ARN that ends with its number, as associations have it (seen: a stand-in leaves it out)."""
    number = f":{version.number}"
    return replace(version, arn=version.arn.removesuffix(number) + number)


def _kept(
    aws: Aws, named: function_choice.FunctionRef, published: Sequence[PublishedVersion], *, to_prune: bool
) -> tuple[Mapping[int, str], list[str]]:
    """Return why versions stay though no distribution uses them: the next attach, an alias or a stack takes them."""
    kept: dict[int, str] = {}
    notes = []
    try:
        kept = {
            number: f"the alias {each.name}" for each in aws.functions.aliases(named.name) for number in each.versions
        }
    except NotAllowedError as error:
        if to_prune:
            raise OperateError(f"nothing is deleted while the aliases are not known: {error}") from error
        notes.append(f"aliases were not looked at ({error}); Lambda deletes no version that has one")
    try:
        for ref in function_choice.named_by_deployment(aws, named.name):
            kept |= {version.number: ref.source for version in published if version.arn == ref.version_arn}
    except OperateError as error:
        if to_prune:
            raise OperateError(f"nothing is deleted without knowing which version the stack takes: {error}") from error
        notes.append(f"which version the stack takes is not known ({error})")
    if published:
        kept.setdefault(published[-1].number, "the newest, which attach takes")
    return kept, notes
