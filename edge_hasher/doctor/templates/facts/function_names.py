"""Which function, and which version or alias of it, a value in a template names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading.intrinsics import ACCOUNT
from edge_hasher.doctor.templates.reading.values import Unknown

if TYPE_CHECKING:
    from edge_hasher.doctor.templates.reading.values import Resource, World

FUNCTION, VERSION, ALIAS = "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias"
URL = "AWS::Lambda::Url"
# Documented: FunctionName of AddPermission: a name, an ARN, or a part of one, each with a qualifier if need be.
_NAME = re.compile(
    r"(?:(?:arn:[^:]*:lambda:[^:]*:)?(?:[^:]*:)?function:)?(?P<name>[^:]+)(?::(?P<qualifier>[A-Za-z0-9_$-]+))?"
)
_SUFFIX = re.compile(r"\}:(?P<qualifier>[A-Za-z0-9_$-]+)$")
_NUMBERED = "1"  # stands for the version's number, which the deployment gives


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionName:
    """A function as a template names it; `key` is equal for the same function, and `resource` is None elsewhere."""

    key: str
    resource: Resource | None
    qualifier: str | Unknown | None

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.resource.label if self.resource else self.key


def function_name(world: World, value: object, qualifier: object = None) -> FunctionName | None:
    """Return the function that a value names; None where it names none, or one of several."""
    found = _named(world, value)
    if found is None or not qualifier:
        return found
    alias = world.referred(qualifier, ALIAS)
    own = alias.config.get("Name") if alias else qualifier
    return FunctionName(key=found.key, resource=found.resource, qualifier=_qualifier(own))


def _named(world: World, value: object) -> FunctionName | None:
    if isinstance(value, str):
        match = _NAME.fullmatch(value)
        if match is None:
            return None
        same = [each for each in world.of(FUNCTION) if each.config.get("FunctionName") == match["name"]]
        key = same[0].address if same else match["name"]
        return FunctionName(key=key, resource=same[0] if same else None, qualifier=match["qualifier"])
    if not isinstance(value, Unknown):
        return None
    for kind, name in ((VERSION, None), (ALIAS, "Name")):
        resource = world.referred(value, kind)
        if resource is not None:
            owner = _named(world, resource.config.get("FunctionName"))
            own = resource.config.get(name) if name else _NUMBERED
            return owner and FunctionName(key=owner.key, resource=owner.resource, qualifier=_qualifier(own))
    url = world.referred(value, URL)
    if url is not None:
        return _named(world, url.config.get("TargetFunctionArn"))
    function = world.referred(value, FUNCTION)
    if function is not None:
        return FunctionName(key=function.address, resource=function, qualifier=_own_qualifier(function, value))
    return None if value.references else FunctionName(key=value.text, resource=None, qualifier=None)


def _own_qualifier(function: Resource, value: Unknown) -> str | None:
    """Terraform's qualified_arn is that of a version where the function publishes one; a text may append one."""
    if any(each.attribute == "QualifiedArn" for each in value.references):
        return _NUMBERED if function.config.get("Publish") is True else "$LATEST"
    match = _SUFFIX.search(value.text)
    return match["qualifier"] if match else None


def _qualifier(value: object) -> str | Unknown | None:
    return value if isinstance(value, Unknown) else None if value is None else str(value)


def arn_of(name: FunctionName, region: str) -> str:
    """Return an ARN that stands for the one that the deployment gives."""
    own = name.resource.config.get("FunctionName") if name.resource else None
    plain = own if isinstance(own, str) else re.sub(r"[^A-Za-z0-9_-]+", "-", name.label).strip("-")
    qualifier = f":{name.qualifier}" if isinstance(name.qualifier, str) else ""
    return f"arn:aws:lambda:{region}:{ACCOUNT}:function:{plain[-64:] or 'function'}{qualifier}"
