"""What stands in a block: arguments, blocks within, and what its dynamic blocks stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.terraform.language.hcl_blocks import attributes, blocks_in, word
from edge_hasher.doctor.templates.reading.values import Map, Seq, Unknown

if TYPE_CHECKING:
    from edge_hasher.doctor.templates.reading.source import Path
    from edge_hasher.doctor.templates.reading.terraform.language.hcl_values import HclDocument, Scope

PLAN = "terraform plan -out plan.bin && terraform show -json plan.bin > plan.json"


def evaluated(scope: Scope, document: HclDocument, body: Any, path: Path, own: str = "") -> Map:
    """Evaluate the arguments and blocks of a block."""
    made = Map(document.mark(path, body.header if hasattr(body, "header") else body.meta))
    for name, node in attributes(body).items():
        place = document.mark((*path, name), node.meta)
        made.put(name, scope.value(document, node, (*path, name), own), place)
    for labels, inner in blocks_in(body):
        name = labels[0]
        if name == "dynamic" and len(labels) > 1:
            _dynamic(scope, document, inner, (*path, labels[1]), own, made)
        else:
            _put(scope, document, inner, (*path, name), own, made)
    return made


def _put(scope: Scope, document: HclDocument, body: Any, path: Path, own: str, made: Map) -> None:
    """Add a block to those of its name."""
    name = str(path[-1])
    if not isinstance(made.get(name), Seq):
        made.put(name, Seq(document.mark(path, body.header)))
    at = (*path, len(made[name]))
    made[name].put(evaluated(scope, document, body, at, own), document.mark(at, body.header))


def _dynamic(scope: Scope, document: HclDocument, body: Any, path: Path, own: str, made: Map) -> None:
    """Add as many blocks as a dynamic one stands for, or one that is not known."""
    name, arguments = str(path[-1]), attributes(body)
    items = scope.value(document, arguments.get("for_each"), (*path, "for_each"), own)
    content = next((inner for labels, inner in blocks_in(body) if labels[0] == "content"), None)
    if not isinstance(items, dict | list) or content is None:
        place = document.mark(path, body.header)
        if name not in made:
            made.put(name, Seq(place), place)
        if isinstance(made[name], Seq):
            made[name].put(Unknown(f"dynamic {name}", f"a dynamic block is known in a plan: {PLAN}"), place)
        return
    iterator = word(arguments["iterator"]) if "iterator" in arguments else name
    for key, value in items.items() if isinstance(items, dict) else enumerate(items):
        with scope.bound({f"{iterator}.key": key, f"{iterator}.value": value}):
            _put(scope, document, content, path, own, made)
