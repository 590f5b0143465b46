"""CloudFormation and SAM templates: their resources, with parameters, mappings and conditions applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading import sam
from edge_hasher.doctor.templates.reading.intrinsics import ACCOUNT, Evaluator
from edge_hasher.doctor.templates.reading.source import NotATemplateError, ReadError
from edge_hasher.doctor.templates.reading.values import Map, Place, Resource, Unknown, World, references

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from edge_hasher.doctor.templates.reading.document import YamlDocument

_READ_AT_DEPLOYMENT = ("AWS::SSM::Parameter::Value<", "AWS::SSM::Parameter::Name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a stack goes, as far as it is known, and what other stacks export."""

    region: str | None = None
    name: str = ""
    imports: Callable[[str], object | None] = field(default=lambda _: None)
    prefix: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def is_template(data: object) -> bool:
    """Whether a document is a CloudFormation template: its resources all have a Type."""
    resources = data.get("Resources") if isinstance(data, dict) else None
    return (
        isinstance(resources, dict)
        and bool(resources)
        and any(isinstance(each, dict) and isinstance(each.get("Type"), str) for each in resources.values())
    )


def read(document: YamlDocument, parameters: Mapping[str, str]) -> World:
    """Read one template by itself; raises ReadError where it is none."""
    if not is_template(document.data):
        raise NotATemplateError("it is not a CloudFormation template: it has no Resources with a Type")
    template = StackTemplate(document, parameters, Environment())
    return World(
        name=str(document.file),
        dialect="sam" if sam.is_sam(document.data) else "cloudformation",
        resources={each.address: each for each in template.resources()},
        documents=(document,),
        parameters=template.declared,
    )


class StackTemplate:
    """One template and the stack that it makes."""

    def __init__(self, document: YamlDocument, parameters: Mapping[str, object], environment: Environment) -> None:
        self._document = document
        self._environment = environment
        written = {key: each for key, each in document.data["Resources"].items() if _has_type(each)}
        expanded = sam.expand({**document.data, "Resources": written}, _texts(parameters))
        self._resources, self._sources = expanded.resources, expanded.sources
        self.declared = _declared(document.data)
        self._parameters = _parameters(document.data, parameters, environment)
        self.evaluator = Evaluator(
            document,
            {**document.data, "Resources": self._resources},
            self._parameters,
            environment.imports,
            environment.prefix,
        )

    def resources(self) -> list[Resource]:
        """Return what the stack will have; raises ReadError where resources depend on each other in a circle."""
        made = list(self._made())
        _refuse_circles(made, self._resources, self._environment.prefix)
        return made

    def exports(self) -> Iterator[tuple[str, object]]:
        """Return what other stacks may import: exports by their names, outputs as STACK.NAME."""
        outputs = self._document.data.get("Outputs")
        for name, output in (outputs if isinstance(outputs, dict) else {}).items():
            if not isinstance(output, dict):
                continue
            path = ("Outputs", str(name))
            value = self.evaluator.value(output.get("Value"), (*path, "Value"))
            yield f"{self._environment.name}.{name}", value
            export = output.get("Export")
            exported = self.evaluator.value(export.get("Name"), path) if isinstance(export, dict) else None
            if isinstance(exported, str):
                yield exported, value

    def _made(self) -> Iterator[Resource]:
        for name, raw in self._resources.items():
            holds = self.evaluator.conditions.holds(raw["Condition"]) if "Condition" in raw else True
            if holds is False:
                continue
            base = self._sources.get(name, ("Resources", name, "Properties"))
            config = self.evaluator.value(raw.get("Properties") or {}, base)
            if not isinstance(config, Map):
                config = Map(Place(self._document, base))
            if holds is None:
                config.put("Condition", Unknown(f"Condition: {raw['Condition']}", "its condition is not known"))
            yield Resource(
                kind=raw["Type"],
                address=f"{self._environment.prefix}{name}",
                label=self._environment.labels.get(name) or _construct_path(raw) or name,
                config=config,
                place=Place(self._document, ("Resources", base[1])),
                region=self._environment.region or _literal(self._parameters["AWS::Region"]),
                metadata=raw.get("Metadata"),
                generated_from=str(base[1]) if base[1] != name else None,
            )


def _parameters(data: Mapping[str, Any], given: Mapping[str, object], environment: Environment) -> dict[str, object]:
    unknown_region = Unknown(
        "!Ref AWS::Region", "the Region is not in a template; --parameter AWS::Region=NAME says it"
    )
    values: dict[str, object] = {
        "AWS::AccountId": ACCOUNT,
        "AWS::Partition": "aws",
        "AWS::Region": environment.region or unknown_region,
        "AWS::URLSuffix": "amazonaws.com",
        **{f"AWS::{name}": Unknown(f"!Ref AWS::{name}", "known after deployment") for name in ("StackName", "StackId")},
    }
    for name, each in _declared(data).items():
        values[name] = _default(name, each if isinstance(each, dict) else {})
    return values | {name: _typed(each, values.get(name)) for name, each in given.items()}


def _declared(data: Mapping[str, Any]) -> dict[str, object]:
    """Return the parameters of a template, and what it says of each."""
    written = data.get("Parameters")
    return {str(name): each for name, each in written.items()} if isinstance(written, dict) else {}


def _default(name: str, parameter: Mapping[str, Any]) -> object:
    kind = str(parameter.get("Type", "String"))
    if kind.startswith(_READ_AT_DEPLOYMENT):
        return Unknown(f"!Ref {name}", "read from SSM at deployment")
    if "Default" not in parameter:
        return Unknown(f"!Ref {name}", f"the parameter {name} has no default; --parameter {name}=VALUE says it")
    default = parameter["Default"]
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        return [each.strip() for each in str(default).split(",")]
    return default


def _typed(given: object, default: object) -> object:
    return (
        [each.strip() for each in given.split(",")] if isinstance(default, list) and isinstance(given, str) else given
    )


def _refuse_circles(made: list[Resource], written: Mapping[str, Any], prefix: str) -> None:
    """CloudFormation refuses a circle; what SAM makes of its own resources is left out, since it breaks some."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for each in made:
        raw = written[each.address.removeprefix(prefix)]
        if not each.kind.startswith("AWS::Serverless::") and each.generated_from is None:
            after = raw.get("DependsOn") or []
            names = [prefix + str(name) for name in (after if isinstance(after, list) else [after])]
            sorter.add(each.address, *names, *(found.address for found in references(each.config)))
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))  # graphlib goes from what is needed to what needs it
        raise ReadError(f"its resources depend on each other in a circle: {circle}") from error


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: each for name, each in values.items() if isinstance(each, str)}


def _has_type(resource: object) -> bool:
    return isinstance(resource, dict) and isinstance(resource.get("Type"), str)


def _construct_path(raw: Mapping[str, Any]) -> str | None:
    """Return where CDK made a resource; L1 resources end in /Resource, which says nothing."""
    metadata = raw.get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
    return path.removesuffix("/Resource") if isinstance(path, str) else None


def _literal(value: object) -> str | None:
    return value if isinstance(value, str) else None
