"""A file of YAML or JSON: its data, and the line and column of each value.

PyYAML's C parser keeps marks and is fast. cfn-lint's decoder keeps marks too, and takes longer to import than a whole
run may last (docs/decisions).
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.source import START, Document, ReadError, Span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path as FilePath

    import yaml

    from edge_hasher.doctor.templates.reading.source import Path

_DEPTH_LIMIT = 200
_NODE_LIMIT = 1_000_000  # with each alias as what it stands for
_YAML_LIMIT_BYTES = 4 << 20  # CloudFormation takes 1 MB; JSON, as of large plans, is read much faster
# Documented: "Intrinsic function reference" and "Rule-specific intrinsic functions".
_TAGS = frozenset(
    {"And", "Base64", "Cidr", "Condition", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap"}
    | {
        "GetAZs",
        "GetAtt",
        "GetStackOutput",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "Ref",
        "RefAll",
        "Select",
        "Split",
    }
    | {"Sub", "ToJsonString", "Transform", "ValueOf", "ValueOfAll"}
)
_LINE_ENDS_OF_OLD = re.compile("[\x85\u2028\u2029]")
_SURROGATES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class YamlDocument(Document):
    """A YAML or JSON file with CloudFormation's tags; raises ReadError where the file is neither."""

    def __init__(self, file: FilePath, text: str) -> None:
        super().__init__(file, text)
        self.is_json = text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}
        if not self.is_json:
            _refuse_large(text)
        self.data: Any = self._json() if self.is_json else _Plain(self._root).value

    def _json(self) -> Any:
        try:
            return json.loads(self.text.lstrip("\ufeff"), object_pairs_hook=_once)
        except RecursionError as error:
            raise ReadError("it is nested too deeply") from error
        except ValueError as error:
            # YAML's flow style begins like JSON.
            try:
                _refuse_large(self.text)
                return _Plain(self._root).value
            except ReadError:
                raise ReadError(f"it is not JSON: {error}") from error

    @cached_property
    def _root(self) -> yaml.Node | None:
        import yaml

        # YAML 1.1 ends lines at these too (libyaml does); nothing else that shows a file does.
        text = _LINE_ENDS_OF_OLD.sub(" ", self.text)
        if self.is_json:
            # What JSON allows and YAML's parser does not, replaced by as many characters: positions stay.
            text = _SURROGATES.sub(lambda found: "?" * len(found[0]), text.replace("\t", " "))
        try:
            return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
            raise ReadError(f"it is not YAML: {error.problem or error.context}{where}") from error
        except (yaml.YAMLError, UnicodeError, ValueError) as error:
            raise ReadError(f"it is not YAML: {str(error).splitlines()[0]}") from error
        except RecursionError as error:
            raise ReadError("it is nested too deeply") from error

    def span(self, path: Path) -> Span:
        """Return where the value of a path is written, or the nearest value around it; for a mapping, its key."""
        node, key = self._walk(path)
        if node is None:
            return START
        is_block = key is not None and hasattr(node, "flow_style") and not node.flow_style
        return _span(key if is_block else node)

    def whole(self, path: Path) -> tuple[Span, Span | None]:
        """Return all of a value, and its key where it has one."""
        node, key = self._walk(path)
        return _span(node), _span(key) if key is not None else None

    def is_flow(self, path: Path) -> bool:
        """Whether a mapping is written in braces."""
        return bool(getattr(self._walk(path)[0], "flow_style", False))

    def _walk(self, path: Path) -> tuple[yaml.Node | None, yaml.Node | None]:
        """Return the value of a path, or the nearest one around it, and its key where it has one."""
        node, key = self._root, None
        for step in path:
            found = _step(node, step, key)
            if found is None:
                break
            node, key = found
        return node, key


def _step(
    node: yaml.Node | None, step: str | int, above: yaml.Node | None
) -> tuple[yaml.Node, yaml.Node | None] | None:
    """Go one key or index deeper: the value, and its key."""
    import yaml

    if isinstance(step, str) and step in _Plain.names(node) and node is not None:
        return node, above
    if isinstance(node, yaml.MappingNode):
        for key, value in reversed(node.value):
            if key.value == step:
                return value, key
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], None
    return None


def _span(node: yaml.Node | None) -> Span:
    if node is None:
        return START
    start, end = node.start_mark, node.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _refuse_large(text: str) -> None:
    if len(text) > _YAML_LIMIT_BYTES:
        raise ReadError(f"it has {len(text)} characters, and of YAML at most {_YAML_LIMIT_BYTES} are read")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of JSON, in which no key may stand twice: one of the two would be lost."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ReadError(f"the key {twice} is there twice in one object")
    return made


class _Plain:
    """Makes plain data of YAML nodes: tags become CloudFormation's long form, and an alias is one value, shared."""

    def __init__(self, root: yaml.Node | None) -> None:
        import yaml

        self._yaml = yaml
        self._scalars = yaml.SafeLoader("")
        self._made: dict[int, Any] = {}
        self._sizes: dict[int, int] = {}
        self.value = None if root is None else self._make(root, 0)

    @staticmethod
    def names(node: yaml.Node | None) -> tuple[str, ...]:
        """Return the intrinsic function that a tag stands for."""
        tag = node.tag if node is not None else ""
        if not tag.startswith("!") or tag == "!":
            return ()
        name = tag[1:]
        return (name if name in {"Ref", "Condition"} else f"Fn::{name.removeprefix('Fn::')}",)

    def _make(self, node: yaml.Node, depth: int) -> Any:
        if id(node) in self._made:
            made = self._made[id(node)]
            if made is _OPEN:
                raise ReadError(f"it is not a template: an alias in line {node.start_mark.line + 1} contains itself")
            return made
        if depth > _DEPTH_LIMIT:
            raise ReadError("it is nested too deeply, or too large")
        self._made[id(node)] = _OPEN
        value = self._plain(node, depth)
        self._measure(node)
        for name in self.names(node):
            if node.tag[1:] not in _TAGS:
                raise ReadError(f"the tag {node.tag} in line {node.start_mark.line + 1} is not CloudFormation's")
            value = {name: value.split(".", 1) if name == "Fn::GetAtt" and isinstance(value, str) else value}
        self._made[id(node)] = value
        return value

    def _measure(self, node: yaml.Node) -> None:
        """Count what a node holds, and what its aliases stand for: a few lines can stand for more than memory holds."""
        inner = node.value if isinstance(node, self._yaml.SequenceNode) else ()
        if isinstance(node, self._yaml.MappingNode):
            inner = [each for _, each in node.value]
        self._sizes[id(node)] = size = 1 + sum(self._sizes.get(id(each), 1) for each in inner)
        if size > _NODE_LIMIT:
            raise ReadError("it is nested too deeply, or too large")

    def _plain(self, node: yaml.Node, depth: int) -> Any:
        if isinstance(node, self._yaml.MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, self._yaml.SequenceNode):
            return [self._make(each, depth + 1) for each in node.value]
        if self.names(node):
            return node.value
        try:
            value = self._scalars.construct_object(node)
        except (self._yaml.YAMLError, ValueError, OverflowError):
            return node.value  # 2010-99-99 looks like a date
        # A template's dates, such as its version, are text.
        return value if isinstance(value, str | int | float | bool | None) else node.value

    def _mapping(self, node: yaml.Node, depth: int) -> Mapping[str, Any]:
        made: dict[str, Any] = {}
        written: set[str] = set()
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                merged = self._make(value, depth + 1)
                for each in merged if isinstance(merged, list) else [merged]:
                    made = {**(each if isinstance(each, dict) else {}), **made}
            else:
                name = key.value if isinstance(key, self._yaml.ScalarNode) else str(self._make(key, depth + 1))
                if name in written:
                    raise ReadError(f"the key {name} is there twice, again in line {key.start_mark.line + 1}")
                written.add(name)
                made[name] = self._make(value, depth + 1)
        return made


_OPEN = object()
