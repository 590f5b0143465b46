"""The values of Terraform's language: what is literal, and what an expression refers to; from python-hcl2's tree."""

from __future__ import annotations

import json
import re
import textwrap
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.forms import form_of
from edge_hasher.doctor.templates.reading.source import Document, Span
from edge_hasher.doctor.templates.reading.terraform.addresses import Addresses, resource_references
from edge_hasher.doctor.templates.reading.terraform.language.operators import arguments, attribute, evaluate
from edge_hasher.doctor.templates.reading.terraform.language.text_functions import (
    INDEX,
    call_form,
    form_operands,
    index_form,
    traversal_form,
)
from edge_hasher.doctor.templates.reading.terraform.language.texts import (
    is_large,
    joined,
    literal,
    undoubled,
    unescaped,
)
from edge_hasher.doctor.templates.reading.values import Map, Place, Seq, Unknown, references, unknown_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path as FilePath

    from edge_hasher.doctor.templates.reading.source import Path
    from edge_hasher.doctor.templates.reading.terraform.language.file_values import FileValues
    from edge_hasher.doctor.templates.reading.values import Reference

_NAME = re.compile(r"[A-Za-z_][\w-]*(?:\[[^\]]*\])?(?:\.[A-Za-z_*][\w-]*(?:\[[^\]]*\])?)+")
_NAMED = re.compile(r"\b(?:var|local)\.[A-Za-z_][\w-]*")
_MODULE = re.compile(r"\bmodule\.[A-Za-z_][\w-]*")
_MODULE_INDEX = re.compile(r"^(module\.[A-Za-z_][\w-]*)\[[^\]]*\]")
_DEPTH_LIMIT = 60
_NOT_EVALUATED = "a plan evaluates this expression, and check does not"
_INTERPOLATION = re.compile(r"(?<!\$)\$\{([^{}]*)\}")
_DIRECTIVE = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")


class HclDocument(Document):
    """A file in Terraform's language; the places of its values are written down as they are read."""

    def __init__(self, file: FilePath, text: str) -> None:
        super().__init__(file, text)
        # What was parsed, and offsets are in. Terraform takes a byte order mark (seen: hclsyntax), it does not.
        self.parsed = f" {text[1:]}" if text.startswith("\ufeff") else text
        self._spans: dict[Path, Span] = {}

    def mark(self, path: Path, meta: Any) -> Place:
        """Write down where a value is."""
        self._spans[path] = Span(meta.line, meta.column, meta.end_line, meta.end_column)
        return Place(self, path)

    def span(self, path: Path) -> Span:
        """Return where the value of a path is written, or the nearest value around it."""
        while path and path not in self._spans:
            path = path[:-1]
        return self._spans.get(path) or super().span(path)


class Scope:
    """Evaluates expressions of one module; `names` are its variables and locals, as `var.x` and `local.x`."""

    def __init__(
        self, names: Mapping[str, tuple[HclDocument, Any]], given: Mapping[str, object], files: FileValues
    ) -> None:
        self._names = names
        self._given: Mapping[str, object] = given
        self._files = files
        self._open: list[str] = []
        self.addresses = Addresses()
        self.data: Mapping[str, object] = {}
        self.module = ""  # its address, with a dot at the end
        # Inputs, as the calling module says them, and outputs of the modules called from here: whose words, and what.
        self.elsewhere: dict[str, tuple[Scope, HclDocument, Any]] = {}
        self.not_read: dict[str, str] = {}  # why what a module that is called makes is not known, by `module.name`
        self._found: dict[str, object] = {}
        self._found_with: Mapping[str, object] = self.data

    def value(self, document: HclDocument, node: Any, path: Path, own: str = "") -> Any:
        """Evaluate an expression; what is not literal is Unknown, with the resources that it names."""
        if len(path) > _DEPTH_LIMIT:
            return Unknown("…", "it is nested too deeply")
        while getattr(node, "data", None) == "expr_term" and len(node.children) == 1:
            node = node.children[0]
        kind = str(getattr(node, "data", ""))
        if kind in {"int_lit", "float_lit", "literal_value", "keyword"}:
            return literal(str(node.children[0]))
        if kind == "string":
            return self._string(document, node, path, own)
        if kind == "tuple":
            return self._tuple(document, node, path, own)
        if kind == "object":
            return self._object(document, node, path, own)
        text = document.parsed[node.meta.start_pos : node.meta.end_pos].strip() if hasattr(node, "meta") else str(node)
        if kind.startswith("heredoc"):
            return self._heredoc(text, own)
        if kind == "function_call":
            called = self._call(document, node, path, own)
            if called is not None:
                return called
        operation = evaluate(node, lambda each: self.value(document, each, path, own))
        return self._expression(document, node, text, path, own) if operation is None else operation[0]

    def _expression(self, document: HclDocument, node: Any, text: str, path: Path, own: str) -> object:
        """Return what an expression names; of a value that is not known, its form may be."""
        found = self._named(text, own)
        if isinstance(found, Unknown) and found.form is None:
            return replace(found, form=self._form(document, node, path, own))
        return found

    def _form(self, document: HclDocument, node: Any, path: Path, own: str) -> object:
        """Return the form of what a function, or an index, makes of a value."""
        name, operands = form_operands(node)
        forms = [form_of(self.value(document, each, (*path, name, index), own)) for index, each in enumerate(operands)]
        return index_form(forms[1], forms[0]) if name == INDEX else call_form(name, forms)

    def _string(self, document: HclDocument, node: Any, path: Path, own: str) -> object:
        pieces: list[object] = []
        for part in (each for each in node.children if getattr(each, "data", "") == "string_part"):
            child = part.children[0]
            if getattr(child, "data", "") == "interpolation":
                inner = next(each for each in child.children if hasattr(each, "data"))
                pieces.append(self.value(document, inner, (*path, len(pieces)), own))
            else:
                pieces.append(unescaped(str(child)))
        return pieces[0] if len(pieces) == 1 else joined(pieces)

    def _heredoc(self, text: str, own: str) -> object:
        """Return a text of several lines, with the names that stand in it as `${name}`."""
        first, *lines = text.split("\n")
        body = "\n".join(lines[:-1])
        if first.startswith("<<-"):
            body = textwrap.dedent(body)
        pieces: list[object] = []
        for index, each in enumerate(_INTERPOLATION.split(body)):
            pieces.append(self._named(each.strip(), own) if index % 2 else undoubled(each))
        whole = joined(pieces)
        is_whole = not _DIRECTIVE.search(_INTERPOLATION.sub("", body))
        return whole if is_whole or not isinstance(whole, str) else Unknown(whole, "known after apply")

    def _tuple(self, document: HclDocument, node: Any, path: Path, own: str) -> Seq:
        items = Seq(document.mark(path, node.meta))
        for index, each in enumerate(one for one in node.children if hasattr(one, "data")):
            if each.data != "new_line_or_comment":
                inner = (*path, index)
                place = document.mark(inner, each.meta)
                items.put(self.value(document, each, inner, own), place)
        return items

    def _object(self, document: HclDocument, node: Any, path: Path, own: str) -> Map:
        made = Map(document.mark(path, node.meta))
        for each in (one for one in node.children if getattr(one, "data", "") == "object_elem"):
            name, *_, value = each.children
            key = document.parsed[name.meta.start_pos : name.meta.end_pos].strip().strip('"')
            place = document.mark((*path, key), value.meta)
            made.put(key, self.value(document, value, (*path, key), own), place)
        return made

    def _call(self, document: HclDocument, node: Any, path: Path, own: str) -> object:
        """Evaluate jsonencode, files, and what keeps a value as it is; None for any other function."""
        name = str(node.children[0].children[0])
        given = arguments(node)
        if name in {"toset", "tolist", "tostring", "sensitive", "nonsensitive"} and len(given) == 1:
            return self.value(document, given[0], path, own)
        if name in {"chomp", "trimspace"} and len(given) == 1:
            value = self.value(document, given[0], path, own)
            if not isinstance(value, str):
                return value
            return value.strip() if name == "trimspace" else value.rstrip("\r\n")
        if name in {"file", "templatefile"} and given:
            return self._files.value(name, self.value(document, given[0], path, own))
        if name == "jsonencode" and len(given) == 1:
            value = self.value(document, given[0], path, own)
            return unknown_in(value) or json.dumps(value)
        return None

    def _named(self, text: str, own: str) -> object:
        """Return what a traversal or a larger expression names: a variable's value, or resources."""
        text = _MODULE_INDEX.sub(r"\1", text)
        if self.knows(text):
            return self.named(text)
        if text in self.data:
            return self.data[text]
        inner = attribute(text, self.named, self.knows)
        if inner is not None:
            return inner[0]
        behind = tuple(dict.fromkeys(self._behind(text, own)))
        return Unknown(text, self._why(text, is_of_resources=bool(behind)), behind, traversal_form(text))

    def _why(self, text: str, *, is_of_resources: bool) -> str:
        """Say why an expression is not known: for the first variable in it that has no value, if there is one."""
        names = [each for each in _NAMED.findall(text) if self.knows(each)]
        found = [each for each in map(self.named, names) if isinstance(each, Unknown) and not each.references]
        modules = [self.not_read[each] for each in _MODULE.findall(text) if each in self.not_read]
        default = "known after apply" if is_of_resources else _NOT_EVALUATED
        return next((each.why for each in found), next(iter(modules), default))

    @contextmanager
    def bound(self, values: Mapping[str, object]) -> Iterator[None]:
        """Name values for a while, as the content of a dynamic block does."""
        before = self._given
        self._given = {**before, **values}
        try:
            yield
        finally:
            self._given = before

    def knows(self, name: str) -> bool:
        """Whether there is a variable, a local, an output of a module or an iterator of this name."""
        return any(name in each for each in (self._names, self._given, self.elsewhere))

    def named(self, name: str) -> object:
        """Return the value of a variable or a local; one that names itself is Unknown."""
        if name in self._given:
            return self._given[name]
        if name in self._open:
            return Unknown(name, "it names itself")
        if self._found_with is not self.data:
            self._found, self._found_with = {}, self.data  # what data sources say was not there before
        if name not in self._found:
            self._found[name] = self._evaluated(name)
        return self._found[name]

    def _evaluated(self, name: str) -> object:
        scope, document, node = self.elsewhere.get(name) or (self, *self._names[name])
        if node is None:
            return Unknown(name, f"the variable {name.removeprefix('var.')} has no default; --parameter says it")
        self._open.append(name)
        try:
            value = scope.value(document, node, (scope.module, name))
        finally:
            self._open.pop()
        if is_large(value):
            return Unknown(name, "it is too large")
        return replace(value, text=name) if isinstance(value, Unknown) else value

    def _behind(self, text: str, own: str) -> list[Reference]:
        found = [_MODULE_INDEX.sub(r"\1", each) for each in _NAME.findall(text)]
        behind = [one for each in found if self.knows(each) for one in references(self.named(each))]
        return [*resource_references(found, self.module, self.addresses, own), *behind]
