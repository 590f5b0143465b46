"""A world of Terraform's resources, with what one resource says of another in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading.values import Map, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edge_hasher.doctor.templates.reading.source import Document
    from edge_hasher.doctor.templates.reading.values import Resource


def made_world(name: str, dialect: str, resources: Iterable[Resource], documents: Sequence[Document]) -> World:
    """Make a world; a function's runtime management is a resource of its own in Terraform."""
    by_address = {each.address: each for each in resources}
    world = World(name=name, dialect=dialect, resources=by_address, documents=tuple(documents))
    for each in list(world.of("terraform-runtime-management")):
        function = world.referred(each.config.get("FunctionName"), "AWS::Lambda::Function")
        if function is not None:
            inner = Map(each.place)
            inner.put("UpdateRuntimeOn", each.config.get("UpdateRuntimeOn"), each.config.at("UpdateRuntimeOn"))
            function.config.put("RuntimeManagementConfig", inner, each.config.at("UpdateRuntimeOn"))
    return world
