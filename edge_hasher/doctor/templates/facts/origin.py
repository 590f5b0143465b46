"""The origins of a distribution in code: which of them lead to a Function URL, as far as that is known."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.check import CannotTellError
from edge_hasher.doctor.facts import AccessControl, Origin, Unread
from edge_hasher.doctor.reading.cloudfront_function import CHOSEN_AT_RUN_TIME
from edge_hasher.doctor.reading.lambda_host import kind_of
from edge_hasher.doctor.templates.facts.function_names import URL
from edge_hasher.doctor.templates.facts.partial import names, number, part, partial, parts, text, unread
from edge_hasher.doctor.templates.facts.permissions import url_facts
from edge_hasher.doctor.templates.facts.policies import access_control
from edge_hasher.doctor.templates.reading.forms import SOMETHING
from edge_hasher.doctor.templates.reading.values import Unknown, references
from edge_hasher.function.settings import HEADER

if TYPE_CHECKING:
    from edge_hasher.doctor.facts import FunctionUrlFacts, OriginKind
    from edge_hasher.doctor.templates.reading.values import Map, Resource, World

_URL_END = ".on.aws"
_NOT_IN_A_HOST = (":", "/")
# Documented: return values of AWS::Lambda::Url; no other resource has the attribute, a nested stack may have an output.
_FUNCTION_URL = re.compile(r"(?<!\.Outputs)\.FunctionUrl\b")
# What may give the host of a Function URL, and does not say so.
_OPAQUE = ("Custom::", "AWS::CloudFormation::", "AWS::SSM::", "terraform:", "pulumi:")  # and what has outputs


@dataclass(frozen=True, slots=True, eq=False)
class FoundOrigin:
    """An origin as it is written, and as the checks see it; `kind` is None where nothing says what it leads to.

    `group` is the id of the origin group that a behavior named, if it named one.
    """

    config: Map
    kind: OriginKind | None
    url: Resource | None = None
    why: Unread | None = None
    group: str | None = None


def find(world: World, distribution: Map) -> dict[str, FoundOrigin]:
    """Map the ids that a behavior may name to origins; a group is its first member, which alone gets a POST.

    Where another member is Lambda's and the first is not, the group is that one: a GET may reach it.
    """
    found = {str(each.get("Id")): _found(world, each) for each in parts(distribution, "Origins")}
    for group in _items(distribution, "OriginGroups"):
        ids = [str(each.get("OriginId")) for each in _items(group, "Members")]
        members = [found[each] for each in ids if each in found]
        if members:
            name = str(group.get("Id"))
            found[name] = replace(next((each for each in members if each.kind != "other"), members[0]), group=name)
    return found


def _items(config: Map, key: str) -> list[Map]:
    """Return what CloudFormation lists under Items, and Terraform as blocks."""
    return parts(part(config, key), "Items") or parts(config, key)


def _found(world: World, config: Map) -> FoundOrigin:
    host = config.get("DomainName")
    if isinstance(host, str):
        return FoundOrigin(config, kind_of(host), None, None)
    url = world.referred(host, URL)
    if url is not None:
        return FoundOrigin(config, "function-url", url, None)
    if not isinstance(host, Unknown):
        return FoundOrigin(config, "other", None, None)
    why = unread(f"the host of the origin {config.get('Id')}", host)
    is_named = ".lambda-url." in host.text or _FUNCTION_URL.search(host.text)
    if is_named or kind_of(str(host.form)) == "function-url":
        return FoundOrigin(config, "function-url", None, why)
    if "S3OriginConfig" in config or _is_another(world, host):
        return FoundOrigin(config, "other", None, None)
    if _is_for_lambda(access_control(world, config)):
        return FoundOrigin(config, "function-url", None, why)
    # Documented: Origin: a host that is none of a bucket has CustomOriginConfig, or VpcOriginConfig.
    return FoundOrigin(config, None, None, why) if "CustomOriginConfig" in config else FoundOrigin(config, "other")


def _is_for_lambda(control: AccessControl | Unread | None) -> bool:
    """Whether an access control is known to sign for Lambda."""
    try:
        return isinstance(control, AccessControl) and control.origin_type == "lambda"
    except CannotTellError:
        return False


def _is_another(world: World, host: Unknown) -> bool:
    """Whether a host that is not known is none of a Function URL all the same."""
    named = [each for each in references(host) if each.address in world.resources]
    kinds = [world.resources[each.address].kind for each in named if not each.attribute.startswith("Outputs.")]
    if kinds and len(kinds) == len(named) and not any(each.startswith(_OPAQUE) or each == URL for each in kinds):
        return True
    _, brace, end = host.text.rpartition("}")
    return bool(brace and end.strip("/") and not end.rstrip("/").endswith(_URL_END))


def origin_facts(world: World, found: FoundOrigin, distribution: Resource, chosen_by: str) -> Origin:
    """Return what the checks judge of an origin; `chosen_by` is the function that sends requests elsewhere."""
    config, custom = found.config, part(found.config, "CustomOriginConfig")
    label = f"the origin {config.get('Id')}"
    headers = config.get("OriginCustomHeaders")
    host = config.get("DomainName")
    url: FunctionUrlFacts | Unread = Unread(what=f"the function behind {label}", why="it is not made in the same code")
    if found.url is not None:
        url = url_facts(world, found.url, distribution)
    elif found.why is not None:
        url = found.why
    elif chosen_by:
        url = CHOSEN_AT_RUN_TIME
    return partial(
        Origin,
        id=str(config.get("Id")),
        host=host.text if isinstance(host, Unknown) else str(host),
        kind=found.kind or "other",
        protocol=_protocol(config, label),
        read_timeout_s=number(custom, "OriginReadTimeout", 30, label),  # documented: CustomOriginConfig
        completion_timeout_s=number(config, "ResponseCompletionTimeout", None, label) or None,
        settings=unread(f"the headers of {label}", headers)
        if isinstance(headers, Unknown)
        else _settings(config, label),
        access_control=access_control(world, config),
        url=url,
        custom_headers=_custom_headers(headers, label),
        host_form=_host_form(found, host),
        https_port=number(custom, "HTTPSPort", 443, label),  # documented: CustomOriginConfig
        ssl_protocols=names(custom, "OriginSSLProtocols", label),
        chosen_by=chosen_by,
    )


def _host_form(found: FoundOrigin, host: object) -> str | Unread:
    """Return an example of the host; where it could be anything, no check asks."""
    if not isinstance(host, Unknown):
        return ""
    form = host.form
    if isinstance(form, str) and (SOMETHING not in form or any(each in form for each in _NOT_IN_A_HOST)):
        return form
    # A plan does not say what an expression makes of the URL that it names.
    return found.why or Unread(what=f"the form of {host.text}", why=host.why, after="EH101")


def _protocol(config: Map, label: str) -> Any:
    custom = config.get("CustomOriginConfig")
    if isinstance(custom, Unknown):
        return unread(f"CustomOriginConfig of {label}", custom)
    return text(part(config, "CustomOriginConfig"), "OriginProtocolPolicy", "", label)


def _custom_headers(headers: object, label: str) -> tuple[tuple[str, str | Unread], ...] | Unread:
    """Return the headers that the origin adds, as far as the code says them."""
    found: list[tuple[str, str | Unread]] = []
    for each in [headers, *(headers if isinstance(headers, list) else ())]:
        if isinstance(each, Unknown):
            return unread(f"the headers of {label}", each)
    for each in parts({"": headers}, ""):
        name = text(each, "HeaderName", "", label)
        if isinstance(name, Unread):
            return name
        found.append((name, text(each, "HeaderValue", "", label)))
    return tuple(found)


def _settings(config: Map, label: str) -> Any:
    found = [
        text(each, "HeaderValue", "", label)
        for each in parts(config, "OriginCustomHeaders")
        if str(each.get("HeaderName")).lower() == HEADER
    ]
    return next((each for each in found if isinstance(each, Unread)), tuple(found))
