"""Pulumi's AWS resources, which are Terraform's under other names: `pulumi preview --json` and `pulumi stack export`.

Seen in Pulumi's source (`apitype.ResourceV3`, `plugin.UnknownStringValue`): a value that is not known yet is a certain
UUID, a secret is a mapping with a certain key, and dependencies are known for each property as a whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.source import ReadError
from edge_hasher.doctor.templates.reading.terraform.mapping import mapped
from edge_hasher.doctor.templates.reading.terraform.world import made_world
from edge_hasher.doctor.templates.reading.values import SOME_ATTRIBUTE, Map, Place, Reference, Resource, Seq, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge_hasher.doctor.templates.reading.document import YamlDocument
    from edge_hasher.doctor.templates.reading.source import Path
    from edge_hasher.doctor.templates.reading.values import World

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 (the key that marks one, the same everywhere)
_AFTER = "known after the update"
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DEPTH_LIMIT = 60
_DEPENDENT = frozenset({"origin_access_control_id", "function_name", "source_arn", "role", "qualifier"})
_ONE_OF_MANY = {
    "origins": "origin",
    "ordered_cache_behaviors": "ordered_cache_behavior",
    "custom_error_responses": "custom_error_response",
    "lambda_function_associations": "lambda_function_association",
    "function_associations": "function_association",
    "custom_headers": "custom_header",
}
_RENAMED = {"aws_lambda_permission": {"function": "function_name"}, "aws_lambda_function": {"name": "function_name"}}
_DELETES = frozenset({"delete", "delete-replaced", "read-discard", "discard", "discard-replaced"})
_CUSTOM = "custom_origin_config"


def is_preview(data: object) -> bool:
    """Whether a document is a preview or an exported stack."""
    if not isinstance(data, dict):
        return False
    deployment = data.get("deployment")
    return isinstance(data.get("steps"), list) or (isinstance(deployment, dict) and "resources" in deployment)


def read(document: YamlDocument) -> World:
    """Read a preview or an exported stack; raises ReadError where it holds no resources."""
    states = list(_states(document.data))
    if not states:
        raise ReadError("it holds no resources of Pulumi")
    resources = _Resources(document, dict(states))
    return made_world(str(document.file), "pulumi", resources.made(), [document])


def _states(data: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Return what there will be, with its path."""
    for index, step in enumerate(data.get("steps") or ()):
        if isinstance(step, dict) and step.get("op") not in _DELETES:
            name = "newState" if isinstance(step.get("newState"), dict) else "oldState"
            if _is_resource(step.get(name)):
                yield ("steps", index, name), step[name]
    deployment = data.get("deployment")
    listed = deployment.get("resources") if isinstance(deployment, dict) else None
    for index, state in enumerate(listed if isinstance(listed, list) else ()):
        if _is_resource(state):
            yield ("deployment", "resources", index), state


def _is_resource(state: object) -> bool:
    return isinstance(state, dict) and isinstance(state.get("urn"), str) and isinstance(state.get("type"), str)


def _terraform_type(kind: str) -> str:
    """Return aws_lambda_function_url for aws:lambda/functionUrl:FunctionUrl."""
    provider, _, rest = kind.partition(":")
    package, _, name = rest.partition(":")
    if provider != "aws" or not name:
        return f"pulumi:{kind}"
    return f"aws_{package.partition('/')[0]}_{_snake(name)}"


def _snake(name: str) -> str:
    return _HUMP.sub("_", name).lower()


class _Resources:
    def __init__(self, document: YamlDocument, states: Mapping[Path, Mapping[str, Any]]) -> None:
        self._document = document
        self._states = states
        self._kinds = {str(each["urn"]): _terraform_type(str(each["type"])) for each in states.values()}
        config = document.data.get("config")
        self._region = config.get("aws:region") if isinstance(config, dict) else None
        self._regions = {
            str(each["urn"]): (each.get("inputs") or {}).get("region")
            for each in states.values()
            if str(each["type"]) == "pulumi:providers:aws" and isinstance(each.get("inputs"), dict)
        }

    def made(self) -> Iterator[Resource]:
        """Return the resources, in CloudFormation's words."""
        for path, state in self._states.items():
            urn, kind = str(state["urn"]), self._kinds[str(state["urn"])]
            values = self._values(state, kind, (*path, "inputs"))
            name, config = (kind, values) if kind.startswith("pulumi:") else mapped(kind, values)
            provider = str(state.get("provider", "")).rpartition("::")[0]
            region = values.get("region") or self._regions.get(provider) or self._region
            yield Resource(
                kind=name,
                address=urn,
                label=f"{str(state['type']).rpartition(':')[2]} {urn.rpartition('::')[2]}",
                config=config,
                place=Place(self._document, path),
                region=region if isinstance(region, str) else None,
            )

    def _values(self, state: Mapping[str, Any], kind: str, path: Path) -> Map:
        made = Map(Place(self._document, path))
        inputs, depends = state.get("inputs"), state.get("propertyDependencies")
        for name, value in (inputs if isinstance(inputs, dict) else {}).items():
            own = depends.get(name) if isinstance(depends, dict) else None
            behind = [str(each) for each in own] if isinstance(own, list) else []
            key = _RENAMED.get(kind, {}).get(_snake(str(name)), _snake(str(name)))
            place = Place(self._document, (*path, str(name)))
            made.put(_ONE_OF_MANY.get(key, key), self._plain(value, key, behind, (*path, str(name))), place)
        return made

    def _plain(self, value: Any, key: str, behind: list[str], path: Path) -> Any:
        if len(path) > _DEPTH_LIMIT:
            raise ReadError("it is nested too deeply")
        if isinstance(value, dict) and _SECRET in value:
            return Unknown("a secret", "it is encrypted")
        is_known = isinstance(value, str) and value != _UNKNOWN
        if value == _UNKNOWN or (is_known and behind and (key in _DEPENDENT or ".lambda-url." in value)):
            text = value if is_known else key
            behind_it = tuple(Reference(each, SOME_ATTRIBUTE) for each in behind)
            return Unknown(text, _AFTER, behind_it, value if is_known else None)
        if isinstance(value, dict):
            return self._map(value, behind, path)
        if isinstance(value, list):
            items = Seq(Place(self._document, path))
            for index, each in enumerate(value):
                items.put(self._plain(each, key, behind, (*path, index)), Place(self._document, (*path, index)))
            return items
        return value

    def _map(self, value: Mapping[str, Any], behind: list[str], path: Path) -> Map:
        made = Map(Place(self._document, path))
        names = {str(name): _snake(str(name)) for name in value}
        if "domain_name" in names.values() and _CUSTOM not in names.values():
            # All origins have their dependencies together; one without custom settings is no Function URL.
            behind = [each for each in behind if self._kinds.get(each) != "aws_lambda_function_url"]
        for name, key in names.items():
            place = Place(self._document, (*path, name))
            made.put(_ONE_OF_MANY.get(key, key), self._plain(value[name], key, behind, (*path, name)), place)
        return made
