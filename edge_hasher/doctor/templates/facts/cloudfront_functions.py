"""CloudFront Functions as a behavior's associations name them, and as the same code makes them: their own code too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.facts import CloudFrontFunction, Unread
from edge_hasher.doctor.reading.cloudfront_function import chooser
from edge_hasher.doctor.templates.facts.function_names import URL
from edge_hasher.doctor.templates.facts.partial import parts, unread
from edge_hasher.doctor.templates.reading.values import Unknown, unknown_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_hasher.doctor.templates.reading.values import Map, Resource, World

CLOUDFRONT_FUNCTION = "AWS::CloudFront::Function"
ASSOCIATIONS = "FunctionAssociations"
_ARN, _URL_HOST = ":function/", ".lambda-url."


def functions(world: World, behavior: Map, what: str) -> tuple[CloudFrontFunction, ...] | Unread:
    """Return the functions of a behavior; Unread where not even their number is known."""
    unknown = _unlisted(behavior.get(ASSOCIATIONS))
    if unknown is not None:
        return unread(f"{ASSOCIATIONS} of {what}", unknown)
    return tuple(_function(world, each) for each in parts(behavior, ASSOCIATIONS))


def choosing(world: World, behavior: Map, host: object, *, is_asked: bool) -> str:
    """Return the function that chooses another origin than `host` at run time, as far as can be told, or nothing.

    Without `is_asked`, which says that the user named this behavior, only where there is a Function URL to choose.
    """
    found = functions(world, behavior, "")
    if isinstance(found, Unread):
        return ""
    may_be_lambda = is_asked or any(world.of(URL)) or any(_URL_HOST in each.certain_code for each in found)
    return chooser(found, _as_written(host)) if may_be_lambda else ""


def made_here(world: World, behavior: Map) -> Iterator[tuple[str, Resource]]:
    """Return the functions of a behavior that the same code makes, by their names."""
    for each in parts(behavior, ASSOCIATIONS):
        resource = _resource(world, each.get("FunctionARN"))
        if resource is not None:
            yield _name(resource), resource


def _unlisted(value: object) -> Unknown | None:
    items = value if isinstance(value, list) else [value]
    return next((each for each in items if isinstance(each, Unknown)), None)


def _function(world: World, association: Map) -> CloudFrontFunction:
    arn = association.get("FunctionARN")
    resource = _resource(world, arn)
    name = _name(resource) if resource is not None else _named_by(arn)
    code, certain = _code(resource, arn, name)
    return CloudFrontFunction(name=name, event=_as_written(association.get("EventType")), code=code, known_code=certain)


def _resource(world: World, arn: object) -> Resource | None:
    """Return the function that an ARN is made from, or else the one whose name it ends with."""
    found = world.referred(arn, CLOUDFRONT_FUNCTION)
    written = arn.text if isinstance(arn, Unknown) else str(arn)
    if found is not None or _ARN not in written:
        return found
    same = [each for each in world.of(CLOUDFRONT_FUNCTION) if _as_written(each.config.get("Name")) == _named_by(arn)]
    return same[0] if same else None


def _name(resource: Resource) -> str:
    name = resource.config.get("Name")
    return name if isinstance(name, str) else resource.label


def _named_by(arn: object) -> str:
    return _as_written(arn).rpartition("/")[2]


def _as_written(value: object) -> str:
    return value.text if isinstance(value, Unknown) else "" if value is None else str(value)


def _code(resource: Resource | None, arn: object, name: str) -> tuple[Any, str]:
    """Return a function's code, and what is known of it where it is not known as a whole."""
    what = f"the code of the CloudFront Function {name}"
    if resource is None:
        unknown = unknown_in(arn)
        return Unread(what=what, why=unknown.why if unknown else "it is made elsewhere"), ""
    code = resource.config.get("FunctionCode")
    if isinstance(code, Unknown):
        return Unread(what=what, why=code.why), code.text
    return (code, "") if isinstance(code, str) else (Unread(what=what, why="it has no code here"), "")
