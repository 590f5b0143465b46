"""A world of Terraform's resources, with what one resource says of another in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading.terraform.provider import public_permissions
from edge_hasher.doctor.templates.reading.values import Map, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edge_hasher.doctor.templates.reading.source import Document
    from edge_hasher.doctor.templates.reading.values import Resource


def made_world(
    name: str, dialect: str, resources: Iterable[Resource], documents: Sequence[Document], provider: str = ""
) -> World:
    """Make a world; a function's runtime management is a resource of its own in Terraform.

    `provider` is the version of the AWS provider, or what constrains it, as far as that is known.
    """
    written = list(resources)
    by_address = {each.address: each for each in [*written, *public_permissions(written, provider)]}
    world = World(name=name, dialect=dialect, resources=by_address, documents=tuple(documents), provider=provider)
    for each in list(world.of("terraform-runtime-management")):
        function = world.referred(each.config.get("FunctionName"), "AWS::Lambda::Function")
        if function is not None:
            inner = Map(each.place)
            inner.put("UpdateRuntimeOn", each.config.get("UpdateRuntimeOn"), each.config.at("UpdateRuntimeOn"))
            function.config.put("RuntimeManagementConfig", inner, each.config.at("UpdateRuntimeOn"))
    return world
