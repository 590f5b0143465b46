"""Terraform's sources: a folder of *.tf and *.tf.json as one module, with the defaults of its variables."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.facts import Unread
from edge_hasher.doctor.templates.reading.terraform.known_data import known_data
from edge_hasher.doctor.templates.reading.terraform.language.file_values import FileValues
from edge_hasher.doctor.templates.reading.terraform.language.hcl_blocks import attributes, blocks, blocks_in, parsed
from edge_hasher.doctor.templates.reading.terraform.language.hcl_values import Scope
from edge_hasher.doctor.templates.reading.terraform.language.json_module import CONSTRUCT_PATH
from edge_hasher.doctor.templates.reading.terraform.language.module_files import (
    is_override,
    module_files,
    variable_files,
)
from edge_hasher.doctor.templates.reading.terraform.mapping import mapped
from edge_hasher.doctor.templates.reading.terraform.provider import locked_version
from edge_hasher.doctor.templates.reading.terraform.world import made_world
from edge_hasher.doctor.templates.reading.values import Map, Resource, Seq, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edge_hasher.doctor.templates.reading.terraform.language.hcl_values import HclDocument
    from edge_hasher.doctor.templates.reading.values import World

_PATHS = {"path.module": ".", "path.root": "."}


def read(folder: Path, parameters: Mapping[str, str], checked: Path) -> World:
    """Read a module, and the files in `checked` that it takes in; raises ReadError where it is not Terraform's."""
    module = Module(folder, parameters, checked)
    provider = locked_version(folder) or module.provider_constraint()
    world = made_world(str(folder), "terraform", module.resources(), module.documents, provider)
    return replace(world, unread=tuple(module.calls()), not_made=tuple(module.not_made))


class Module:
    """The blocks of a folder's files."""

    def __init__(self, folder: Path, parameters: Mapping[str, str], checked: Path | None = None) -> None:
        self.documents: list[HclDocument] = []
        self.not_made: list[str] = []
        self._blocks: list[tuple[HclDocument, list[str], Any]] = []
        names: dict[str, tuple[HclDocument, Any]] = {}
        self._overriding: list[tuple[HclDocument, list[str], Any]] = []
        for file in module_files(folder):
            document, tree = parsed(file)
            self.documents.append(document)
            found = [(document, *block) for block in blocks(tree)]
            (self._overriding if is_override(file) else self._blocks).extend(found)
        for document, labels, body in [*self._blocks, *self._overriding]:
            if labels[0] == "variable" and len(labels) > 1:
                name, default = f"var.{labels[1]}", attributes(body).get("default")
                names[name] = names[name] if default is None and name in names else (document, default)
            elif labels[0] == "locals":
                names |= {f"local.{name}": (document, node) for name, node in attributes(body).items()}
        for file in variable_files(folder):
            document, tree = parsed(file)
            names |= {f"var.{name}": (document, node) for name, node in attributes(tree.children[0]).items()}
        given = {f"var.{name}": _typed(each) for name, each in parameters.items()}
        self.scope = Scope(names, given, FileValues(root=folder, checked=checked or folder))
        self.scope.data = _PATHS
        self.scope.addresses = {self._address(labels) for _, labels, _ in self._blocks if len(labels) == 3}

    def resources(self) -> Iterator[Resource]:
        """Return the resources and data sources, in CloudFormation's words."""
        regions = dict(self._regions())
        values = [
            (labels, document, self._whole(document, labels, body))
            for document, labels, body in self._blocks
            if len(labels) == 3 and labels[0] == "data"
        ]
        self.scope.data = _PATHS | {
            f"{self._address(labels)}.{name}": each
            for labels, _, found in values
            for name, each in known_data(labels[1], found).items()
        }
        for document, labels, body in self._blocks:
            if len(labels) == 3 and labels[0] == "resource":
                address = self._address(labels)
                found = self._whole(document, labels, body)
                if _is_none(found):
                    self.not_made += [address] if labels[1] == "aws_cloudfront_distribution" else []
                    continue
                kind, config = mapped(labels[1], found)
                region = found.get("region") or regions.get(_provider(found))
                yield Resource(
                    kind=kind,
                    address=address,
                    label=str(found.get(CONSTRUCT_PATH, address)),
                    config=config,
                    metadata=found,
                    place=found.place,
                    region=region if isinstance(region, str) else None,
                )
        for labels, _, found in values:
            address = self._address(labels)
            yield Resource(
                kind=f"terraform:{labels[1]}", address=address, label=address, config=found, place=found.place
            )

    def calls(self) -> Iterator[Unread]:
        """Say which modules are called: what they make is not in this folder."""
        names = [labels[1] for _, labels, _ in self._blocks if labels[0] == "module" and len(labels) > 1]
        if names:
            what = "the module" if len(names) == 1 else "the modules"
            yield Unread(what=f"{what} {', '.join(names)}", why="what a module makes is known in a plan")

    def provider_constraint(self) -> str:
        """Return the constraint on the version of the AWS provider; nothing where there is none."""
        for document, labels, body in self._blocks:
            if labels == ["terraform"]:
                found = self._body(document, body, ("terraform", str(document.file)), "")
                written = found.get("required_providers") or ()
                for each in [written] if isinstance(written, Map) else written:
                    aws = each.get("aws") if isinstance(each, Map) else None
                    version = aws.get("version") if isinstance(aws, Map) else aws
                    if isinstance(version, str):
                        return version
        return ""

    def _regions(self) -> Iterator[tuple[str, object]]:
        for document, labels, body in self._blocks:
            if labels == ["provider", "aws"]:
                found = self._body(document, body, ("provider", len(document.lines), id(body)), "")
                alias = found.get("alias")
                yield f"aws.{alias}" if alias else "aws", found.get("region")

    def _whole(self, document: HclDocument, labels: list[str], body: Any) -> Map:
        """Evaluate a resource, with what override files put in the place of its arguments and blocks."""
        address = self._address(labels)
        found = self._body(document, body, (address,), address)
        for other, same, inner in self._overriding:
            if same == labels:
                changes = self._body(other, inner, (address, "override"), address)
                for name, value in changes.items():
                    found.put(name, value, changes.places[name])
        return found

    def _body(self, document: HclDocument, body: Any, path: tuple[str | int, ...], own: str) -> Map:
        """Evaluate the arguments and blocks of a block."""
        made = Map(document.mark(path, body.header if hasattr(body, "header") else body.meta))
        for name, node in attributes(body).items():
            place = document.mark((*path, name), node.meta)
            made.put(name, self.scope.value(document, node, (*path, name), own), place)
        for labels, inner in blocks_in(body):
            name = labels[0]
            if name == "dynamic" and len(labels) > 1:
                self._dynamic(made, document, labels[1], inner, own)
                continue
            if not isinstance(made.get(name), Seq):
                made.put(name, Seq(document.mark((*path, name), inner.header)))
            at = (*path, name, len(made[name]))
            made[name].put(self._body(document, inner, at, own), document.mark(at, inner.header))
        return made

    def _dynamic(self, made: Map, document: HclDocument, name: str, body: Any, own: str) -> None:
        """Write the blocks of a dynamic one; what it goes over may be known in a plan alone."""
        place = document.mark((*made.place.path, name), body.header)
        if not isinstance(made.get(name), Seq):
            made.put(name, Seq(place), place)
        blocks = made[name]
        written = self._attributes_of(document, body, own)
        content = next((inner for labels, inner in blocks_in(body) if labels == ["content"]), None)
        items = _items(written.get("for_each"))
        if items is None or content is None:
            blocks.put(Unknown(f"dynamic {name}", "a dynamic block is known in a plan"), place)
            return
        iterator = written.get("iterator")
        word = iterator.text if isinstance(iterator, Unknown) else name
        for key, value in items:
            at = (*made.place.path, name, len(blocks))
            with self.scope.bound({f"{word}.key": key, f"{word}.value": value}):
                blocks.put(self._body(document, content, at, own), document.mark(at, body.header))

    def _attributes_of(self, document: HclDocument, body: Any, own: str) -> dict[str, Any]:
        return {
            name: self.scope.value(document, node, ("dynamic", name), own) for name, node in attributes(body).items()
        }

    @staticmethod
    def _address(labels: list[str]) -> str:
        return ".".join(labels[1:] if labels[0] == "resource" else labels)


def _items(value: object) -> list[tuple[object, object]] | None:
    """Return what for_each goes over, as keys and values; None where it is not known."""
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else None


def _is_none(found: Map) -> bool:
    """Whether a resource is not made: its count is 0, or for_each empty."""
    count, each = found.get("count", 1), found.get("for_each", [0])
    return count == 0 or (isinstance(each, dict | list) and not each)


def _provider(found: Map) -> str:
    provider = found.get("provider")
    return provider.text if isinstance(provider, Unknown) else "aws"


def _typed(given: str) -> object:
    if re.fullmatch(r"-?\d+", given):
        return int(given)
    return {"true": True, "false": False}.get(given, given)
