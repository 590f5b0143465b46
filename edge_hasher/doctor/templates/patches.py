"""The fix of a finding as a change of its file, where there is one way to make it; nothing else in the file moves."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from edge_hasher.doctor.fixes.distribution import host_in_terraform, host_in_yaml
from edge_hasher.doctor.reading.lambda_host import host_in
from edge_hasher.doctor.reading.managed_policies import ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED
from edge_hasher.doctor.resource_policy import INVOKE, INVOKE_URL
from edge_hasher.doctor.templates.facts.function_names import URL
from edge_hasher.doctor.templates.facts.partial import part, parts
from edge_hasher.doctor.templates.facts.permissions import DISTRIBUTION
from edge_hasher.doctor.templates.facts.policies import ACCESS_CONTROL
from edge_hasher.doctor.templates.line_ends import carried_over, on_disk
from edge_hasher.doctor.templates.permission_blocks import permission_added
from edge_hasher.doctor.templates.reading.document import YamlDocument
from edge_hasher.doctor.templates.reading.forms import FUNCTION_URL
from edge_hasher.doctor.templates.reading.terraform.language.hcl_values import HclDocument
from edge_hasher.doctor.templates.reading.terraform.language.json_module import JsonModuleDocument
from edge_hasher.doctor.templates.reading.terraform.language.text_functions import traversal_form
from edge_hasher.doctor.templates.reading.values import Map, Unknown, plain_text

if TYPE_CHECKING:
    from edge_hasher.doctor.templates.facts.distribution import Written
    from edge_hasher.doctor.templates.places import Spot
    from edge_hasher.doctor.templates.reading.source import Document, Span
    from edge_hasher.doctor.templates.reading.values import Place, World

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# The value that is right, where one is written.
_VALUES = {
    "EH202": "lambda",
    "EH203": "always",
    "EH204": "always",
    "EH205": "always",
    "EH206": "always",
    "EH401": ALL_VIEWER_EXCEPT_HOST,
    "EH402": CACHING_DISABLED,
    "EH501": "https-only",
    "EH502": False,
    "EH503": 60,
    "EH604": True,
}
_PERMISSIONS = {"EH302": INVOKE_URL, "EH303": INVOKE}
_INCLUDE_BODY = "EH604"
_ORIGIN_TYPE = "EH202"
_WHOLE_URL = "EH111"
# A Function URL as it may stand within another expression.
_URL_IN_YAML = re.compile(
    r"""!GetAtt [\w.]+|!GetAtt \[[^\n]*\]|!Sub (?P<quote>["'])\$\{[\w.]+\}(?P=quote)|\{[^\n]*\}"""
)
_CODE_WRITES = ("cdk", "pulumi")  # the next synth or preview overwrites what is read


def patched(world: World, code: str, spot: Spot, written: Written) -> str | None:
    """Return the text of the finding's file with the fix in it; None where it is not plain what to write."""
    document = spot.place.document
    if world.dialect in _CODE_WRITES or document.is_generated or not isinstance(document, YamlDocument | HclDocument):
        return None
    if code in _PERMISSIONS:
        return permission_added(world, written, _PERMISSIONS[code])
    if code == _WHOLE_URL:
        return _host_alone(spot)
    if code not in _VALUES or (code == _ORIGIN_TYPE and _signs_elsewhere(world, written)):
        return None
    value = _VALUES[code]
    holder, key = _holder(spot)
    if key in holder:
        return _replaced(holder[key], holder.places[key], plain_text(value))
    return _inserted(holder, document) if code == _INCLUDE_BODY else None


def diff(document: Document, after: str) -> str:
    """Return a unified diff of the file, as `git apply` and `patch` take it."""
    name = document.file.as_posix().lstrip("/")
    before = on_disk(document)
    if before is None:
        before = document.text
    else:
        after = carried_over(before, document.text, after)
    lines = difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _signs_elsewhere(world: World, written: Written) -> bool:
    """Whether an origin of another kind has the same access control, such as a bucket: it would lose its own."""
    configs = [part(each.config, "DistributionConfig") for each in world.of(DISTRIBUTION)]
    same = [
        origin
        for config in configs
        for origin in parts(config, "Origins")
        if world.referred(origin.get("OriginAccessControlId"), ACCESS_CONTROL) is written.access_control
    ]
    return any(world.referred(each.get("DomainName"), URL) is None for each in same if each is not written.origin)


def _holder(spot: Spot) -> tuple[Map, str]:
    holder = spot.config
    for key in spot.keys[:-1]:
        inner = holder.get(key)
        if not isinstance(inner, Map):
            break
        holder = inner
    return holder, spot.keys[-1] if spot.keys else ""


def _replaced(value: object, place: Place, right: str) -> str | None:
    """Replace a value where it is written as it is; a parameter or a variable may be meant for other places too."""
    document, span = place.document, _value_span(place)
    if isinstance(value, Unknown) or not isinstance(document, YamlDocument | HclDocument):
        return None
    text = document.between(span)
    quote = text[:1] if text[:1] in {'"', "'"} else ""
    if text.strip("\"'") != plain_text(value):
        return None
    is_text = quote and right not in {"true", "false"} and not right.isdecimal()
    return _spliced(document, span, f"{quote}{right}{quote}" if is_text else right)


def _value_span(place: Place) -> Span:
    document = place.document
    return document.whole(place.path)[0] if isinstance(document, YamlDocument) else place.span()


def _host_alone(spot: Spot) -> str | None:
    """Take the host out of a domain name that is a whole URL; a path or a port belongs somewhere else."""
    holder, key = _holder(spot)
    value, place = holder.get(key), holder.places.get(key)
    if isinstance(value, str) and place is not None:
        host = host_in(value)
        is_url_alone = value.removesuffix("/").lower().rpartition("://")[2] == host.lower()
        return _replaced(value, place, host) if is_url_alone else None
    if not isinstance(value, Unknown) or value.form != FUNCTION_URL or place is None:
        return None
    span = _value_span(place)
    text = _host_of(place.document, place.document.between(span))
    return text and _spliced(place.document, span, text)


def _host_of(document: Document, url: str) -> str | None:
    """Return the expression for the host of a Function URL, which is written as `url`."""
    if isinstance(document, HclDocument):
        # Not of a variable, in which a caller may have put the host.
        return host_in_terraform(url) if "\n" not in url and traversal_form(url) else None
    if isinstance(document, YamlDocument) and document.is_json:
        return f'{{"Fn::Select": [2, {{"Fn::Split": ["/", {url}]}}]}}'
    return host_in_yaml(url) if _URL_IN_YAML.fullmatch(url) else None


def _inserted(association: Map, document: Document) -> str | None:
    """Write IncludeBody behind the event, which every association has."""
    place = association.places.get("EventType")
    if place is None or place.document is not document:
        return None
    span = _value_span(place)
    if isinstance(document, JsonModuleDocument):
        return _inserted_in_json(document, place.span())
    if isinstance(document, HclDocument):
        return _line_after(document, span.end_line, f"{_indent(document, span)}include_body = true")
    if not isinstance(document, YamlDocument):
        return None
    _, key = document.whole(place.path)
    if key is None:
        return None
    quote = '"' if document.is_json else ""
    argument = f"{quote}IncludeBody{quote}: true"
    if document.is_flow(place.path[:-1]):
        between = "\n" + " " * (key.column - 1) if document.is_json and _is_alone(document, key) else " "
        end = document.offset(span.end_line, span.end_column)
        return f"{document.text[:end]},{between}{argument}{document.text[end:]}"
    return _line_after(document, span.end_line, " " * (key.column - 1) + argument)


def _inserted_in_json(document: Document, event: Span) -> str:
    """Write it behind the event in Terraform's JSON, on a line of its own where the event has one."""
    is_alone = document.lines[event.line - 1].lstrip().startswith('"event_type"')
    between = f"\n{_indent(document, event)}" if is_alone else " "
    end = document.offset(event.end_line, event.end_column)
    return f'{document.text[:end]},{between}"include_body": true{document.text[end:]}'


def _indent(document: Document, span: Span) -> str:
    line = document.lines[span.line - 1]
    return line[: len(line) - len(line.lstrip())]


def _is_alone(document: Document, key: Span) -> bool:
    """Whether a key begins its line."""
    return not document.lines[key.line - 1][: key.column - 1].strip()


def _spliced(document: Document, span: Span, text: str) -> str:
    start, end = document.offset(span.line, span.column), document.offset(span.end_line, span.end_column)
    return document.text[:start] + text + document.text[end:]


def _line_after(document: Document, number: int, line: str) -> str:
    lines = [*document.lines[:number], line, *document.lines[number:]]
    return "\n".join(lines)
