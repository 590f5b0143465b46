"""SAM's functions, expanded by AWS's own translator: Function URL, version, alias, role, permissions.

Only the functions that CloudFront may have to do with are expanded, with Globals: a template of hundreds of functions
would take seconds.
"""

from __future__ import annotations

import copy
import json
import logging
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.fixes.distribution import OWN_HANDLER
from edge_hasher.doctor.templates.reading.intrinsics import ACCOUNT
from edge_hasher.doctor.templates.reading.source import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge_hasher.doctor.templates.reading.source import Path

TRANSFORM = "AWS::Serverless-2016-10-31"
_FUNCTION = "AWS::Serverless::Function"
_FUNCTION_URL = "FunctionUrlConfig"
_NAMING = ("AWS::CloudFront::", "AWS::Lambda::", "AWS::SSM::")
_WORD = re.compile(r"\w+")

_CODE = "s3://not-uploaded/yet"  # the translator takes uploaded code only, as after `sam package`
_IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/not-pushed:yet"  # the same, for what `sam build` builds
_REGION = "us-east-1"  # the translator wants one, for its partition alone
# jsonschema, which the translator uses, takes it for one format if it is there, and it takes a second to import.
_GRAMMAR = "rfc3987_syntax"
_PARTS = {
    "AWS::Lambda::Url": ("FunctionUrlConfig",),
    "AWS::Lambda::Version": ("AutoPublishAlias",),
    "AWS::Lambda::Alias": ("AutoPublishAlias",),
}


@dataclass(frozen=True, slots=True)
class Expanded:
    """Resources without SAM's functions; `sources` maps those that were generated to what is written."""

    resources: dict[str, Any]
    sources: Mapping[str, Path]


def is_sam(data: Mapping[str, Any]) -> bool:
    """Whether a template uses SAM's transform."""
    transform = data.get("Transform")
    return TRANSFORM in (transform if isinstance(transform, list) else [transform])


def expand(template: Mapping[str, Any], parameters: Mapping[str, str]) -> Expanded:
    """Replace the functions by what they become; raises ReadError with the translator's own reason."""
    resources = template["Resources"]
    functions = _of_interest(template)
    if not is_sam(template) or not functions:
        return Expanded(dict(resources), {})
    made = _translated(template, functions, parameters)
    # A reference to the version or the alias of a function is the translator's to resolve, wherever it stands.
    rest = {name: _resolved(each, made) for name, each in resources.items() if name not in functions}
    sources: dict[str, Path] = {}
    for name, each in made.items():
        owner = next((name[:end] for end in range(len(name), 0, -1) if name[:end] in functions), None)
        if owner is not None:
            sources[name] = ("Resources", owner, "Properties", *_PARTS.get(each["Type"], ()))
    return Expanded(rest | made, sources)


def _of_interest(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the functions with a Function URL, those for Lambda@Edge, and those that such resources name."""
    resources = template["Resources"]
    named = json.dumps([each for each in resources.values() if each["Type"].startswith(_NAMING)], default=str)
    words = set(_WORD.findall(named))
    everywhere = _FUNCTION_URL in json.dumps(template.get("Globals"), default=str)
    return {
        name: each
        for name, each in resources.items()
        if each["Type"] == _FUNCTION and (everywhere or name in words or _is_special(each.get("Properties")))
    }


def _is_special(properties: object) -> bool:
    if not isinstance(properties, dict):
        return False
    return _FUNCTION_URL in properties or properties.get("Handler") == OWN_HANDLER


def _translated(
    template: Mapping[str, Any], functions: Mapping[str, Any], parameters: Mapping[str, str]
) -> dict[str, Any]:
    try:
        with _without(_GRAMMAR):
            from samtranslator.parser.parser import Parser
            from samtranslator.translator.arn_generator import ArnGenerator
            from samtranslator.translator.translator import Translator
    except ImportError as error:
        raise ReadError("it is a SAM template, which needs more packages: pip install 'edge-hasher[check]'") from error
    ArnGenerator.BOTO_SESSION_REGION_NAME = _REGION
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    wanted = ("AWSTemplateFormatVersion", "Transform", "Globals", "Parameters", "Mappings", "Conditions")
    part = copy.deepcopy({name: template[name] for name in wanted if name in template})
    for each in (part.get("Globals") or {}).values():
        if isinstance(each, dict) and "CodeUri" in each:
            each["CodeUri"] = _CODE
    # Events make permissions and APIs that other resources complete.
    part["Resources"] = {name: _without_events(each) for name, each in functions.items()}
    try:
        made = Translator({}, Parser(), boto_session=_Session()).translate(part, dict(parameters))
    except Exception as error:
        raise ReadError(f"the SAM translator refuses it: {_reason(error)}") from error
    resources: dict[str, Any] = made["Resources"]
    return resources


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Let an import do without a module that it can do without, unless it is there already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # documented: importing it raises ImportError
    try:
        yield
    finally:
        del sys.modules[module]


def _without_events(function: Mapping[str, Any]) -> dict[str, Any]:
    kept = copy.deepcopy({name: each for name, each in function.items() if name != "Connectors"})
    if isinstance(kept.get("Properties"), dict):
        for name in ("Events", "Policies", "EventInvokeConfig", "DeploymentPreference"):
            kept["Properties"].pop(name, None)
        if "CodeUri" in kept["Properties"]:
            kept["Properties"]["CodeUri"] = _CODE
        if kept["Properties"].get("PackageType") == "Image":
            kept["Properties"].setdefault("ImageUri", _IMAGE)
    return kept


class _Session:
    """What the translator asks of a boto3 session."""

    region_name = _REGION


def _resolved(raw: Any, made: Mapping[str, Any]) -> Any:
    """Replace `Ref: Fn.Version` and `Ref: Fn.Alias` by the resources that the translator made."""
    if isinstance(raw, list):
        return [_resolved(each, made) for each in raw]
    if not isinstance(raw, dict):
        return raw
    name = raw.get("Ref") if len(raw) == 1 else None
    if isinstance(name, str) and name.endswith((".Version", ".Alias")):
        owner, _, what = name.rpartition(".")
        for each, resource in made.items():
            if resource["Type"] == f"AWS::Lambda::{what}" and each.startswith(f"{owner}{what}"):
                return {"Ref": each}
    return {key: _resolved(each, made) for key, each in raw.items()}


def _reason(error: Exception) -> str:
    causes = getattr(error, "causes", None) or [error]
    return "; ".join(str(getattr(each, "message", each)) for each in causes).splitlines()[0]
