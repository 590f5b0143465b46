"""What Terraform's AWS provider makes by itself: the permissions of a Function URL that is for everyone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading.source import ReadError, read_text
from edge_hasher.doctor.templates.reading.values import Map, Resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Documented: the provider's changelog, 6.28.0, resource/aws_lambda_function_url: adds lambda:InvokeFunction as well.
# Seen, in its source: lambda:InvokeFunctionUrl, since there are Function URLs. Pulumi's provider is the same code.
ADDS_BOTH = (6, 28)
_URL: dict[str, object] = {"Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"}
_INVOKE: dict[str, object] = {"Action": "lambda:InvokeFunction", "Principal": "*", "InvokedViaFunctionUrl": True}
_LOCK = ".terraform.lock.hcl"
_LOCKED = re.compile(r'provider "[^"]*/hashicorp/aws" \{\s*version\s*=\s*"(?P<version>[^"]+)"')
_CONSTRAINT = re.compile(r"\s*(?P<sign>=|!=|>=|<=|>|<|~>)?\s*(?P<version>\d+(?:\.\d+)*)[^,]*")


def public_permissions(resources: Iterable[Resource], constraint: str) -> Iterator[Resource]:
    """Return the permissions that come with URLs of AuthType NONE; `constraint` says which versions may make them."""
    made = [_URL, _INVOKE] if adds_both(constraint) else [_URL]
    for url in resources:
        if url.kind != "AWS::Lambda::Url" or url.config.get("AuthType") != "NONE":
            continue
        for each in made:
            config = Map(url.place)
            for key, value in each.items():
                config.put(key, value, url.place)
            for key, name in (("TargetFunctionArn", "FunctionName"), ("Qualifier", "Qualifier")):
                if key in url.config:
                    config.put(name, url.config[key], url.config.places[key])
            yield Resource(
                kind="AWS::Lambda::Permission",
                address=f"{url.address} ({each['Action']} for everyone)",
                label=f"{url.label} ({each['Action']} for everyone)",
                config=config,
                place=url.place,
                generated_from=url.address,
            )


def locked_version(folder: Path) -> str:
    """Return the version of the provider that the lock file in a folder names; nothing without one."""
    try:
        found = _LOCKED.search(read_text(folder / _LOCK))
    except ReadError:
        return ""
    return found["version"] if found else ""


def adds_both(constraint: str) -> bool:
    """Whether a version that adds both permissions meets a constraint, such as `~> 6.0`."""
    return all(_may_add_both(match["sign"] or "=", match["version"]) for match in _CONSTRAINT.finditer(constraint))


def knows_via_url(constraint: str) -> bool:
    """Whether the provider takes `invoked_via_function_url`, which came with the same version (documented)."""
    return adds_both(constraint)


def _may_add_both(sign: str, version: str) -> bool:
    numbers = tuple(int(each) for each in version.split("."))
    if sign == "=":
        return numbers >= ADDS_BOTH
    if sign == "~>" and len(numbers) > 1:
        # Documented: "Version Constraints": only the last number may grow.
        return (*numbers[:-2], numbers[-2] + 1) > ADDS_BOTH
    if sign == "<":
        return numbers > ADDS_BOTH
    return sign != "<=" or numbers >= ADDS_BOTH
