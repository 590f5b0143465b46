"""What attach, detach and restore would change: a frozen value, made from one read of the distribution."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge_hasher.aws import distribution_xml, function_arn
from edge_hasher.aws.configuration import associations, behaviors, differences, same
from edge_hasher.aws.errors import OperateError
from edge_hasher.operate.attach import path_patterns
from edge_hasher.operate.attach.edit import ORIGIN_REQUEST, PlannedAssociation, with_functions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_hasher.aws.cloudfront import Distribution
    from edge_hasher.aws.configuration import CacheBehavior, Config, Difference
    from edge_hasher.operate.attach.backup import Backup


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One behavior whose origin-request function changes; None is no function."""

    path: str
    before: PlannedAssociation | None
    after: PlannedAssociation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One update of one distribution, as it was read; `already` are the behaviors that are as wanted.

    `xml` is what the update sends.
    """

    action: str
    distribution: Distribution
    xml: bytes = field(repr=False)
    changes: tuple[Change, ...] = ()
    already: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def before(self) -> Config:
        """The configuration as it was read."""
        return distribution_xml.read(self.distribution.xml)

    @property
    def after(self) -> Config:
        """The configuration as planned."""
        return distribution_xml.read(self.xml)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Where the configuration would differ."""
        return differences(self.before, self.after)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return same(self.before, self.after)

    def holds_in(self, distribution: Distribution) -> bool:
        """Whether what this plan is for stands in a distribution, whatever else of it changed since."""
        config = distribution_xml.read(distribution.xml)
        if not self.changes:
            return same(self.after, config)
        now = {behavior.label: origin_request(behavior) for behavior in behaviors(config)}
        return all(now.get(change.path) == change.after for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach:
    """Wanted: this version on these behaviors, with the body."""

    paths: tuple[str, ...]
    arn: str
    replace: bool = False

    def plan(self, distribution: Distribution) -> Plan:
        """Plan it; raises OperateError for a path that is not there and a function that would be displaced."""
        config = distribution_xml.read(distribution.xml)
        if not self.paths:
            raise OperateError(
                f"name the behaviors with --path; this distribution has {path_patterns.existing(config)}"
            )
        wanted = PlannedAssociation(function_arn=self.arn, include_body=True)
        changes = [
            Change(path=behavior.label, before=origin_request(behavior), after=wanted)
            for behavior in path_patterns.chosen(config, self.paths)
        ]
        for change in changes:
            self._spare(change)
        return _planned("attach", distribution, changes)

    def _spare(self, change: Change) -> None:
        """Refuse to displace another function; a version of the same function is no other."""
        there = change.before
        if there is not None and not self.replace and _name(there.function_arn) != _name(self.arn):
            raise OperateError(
                f"{change.path} has another origin-request function, {there.function_arn}, and a behavior takes one: "
                "call edge_hasher.function.decide from it, or displace it with --replace"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Detach:
    """Wanted: the function off these behaviors, or off all; any version of it, or the version `arn` alone."""

    paths: tuple[str, ...]
    function_name: str
    arn: str | None = None

    def plan(self, distribution: Distribution) -> Plan:
        """Plan it; raises OperateError for a path that is not there."""
        config = distribution_xml.read(distribution.xml)
        chosen = path_patterns.chosen(config, self.paths) if self.paths else behaviors(config)
        changes = []
        for behavior in chosen:
            before = origin_request(behavior)
            is_ours = before is not None and self._is_ours(before.function_arn)
            if is_ours or self.paths:
                changes.append(Change(path=behavior.label, before=before, after=None if is_ours else before))
        return _planned("detach", distribution, changes, [note for each in chosen for note in self._others(each)])

    def _is_ours(self, arn: str) -> bool:
        return arn == self.arn if self.arn is not None else _name(arn) == self.function_name

    def _others(self, behavior: CacheBehavior) -> list[str]:
        return [
            f"{behavior.label} has the function at {item['EventType']} too, where it does not belong; left as it is"
            for item in associations(behavior.settings)
            if item["EventType"] != ORIGIN_REQUEST and self._is_ours(item["LambdaFunctionARN"])
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """Wanted: the configuration of a backup file, whole."""

    backup: Backup
    replace: bool = False

    def plan(self, distribution: Distribution) -> Plan:
        """Plan it; raises OperateError for another distribution's file, and for changes that others made since."""
        if self.backup.distribution_id != distribution.id:
            raise OperateError(
                f"{self.backup.path} is of {self.backup.distribution_id}, not of {distribution.id}: nothing changed"
            )
        plan = Plan(action="restore", distribution=distribution, xml=self.backup.xml, notes=_notes(distribution.config))
        since = differences(distribution_xml.read(self.backup.planned_xml), plan.before)
        if since and not plan.is_empty and not self.replace:
            raise OperateError(
                f"the distribution was changed since {self.backup.path} was written, and that would be undone too: "
                "--replace does so, `edge-hasher detach` takes only the function away. Changed since:",
                *(f"  {each.where}: {each.before} -> {each.after}" for each in since),
            )
        return plan


Intent = Attach | Detach | Restore  # what is wanted of a distribution; planned anew on each read


def origin_request(behavior: CacheBehavior) -> PlannedAssociation | None:
    """Return a behavior's origin-request function."""
    for item in associations(behavior.settings):
        if item["EventType"] == ORIGIN_REQUEST:
            return PlannedAssociation(
                function_arn=item["LambdaFunctionARN"], include_body=bool(item.get("IncludeBody"))
            )
    return None


def _planned(action: str, distribution: Distribution, changes: Sequence[Change], notes: Sequence[str] = ()) -> Plan:
    """Return the plan of these changes; those that change nothing are told apart."""
    real = [change for change in changes if change.before != change.after]
    return Plan(
        action=action,
        distribution=distribution,
        xml=with_functions(distribution.xml, {change.path: change.after for change in real}),
        changes=tuple(real),
        already=tuple(change.path for change in changes if change.before == change.after),
        notes=(*_notes(distribution.config), *notes),
    )


def _name(arn: str) -> str | None:
    """Return the function's name in an ARN; an ARN of another kind is never taken for ours."""
    parts = function_arn.parse(arn)
    return parts.name if parts else None


def _notes(config: Config) -> tuple[str, ...]:
    notes = []
    if config.get("Staging"):
        notes.append("this is a staging distribution: its primary distribution stays as it is until you promote it")
    elif config.get("ContinuousDeploymentPolicyId"):
        notes.append("a continuous deployment is set up: its staging distribution stays as it is")
    if not config.get("Enabled", True):
        notes.append("the distribution is disabled: it serves nobody")
    return tuple(notes)
