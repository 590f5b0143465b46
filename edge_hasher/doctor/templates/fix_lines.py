"""The lines of a fix as the code would write them: references in place of names that only stand for resources."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import FunctionUrlFacts
from edge_hasher.doctor.fixes.distribution import FUNCTION_URL
from edge_hasher.doctor.templates.facts.permissions import distribution_arn, url_facts
from edge_hasher.doctor.templates.permission_blocks import permitted_function
from edge_hasher.doctor.templates.reading.forms import FUNCTION_URL as FORM
from edge_hasher.doctor.templates.reading.terraform.provider import ADDS_BOTH, knows_via_url
from edge_hasher.doctor.templates.reading.values import Map, Unknown

if TYPE_CHECKING:
    from edge_hasher.doctor.check import Fix
    from edge_hasher.doctor.templates.facts.distribution import Written
    from edge_hasher.doctor.templates.reading.source import Document
    from edge_hasher.doctor.templates.reading.values import Resource, World

_COMMENT = "  #"
_VIA_URL = ", invoked_via_function_url = true"
_FOR_EVERYONE = 'principal = "*"'
_NEWER_PROVIDER = (
    f'aws = {{ version = ">= {".".join(map(str, ADDS_BOTH))}" }}'
    "  # required_providers; this one adds the permission by itself"
)
_MODULE = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*")


def fix_lines(world: World, written: Written, fix: Fix) -> str:
    """Return the fix in the code's own dialect."""
    arn = distribution_arn(written.distribution)
    found = url_facts(world, written.url, written.distribution) if written.url else None
    url = found if isinstance(found, FunctionUrlFacts) else None
    fix = _with_function_url(world, written, fix)
    if world.dialect in {"terraform", "pulumi"}:
        return _in_terraform(world, written, url, fix.terraform, arn)
    return _in_cloudformation(world, written, url, fix.sam, arn)


def as_patched(lines: str, document: Document, after: str | None) -> str:
    """Return the lines as the fix writes them into the file, where it writes any, and they differ."""
    if after is None:
        return lines
    new = _added(document.text.split("\n"), after.split("\n"))
    written, own = _plain("".join(new)), lines.partition(_COMMENT)[0]
    if len(new) == 1 and _plain(own) not in written:
        return new[0].strip().rstrip(",")
    return lines


def _added(before: list[str], after: list[str]) -> list[str]:
    """Return the lines between those that both begin with, and those that both end with."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    return after[start : len(after) - end]


def _common(one: list[str], other: list[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((index for index, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def _plain(text: str) -> str:
    return re.sub(r"[\s\"']", "", text)


def _with_function_url(world: World, written: Written, fix: Fix) -> Fix:
    """Name the Function URL in a fix as the code does: its attribute, or what stands in the origin already."""
    host, url = written.origin.get("DomainName"), written.url
    whole = host.text if isinstance(host, Unknown) and host.form == FORM and not host.text.startswith("$") else ""
    in_cloudformation = in_terraform = whole or FUNCTION_URL
    if url is not None and world.dialect in {"terraform", "pulumi"}:
        module = _module(written.distribution) if world.dialect == "terraform" else None
        in_terraform = _attribute(url, "function_url", module)
    elif url is not None:
        stack, _, name = url.address.rpartition("/")
        is_near = stack == written.distribution.address.rpartition("/")[0]
        in_cloudformation = f"!GetAtt {name}.FunctionUrl" if is_near else FUNCTION_URL
    return replace(
        fix,
        sam=fix.sam.replace(FUNCTION_URL, in_cloudformation),
        terraform=fix.terraform.replace(FUNCTION_URL, in_terraform),
    )


def _in_terraform(world: World, written: Written, url: FunctionUrlFacts | None, lines: str, arn: str) -> str:
    module = _module(written.url or written.distribution) if world.dialect == "terraform" else None
    lines = lines.replace(f'"{arn}"', _attribute(written.distribution, "arn", module))
    if _VIA_URL in lines and not knows_via_url(world.provider):
        if _FOR_EVERYONE in lines:  # without the condition, everyone could invoke the function past its URL
            return _NEWER_PROVIDER
        lines = lines.replace(_VIA_URL, "")
    if url is None or written.function is None:
        return lines
    name = _attribute(written.function, "function_name", module)
    return lines.replace(f'function_name = "{url.function}"', f"function_name = {name}")


def _module(resource: Resource) -> str:
    found = _MODULE.match(resource.address)
    return found[0] if found else ""


def _attribute(resource: Resource, name: str, module: str | None) -> str:
    """Return a reference within a module; elsewhere there is none, so the words say what belongs there."""
    if module is None or _module(resource) != module:
        return f'"<{name} of {resource.label}>"'
    own = resource.address.removeprefix(module)
    counted = isinstance(resource.metadata, Map) and "count" in resource.metadata
    return f"{own}{'[0]' if counted and not own.endswith(']') else ''}.{name}"


def _in_cloudformation(world: World, written: Written, url: FunctionUrlFacts | None, lines: str, arn: str) -> str:
    stack, _, distribution = written.distribution.address.rpartition("/")
    if written.url is None or url is None:
        return lines.replace(f"'{arn}'", _arn(distribution))
    own_stack = written.url.address.rpartition("/")[0]
    reference = permitted_function(world, written.url)
    if reference is not None and reference.rpartition("/")[0] == own_stack:
        name = reference.rpartition("/")[2]
        lines = lines.replace(f"FunctionName: '{url.label}'", f"FunctionName: !Ref {name}")
    is_near = stack == own_stack
    return lines.replace(f"'{arn}'", _arn(distribution) if is_near else f"'<the ARN of {written.distribution.label}>'")


def _arn(logical_id: str) -> str:
    return f"!Sub 'arn:${{AWS::Partition}}:cloudfront::${{AWS::AccountId}}:distribution/${{{logical_id}}}'"
