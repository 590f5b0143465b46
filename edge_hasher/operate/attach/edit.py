"""The origin-request functions in a configuration's XML: what is edited is the associations, and no other byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from edge_hasher.aws.configuration import DEFAULT_LABEL
from edge_hasher.aws.xml_elements import Edit, edited, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge_hasher.aws.xml_elements import Element

ORIGIN_REQUEST = "origin-request"
_LIST = "LambdaFunctionAssociations"
# CloudFront writes an empty list as a Quantity of 0 (seen). Other servers leave the list out, or write empty Items: a
# line break marks what was put where nothing was, so taking it away leaves the same bytes. To XML it means nothing.
_MARK = "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAssociation:
    """An origin-request function of a behavior."""

    function_arn: str
    include_body: bool


def with_functions(document: bytes, wanted: Mapping[str, PlannedAssociation | None]) -> bytes:
    """Return the configuration with these functions at these behaviors, by label; None takes the function off."""
    edits: list[Edit] = []
    for label, behavior in _behaviors(parse(document)):
        if label in wanted:
            edits += _edits(document, behavior, wanted[label])
    return edited(document, edits)


def _behaviors(root: Element) -> Iterator[tuple[str, Element]]:
    items = root.child("CacheBehaviors", "Items")
    for behavior in items.children if items else ():
        path = behavior.child("PathPattern")
        yield (path.text if path else ""), behavior
    if default := root.child("DefaultCacheBehavior"):
        yield DEFAULT_LABEL, default


def _edits(document: bytes, behavior: Element, wanted: PlannedAssociation | None) -> list[Edit]:
    """Return what turns the function of a behavior into the wanted one."""
    listing, items = behavior.child(_LIST), behavior.child(_LIST, "Items")
    there = next((each for each in (items.children if items else ()) if _event(each) == ORIGIN_REQUEST), None)
    if wanted is None:
        return _taken_away(document, listing, items, there) if listing and items and there else []
    parts = {
        "LambdaFunctionARN": wanted.function_arn,
        "EventType": ORIGIN_REQUEST,
        "IncludeBody": str(wanted.include_body).lower(),
    }
    if there is not None:
        return [_set(there, name, text) for name, text in parts.items()]
    item = _xml(behavior, "LambdaFunctionAssociation", *(_xml(behavior, name, escape(parts[name])) for name in parts))
    return _added(behavior, listing, items, item)


def _added(behavior: Element, listing: Element | None, items: Element | None, item: str) -> list[Edit]:
    first = _xml(behavior, "Quantity", "1") + _xml(behavior, "Items", item)
    if listing is None:
        return [_append(behavior, _xml(behavior, _LIST, _MARK, first))]
    if listing.is_self_closing:
        return [_replace(listing, _xml(behavior, _LIST, first))]
    if items is None:
        return [_set(listing, "Quantity", "1"), _append(listing, _xml(behavior, "Items", item))]
    count = _set(listing, "Quantity", str(len(items.children) + 1))
    if items.children:
        return [count, _append(items, item)]
    return [count, _replace(items, _xml(behavior, "Items", _MARK, item))]


def _taken_away(document: bytes, listing: Element, items: Element, there: Element) -> list[Edit]:
    rest = len(items.children) - 1
    if rest == 0 and _begins_with_mark(document, listing):
        return [_replace(listing, "")]
    count = _set(listing, "Quantity", str(rest))
    if rest:
        return [count, _replace(there, "")]
    return [count, _replace(items, _xml(listing, "Items") if _begins_with_mark(document, items) else "")]


def _begins_with_mark(document: bytes, element: Element) -> bool:
    return document[element.inside : element.children[0].start].decode() == _MARK


def _event(association: Element) -> str | None:
    event = association.child("EventType")
    return event.text if event else None


def _set(parent: Element, name: str, text: str) -> Edit:
    there = parent.child(name)
    if there is None:
        return _append(parent, _xml(parent, name, escape(text)))
    if there.is_self_closing:
        return _replace(there, _xml(parent, name, escape(text)))
    return Edit(there.inside, there.inside_end, escape(text).encode())


def _append(parent: Element, new: str) -> Edit:
    place = parent.children[-1].end if parent.children else parent.inside_end
    return Edit(place, place, new.encode())


def _replace(element: Element, new: str) -> Edit:
    return Edit(element.start, element.end, new.encode())


def _xml(near: Element, name: str, *content: str) -> str:
    """Write an element with the prefix of one that is near; without content, as one tag."""
    tag = near.tag.removesuffix(near.name) + name
    return f"<{tag}>{''.join(content)}</{tag}>" if content else f"<{tag} />"
