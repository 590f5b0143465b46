"""A permission that is missing, as a resource behind the Function URL that needs it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from edge_hasher.doctor.resource_policy import CLOUDFRONT, INVOKE_URL
from edge_hasher.doctor.templates.facts.function_names import ALIAS, function_name
from edge_hasher.doctor.templates.reading.document import YamlDocument
from edge_hasher.doctor.templates.reading.terraform.language.hcl_values import HclDocument
from edge_hasher.doctor.templates.reading.terraform.language.json_module import JsonModuleDocument
from edge_hasher.doctor.templates.reading.terraform.provider import knows_via_url
from edge_hasher.doctor.templates.reading.values import Map, Unknown, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.doctor.templates.facts.distribution import Written
    from edge_hasher.doctor.templates.reading.values import Resource, World

_REPEATED = ("count", "for_each", "dynamic")
_WRITTEN_ONCE = re.compile(r"[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*")


def permission_added(world: World, written: Written, action: str) -> str | None:
    """Return the file with the permission; None where the function or the distribution is not plain to name.

    None for a public URL as well: it needs a permission for everyone, or to become private.
    """
    url, distribution = written.url, written.distribution
    if url is None or url.config.get("AuthType") == "NONE":
        return None
    if not isinstance(url.place.document, YamlDocument):
        return _in_terraform(world, url, distribution, action)  # the files of a module are one
    is_one = url.place.document is distribution.place.document
    return _in_cloudformation(world, url, distribution, action) if is_one else None


def _in_cloudformation(world: World, url: Resource, distribution: Resource, action: str) -> str | None:
    document = url.place.document
    function = permitted_function(world, url)
    if function is None or not isinstance(document, YamlDocument):
        return None
    if any("Condition" in each.config for each in (url, distribution)):
        return None
    properties: dict[str, object] = {
        "Action": action,
        "FunctionName": {"Ref": function},
        "Principal": CLOUDFRONT,
        "SourceArn": {
            "Fn::Sub": "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/"
            f"${{{distribution.address}}}"
        },
    }
    properties |= {"FunctionUrlAuthType": "AWS_IAM"} if action == INVOKE_URL else {"InvokedViaFunctionUrl": True}
    name = _free_name(f"{url.address}CloudFront{action.removeprefix('lambda:')}", world)
    return _with_resource(document, url, name, {"Type": "AWS::Lambda::Permission", "Properties": properties})


def permitted_function(world: World, url: Resource) -> str | None:
    """Return what Ref must name for the function and the alias that the URL is on."""
    name = function_name(world, url.config.get("TargetFunctionArn"), url.config.get("Qualifier"))
    if name is None or name.resource is None or isinstance(name.qualifier, Unknown):
        return None
    if name.qualifier is None:
        return name.resource.address
    alias = next(
        (
            each
            for each in world.of(ALIAS)
            if each.config.get("Name") == name.qualifier
            and world.referred(each.config.get("FunctionName"), name.resource.kind) is name.resource
        ),
        None,
    )
    if alias is None:
        return None
    return f"{name.resource.address}.Alias" if alias.generated_from else alias.address


def _with_resource(document: YamlDocument, url: Resource, name: str, resource: Mapping[str, object]) -> str | None:
    """Put a resource behind the URL's in YAML, and before it in JSON, where a comma ends it."""
    value, key = document.whole(url.place.path)
    if key is None:
        return None
    margin = " " * (key.column - 1)
    if document.is_flow(url.place.path[:-1]):
        if not document.is_json:
            return None
        start = document.offset(key.line, key.column)
        lines = json.dumps({name: resource}, indent=2).splitlines()[1:-1]
        block = "\n".join(f"{margin}{line[2:]}" for line in lines).lstrip()
        return f"{document.text[:start]}{block},\n{margin}{document.text[start:]}"
    last = min(value.end_line, len(document.lines))
    if not document.lines[last - 1][: value.end_column - 1].strip():
        last -= 1  # a block ends where the next key begins
    # Comments behind a resource belong to the next one.
    while last > key.line and (not document.lines[last - 1].strip() or document.lines[last - 1].lstrip()[:1] == "#"):
        last -= 1
    added = [f"{margin}{line}" for line in _as_yaml(name, resource)]
    return "\n".join([*document.lines[:last], *added, *document.lines[last:]])


def _as_yaml(name: str, resource: Mapping[str, object]) -> list[str]:
    lines = [f"{name}:", f"  Type: {resource['Type']}", "  Properties:"]
    properties = resource["Properties"]
    for key, value in properties.items() if isinstance(properties, dict) else ():
        if isinstance(value, dict):
            function, text = next(iter(value.items()))
            lines.append(f"    {key}: !{function.removeprefix('Fn::')} {text}")
        else:
            lines.append(f"    {key}: {plain_text(value)}")
    return lines


def _in_terraform(world: World, url: Resource, distribution: Resource, action: str) -> str | None:
    document, config = url.place.document, url.config
    once = all(
        _WRITTEN_ONCE.fullmatch(each.address)
        and not (isinstance(each.metadata, Map) and any(name in each.metadata for name in _REPEATED))
        for each in (url, distribution)
    )
    if not once or not isinstance(document, HclDocument) or isinstance(document, JsonModuleDocument):
        return None
    arguments = [("action", f'"{action}"')]
    for name, key in (("function_name", "TargetFunctionArn"), ("qualifier", "Qualifier")):
        if key in config:
            arguments.append((name, document.between(config.places[key].span()).strip()))
    arguments += [("principal", f'"{CLOUDFRONT}"'), ("source_arn", f"{distribution.address}.arn")]
    if action == INVOKE_URL:
        arguments.append(("function_url_auth_type", '"AWS_IAM"'))
    elif knows_via_url(world.provider):
        arguments.append(("invoked_via_function_url", "true"))
    width = max(len(name) for name, _ in arguments)
    label = f"{url.address.partition('.')[2]}_{'url' if action == INVOKE_URL else 'invoke'}_cloudfront"
    block = [
        "",
        f'resource "aws_lambda_permission" "{label}" {{',
        *(f"  {name:<{width}} = {value}" for name, value in arguments),
        "}",
    ]
    last = url.place.span().end_line
    return "\n".join([*document.lines[:last], *block, *document.lines[last:]])


def _free_name(name: str, world: World) -> str:
    plain = re.sub(r"[^A-Za-z0-9]", "", name)
    taken = set(world.resources)
    return next(each for each in (plain, *(f"{plain}{number}" for number in range(2, 1000))) if each not in taken)
