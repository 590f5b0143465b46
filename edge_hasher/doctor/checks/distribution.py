"""EH1xx: the distribution, and the behavior that serves the path."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from edge_hasher.aws.function_arn import EDGE_REGION
from edge_hasher.doctor import fixes
from edge_hasher.doctor.check import Fault, Fix, check

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext

FORBIDDEN = 403
ALL_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
_NOTHING = "nothing to change"


@check("EH101")
def _leads_to_lambda(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    if origin.kind != "other":
        return None
    target = '"<id of the origin with the Function URL>"'
    return Fault(
        what=(
            f"{context.facts.path} is served by the behavior {context.behavior.label}, whose origin {origin.id} is "
            f"{origin.host}, not a Lambda Function URL"
        ),
        fix=fixes.behavior_fix(
            context,
            f".TargetOriginId = {target}",
            sam="TargetOriginId: <id of the origin with the Function URL>",
            terraform=f"target_origin_id = {target}",
        ),
    )


@check("EH102", requires=("EH101",))
def _allows_bodies(context: CheckContext) -> Fault | None:
    methods = context.behavior.methods
    if "POST" in methods:
        return None
    every = ", ".join(f'"{method}"' for method in ALL_METHODS)
    return Fault(
        what=f"{context.behavior.label} allows {', '.join(sorted(methods))} and no method with a body",
        fix=fixes.behavior_fix(
            context,
            f".AllowedMethods |= (.Quantity = {len(ALL_METHODS)} | .Items = [{every}])",
            sam=f"AllowedMethods: [{', '.join(ALL_METHODS)}]",
            terraform=f"allowed_methods = [{every}]",
        ),
        # Without --path the behavior may be meant for reading only.
        severity=None if context.facts.path else "note",
    )


@check("EH103")
def _is_enabled(context: CheckContext) -> Fault | None:
    if context.facts.enabled:
        return None
    return Fault(
        what=f"the distribution {context.facts.id} is disabled",
        fix=Fix(command=fixes.edit(context, ".Enabled = true"), sam="Enabled: true", terraform="enabled = true"),
    )


@check("EH104")
def _is_deployed(context: CheckContext) -> Fault | None:
    if context.facts.deployed:
        return None
    return Fault(
        what=f"the last change of {context.facts.id} is still being deployed",
        fix=Fix(
            command=f"aws cloudfront wait distribution-deployed --id {shlex.quote(context.facts.id)}",
            sam=_NOTHING,
            terraform=_NOTHING,
        ),
    )


@check("EH105")
def _shows_403(context: CheckContext) -> Fault | None:
    found = [(page, status) for code, page, status in context.facts.error_pages if code == FORBIDDEN and page]
    if not found:
        return None
    page, status = found[0]
    return Fault(
        what=f"CloudFront answers {status or FORBIDDEN} with {page} wherever an origin says {FORBIDDEN}",
        fix=Fix(
            command=fixes.edit(
                context,
                f".CustomErrorResponses |= (.Items |= map(select(.ErrorCode != {FORBIDDEN})) "
                "| .Quantity = (.Items | length))",
            ),
            sam=f"CustomErrorResponses: []  # take out the entry with ErrorCode: {FORBIDDEN}",
            terraform=f"# take out: custom_error_response {{ error_code = {FORBIDDEN} … }}",
        ),
    )


@check("EH106")
def _has_no_web_acl(context: CheckContext) -> Fault | None:
    acl = context.facts.web_acl
    if not acl:
        return None
    command = (
        f"aws wafv2 get-web-acl --arn {shlex.quote(acl)} --region {EDGE_REGION}"
        if acl.startswith("arn:")
        else f"aws waf get-web-acl --web-acl-id {shlex.quote(acl)}"
    )
    return Fault(
        what=f"the web ACL {acl} decides first, and its 403 looks like any other",
        fix=Fix(command=command, sam=_NOTHING, terraform=_NOTHING),
    )


@check("EH107", requires=("EH101",))
def _is_open(context: CheckContext) -> Fault | None:
    if not context.behavior.wants_signed_viewers:
        return None
    return Fault(
        what=f"{context.behavior.label} takes only viewers with a signed URL or signed cookies",
        fix=fixes.behavior_fix(
            context,
            ' |= (.TrustedKeyGroups = {"Enabled": false, "Quantity": 0} '
            '| .TrustedSigners = {"Enabled": false, "Quantity": 0})',
            sam="TrustedKeyGroups: []",
            terraform="trusted_key_groups = []",
        ),
    )


CHECKS = (_leads_to_lambda, _allows_bodies, _is_enabled, _is_deployed, _shows_403, _has_no_web_acl, _is_open)
