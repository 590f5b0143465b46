"""EH2xx: the Origin Access Control, which signs each request for the Function URL."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from edge_hasher.doctor import fixes
from edge_hasher.doctor.check import Fault, Fix, check, known
from edge_hasher.function.settings import HEADER, SettingsError, parse

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext
    from edge_hasher.doctor.facts import AccessControl

_SAM_OAC = "OriginAccessControlId: !GetAtt LambdaOac.Id"
_TERRAFORM_OAC = "origin_access_control_id = aws_cloudfront_origin_access_control.lambda.id"


@check("EH201", requires=("EH101", "EH301"))
def _is_there(context: CheckContext) -> Fault | None:
    if known(context.behavior.origin.access_control) is not None:
        return None
    return Fault(
        what=f"the origin {context.behavior.origin.id} has no origin access control, so nothing signs its requests",
        fix=_another(context),
    )


@check("EH202", requires=("EH201",))
def _is_for_lambda(context: CheckContext) -> Fault | None:
    oac = _oac(context)
    if oac is None or oac.origin_type == "lambda":
        return None
    return Fault(
        what=f"the origin access control {oac.id} ({oac.name}) signs for origins of type {oac.origin_type}, not lambda",
        fix=_another(context),
    )


@check("EH203", requires=("EH201",))
def _signs(context: CheckContext) -> Fault | None:
    oac = _oac(context)
    if oac is None or oac.behavior != "never":
        return None
    return Fault(what=f"the origin access control {oac.id} ({oac.name}) is set to never sign", fix=_always(oac))


@check("EH204", requires=("EH201",))
def _override_arrives(context: CheckContext) -> Fault | None:
    oac = _oac(context)
    if oac is None or oac.behavior != "no-override" or _passes_authorization(context):
        return None
    return Fault(
        what=(
            f"the origin access control {oac.id} ({oac.name}) is set to no-override, and the cache policy "
            f"{known(context.behavior.cache).name} does not forward Authorization"
        ),
        fix=_always(oac),
    )


@check("EH205", requires=("EH201",))
def _signs_for_everyone(context: CheckContext) -> Fault | None:
    oac = _oac(context)
    if oac is None or oac.behavior != "no-override" or not _passes_authorization(context):
        return None
    return Fault(
        what=(
            f"the origin access control {oac.id} ({oac.name}) is set to no-override: a viewer's own Authorization "
            "goes to the Function URL instead of the signature"
        ),
        fix=_always(oac),
    )


@check("EH206", requires=("EH201",))
def _is_no_web_function_mode(context: CheckContext) -> Fault | None:
    oac = _oac(context)
    if oac is None or oac.behavior != "always-amz-auth" or context.behavior.origin.kind == "web-function":
        return None
    return Fault(
        what=(
            f"the origin access control {oac.id} ({oac.name}) is set to always-amz-auth, which is for Web Functions, "
            f"and {context.behavior.origin.host} is a Function URL"
        ),
        fix=_always(oac),
    )


@check("EH207", requires=("EH101",))
def _hashes_bodyless(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    if origin.kind != "web-function":
        return None
    try:
        if any(parse(value).bodyless == "hash" for value in origin.settings):
            return None
    except SettingsError:
        return None  # EH608 says what is wrong with them
    value = ", ".join([*(each for each in origin.settings if each.strip()), "bodyless=hash"])
    header = json.dumps({"HeaderName": "Edge-Hasher", "HeaderValue": value})
    others = f'(.Items // [] | map(select(.HeaderName | ascii_downcase != "{HEADER}")))'
    return Fault(
        what=f"{origin.host} is a Web Function, and the origin {origin.id} does not set bodyless=hash",
        fix=fixes.origin_fix(
            context,
            f".CustomHeaders |= (({others} + [{header}]) as $all | {{Quantity: ($all | length), Items: $all}})",
            sam=f"OriginCustomHeaders: [{{HeaderName: Edge-Hasher, HeaderValue: '{value}'}}]",
            terraform=f'custom_header {{ name = "Edge-Hasher", value = "{value}" }}',
        ),
    )


def _oac(context: CheckContext) -> AccessControl | None:
    return known(context.behavior.origin.access_control)


def _passes_authorization(context: CheckContext) -> bool:
    return bool(known(context.behavior.cache).headers & {"authorization", "*"})


def _another(context: CheckContext) -> Fix:
    """Create one for Lambda and set it on the origin: another origin may use the existing one."""
    # Names are unique in an account, and an earlier attempt may have left one.
    name = f"{shlex.quote(f'lambda-{context.facts.id}')}-$(date +%s)"
    made = (
        f"oac=$(aws cloudfront create-origin-access-control --origin-access-control-config "
        f"Name={name},SigningProtocol=sigv4,SigningBehavior=always,OriginAccessControlOriginType=lambda "
        "--query OriginAccessControl.Id --output text)"
    )
    named = fixes.edit(
        context, f"{fixes.origin_path(context)}.OriginAccessControlId = $oac", jq_options='--arg oac "$oac" '
    )
    return Fix(
        command=f"{made} && {named}",
        sam=f"{_SAM_OAC}  # OriginAccessControlOriginType: lambda, SigningBehavior: always, SigningProtocol: sigv4",
        terraform=f'{_TERRAFORM_OAC}  # origin_access_control_origin_type = "lambda", signing_behavior = "always"',
    )


def _always(oac: AccessControl) -> Fix:
    oac_id = shlex.quote(oac.id)
    program = shlex.quote('.OriginAccessControlConfig | .SigningBehavior = "always"')
    return Fix(
        command=(
            f"o=$(aws cloudfront get-origin-access-control-config --id {oac_id} --output json) && "
            f"aws cloudfront update-origin-access-control --id {oac_id} "
            f'--if-match "$(jq -r .ETag <<<"$o")" '
            f'--origin-access-control-config "$(jq {program} <<<"$o")"'
        ),
        sam="SigningBehavior: always  # AWS::CloudFront::OriginAccessControl",
        terraform='signing_behavior = "always"  # aws_cloudfront_origin_access_control',
    )


CHECKS = (
    _is_there,
    _is_for_lambda,
    _signs,
    _override_arrives,
    _signs_for_everyone,
    _is_no_web_function_mode,
    _hashes_bodyless,
)
