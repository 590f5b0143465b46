"""What a property in infrastructure code may hold: plain data whose places are known, and what is not known yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from edge_hasher.doctor.facts import Unread
    from edge_hasher.doctor.templates.reading.source import Document, Path, Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: a document and the keys that lead there."""

    document: Document
    path: Path

    def span(self) -> Span:
        """Return the lines and columns; those of what holds it, where the path itself is not written."""
        return self.document.span(self.path)

    def __truediv__(self, key: str | int) -> Place:
        """Go one key deeper."""
        return Place(self.document, (*self.path, key))


SOME_ATTRIBUTE = "*"


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """An attribute of another resource in the same code: empty for the resource itself, * for one that is not known."""

    address: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only the deployment knows: as it is written, why it is not known, and what it is made from.

    `form` is an example of it where its form is known, as that of a Function URL is (`forms`).
    """

    text: str
    why: str
    references: tuple[Reference, ...] = ()
    form: object = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """Return the value as it is written, for messages."""
        return self.text


class Map(dict[str, Any]):
    """A mapping that knows where each of its values is written."""

    __slots__ = ("place", "places")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: dict[str, Place] = {}

    def put(self, key: str, value: object, place: Place | None = None) -> None:
        """Set a value and its place."""
        self[key] = value
        self.places[key] = place or self.place / key

    def at(self, *keys: str | int) -> Place:
        """Return where the value behind the keys is written, as deep as they lead."""
        return _at(self, self.place, keys)


class Seq(list[Any]):
    """A list that knows where each of its items is written."""

    __slots__ = ("place", "places")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: list[Place] = []

    def put(self, value: object, place: Place) -> None:
        """Append a value and its place."""
        self.append(value)
        self.places.append(place)


def _at(value: Any, place: Place, keys: Iterable[str | int]) -> Place:
    for key in keys:
        is_there = key in value if isinstance(value, Map) else isinstance(value, Seq) and key in range(len(value))
        if not is_there:
            break
        place, value = value.places[key], value[key]
    return place


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resource:
    """One resource, in CloudFormation's words whatever it was written in.

    `address` is its logical id or Terraform address, and unique; `label` is what a person calls it, such as a construct
    path. `config` holds what CloudFormation calls Properties, and `metadata` its Metadata.
    """

    kind: str
    address: str
    label: str
    config: Map
    place: Place
    region: str | None = None
    generated_from: str | None = None
    metadata: object = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """Resources that may name each other: a template, an assembly, a plan, a folder of Terraform.

    `unread` is code that may make more of them, `not_made` distributions that the code's own switches leave out.
    `parameters` are those that the user may set, with what CloudFormation's template says of each. `provider` is the
    version of Terraform's AWS provider, or what constrains it, as far as that is known.
    """

    name: str
    dialect: str
    resources: dict[str, Resource]
    documents: tuple[Document, ...]
    unread: tuple[Unread, ...] = ()
    not_made: tuple[str, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    provider: str = ""

    def of(self, kind: str) -> Iterator[Resource]:
        """Return the resources of one kind."""
        return (each for each in self.resources.values() if each.kind == kind)

    def referred(self, value: object, kind: str) -> Resource | None:
        """Return the one resource of this kind that a value is made from; None if there is none, or several."""
        found = {
            each.address
            for each in references(value)
            if each.address in self.resources and self.resources[each.address].kind == kind
        }
        return self.resources[found.pop()] if len(found) == 1 else None


def plain_text(value: object) -> str:
    """Return a plain value as CloudFormation and Terraform have it in text: true, not True."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def references(value: object) -> Iterator[Reference]:
    """Return every reference within a value, however deep."""
    if isinstance(value, Unknown):
        yield from value.references
    elif isinstance(value, dict):
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def unknown_in(value: object) -> Unknown | None:
    """Return the first thing within a value that is not known."""
    if isinstance(value, Unknown):
        return value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for each in inner if (found := unknown_in(each)) is not None), None)
