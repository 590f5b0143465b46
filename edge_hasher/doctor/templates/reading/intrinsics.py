"""CloudFormation's intrinsic functions: what is literal becomes its value, the rest an Unknown that names its sources.

A reference to a resource stays a reference. It says which Function URL an origin leads to, which neither cfn-lint nor
the SAM translator can: both give nothing for a GetAtt of a resource (docs/decisions).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading import forms
from edge_hasher.doctor.templates.reading.conditions import Conditions
from edge_hasher.doctor.templates.reading.source import ReadError
from edge_hasher.doctor.templates.reading.values import Map, Place, Reference, Seq, Unknown, references

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from edge_hasher.doctor.templates.reading.source import Document, Path

NO_VALUE = object()
ACCOUNT = "123456789012"  # stands for the account, which a template does not know; AWS's documentation uses it so
_STEP_LIMIT = 250_000  # a template of 1 MB takes a fifth
_DEPTH_LIMIT = 200
_PARTS_LIMIT = 10_000  # a few lines of !Join within !Split make any number
_TEXT_LIMIT_CHARACTERS = 1_000_000  # documented: "CloudFormation quotas": a template has less
_PLACEHOLDER = re.compile(r"\$\{(!?)([^{}$]+)\}")
_AFTER = "known after deployment"
_FUNCTION_URL = ("AWS::Lambda::Url", "FunctionUrl")  # documented: its return values


class Evaluator:
    """Evaluates the values of one template; `parameters` and `imports` are values by name."""

    def __init__(
        self,
        document: Document,
        template: Mapping[str, Any],
        parameters: Mapping[str, object],
        imports: Callable[[str], object | None] = lambda _: None,
        prefix: str = "",
    ) -> None:
        self._document = document
        self._parameters = parameters
        self._imports = imports
        self._prefix = prefix
        self._resources = template["Resources"]
        self._mappings = _mapping(template.get("Mappings"))
        self._steps = self._depth = 0
        self.conditions = Conditions(_mapping(template.get("Conditions")), self.value)
        self._functions: dict[str, Callable[[Any, Path], object]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::ImportValue": self._import,
            "Fn::GetStackOutput": self._stack_output,
        }

    def value(self, raw: object, path: Path) -> Any:
        """Evaluate what is written at a path; raises ReadError where that has no end."""
        self._steps += 1
        self._depth += 1
        if self._steps > _STEP_LIMIT or self._depth > _DEPTH_LIMIT:
            raise ReadError("it is nested too deeply, or too large")
        try:
            return self._value(raw, path)
        finally:
            self._depth -= 1

    def _value(self, raw: object, path: Path) -> object:
        if isinstance(raw, dict):
            name = next(iter(raw)) if len(raw) == 1 else ""
            if name in self._functions:
                return self._functions[name](raw[name], (*path, name))
            if name.startswith("Fn::"):
                return Unknown(name, f"{name} is not evaluated")
            return self._map(raw, path)
        if isinstance(raw, list):
            items = Seq(Place(self._document, path))
            for index, each in enumerate(raw):
                self._add(items, each, (*path, index))
            return items
        if isinstance(raw, str) and "{{resolve:" in raw:
            return Unknown(raw, "read at deployment")
        return raw

    def _map(self, raw: Mapping[object, object], path: Path) -> Map:
        made = Map(Place(self._document, path))
        for key, each in raw.items():
            name = str(key)
            value = self.value(each, (*path, name))
            if value is not NO_VALUE:
                made.put(name, value, _place_of(value))
        return made

    def _add(self, items: Seq, raw: object, path: Path) -> None:
        value = self.value(raw, path)
        if value is not NO_VALUE:
            items.put(value, _place_of(value) or Place(self._document, path))

    def _ref(self, name: object, _: Path) -> object:
        if name == "AWS::NoValue":
            return NO_VALUE
        if isinstance(name, str) and name in self._parameters:
            return self._parameters[name]
        return self._resource(name, "", f"!Ref {name}")

    def _get_att(self, body: object, _: Path) -> object:
        parts = body.split(".", 1) if isinstance(body, str) else body
        if not isinstance(parts, list) or len(parts) != 2 or not all(isinstance(each, str) for each in parts):
            return Unknown("!GetAtt", "the attribute that it names is not known")
        return self._resource(parts[0], parts[1], f"!GetAtt {parts[0]}.{parts[1]}")

    def _resource(self, name: object, attribute: str, text: str) -> object:
        if isinstance(name, str) and name in self._resources:
            kind = self._resources[name]["Type"]
            form = forms.FUNCTION_URL if (kind, attribute) == _FUNCTION_URL else forms.SOMETHING
            return Unknown(text, _AFTER, (Reference(self._prefix + name, attribute),), form)
        # Another tool may add the resource, as the Serverless Framework does; only a Function URL has the attribute.
        is_url = attribute == _FUNCTION_URL[1]
        why = f"the template has no resource or parameter {name}"
        return Unknown(text, why, form=forms.FUNCTION_URL if is_url else None)

    def _sub(self, body: object, path: Path) -> object:
        text, own = (body[0], body[1]) if isinstance(body, list) and len(body) == 2 else (body, {})
        if not isinstance(text, str) or not isinstance(own, dict):
            return Unknown("!Sub", "it is not a text")
        pieces: list[object] = []
        end = 0
        for found in _PLACEHOLDER.finditer(text):
            pieces.append(text[end : found.start()])
            end = found.end()
            pieces.append(f"${{{found[2]}}}" if found[1] else self._placeholder(found[2].strip(), own, path))
        return _concatenated([*pieces, text[end:]])

    def _placeholder(self, name: str, own: Mapping[str, object], path: Path) -> object:
        if name in own:
            return self.value(own[name], (*path, 1, name))
        return self._get_att(name, path) if "." in name else self._ref(name, path)

    def _join(self, body: object, path: Path) -> object:
        if not isinstance(body, list) or len(body) != 2 or not isinstance(body[0], str):
            return Unknown("!Join", "its parts are not known")
        items = self.value(body[1], (*path, 1))
        if not isinstance(items, list):
            return _derived("!Join", items, forms.list_joined_form(body[0], forms.form_of(items)))
        if len(body[0]) * len(items) > _TEXT_LIMIT_CHARACTERS:
            return Unknown("!Join", "it is too long")
        between: list[object] = []
        for each in items:
            between += [body[0], each]
        return _concatenated(between[1:])

    def _select(self, body: object, path: Path) -> object:
        index, items = self._two(body, path)
        if isinstance(items, list) and str(index).isdecimal() and int(str(index)) < len(items):
            return items[int(str(index))]
        return _derived(f"!Select {index}", [index, items], forms.item_form(index, forms.form_of(items)))

    def _split(self, body: object, path: Path) -> object:
        separator, text = self._two(body, path)
        if not isinstance(text, str) or not isinstance(separator, str) or not separator:
            return _derived("!Split", [separator, text], forms.split_form(separator, forms.form_of(text)))
        if text.count(separator) > _PARTS_LIMIT:
            return Unknown("!Split", "it has too many parts")
        items = Seq(Place(self._document, path))
        for each in text.split(separator):
            items.put(each, items.place)
        return items

    def _if(self, body: object, path: Path) -> object:
        if not isinstance(body, list) or len(body) != 3:
            return Unknown("!If", "it has no condition and two values")
        holds = self.conditions.holds(body[0])
        if holds is None:
            return Unknown(f"!If {body[0]}", self.conditions.why(body[0]))
        branch = 1 if holds else 2
        return self.value(body[branch], (*path, branch))

    def _find_in_map(self, body: object, path: Path) -> object:
        keys = self.value(body, path)
        if not isinstance(keys, list) or unknown_key(keys[:3]):
            return _derived("!FindInMap", keys)
        found: object = self._mappings
        for key in keys[:3]:
            found = found.get(str(key)) if isinstance(found, dict) else None
        if found is None:
            return Unknown("!FindInMap", f"the mapping has no value for {'.'.join(str(each) for each in keys[:3])}")
        return self.value(found, ("Mappings", *(str(each) for each in keys[:3])))

    def _import(self, body: object, path: Path) -> object:
        name = self.value(body, path)
        known = self._imports(name) if isinstance(name, str) else None
        return known if known is not None else Unknown(f"!ImportValue {_shown(name)}", "imported value")

    def _stack_output(self, body: object, path: Path) -> object:
        wanted = self.value(body, path)
        name = f"{wanted.get('StackName')}.{wanted.get('OutputName')}" if isinstance(wanted, Map) else "…"
        known = self._imports(name)
        return known if known is not None else Unknown(f"!GetStackOutput {name}", "the output of another stack")

    def _two(self, body: object, path: Path) -> tuple[object, object]:
        if not isinstance(body, list) or len(body) != 2:
            return None, Unknown("…", "its parts are not known")
        return self.value(body[0], (*path, 0)), self.value(body[1], (*path, 1))


def unknown_key(keys: list[object]) -> bool:
    """Whether a key is neither text nor a number."""
    return any(not isinstance(each, str | int) for each in keys)


def _place_of(value: object) -> Place | None:
    return value.place if isinstance(value, Map | Seq) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _derived(text: str, source: object, form: object = None) -> Unknown:
    """Say that a value is made from one that is not known."""
    inner = source if isinstance(source, list) else [source]
    first = next((each for each in inner if isinstance(each, Unknown)), None)
    return Unknown(
        first.text if first else text,
        first.why if first else "its parts are not known",
        tuple(dict.fromkeys(references(inner))),
        form,
    )


def _concatenated(pieces: list[object]) -> object:
    """Put text together; with a piece that is not known, the whole is not, and its text shows which."""
    if all(isinstance(each, str | int | float) for each in pieces):
        return "".join(str(each) for each in pieces)
    first = next((each for each in pieces if isinstance(each, Unknown)), None)
    return Unknown(
        "".join(_shown(each) for each in pieces),
        first.why if first else "a part of it is not text",
        tuple(dict.fromkeys(references(pieces))),
        forms.joined_form(pieces),
    )


def _shown(piece: object) -> str:
    if isinstance(piece, Unknown):
        short = piece.text.removeprefix("!Ref ").removeprefix("!GetAtt ")
        return short if "${" in short else f"${{{short}}}"
    return str(piece)
