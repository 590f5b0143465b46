"""EH2xx: the Origin Access Control, which signs each request for the Function URL or the Web Function."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edge_hasher.doctor.check import CannotTellError, Fault, check, known
from edge_hasher.doctor.checks.self_signing import signs_itself
from edge_hasher.doctor.facts import Unread
from edge_hasher.doctor.fixes import access_control, distribution
from edge_hasher.function.settings import HEADER, SettingsError, parse

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext
    from edge_hasher.doctor.facts import AccessControl


@check("EH201", requires=("EH101", "EH108"))
def _is_there(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    context.ask_only_private()
    if known(origin.access_control) is not None:
        return None
    if origin.kind == "function-url" and isinstance(origin.url, Unread):
        raise CannotTellError(origin.url)  # a public URL needs none
    is_web, signer = origin.kind == "web-function", context.association if signs_itself(context) else None
    if signer is not None:
        says = f", so the function {signer.arn} must sign its requests"
    else:
        says = ", so nothing signs its requests"
    return Fault(
        what=f"the origin {origin.id} has no origin access control{says}"
        + (": that suits a Web Function whose AuthType is ApplicationManaged, and no other" if is_web else ""),
        fix=access_control.another(context),
        severity="note" if is_web or signer else None,
    )


@check("EH202", requires=("EH201",))
def _is_for_lambda(context: CheckContext) -> Fault | None:
    oac = _oac(context)
    if oac is None or oac.origin_type == "lambda":
        return None
    return Fault(
        what=f"the origin access control {oac.id} ({oac.name}) signs for origins of type {oac.origin_type}, not lambda",
        fix=access_control.another(context),
    )


@check("EH203", requires=("EH201",))
def _signs(context: CheckContext) -> Fault | None:
    oac = _oac(context, "never")
    if oac is None:
        return None
    behavior, _ = access_control.signing_for(context)
    return Fault(
        what=f"the origin access control {oac.id} ({oac.name}) is set to never sign",
        fix=access_control.sign(oac, behavior),
    )


@check("EH204", requires=("EH201", "EH208"))
def _override_arrives(context: CheckContext) -> Fault | None:
    oac = _oac(context, "no-override")
    if oac is None or _passes_authorization(context):
        return None
    request, cache = known(context.behavior.request), known(context.behavior.cache)
    says = f"{cache.label} does not forward Authorization"
    if request is not None:
        says = f"neither {cache.label} nor the origin request policy {request.name} forwards Authorization"
    return Fault(
        what=f"the origin access control {oac.id} ({oac.name}) is set to no-override, and {says}",
        fix=access_control.sign(oac),
    )


@check("EH205", requires=("EH201", "EH208"))
def _signs_for_everyone(context: CheckContext) -> Fault | None:
    oac = _oac(context, "no-override")
    if oac is None or not _passes_authorization(context):
        return None
    return Fault(
        what=(
            f"the origin access control {oac.id} ({oac.name}) is set to no-override: a viewer's own Authorization "
            "goes to the Function URL instead of the signature"
        ),
        fix=access_control.sign(oac),
    )


@check("EH206", requires=("EH201",))
def _is_no_web_function_mode(context: CheckContext) -> Fault | None:
    oac = _oac(context, "always-amz-auth")
    if oac is None or context.behavior.origin.kind == "web-function":
        return None
    return Fault(
        what=(
            f"the origin access control {oac.id} ({oac.name}) is set to always-amz-auth, which is for Web Functions, "
            f"and {context.behavior.origin.host} is a Function URL"
        ),
        fix=access_control.sign(oac),
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
        what=(
            f"{origin.host} is a Web Function, and the origin {origin.id} does not set bodyless=hash: "
            "whether a Web Function asks for a digest without a body is not known"
        ),
        fix=distribution.origin_fix(
            context,
            f".CustomHeaders |= (({others} + [{header}]) as $all | {{Quantity: ($all | length), Items: $all}})",
            sam=f"OriginCustomHeaders: [{{HeaderName: Edge-Hasher, HeaderValue: '{value}'}}]",
            terraform=f'custom_header {{ name = "Edge-Hasher", value = "{value}" }}',
        ),
    )


@check("EH208", requires=("EH201", "EH202", "EH203"))
def _signs_for_web_functions(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    if origin.kind != "web-function":
        return None
    oac = _oac(context)
    if oac is None or oac.behavior == "always-amz-auth":
        return None
    return Fault(
        what=(
            f"the origin access control {oac.id} ({oac.name}) is set to {oac.behavior}, and {origin.host} is a Web "
            "Function, which takes always-amz-auth only"
        ),
        # Another origin, such as a Function URL, may use the existing one.
        fix=access_control.another(context),
    )


@check("EH209", requires=("EH201", "EH202", "EH203", "EH208"))
def _signs_for_every_region(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    if origin.kind != "web-function":
        return None
    oac = _oac(context)
    _, wanted = access_control.signing_for(context)
    if oac is None or oac.protocol in {"", wanted}:
        return None
    return Fault(
        what=(
            f"the origin access control {oac.id} ({oac.name}) signs with {oac.protocol}, and the endpoint "
            f"{origin.host} takes {wanted}"
        ),
        fix=access_control.another(context),
    )


def _oac(context: CheckContext, behavior: str | None = None) -> AccessControl | None:
    """Return the access control, if it signs in this way."""
    oac = known(context.behavior.origin.access_control)
    return oac if oac is not None and behavior in {None, oac.behavior} else None


def _passes_authorization(context: CheckContext) -> bool:
    """Whether one of the two policies forwards the viewer's Authorization.

    That an origin request policy for all viewer headers does is documented ("Add CloudFront headers" and Lambda@Edge
    pages differ on GET and HEAD).
    """
    if known(context.behavior.cache).forwards("authorization"):
        return True
    request = known(context.behavior.request)
    return request is not None and request.forwards("authorization")


CHECKS = (
    _is_there,
    _is_for_lambda,
    _signs,
    _override_arrives,
    _signs_for_everyone,
    _is_no_web_function_mode,
    _hashes_bodyless,
    _signs_for_web_functions,
    _signs_for_every_region,
)
