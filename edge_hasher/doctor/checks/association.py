"""EH601 to EH608: the origin-request function as the behavior names it, and its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.aws import function_arn
from edge_hasher.aws.function_arn import EDGE_REGION
from edge_hasher.doctor.check import CannotTellError, Fault, check, known
from edge_hasher.doctor.facts import EdgeFunctionFacts, FunctionUrlFacts, RequestPolicy, Unread
from edge_hasher.doctor.fixes import distribution as fixes
from edge_hasher.doctor.fixes.distribution import OWN_HANDLER
from edge_hasher.function.settings import HEADER, SettingsError, parse

if TYPE_CHECKING:
    from edge_hasher.aws.function_arn import FunctionArn
    from edge_hasher.doctor.check import CheckContext

ORIGIN_REQUEST = "origin-request"
DIGEST = "x-amz-content-sha256"


@check("EH601", requires=("EH102",))
def _is_on_no_other_event(context: CheckContext) -> Fault | None:
    others = [each for each in context.behavior.associations if each.event != ORIGIN_REQUEST]
    for each in others:
        function = known(each.function)
        if function is not None and function.handler == OWN_HANDLER:
            program = (
                f"{fixes.behavior_path(context)}.LambdaFunctionAssociations |= "
                f'(.Items |= map(select(.EventType != "{each.event}")) | .Quantity = (.Items | length))'
            )
            return Fault(
                what=(
                    f"Edge Hasher ({each.arn}) is on {each.event} of {context.behavior.label}; "
                    f"it belongs on {ORIGIN_REQUEST}"
                ),
                fix=fixes.attach_fix(context, first=fixes.edit(context, program)),
            )
    return None


@check("EH602", requires=("EH102", "EH601"))
def _is_there(context: CheckContext) -> Fault | None:
    if context.association is not None or context.facts.clients_hash:
        return None
    url = context.behavior.origin.url
    if isinstance(url, Unread) and context.behavior.origin.access_control is None:
        raise CannotTellError(url)  # a public URL needs no digest
    context.ask_only_private()
    evidence = _who_may_hash(context)
    return Fault(
        what=(
            f"{context.behavior.label} has no {ORIGIN_REQUEST} function to hash bodies before CloudFront signs"
            + (f", but {evidence}" if evidence else "; if every client sends x-amz-content-sha256, use --clients-hash")
        ),
        fix=fixes.attach_fix(context),
        severity="note" if evidence else None,
    )


@check("EH603", requires=("EH602", "EH607"))
def _is_own(context: CheckContext) -> Fault | None:
    association = context.association
    function = known(association.function) if association else None
    if association is None or function is None or function.handler == OWN_HANDLER:
        return None
    if context.facts.clients_hash:
        return None
    context.ask_only_private()
    named = f"another {ORIGIN_REQUEST} function, {association.arn} (handler {function.handler or 'in an image'})"
    hashes = association.includes_body or _who_may_hash(context)
    return Fault(
        what=f"{context.behavior.label} has {named}, and a behavior takes one: "
        + ("that one must set the digest" if hashes else "that one does not get the body, so it cannot hash it"),
        fix=fixes.attach_fix(context, replace=True),
        severity="note" if hashes else "broken",
    )


@check("EH604", requires=("EH602", "EH603"))
def _gets_the_body(context: CheckContext) -> Fault | None:
    if context.association is None or context.association.includes_body:
        return None
    function = context.association.function
    if isinstance(function, EdgeFunctionFacts) and function.handler != OWN_HANDLER:
        return None  # EH603 judges it
    return Fault(
        what=f"{context.behavior.label} does not pass the body to its {ORIGIN_REQUEST} function: IncludeBody is off",
        fix=fixes.include_body_fix(context, function=_name(context)),
    )


@check("EH605", requires=("EH602",))
def _is_a_version(context: CheckContext) -> Fault | None:
    arn = _arn(context)
    if arn is None or (arn.qualifier or "").isdecimal():
        return None
    what = f"the qualifier {arn.qualifier}" if arn.qualifier else "no qualifier"
    return Fault(
        what=f"{context.behavior.label} names {arn.text}, with {what}: Lambda@Edge takes a numbered version",
        fix=fixes.attach_fix(context, function=_name(context)),
    )


@check("EH606", requires=("EH602",))
def _is_in_the_edge_region(context: CheckContext) -> Fault | None:
    arn = _arn(context)
    if arn is None or arn.region == EDGE_REGION:
        return None
    return Fault(
        what=f"{arn.text} is in {arn.region}: CloudFront takes functions from {EDGE_REGION} only",
        # The deployed function may have another name.
        fix=fixes.attach_fix(context, first=fixes.REDEPLOY, replace=True),
    )


@check("EH607", requires=("EH602",))
def _exists(context: CheckContext) -> Fault | None:
    if context.association is None or known(context.association.function) is not None:
        return None
    return Fault(
        what=f"{context.behavior.label} names {context.association.arn}, and there is no such function or version",
        fix=fixes.attach_fix(context, replace=True),
    )


@check("EH608", requires=("EH602", "EH603"))
def _settings_are_right(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    wrong = _what_is_wrong(origin.settings)
    if wrong is None:
        return None
    return Fault(
        what=f"the Edge-Hasher header of the origin {origin.id} is wrong: {wrong}",
        fix=fixes.origin_fix(
            context,
            f'.CustomHeaders |= (.Items |= map(select(.HeaderName | ascii_downcase != "{HEADER}")) '
            "| .Quantity = (.Items | length))",
            sam="OriginCustomHeaders: []  # take out Edge-Hasher, or correct it",
            terraform='# take out, or correct: custom_header { name = "Edge-Hasher" … }',
        ),
    )


def _who_may_hash(context: CheckContext) -> str:
    """Say what else there is that speaks of a digest: it cannot be judged from here, but it is meant to work."""
    behavior, url = context.behavior, context.behavior.origin.url
    if any(each.event == "viewer-request" and each.includes_body for each in behavior.associations):
        return "its viewer-request function gets the body and may set the digest"
    if not isinstance(behavior.cache, Unread) and DIGEST in behavior.cache.headers:
        return f"{behavior.cache.label} names {DIGEST}: clients seem to send it (--clients-hash)"
    request = behavior.request
    if isinstance(request, RequestPolicy) and request.mode == "whitelist" and DIGEST in request.headers:
        return f"the origin request policy {request.name} names {DIGEST}: clients seem to send it (--clients-hash)"
    if isinstance(url, FunctionUrlFacts) and DIGEST in url.cors_headers:
        return f"the URL's CORS settings name {DIGEST}: browsers seem to send it (--clients-hash)"
    return ""


def _what_is_wrong(values: tuple[str, ...]) -> str | None:
    if len(values) > 1:
        return f"it occurs {len(values)} times; put all settings into one"
    try:
        for value in values:
            parse(value)
    except SettingsError as error:
        return str(error)
    return None


def _name(context: CheckContext) -> str | None:
    """Return the name of the existing function; None if it is gone or could not be read."""
    function = context.association.function if context.association else None
    return function.name if isinstance(function, EdgeFunctionFacts) else None


def _arn(context: CheckContext) -> FunctionArn | None:
    return function_arn.parse(context.association.arn) if context.association else None


CHECKS = (
    _is_on_no_other_event,
    _is_there,
    _is_own,
    _gets_the_body,
    _is_a_version,
    _is_in_the_edge_region,
    _exists,
    _settings_are_right,
)
