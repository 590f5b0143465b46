"""CDK assemblies (cdk.out): all stacks of a manifest and its stages as one world, so a stack's imports are known.

What one stack takes from another arrives in four ways: an export, an output (`Fn::GetStackOutput`, CDK's weak
references), a nested stack's parameters and outputs, and a custom resource that reads an SSM parameter in another
Region, as for `experimental.EdgeFunction`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.cloudformation import Environment, StackTemplate, is_template
from edge_hasher.doctor.templates.reading.document import YamlDocument
from edge_hasher.doctor.templates.reading.forms import SOMETHING
from edge_hasher.doctor.templates.reading.source import ReadError, read_text
from edge_hasher.doctor.templates.reading.values import Map, Reference, Seq, Unknown, World

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path as FilePath

    from edge_hasher.doctor.templates.reading.source import Document
    from edge_hasher.doctor.templates.reading.values import Resource

MANIFEST = "manifest.json"
_STACK, _STAGE, _NESTED = "aws:cloudformation:stack", "cdk:cloud-assembly", "AWS::CloudFormation::Stack"
_PARAMETER_READER, _EXPORT_READER = "Custom::CrossRegionStringParameterReader", "Custom::CrossRegionExportReader"
_EXPORT_WRITER = "Custom::CrossRegionExportWriter"
_DEPTH_LIMIT = 10


def is_manifest(data: object) -> bool:
    """Whether a document is the manifest of an assembly."""
    return isinstance(data, dict) and isinstance(data.get("artifacts"), dict) and "version" in data


def read(manifest: FilePath, parameters: Mapping[str, str], problems: list[tuple[FilePath, str]]) -> World:
    """Read an assembly; a template of it that cannot be is added to `problems`.

    Raises ReadError where the manifest cannot be read, or no template.
    """
    assembly = _Assembly(parameters, _root(manifest.parent))
    assembly.read(manifest, 0)
    if assembly.problems and not assembly.documents:
        raise ReadError(assembly.problems[0][1], assembly.problems[0][0])
    problems += assembly.problems
    assembly.connect()
    return World(
        name=str(manifest.parent),
        dialect="cdk",
        resources=assembly.resources,
        documents=tuple(assembly.documents),
        parameters=assembly.parameters,
    )


class _Assembly:
    def __init__(self, parameters: Mapping[str, str], root: FilePath) -> None:
        self._parameters = parameters
        self._root = root.resolve()
        self._manifests: set[FilePath] = set()
        self.problems: list[tuple[FilePath, str]] = []
        self.resources: dict[str, Resource] = {}
        self.documents: list[Document] = []
        self.parameters: dict[str, object] = {}
        self._stacks: list[StackTemplate] = []
        self._known: dict[Reference, object] = {}
        self._exported: dict[str, object] | None = None
        self._exporting = False

    def read(self, manifest: FilePath, depth: int) -> None:
        """Load the stacks of a manifest, and of the stages in it."""
        data = _json(manifest)
        if not is_manifest(data):
            raise ReadError("it is not the manifest of a CDK assembly")
        if manifest.resolve() in self._manifests or depth > _DEPTH_LIMIT:
            raise ReadError("its stages are nested too deeply")
        self._manifests.add(manifest.resolve())
        for name, artifact in data["artifacts"].items():
            properties = artifact.get("properties") if isinstance(artifact, dict) else None
            if not isinstance(properties, dict):
                continue
            try:
                if artifact.get("type") == _STACK:
                    self._stack(manifest.parent, str(name), artifact, properties)
                elif artifact.get("type") == _STAGE:
                    inner = self._inside(manifest.parent / str(properties.get("directoryName")) / MANIFEST)
                    self.read(inner, depth + 1)
            except ReadError as error:
                self.problems.append((manifest, f"{name}: {error}"))

    def _inside(self, file: FilePath) -> FilePath:
        """Return a file that the assembly names; raises ReadError where it is not the assembly's."""
        if not file.resolve().is_relative_to(self._root):
            raise ReadError(f"{file.name} is outside of the assembly")
        return file

    def _stack(self, folder: FilePath, name: str, artifact: Mapping[str, Any], properties: Mapping[str, Any]) -> None:
        region = str(artifact.get("environment", "")).rpartition("/")[2]
        environment = Environment(
            region=None if region.startswith("unknown") else region or None,
            name=str(properties.get("stackName") or name),
            imports=self._import,
            prefix=f"{name}/",
            labels=self._labels(folder, artifact),
        )
        template = self._template(folder / str(properties.get("templateFile")), self._parameters, environment)
        self.parameters |= template.declared

    def _labels(self, folder: FilePath, artifact: Mapping[str, Any]) -> dict[str, str]:
        """Read the construct paths, in the manifest or the file beside it."""
        beside = artifact.get("additionalMetadataFile")
        if isinstance(beside, str) and (folder / beside).is_file():
            return _labels(_json(self._inside(folder / beside)))
        return _labels(artifact.get("metadata"))

    def _template(self, file: FilePath, parameters: Mapping[str, object], environment: Environment) -> StackTemplate:
        try:
            document = _stack_document(self._inside(file))
        except ReadError as error:
            raise ReadError(f"its template {file.name} cannot be read: {error}") from error
        self.documents.append(document)
        data = document.data if is_template(document.data) else {"Resources": {}}
        document.data = data
        template = StackTemplate(document, parameters, environment)
        self._stacks.append(template)
        for logical_id, raw in data["Resources"].items():
            if isinstance(raw, dict) and raw.get("Type") == _NESTED:
                self._nested(file.parent, str(logical_id), raw, template, environment)
        return template

    def _nested(
        self, folder: FilePath, name: str, raw: Mapping[str, Any], parent: StackTemplate, environment: Environment
    ) -> None:
        metadata = raw.get("Metadata")
        asset = metadata.get("aws:asset:path") if isinstance(metadata, dict) else None
        if not isinstance(asset, str) or environment.prefix.count("/") > _DEPTH_LIMIT:
            return
        path = ("Resources", name, "Properties")
        given = parent.evaluator.value(raw.get("Properties") or {}, path)
        given = given.get("Parameters") if isinstance(given, Map) else None
        prefix = f"{environment.prefix}{name}/"
        inner = Environment(region=environment.region, name=prefix, imports=self._import, prefix=prefix)
        template = self._template(folder / asset, given if isinstance(given, Map) else {}, inner)
        for output, value in template.exports():
            attribute = f"Outputs.{output.removeprefix(f'{prefix}.')}"
            self._known[Reference(f"{environment.prefix}{name}", attribute)] = value

    def _import(self, name: str) -> object | None:
        """Return what a stack of this assembly exports; a stack whose exports are being read gives none."""
        if self._exported is None and not self._exporting:
            self._exporting = True
            self._exported = {key: each for stack in self._stacks for key, each in stack.exports()}
        return (self._exported or {}).get(name)

    def connect(self) -> None:
        """Make all resources, and put what one stack reads from another in its place."""
        for stack in self._stacks:
            self.resources |= {each.address: each for each in stack.resources()}
        self._known |= dict(_across_regions(self.resources))
        for resource in self.resources.values():
            self._connected(resource.config, 0)

    def _connected(self, value: object, depth: int) -> Any:
        if isinstance(value, Unknown) and depth < _DEPTH_LIMIT:
            return self._through(value, depth)
        if isinstance(value, Map):
            for key in value:
                value[key] = self._connected(value[key], depth)
        elif isinstance(value, Seq):
            value[:] = [self._connected(each, depth) for each in value]
        return value

    def _through(self, value: Unknown, depth: int) -> object:
        if not any(each in self._known for each in value.references):
            return value
        # What a function makes of an output has another form, and the same text.
        is_whole = value.form == SOMETHING
        if len(value.references) == 1 and value.text.startswith("!GetAtt"):
            known = self._known[value.references[0]]
            if not is_whole:
                known = replace(known, form=None) if isinstance(known, Unknown) else value
            return known if known is value else self._connected(known, depth + 1)
        behind = [self._known.get(each) for each in value.references]
        own = [each for each in value.references if each not in self._known]
        inner = [each for one in behind if isinstance(one, Unknown) for each in one.references]
        behind_all = tuple(dict.fromkeys([*own, *inner]))
        return self._connected(replace(value, references=behind_all), depth + 1)


def _across_regions(resources: Mapping[str, Resource]) -> Iterator[tuple[Reference, object]]:
    """Say what the custom resources give that read an SSM parameter which another stack here writes."""
    written: dict[object, object] = {}
    for each in resources.values():
        if each.kind == "AWS::SSM::Parameter" and isinstance(each.config.get("Name"), str):
            written[each.config["Name"]] = each.config.get("Value")
        elif each.kind == _EXPORT_WRITER:
            properties = each.config.get("WriterProps")
            exports = properties.get("exports") if isinstance(properties, Map) else None
            written.update(exports if isinstance(exports, Map) else {})
    for each in resources.values():
        name = each.config.get("ParameterName")
        if each.kind == _PARAMETER_READER and isinstance(name, str) and name in written:
            yield Reference(each.address, "FunctionArn"), written[name]
        elif each.kind == _EXPORT_READER:
            for key, value in written.items():
                yield Reference(each.address, str(key)), value


def _stack_document(file: FilePath) -> YamlDocument:
    document = YamlDocument(file, read_text(file))
    if not isinstance(document.data, dict):
        raise ReadError("it is not a CloudFormation template")
    return document


def _root(folder: FilePath) -> FilePath:
    """Return the folder of the whole assembly; a stage's is within it."""
    while (folder.parent / MANIFEST).is_file():
        folder = folder.parent
    return folder


def _labels(metadata: object) -> dict[str, str]:
    """Map logical ids to construct paths."""
    labels: dict[str, str] = {}
    for path, entries in (metadata if isinstance(metadata, dict) else {}).items():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and entry.get("type") == "aws:cdk:logicalId":
                labels[str(entry.get("data"))] = str(path).lstrip("/").removesuffix("/Resource")
    return labels


def _json(file: FilePath) -> Any:
    try:
        return json.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{file.name} is not JSON: {error}") from error
