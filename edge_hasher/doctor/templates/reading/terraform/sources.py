"""Terraform's sources: a folder of *.tf and *.tf.json as one module, with the defaults of its variables."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.facts import Unread
from edge_hasher.doctor.templates.reading.source import ReadError
from edge_hasher.doctor.templates.reading.terraform.addresses import Addresses
from edge_hasher.doctor.templates.reading.terraform.known_data import known_data
from edge_hasher.doctor.templates.reading.terraform.language.bodies import evaluated
from edge_hasher.doctor.templates.reading.terraform.language.file_values import FileValues
from edge_hasher.doctor.templates.reading.terraform.language.hcl_blocks import (
    attributes,
    blocks,
    parsed,
)
from edge_hasher.doctor.templates.reading.terraform.language.hcl_values import Scope
from edge_hasher.doctor.templates.reading.terraform.language.json_module import CONSTRUCT_PATH
from edge_hasher.doctor.templates.reading.terraform.language.module_files import (
    is_override,
    module_files,
    variable_files,
)
from edge_hasher.doctor.templates.reading.terraform.mapping import mapped
from edge_hasher.doctor.templates.reading.terraform.module_calls import KNOWN_IN_A_PLAN, Call, is_none, local_folder
from edge_hasher.doctor.templates.reading.terraform.provider import locked_version
from edge_hasher.doctor.templates.reading.terraform.world import made_world
from edge_hasher.doctor.templates.reading.values import Map, Resource, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edge_hasher.doctor.templates.reading.terraform.language.hcl_values import HclDocument
    from edge_hasher.doctor.templates.reading.values import World

_DEPTH_LIMIT = 10


def read(folder: Path, parameters: Mapping[str, str], checked: Path) -> World:
    """Read a module, and the files in `checked` that it takes in; raises ReadError where it is not Terraform's."""
    module = Module(folder, parameters, checked)
    provider = locked_version(folder) or module.provider_constraint()
    world = made_world(str(folder), "terraform", module.resources(), module.every_document(), provider)
    every = list(module.every())
    unread = tuple(one for each in every for one in each.calls())
    not_made = tuple(one for each in every for one in each.not_made)
    return replace(world, unread=unread, not_made=not_made, parameters=dict.fromkeys(module.variables()))


class Module:
    """The blocks of a folder's files, and the local modules that they call; `call` is how it is called itself."""

    def __init__(
        self, folder: Path, parameters: Mapping[str, object], checked: Path | None = None, call: Call | None = None
    ) -> None:
        self.documents: list[HclDocument] = []
        self.not_made: list[str] = []
        self.children: list[Module] = []
        self._call = call or Call(root=folder)
        self._blocks: list[tuple[HclDocument, list[str], Any]] = []
        self._overriding: list[tuple[HclDocument, list[str], Any]] = []
        for file in module_files(folder):
            if file not in self._call.files:
                self._call.files[file] = parsed(file)
            document, tree = self._call.files[file]
            self.documents.append(document)
            found = [(document, *block) for block in blocks(tree)]
            (self._overriding if is_override(file) else self._blocks).extend(found)
        names = self._names([] if call else [parsed(file) for file in variable_files(folder)])
        given = {f"var.{name}": _typed(each) for name, each in parameters.items()}
        self.scope = Scope(names, given, FileValues(root=self._call.root, allowed=(folder, checked or folder)))
        self.scope.data = self._paths = {"path.module": self._call.path, "path.root": "."}
        self.scope.module = self._call.address
        self.scope.addresses = Addresses(self._address(labels) for _, labels, _ in self._blocks if len(labels) == 3)
        self.scope.elsewhere |= {f"var.{name}": each for name, each in self._call.inputs.items()}
        if checked is not None:
            self._follow(folder, checked)

    def _names(self, variable_values: list[tuple[HclDocument, Any]]) -> dict[str, tuple[HclDocument, Any]]:
        names: dict[str, tuple[HclDocument, Any]] = {}
        for document, labels, body in [*self._blocks, *self._overriding]:
            if labels[0] == "variable" and len(labels) > 1:
                name, default = f"var.{labels[1]}", attributes(body).get("default")
                names[name] = names[name] if default is None and name in names else (document, default)
            elif labels[0] == "locals":
                names |= {f"local.{name}": (document, node) for name, node in attributes(body).items()}
        for document, tree in variable_values:
            names |= {f"var.{name}": (document, node) for name, node in attributes(tree.children[0]).items()}
        return names

    def _follow(self, folder: Path, checked: Path) -> None:
        """Read the modules that are called from local folders, and connect their inputs and outputs with this one."""
        for document, labels, body in self._blocks:
            if labels[0] != "module" or len(labels) < 2:
                continue
            name, arguments = f"module.{labels[1]}", attributes(body)
            said: dict[str, Any] = {
                key: self.scope.value(document, arguments[key], (self._call.address, name, key))
                for key in ("source", "providers", "count", "for_each")
                if key in arguments
            }
            if is_none(said):
                continue
            source = said.get("source")
            inner = local_folder(folder, source)
            if inner is None:
                self.scope.not_read[name] = KNOWN_IN_A_PLAN
                continue
            if self._call.depth >= _DEPTH_LIMIT:
                raise ReadError("its modules are nested too deeply")
            call = Call(
                root=self._call.root,
                files=self._call.files,
                path=str(PurePath(self._call.path, str(source))),
                address=f"{self._call.address}{name}.",
                inputs={key: (self.scope, document, node) for key, node in arguments.items()},
                providers=said.get("providers"),
                depth=self._call.depth + 1,
            )
            child = Module(inner, {}, checked, call)
            self.children.append(child)
            self.scope.elsewhere |= {f"{name}.{output}": each for output, each in child.outputs()}

    def variables(self) -> Iterator[str]:
        """Return the names of its variables."""
        for _, labels, _ in [*self._blocks, *self._overriding]:
            if labels[0] == "variable" and len(labels) > 1:
                yield labels[1]

    def outputs(self) -> Iterator[tuple[str, tuple[Scope, HclDocument, Any]]]:
        """Return what the module gives to the one that calls it."""
        for document, labels, body in self._blocks:
            if labels[0] == "output" and len(labels) > 1:
                yield labels[1], (self.scope, document, attributes(body).get("value"))

    def every(self) -> Iterator[Module]:
        """Return this module and all that it calls, at any depth."""
        yield self
        for each in self.children:
            yield from each.every()

    def every_document(self) -> list[HclDocument]:
        """Return the files of all of them."""
        return [document for each in self.every() for document in each.documents]

    def resources(self) -> Iterator[Resource]:
        """Return the resources and data sources of all of them, in CloudFormation's words."""
        data = [(each, each.data_sources()) for each in self.every()]
        regions: dict[str, object] = {}
        for each, found in data:
            each.scope.data = dict(each.scope.data)  # what was found out before all data sources were read is forgotten
            yield from each.made(regions)
            for address, kind, values in found:
                yield Resource(
                    kind=f"terraform:{kind}", address=address, label=address, config=values, place=values.place
                )

    def data_sources(self) -> list[tuple[str, str, Map]]:
        """Return the data sources by address and type, and let expressions use what is known of them."""
        found = [
            (labels, self._whole(document, labels, body))
            for document, labels, body in self._blocks
            if len(labels) == 3 and labels[0] == "data"
        ]
        self.scope.data = self._paths | {
            f"{'.'.join(labels)}.{name}": each
            for labels, values in found
            for name, each in known_data(labels[1], values).items()
        }
        return [(self._address(labels), labels[1], values) for labels, values in found]

    def made(self, regions: dict[str, object]) -> Iterator[Resource]:
        """Return the module's own resources; `regions` are those of the providers, by the modules' addresses."""
        regions |= {f"{self._call.address}{name}": region for name, region in self._regions(regions)}
        for document, labels, body in self._blocks:
            if len(labels) == 3 and labels[0] == "resource":
                address = self._address(labels)
                found = self._whole(document, labels, body)
                if is_none(found):
                    self.not_made += [address] if labels[1] == "aws_cloudfront_distribution" else []
                    continue
                kind, config = mapped(labels[1], found)
                region = found.get("region") or regions.get(f"{self._call.address}{_provider(found)}")
                yield Resource(
                    kind=kind,
                    address=address,
                    label=str(found.get(CONSTRUCT_PATH, address)),
                    config=config,
                    metadata=found,
                    place=found.place,
                    region=region if isinstance(region, str) else None,
                )

    def calls(self) -> Iterator[Unread]:
        """Say which modules are called and not read: what they make is not in the folder."""
        names = [each.removeprefix("module.") for each in self.scope.not_read]
        if names:
            what = "the module" if len(names) == 1 else "the modules"
            yield Unread(what=f"{what} {', '.join(names)}", why=next(iter(self.scope.not_read.values())))

    def provider_constraint(self) -> str:
        """Return the constraint on the version of the AWS provider; nothing where there is none."""
        for document, labels, body in self._blocks:
            if labels == ["terraform"]:
                found = evaluated(self.scope, document, body, ("terraform", str(document.file)))
                written = found.get("required_providers") or ()
                for each in [written] if isinstance(written, Map) else written:
                    aws = each.get("aws") if isinstance(each, Map) else None
                    version = aws.get("version") if isinstance(aws, Map) else aws
                    if isinstance(version, str):
                        return version
        return ""

    def _regions(self, outer: Mapping[str, object]) -> Iterator[tuple[str, object]]:
        """Return the Regions of the providers: those that the caller passes, then the module's own."""
        passed = self._call.providers
        pairs = passed if isinstance(passed, Map) else {"aws": Unknown("aws", "")}
        for name, each in pairs.items() if self._call.address else ():
            yield name, outer.get(f"{self._call.caller}{each}")
        for document, labels, body in self._blocks:
            if labels == ["provider", "aws"]:
                found = evaluated(self.scope, document, body, ("provider", len(document.lines), id(body)))
                alias = found.get("alias")
                yield f"aws.{alias}" if alias else "aws", found.get("region")

    def _whole(self, document: HclDocument, labels: list[str], body: Any) -> Map:
        """Evaluate a resource, with what override files put in the place of its arguments and blocks."""
        address = self._address(labels)
        found = evaluated(self.scope, document, body, (address,), address)
        for other, same, inner in self._overriding:
            if same == labels:
                changes = evaluated(self.scope, other, inner, (address, "override"), address)
                for name, value in changes.items():
                    found.put(name, value, changes.places[name])
        return found

    def _address(self, labels: list[str]) -> str:
        return self._call.address + ".".join(labels[1:] if labels[0] == "resource" else labels)


def _provider(found: Map) -> str:
    provider = found.get("provider")
    return provider.text if isinstance(provider, Unknown) else "aws"


def _typed(given: object) -> object:
    if not isinstance(given, str):
        return given
    if re.fullmatch(r"-?\d+", given):
        return int(given)
    return {"true": True, "false": False}.get(given, given)
