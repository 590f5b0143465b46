"""A distribution's configuration as CloudFront wrote it: botocore leaves out what its model does not know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from edge_hasher.aws import xml_elements
from edge_hasher.aws.configuration import associations, behaviors

if TYPE_CHECKING:
    from edge_hasher.aws.configuration import Config
    from edge_hasher.aws.xml_elements import Element

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
# Texts of people's own, which stay texts even where they read as a number or as true.
_TEXTS = frozenset({"CallerReference", "Comment", "HeaderName", "HeaderValue", "Id", "PathPattern", "TargetOriginId"})


def within(answer: bytes) -> bytes:
    """Return the configuration in an answer of GetDistribution, byte for byte, as the document that an update takes.

    Raises ValueError for an answer of another shape.
    """
    root = xml_elements.parse(answer)
    element = root.child("DistributionConfig")
    if root.name != "Distribution" or element is None:
        raise ValueError("not a distribution")
    # A namespace may be declared on the outer element alone.
    declared = "".join(
        f" {name}={quoteattr(value)}"
        for name, value in root.attributes.items()
        if name.partition(":")[0] == "xmlns" and name not in element.attributes
    )
    name_end = element.start + 1 + len(element.tag.encode())
    document = answer[element.start : name_end] + declared.encode() + answer[name_end : element.end]
    checked(read(document))
    return document


def read(document: bytes) -> Config:
    """Return a configuration with all its elements, also those that botocore does not know."""
    return dict(_value(xml_elements.parse(document)))


def checked(config: Config) -> Config:
    """Return a configuration or its summary, whose behaviors are all there; raises LookupError or ValueError if not."""
    counted = [config["CacheBehaviors"]] if config.get("CacheBehaviors") else []
    for behavior in behaviors(config):
        counted += [listing] if (listing := behavior.settings.get("LambdaFunctionAssociations")) else []
        for item in associations(behavior.settings):
            if not isinstance(item["LambdaFunctionARN"], str) or not isinstance(item["EventType"], str):
                raise ValueError("an association without its function")  # noqa: TRY004 (of the answer, not a call)
    if any(listing["Quantity"] != len(listing.get("Items") or []) for listing in counted):
        raise ValueError("a list that is not whole")
    return config


def _value(element: Element) -> Any:  # noqa: ANN401 (whatever a configuration holds)
    """Return a mapping, a list or a text, by the shape alone: items are a list, and so is what comes twice."""
    if element.name == "Items":
        return [_value(child) for child in element.children]
    found: dict[str, Any] = {f"@{k}": v for k, v in element.attributes.items() if k.partition(":")[0] != "xmlns"}
    if not element.children and not found:
        return _scalar(element)
    for child in element.children:
        value, name = _value(child), child.name
        there = found.get(name)
        found[name] = value if name not in found else [*(there if isinstance(there, list) else [there]), value]
    return found


def _scalar(element: Element) -> str | int | bool:
    if element.name in _TEXTS:
        return element.text
    if element.text in {"true", "false"}:
        return element.text == "true"
    return int(element.text) if _INTEGER.fullmatch(element.text) else element.text
