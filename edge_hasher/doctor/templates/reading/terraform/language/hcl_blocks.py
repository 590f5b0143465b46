"""The blocks of a file in Terraform's language, as python-hcl2 parses it, with their labels and arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.source import ReadError, read_text
from edge_hasher.doctor.templates.reading.terraform.language.hcl_values import HclDocument
from edge_hasher.doctor.templates.reading.terraform.language.json_module import JsonModuleDocument

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEREDOC = re.compile(r"(?P<body><<(?P<word>\w+)[ \t]*\n(?:.*\n)*?)[ \t]*(?P=word)[ \t]*$", re.MULTILINE)


def parsed(file: Path) -> tuple[HclDocument, Any]:
    """Return a file and its tree; raises ReadError, which names it, where it is not Terraform's."""
    try:
        import hcl2
        from lark.exceptions import LarkError
    except ImportError as error:
        raise ReadError("it is Terraform's, which needs more packages: pip install 'edge-hasher[check]'") from error
    document = _document(file)
    try:
        try:
            tree = hcl2.parses_to_tree(document.parsed + "\n")
        except LarkError:
            # Terraform lets blanks stand around the word that ends a heredoc, python-hcl2 does not (seen, 8.1.4).
            document.parsed = _HEREDOC.sub(r"\g<body>\g<word>", document.parsed)
            tree = hcl2.parses_to_tree(document.parsed + "\n")
    except LarkError as error:
        is_json = isinstance(document, JsonModuleDocument)  # its lines are not those of what was parsed
        line, column = getattr(error, "line", None), getattr(error, "column", None)
        where = f" in line {line}, column {column}" if isinstance(line, int) and line > 0 and not is_json else ""
        raise ReadError(f"it is not Terraform's language{where}", file) from error
    except RecursionError as error:
        raise ReadError("it is nested too deeply", file) from error
    return document, tree


def _document(file: Path) -> HclDocument:
    try:
        text = read_text(file)
        return JsonModuleDocument(file, text) if file.suffix == ".json" else HclDocument(file, text)
    except ReadError as error:
        raise ReadError(str(error), file) from error


def blocks(tree: Any) -> Iterator[tuple[list[str], Any]]:
    """Return the blocks of a file, as `blocks_in` does."""
    for body in tree.children:
        if getattr(body, "data", "") == "body":
            yield from blocks_in(body)


def blocks_in(body: Any) -> Iterator[tuple[list[str], Any]]:
    """Return the blocks in a body: type and labels, and the inner body, which keeps the header's place."""
    for block in body.children:
        if getattr(block, "data", "") == "block":
            labels = [word(each) for each in block.children if getattr(each, "data", "") in {"identifier", "string"}]
            inner = next((each for each in block.children if getattr(each, "data", "") == "body"), None)
            if inner is not None:
                inner.header = block.meta
                yield labels, inner


def attributes(body: Any) -> dict[str, Any]:
    """Return the arguments in a body: their expressions by name."""
    found = {}
    for each in body.children:
        if getattr(each, "data", "") == "attribute":
            found[word(each.children[0])] = each.children[-1]
    return found


def word(node: Any) -> str:
    """Return an identifier, a keyword, or a plain string."""
    tokens = [str(each) for each in node.scan_values(lambda _: True)]
    return "".join(tokens).strip('"')
