"""The parameters that the user sets: each must be one of what was read, and a value that CloudFormation takes."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading.values import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge_hasher.doctor.templates.reading.values import World

# Documented: "Pseudo parameters reference", those that a value can be said for.
_PSEUDO = ("AWS::Region", "AWS::AccountId", "AWS::Partition", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix")
_SHOWN_LIMIT = 20


class ParameterError(ValueError):
    """A parameter that nothing has, or a value that it does not take; the message is one line."""


def refuse_wrong(worlds: Sequence[World], given: Mapping[str, str]) -> None:
    """Raise ParameterError where a parameter is in none of the worlds, or all that have it refuse its value."""
    there = list(dict.fromkeys(name for each in worlds for name in each.parameters))
    for name, value in given.items():
        if name in _PSEUDO:
            continue
        if name not in there:
            raise ParameterError(f"there is no parameter {name}: {_shown(name, there)}")
        refused = [_refusal(each.parameters[name], value) for each in worlds if name in each.parameters]
        if None not in refused:
            hidden = any(_is_hidden(each.parameters.get(name)) for each in worlds)
            shown = "the value, which is hidden" if hidden else repr(value)
            raise ParameterError(f"the parameter {name} does not take {shown}: {refused[0]}")


def _shown(name: str, there: Sequence[str]) -> str:
    """List the parameters, those with a name like this one first."""
    near = get_close_matches(name, [*there, *_PSEUDO])
    names = list(dict.fromkeys([*near, *there]))
    if not names:
        return "nothing that was read has any"
    more = f", and {len(names) - _SHOWN_LIMIT} more" if len(names) > _SHOWN_LIMIT else ""
    listed = f"there are {', '.join(names[:_SHOWN_LIMIT])}{more}" if there else "nothing that was read has any"
    return f"did you mean {near[0]}? ({listed})" if near else listed


def _refusal(declared: object, value: str) -> str | None:
    """Say why CloudFormation refuses a value (documented: "Parameters"); None where it does not."""
    if not isinstance(declared, dict):
        return None
    kind, allowed = str(declared.get("Type", "String")), declared.get("AllowedValues")
    is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
    values = [each.strip() for each in value.split(",")] if is_list else [value]
    if kind in {"Number", "List<Number>"} and not all(map(_is_number, values)):
        return f"its Type is {kind}"
    if not isinstance(allowed, list) or all(any(_may_be(each, one) for one in allowed) for each in values):
        return None
    return f"its AllowedValues are {', '.join(map(plain_text, allowed))}"


def _may_be(value: str, allowed: object) -> bool:
    """Whether a value is the one that is allowed; what is not text was written in a way that YAML does not keep."""
    if value == plain_text(allowed):
        return True
    import yaml

    try:
        return not isinstance(allowed, str) and bool(yaml.safe_load(value) == allowed)
    except (yaml.YAMLError, ValueError, RecursionError):
        return False


def _is_hidden(declared: object) -> bool:
    """Whether CloudFormation shows the value to nobody (documented: "Parameters", NoEcho)."""
    return isinstance(declared, dict) and str(declared.get("NoEcho", "")).lower() == "true"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
