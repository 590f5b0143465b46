"""Terraform's JSON syntax (`*.tf.json`, CDKTF's cdk.tf.json): written anew in Terraform's language, and read as that.

Documented ("JSON Configuration Syntax"): labels are keys, at each of which a list may stand; a text is a template; `//`
is a comment. Nested blocks are written as arguments: which of them is a block, the provider's schema says, and what
reads them does not ask.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.document import YamlDocument
from edge_hasher.doctor.templates.reading.source import ReadError
from edge_hasher.doctor.templates.reading.terraform.known_data import DATA_SOURCES
from edge_hasher.doctor.templates.reading.terraform.language.hcl_values import HclDocument
from edge_hasher.doctor.templates.reading.terraform.language.json_templates import template
from edge_hasher.doctor.templates.reading.terraform.mapping import TYPES
from edge_hasher.doctor.templates.reading.values import Place

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from edge_hasher.doctor.templates.reading.source import Path

_LABELS = {
    "resource": 2,
    "data": 2,
    "variable": 1,
    "provider": 1,
    "module": 1,
    "output": 1,
    "locals": 0,
    "terraform": 0,
}
_IDENTIFIER = re.compile(r"[A-Za-z_][\w-]*")
_SKIP = re.compile(r"\s*edge-hasher:\s*skip\b(?P<rest>.*)", re.DOTALL)
_COMMENT = "//"
CONSTRUCT_PATH = "construct-path"
_DEPTH_LIMIT = 60


class JsonModuleDocument(HclDocument):
    """A file in JSON: `text` is the file, `parsed` the same in Terraform's language; places are those of the file."""

    def __init__(self, file: FilePath, text: str) -> None:
        super().__init__(file, text)
        self._written = YamlDocument(file, text)
        if not isinstance(self._written.data, dict):
            raise ReadError("it is not Terraform's JSON: it does not begin with an object")
        self._pieces: list[str] = []
        self._length = 0
        self._paths: dict[int, Path] = {}
        if file.name.endswith(".tfvars.json"):
            for name, value in self._written.data.items():
                self._argument(str(name), value, (str(name),), is_literal=True)
        else:
            for kind, count in _LABELS.items():
                self._blocks(self._written.data.get(kind), [kind], count, (kind,))
        self.parsed = "".join(self._pieces)

    @property
    def is_generated(self) -> bool:
        """Whether CDKTF wrote it, which writes it anew the next time (seen: its root has a comment of metadata)."""
        comment = self._written.data.get(_COMMENT)
        return isinstance(comment, dict) and "metadata" in comment

    def mark(self, path: Path, meta: Any) -> Place:
        """Write down where a value is, in the file's own lines."""
        own = self._paths.get(meta.start_pos)
        if own is not None:
            self._spans[path] = self._written.span(own)
        return Place(self, path)

    def _write(self, text: str, path: Path | None = None) -> None:
        if path is not None:
            self._paths[self._length] = path
        self._pieces.append(text)
        self._length += len(text)

    def _blocks(self, value: Any, labels: list[str], count: int, path: Path) -> None:
        """Write the blocks behind the labels that are still to come; a list may hold several at each."""
        if isinstance(value, list):
            for index, each in enumerate(value):
                self._blocks(each, labels, count, (*path, index))
        elif isinstance(value, dict) and count:
            for label, each in value.items():
                if label != _COMMENT:
                    self._blocks(each, [*labels, str(label)], count - 1, (*path, str(label)))
        elif isinstance(value, dict):
            self._write(" ".join([labels[0], *(json.dumps(each) for each in labels[1:])]), path)
            self._write(" {\n")
            self._body(value if _matters(labels) else {}, path, is_literal=labels[0] == "variable")
            self._write("}\n")

    def _body(self, body: dict[str, Any], path: Path, *, is_literal: bool = False) -> None:
        for name, value in body.items():
            inner = (*path, name)
            if name == _COMMENT:
                self._comment(value, inner)
            elif name == "dynamic":
                self._blocks(value, [name], 1, inner)
            elif name == "content" and isinstance(value, dict) and "dynamic" in path:
                self._blocks(value, [name], 0, inner)
            elif name == "provider" and isinstance(value, str) and _IDENTIFIER.match(value):
                self._write(f"provider = {value}\n")
            else:
                self._argument(name, value, inner, is_literal=is_literal)

    def _comment(self, value: object, path: Path) -> None:
        """Keep what a comment leaves out, and CDKTF's construct path, as arguments that no resource has."""
        metadata = value.get("metadata") if isinstance(value, dict) else None
        construct = metadata.get("path") if isinstance(metadata, dict) else None
        if isinstance(construct, str):
            self._argument(CONSTRUCT_PATH, construct, path, is_literal=True)
        texts = value if isinstance(value, list) else [value]
        found = [match for each in texts if isinstance(each, str) and (match := _SKIP.fullmatch(each))]
        if found:
            self._argument("edge-hasher", {"skip": [each["rest"].strip() for each in found]}, path, is_literal=True)

    def _argument(self, name: str, value: Any, path: Path, *, is_literal: bool) -> None:
        if _IDENTIFIER.fullmatch(name) is not None:
            self._write(f"{name} = ")
            self._value(value, path, is_literal=is_literal)
            self._write("\n")

    def _value(self, value: Any, path: Path, *, is_literal: bool) -> None:
        if len(path) > _DEPTH_LIMIT:
            raise ReadError("it is nested too deeply")
        if isinstance(value, str):
            self._write(template(value, is_literal=is_literal), path)
        elif isinstance(value, list):
            self._write("[", path)
            for index, each in enumerate(value):
                self._value(each, (*path, index), is_literal=is_literal)
                self._write(", ")
            self._write("]")
        elif isinstance(value, dict):
            self._write("{\n", path)
            for key, each in value.items():
                self._write(f"{template(key, is_literal=True)} = ")
                self._value(each, (*path, key), is_literal=is_literal)
                self._write("\n")
            self._write("}")
        else:
            self._write(json.dumps(value), path)


def _matters(labels: list[str]) -> bool:
    """Whether anything reads what a block says: of other resources, it is that they are there."""
    if labels[0] == "resource":
        return labels[1] in TYPES
    return labels[0] != "data" or labels[1] in DATA_SOURCES
