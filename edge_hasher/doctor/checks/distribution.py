"""EH1xx: the distribution, and the behavior that serves the path."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from edge_hasher.aws.function_arn import EDGE_REGION
from edge_hasher.doctor.check import Fault, Fix, check, known
from edge_hasher.doctor.fixes import distribution as fixes
from edge_hasher.doctor.fixes import error_pages

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext

FORBIDDEN = 403
ALL_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
VIEWER_REQUEST = "viewer-request"
NOTHING = "nothing to change"


@check("EH101")
def _leads_to_lambda(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    if origin.kind != "other" or origin.chosen_by:
        return None
    functions = ", ".join(each.name for each in context.behavior.functions if each.event == VIEWER_REQUEST)
    unless = f" (unless the CloudFront Function {functions} chooses another: then add --function)" if functions else ""
    others = ", ".join(context.facts.lambda_patterns)
    return Fault(
        what=(
            f"{context.facts.path or 'the path'} is served by the behavior {context.behavior.label}, whose origin "
            f"{origin.id} is {origin.host}, not a Lambda Function URL{unless}"
            + (f"; the behaviors that lead to one are {others}, and case and slashes count" if others else "")
        ),
        fix=fixes.own_behavior(context, ALL_METHODS),
    )


@check("EH102", requires=("EH101",))
def _allows_bodies(context: CheckContext) -> Fault | None:
    behavior = context.behavior
    if behavior.takes_bodies:
        return None
    every = ", ".join(f'"{method}"' for method in ALL_METHODS)
    what = f"{behavior.label} allows {', '.join(sorted(behavior.methods))} and no method with a body"
    if behavior.origin_group:
        what += f": its target is the origin group {behavior.origin_group}, which CloudFront never lets take a POST"
        fix = fixes.own_behavior(context, ALL_METHODS)
    else:
        fix = fixes.behavior_fix(
            context,
            f".AllowedMethods |= (.Quantity = {len(ALL_METHODS)} | .Items = [{every}])",
            sam=f"AllowedMethods: [{', '.join(ALL_METHODS)}]",
            terraform=f"allowed_methods = [{every}]",
        )
    # Without --path the behavior may be meant for reading only.
    return Fault(what=what, fix=fix, severity=None if context.facts.path else "note")


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
            sam=NOTHING,
            terraform=NOTHING,
        ),
    )


@check("EH105")
def _shows_errors(context: CheckContext) -> Fault | None:
    pages = {code: (page, status) for code, page, status in context.facts.error_pages if page}
    if not pages:
        return None
    says = "; ".join(
        f"{status or code} with {page} wherever an origin says {code}" for code, (page, status) in sorted(pages.items())
    )
    hides_403 = FORBIDDEN in pages
    codes = [FORBIDDEN] if hides_403 else sorted(pages)
    return Fault(
        what=f"CloudFront answers {says}: an API's own answers are replaced too",
        fix=error_pages.without(context, codes, pages[codes[0]][0]),
        severity=None if hides_403 else "note",
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
        fix=Fix(command=command, sam=NOTHING, terraform=NOTHING),
    )


@check("EH107", requires=("EH101",))
def _is_open(context: CheckContext) -> Fault | None:
    if not context.behavior.wants_signed_viewers:
        return None
    url = shlex.quote(f"https://{context.facts.domain}{context.facts.path or '/'}")
    return Fault(
        what=f"{context.behavior.label} takes only viewers with a signed URL or signed cookies",
        # To let everyone in would open what someone closed, so the command makes a URL that gets in.
        fix=Fix(
            command=(
                f"aws cloudfront sign --url {url} --key-pair-id '<key id>' --private-key file://private_key.pem "
                "--date-less-than '<end>'"
            ),
            sam="TrustedKeyGroups: []  # if everyone may come in",
            terraform="trusted_key_groups = []  # if everyone may come in",
        ),
    )


@check("EH110", requires=("EH101",))
def _is_open_everywhere(context: CheckContext) -> Fault | None:
    restriction = context.facts.geo_restriction
    if not restriction:
        return None
    return Fault(
        what=f"viewers are restricted by country: {restriction}",
        fix=Fix(
            command=(
                f"aws cloudfront get-distribution-config --id {shlex.quote(context.facts.id)} "
                "--query DistributionConfig.Restrictions"
            ),
            sam=NOTHING,
            terraform=NOTHING,
        ),
    )


@check("EH111", requires=("EH101",))
def _names_a_host(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    if origin.kind == "other":
        return None
    domain_name = known(origin.host_form) or origin.host
    scheme, colon_and_slashes, rest = domain_name.rpartition("://")
    # Documented: API reference, Origin, DomainName: letters, digits, dots, hyphens and underscores.
    extra = [f"{scheme}://"] if colon_and_slashes else []
    extra += [name for mark, name in (("/", "a slash"), (":", "a colon")) if mark in rest]
    if not extra:
        return None
    return Fault(
        what=f"the domain name of the origin {origin.id} is {origin.host}, with {' and '.join(extra)} beside the host",
        fix=fixes.host_alone(context),
    )


CHECKS = (
    _leads_to_lambda,
    _allows_bodies,
    _is_enabled,
    _is_deployed,
    _shows_errors,
    _has_no_web_acl,
    _is_open,
    _is_open_everywhere,
    _names_a_host,
)
