"""Terraform's addresses: what an expression refers to, and which resource that is where there are several."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading.values import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable

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


class Addresses:
    """The resources of a world, to be found by what an expression names; for plans with tens of thousands of them."""

    def __init__(self, addresses: Iterable[str] = ()) -> None:
        self._all = dict.fromkeys(addresses)
        self._same: dict[str, list[str]] = {}
        self._same_index: dict[tuple[str, str], list[str]] = {}
        for each in self._all:
            plain = without_index(each)
            self._same.setdefault(plain, []).append(each)
            self._same_index.setdefault((plain, _last_index(each)), []).append(each)

    def near(self, base: str, index: str, own: str) -> list[str]:
        """Return the resources of an address without index: the one of the same index as `own`, else all."""
        if base + index in self._all:
            return [base + index]
        plain, key = without_index(base), _last_index(own)
        mine = self._same_index.get((plain, key), []) if key else []
        return mine or self._same.get(plain) or [base]


def resource_references(texts: Iterable[str], module: str, addresses: Addresses, own: str) -> list[Reference]:
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
        for address in addresses.near(f"{module}{match['base']}", match["index"] or "", own):
            found.setdefault(address, set()).update([attribute_name(match["attribute"])] if match["attribute"] else [])
    return [Reference(address, each) for address, names in found.items() for each in sorted(names) or [""]]


def _last_index(address: str) -> str:
    """Return the last index of an address with its end, such as 0] of a.b[0]; empty without one."""
    _, bracket, key = address.rpartition("[")
    return key if bracket else ""
