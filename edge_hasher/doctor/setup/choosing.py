"""Which behavior is meant: the one that leads to a Function URL, or the one that serves a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.doctor.setup.behavior import setup_of
from edge_hasher.doctor.templates.discovery import read_all
from edge_hasher.doctor.templates.facts.distribution import distributions
from edge_hasher.doctor.templates.reading.parameters import ParameterError, refuse_wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from edge_hasher.doctor.facts import BehaviorFacts, Facts, Unread
    from edge_hasher.doctor.setup.behavior import BehaviorSetup
    from edge_hasher.doctor.templates.reading.values import World


class ChoiceError(ValueError):
    """No behavior, or several, are meant; the message says which there are and how to name one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeQuestion:
    """A behavior in infrastructure code: the file or folder, and what names it there."""

    place: Path
    path: str | None = None
    distribution: str | None = None
    parameters: Mapping[str, str]


def from_code(question: CodeQuestion) -> BehaviorSetup:
    """Return the behavior that is meant, before it is deployed. Raises ChoiceError, also for what cannot be read."""
    reading = read_all([question.place], question.parameters)
    for file, why in reading.problems:
        raise ChoiceError(f"{file}: {why}")
    try:
        refuse_wrong(reading.worlds, question.parameters)
    except ParameterError as error:
        raise ChoiceError(f"--parameter: {error}") from error
    found, questions = _in_worlds(reading.worlds, question, question.path)
    everywhere = found if question.path is None else _in_worlds(reading.worlds, question, None)[0]
    return _one(found, everywhere, question, questions)


def from_distribution(facts: Facts, source: str) -> BehaviorSetup:
    """Return the behavior that is meant in facts that were read from AWS. Raises ChoiceError."""
    fitting = [each for each in facts.behaviors if _fits(each)]
    if len(fitting) > 1:
        raise ChoiceError(_several(source, [each.label for each in fitting]))
    if not fitting:
        raise ChoiceError(_none_at(source, facts.path, facts.behaviors, facts.lambda_patterns))
    return setup_of(facts, fitting[0], source)


def _in_worlds(worlds: Iterable[World], question: CodeQuestion, path: str | None) -> tuple[list[Facts], list[Unread]]:
    found = [each for world in worlds for each in distributions(world, path)]
    if question.distribution is not None:
        known = [each.facts.id for each in found]
        found = [each for each in found if each.facts.id == question.distribution]
        if not found:
            names = f"there are {', '.join(known)}" if known else "there is none"
            raise ChoiceError(f"{question.place} has no distribution {question.distribution}: {names}")
    return [each.facts for each in found], [why for each in found for why in each.open_questions]


def _one(
    found: Sequence[Facts], everywhere: Sequence[Facts], question: CodeQuestion, questions: Sequence[Unread]
) -> BehaviorSetup:
    source = str(question.place)
    fitting = [(facts, each) for facts in found for each in facts.behaviors if _fits(each)]
    owners = {facts.id for facts, _ in fitting}
    if len(owners) > 1:
        raise ChoiceError(
            f"{source} has several distributions with a behavior that fits: {', '.join(sorted(owners))}; name one with "
            "--distribution"
        )
    if len(fitting) > 1:
        raise ChoiceError(_several(source, [each.label for _, each in fitting]))
    if fitting:
        facts, behavior = fitting[0]
        return setup_of(facts, behavior, f"{source} ({facts.id})")
    if questions:
        why = questions[0]
        raise ChoiceError(
            f"whether a behavior in {source} leads to a Lambda Function URL is not known: {why.what}: {why.why} "
            "(a template's parameters are set with --parameter)"
        )
    labels = [each.label for facts in everywhere for each in facts.behaviors if _fits(each)]
    raise ChoiceError(_none_at(source, question.path, [one for facts in found for one in facts.behaviors], labels))


def _fits(behavior: BehaviorFacts) -> bool:
    return behavior.origin.kind == "function-url" or bool(behavior.origin.chosen_by)


def _several(source: str, labels: Sequence[str]) -> str:
    return f"{len(labels)} behaviors of {source} lead to a Function URL: {', '.join(labels)}; name one with --path"


def _none_at(source: str, path: str | None, served_by: Sequence[BehaviorFacts], others: Sequence[str]) -> str:
    if not others:
        return f"no behavior of {source} leads to a Lambda Function URL, so there is nothing to set the edge up by"
    where = f"; those that do: {', '.join(others)}"
    if not served_by:
        return f"no behavior of {source} serves {path}{where}"
    label, origin = served_by[0].label, served_by[0].origin
    return (
        f"no behavior with a Function URL serves {path} in {source}: the behavior {label} does, and its origin "
        f"{origin.id} is another{where}"
    )
