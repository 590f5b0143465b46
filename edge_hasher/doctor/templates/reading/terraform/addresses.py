"""Terraform's addresses: what an expression refers to, and which resource that is where there are several."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading.values import Reference

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_INDEX = re.compile(r"\[[^\]]*\]")
_REFERENCE = re.compile(
    r"(?P<base>(?:data\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*)(?P<index>\[[^\]]*\])?(?:\.(?P<attribute>\w+))?.*"
)
_NOT_RESOURCES = ("var.", "local.", "module.", "each.", "count.", "path.", "terraform.", "self.")


def without_index(address: str) -> str:
    """Return an address as the configuration has it, without the indexes of count and for_each."""
    return _INDEX.sub("", address)


def attribute_name(name: str) -> str:
    """Return an attribute in CloudFormation's way of writing."""
    return "".join(part.capitalize() for part in name.split("_"))


def resource_references(texts: Iterable[str], module: str, addresses: Collection[str], own: str) -> list[Reference]:
    """Return the resources that the texts of an expression name; with count or for_each, the one of the same index."""
    found: dict[str, set[str]] = {}
    seen: list[str] = []
    for text in texts:
        match = _REFERENCE.fullmatch(text)
        # A plan lists a.b["c"].d as a.b["c"].d, then a.b["c"], then a.b.
        is_part = any(each.startswith((f"{text}.", f"{text}[")) for each in seen)
        seen.append(text)
        if match is None or is_part or text.startswith(_NOT_RESOURCES):
            continue
        for address in candidates(f"{module}{match['base']}", match["index"] or "", addresses, own):
            found.setdefault(address, set()).update([attribute_name(match["attribute"])] if match["attribute"] else [])
    return [Reference(address, each) for address, names in found.items() for each in sorted(names) or [""]]


def candidates(base: str, index: str, addresses: Collection[str], own: str) -> list[str]:
    """Return the resources of an address without index: the one of the same index as `own`, else all."""
    if base + index in addresses:
        return [base + index]
    same = [each for each in addresses if without_index(each) == without_index(base)]
    _, bracket, key = own.rpartition("[")
    mine = [each for each in same if bracket and each.endswith(f"[{key}")]
    return mine or same or [base]
