"""Terraform's plans, as `terraform show -json PLAN` prints them: planned values, and what the configuration refers to.

Documented ("JSON Output Format"): a value that is known after apply is left out of `planned_values`, and an expression
of `configuration` lists what it refers to, longest first. Locals are in no plan; the sources beside it have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.forms import SOMETHING
from edge_hasher.doctor.templates.reading.source import ReadError
from edge_hasher.doctor.templates.reading.terraform.addresses import Addresses, resource_references, without_index
from edge_hasher.doctor.templates.reading.terraform.mapping import mapped
from edge_hasher.doctor.templates.reading.terraform.provider import locked_version
from edge_hasher.doctor.templates.reading.terraform.world import made_world
from edge_hasher.doctor.templates.reading.terraform.written import Sources
from edge_hasher.doctor.templates.reading.values import Map, Place, Reference, Resource, Seq, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge_hasher.doctor.templates.reading.document import YamlDocument
    from edge_hasher.doctor.templates.reading.source import Path
    from edge_hasher.doctor.templates.reading.values import World

# What says which resource leads where. In a plan for what exists, these are known ids that no resource here shows.
_CONNECTIONS = frozenset(
    {"domain_name", "origin_access_control_id", "cache_policy_id", "origin_request_policy_id", "lambda_arn"}
    | {"function_arn", "function_name", "source_arn", "role", "qualifier"}
)
_AFTER = "known after apply"
_DEPTH_LIMIT = 20


def is_plan(data: object) -> bool:
    """Whether a document is a plan."""
    return isinstance(data, dict) and "planned_values" in data and "format_version" in data


def read(document: YamlDocument) -> World:
    """Read a plan; raises ReadError for another format than 1."""
    data = document.data
    version = str(data["format_version"])
    if version.partition(".")[0] not in {"0", "1"}:
        raise ReadError(f"it is a plan of format {version}, and 1 is what is read; update edge-hasher")
    plan = _Plan(document)
    resources = {each.address: each for each in plan.resources()}
    plan.sources.put_places(resources)
    aws = _part(_part(_part(document.data, "configuration"), "provider_config"), "aws")
    provider = locked_version(document.file.parent) or str(aws.get("version_constraint") or "")
    return made_world(str(document.file), "terraform", resources.values(), [document], provider)


@dataclass(frozen=True, slots=True, eq=False)
class _Module:
    """A module: its address with a dot at the end, its part of the configuration, and the module that calls it."""

    address: str
    configuration: Mapping[str, Any]
    call: Mapping[str, Any]
    parent: _Module | None
    resources: Mapping[str, Mapping[str, Any]]

    def own(self, address: str) -> Mapping[str, Any]:
        """Return a resource's part of the configuration."""
        return self.resources.get(without_index(address.removeprefix(self.address)), {})


def _module(address: str, configuration: Mapping[str, Any], call: Mapping[str, Any], parent: _Module | None) -> _Module:
    resources = {str(each.get("address")): each for each in _parts(configuration, "resources")}
    return _Module(address, configuration, call, parent, resources)


class _Plan:
    def __init__(self, document: YamlDocument) -> None:
        self._document = document
        data = document.data
        self._configuration = _part(data, "configuration")
        root = _module("", _part(self._configuration, "root_module"), {}, None)
        self._modules: dict[str, list[_Module]] = {}  # by their addresses without indexes
        self._found: list[tuple[_Module, Mapping[str, Any], Path]] = []
        self.sources = Sources(document.file.parent, _scalars(_part(data, "variables")))
        self._walk(_part(_part(data, "planned_values"), "root_module"), root, ("planned_values", "root_module"))
        self._addresses = Addresses(str(each["address"]) for _, each, _ in self._found)

    def _walk(self, values: Mapping[str, Any], module: _Module, path: Path) -> None:
        if len(path) > _DEPTH_LIMIT * 2:
            raise ReadError("its modules are nested too deeply")
        for index, each in enumerate(_parts(values, "resources")):
            if "address" in each and "type" in each:
                self._found.append((module, each, (*path, "resources", index, "values")))
        for index, child in enumerate(_parts(values, "child_modules")):
            address = str(child.get("address"))
            name = without_index(address).rpartition("module.")[2]
            call = _part(_part(module.configuration, "module_calls"), name)
            inner = _module(f"{address}.", _part(call, "module"), call, module)
            self._modules.setdefault(without_index(inner.address), []).append(inner)
            self.sources.add(module.address, inner.address, str(call.get("source", "")))
            self._walk(child, inner, (*path, "child_modules", index))

    def resources(self) -> Iterator[Resource]:
        """Return the resources, in CloudFormation's words."""
        for module, each, path in self._found:
            own = module.own(str(each["address"]))
            values = self._plain(each.get("values") or {}, path)
            if not isinstance(values, Map):
                continue
            self._refer(values, _part(own, "expressions"), module, str(each["address"]))
            kind, config = mapped(str(each["type"]), values)
            is_data = each.get("mode") == "data"
            yield Resource(
                kind=f"terraform:{each['type']}" if is_data else kind,
                address=str(each["address"]),
                label=str(each["address"]),
                config=config,
                place=Place(self._document, path[:-1]),
                region=self._region(values, own),
            )

    def _region(self, values: Map, own: Mapping[str, Any]) -> str | None:
        if isinstance(values.get("region"), str):
            return str(values["region"])
        provider = _part(_part(self._configuration, "provider_config"), str(own.get("provider_config_key")))
        region = _part(_part(provider, "expressions"), "region").get("constant_value")
        return region if isinstance(region, str) else None

    def _plain(self, value: object, path: Path) -> object:
        if len(path) > _DEPTH_LIMIT * 5:
            raise ReadError("it is nested too deeply")
        if isinstance(value, dict):
            made = Map(Place(self._document, path))
            for key, each in value.items():
                made.put(str(key), self._plain(each, (*path, str(key))))
            return made
        if isinstance(value, list):
            items = Seq(Place(self._document, path))
            for index, each in enumerate(value):
                items.put(self._plain(each, (*path, index)), Place(self._document, (*path, index)))
            return items
        return value

    def _refer(self, values: Map, expressions: Mapping[str, Any], module: _Module, own: str) -> None:
        """Put references where a value is known after apply, or leads to another resource."""
        for name, expression in expressions.items():
            if isinstance(expression, list):
                self._refer_blocks(values, name, expression, module, own)
            elif isinstance(expression, dict) and "references" in expression:
                current = values.get(name)
                texts = _texts(expression)
                found = self._behind(texts, module, own, 0)
                if current is None or (name in _CONNECTIONS and found):
                    form = current if isinstance(current, str) else self._form_elsewhere(texts, module)
                    values.put(name, Unknown(texts[0] if texts else name, _AFTER, tuple(found), form))

    def _form_elsewhere(self, texts: list[str], module: _Module) -> str | None:
        """Return SOMETHING where the sources may say what the expression makes: they know no variables' values."""
        is_sure = all(each.startswith("aws_") or (each.startswith("local.") and not module.address) for each in texts)
        return SOMETHING if is_sure else None

    def _refer_blocks(self, values: Map, name: str, blocks: list[Any], module: _Module, own: str) -> None:
        current = values.get(name)
        if not isinstance(current, Seq):
            return
        for index, each in enumerate(current):
            # A dynamic block is written once, and there may be any number of it.
            block = blocks[index] if len(blocks) == len(current) else None
            if isinstance(each, Map) and isinstance(block, dict):
                self._refer(each, block, module, own)

    def _behind(self, texts: list[str], module: _Module, own: str, depth: int) -> list[Reference]:
        """Follow what an expression names to resources, through the variables and outputs of modules."""
        if depth > _DEPTH_LIMIT:
            return []
        found = resource_references(texts, module.address, self._addresses, own)
        for text in texts:
            kind, _, rest = text.partition(".")
            name, _, attribute = rest.partition(".")
            if kind == "var" and module.parent is not None:
                argument = _part(_part(module.call, "expressions"), name.partition("[")[0])
                found += self._behind(_texts(argument), module.parent, own, depth + 1)
            elif kind == "local":
                for each in self.sources.behind_local(module.address, text):
                    near = self._addresses.near(each.address, "", own)
                    found += [Reference(address, each.attribute) for address in near]
            elif kind == "module" and attribute:
                found += self._output(module, name, attribute.partition(".")[0], own, depth)
        return list(dict.fromkeys(found))

    def _output(self, module: _Module, name: str, output: str, own: str, depth: int) -> list[Reference]:
        found: list[Reference] = []
        for each in self._modules.get(without_index(f"{module.address}module.{name}."), []):
            expression = _part(_part(_part(each.configuration, "outputs"), output), "expression")
            found += self._behind(_texts(expression), each, own, depth + 1)
        return found


def _scalars(variables: Mapping[str, Any]) -> dict[str, str | bool | float]:
    """Return what the plan's variables are, but for lists and objects."""
    pairs = {name: each.get("value") for name, each in variables.items() if isinstance(each, dict)}
    return {name: each for name, each in pairs.items() if isinstance(each, str | bool | int | float)}


def _part(value: object, key: str) -> Mapping[str, Any]:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def _parts(value: object, key: str) -> list[Mapping[str, Any]]:
    inner = value.get(key) if isinstance(value, dict) else None
    return [each for each in inner if isinstance(each, dict)] if isinstance(inner, list) else []


def _texts(expression: Mapping[str, Any]) -> list[str]:
    found = expression.get("references")
    return [str(each) for each in found] if isinstance(found, list) else []
