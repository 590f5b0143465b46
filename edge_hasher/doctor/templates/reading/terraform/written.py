"""Where the values of a plan are written: in the sources beside it, if they are there. A plan is one long line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading.forms import SOMETHING
from edge_hasher.doctor.templates.reading.source import ReadError
from edge_hasher.doctor.templates.reading.terraform.addresses import without_index
from edge_hasher.doctor.templates.reading.terraform.sources import Module
from edge_hasher.doctor.templates.reading.values import Map, Reference, Seq, Unknown, references

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edge_hasher.doctor.templates.reading.values import Resource


class Sources:
    """The sources of a plan's modules, so far as they are in local folders."""

    def __init__(self, folder: Path, variables: Mapping[str, object]) -> None:
        self._variables = variables
        self._folders = {"": folder}
        self._modules: dict[str, Module | None] = {}

    def add(self, outer: str, inner: str, source: str) -> None:
        """Say where a module, by its address with a dot at the end, is called from."""
        above = self._folders.get(without_index(outer))
        if above is not None and source.startswith((".", "/")):
            self._folders[without_index(inner)] = above / source

    def behind_local(self, module: str, name: str) -> Iterator[Reference]:
        """Return what a local value refers to."""
        found = self._module(without_index(module))
        if found is not None and found.scope.knows(name):
            for each in references(found.scope.named(name)):
                yield Reference(f"{without_index(module)}{each.address}", each.attribute)

    def put_places(self, resources: dict[str, Resource]) -> None:
        """Give each resource the place of its block."""
        blocks: dict[str, Resource] = {}
        for address in self._folders:
            found = self._module(address)
            blocks |= {f"{address}{each.address}": each for each in (found.resources() if found else ())}
        for key, resource in list(resources.items()):
            block = blocks.get(without_index(key))
            if block is not None and block.kind == resource.kind:
                resources[key] = _replaced(resource, block)

    def _module(self, address: str) -> Module | None:
        if address not in self._modules:
            folder = self._folders.get(address)
            try:
                given = {} if address else self._variables
                self._modules[address] = Module(folder, given) if folder is not None else None
            except (ReadError, OSError):
                self._modules[address] = None  # the plan is what was asked for, and it is read
        return self._modules[address]


def _replaced(resource: Resource, block: Resource) -> Resource:
    _copy(resource.config, block.config)
    return type(resource)(
        kind=resource.kind,
        address=resource.address,
        label=resource.label,
        config=resource.config,
        metadata=block.metadata,
        place=block.place,
        region=resource.region,
    )


def _copy(values: object, blocks: object) -> None:
    """Copy places where both have the same shape; what only the plan has is where its block is."""
    if isinstance(values, Map) and isinstance(blocks, Map):
        values.place = blocks.place
        for key in values:
            values.places[key] = blocks.places.get(key, blocks.place)
            value, block = values[key], blocks.get(key)
            if isinstance(value, Unknown) and value.form == SOMETHING and isinstance(block, Unknown):
                values[key] = replace(value, form=block.form)
            _copy(value, block)
    elif isinstance(values, Seq) and isinstance(blocks, Seq):
        values.place = blocks.place
        if len(values) == len(blocks):
            for index, value in enumerate(values):
                values.places[index] = blocks.places[index]
                _copy(value, blocks[index])
