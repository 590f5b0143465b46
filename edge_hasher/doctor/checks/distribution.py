"""EH1xx: the distribution, and the behavior that serves the path."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from edge_hasher.aws.function_arn import EDGE_REGION
from edge_hasher.doctor.check import CannotTellError, Fault, Fix, check, known
from edge_hasher.doctor.checks.digest_loss import loses_digest
from edge_hasher.doctor.facts import FunctionUrlFacts
from edge_hasher.doctor.fixes import distribution as fixes
from edge_hasher.doctor.fixes import error_pages

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext

FORBIDDEN = 403
ALL_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
VIEWER_REQUEST = "viewer-request"
_DIGEST = "x-amz-content-sha256"
_SIGNED_HEADERS = (_DIGEST, "authorization")
_NOTHING = "nothing to change"


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
            sam=_NOTHING,
            terraform=_NOTHING,
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
        fix=Fix(command=command, sam=_NOTHING, terraform=_NOTHING),
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


@check("EH108", requires=("EH101",))
def _has_a_fixed_origin(context: CheckContext) -> Fault | None:
    behavior, origin = context.behavior, context.behavior.origin
    if not origin.chosen_by:
        return None
    known_url = isinstance(origin.url, FunctionUrlFacts)
    return Fault(
        what=(
            f"the CloudFront Function {origin.chosen_by} of {behavior.label} chooses the origin at run time, and "
            f"{origin.host} is not asked"
            + (": doctor looks at the function that was named" if known_url else ": doctor --function NAME looks there")
        ),
        fix=Fix(
            command=f"edge-hasher doctor {shlex.quote(context.facts.id)} --function '<name of the Lambda function>'",
            sam=_NOTHING,
            terraform=_NOTHING,
        ),
    )


@check("EH109", requires=("EH101",))
def _leaves_the_signature_alone(context: CheckContext) -> Fault | None:
    """Leave alone what sets the viewer's host or rewrites paths: it is of no matter here."""
    found = {each.name: _names_in(each.certain_code) for each in context.behavior.functions}
    touching = {name: headers for name, headers in found.items() if headers}
    if not touching:
        for each in context.behavior.functions:
            known(each.code)
        return None
    lost = _losing(context)
    names = "; ".join(f"{name}: {', '.join(headers)}" for name, headers in touching.items())
    reads = [f"aws cloudfront get-function --name {shlex.quote(name)} --stage LIVE /dev/stdout" for name in touching]
    if lost:
        return Fault(
            what=(
                f"CloudFront Functions of {context.behavior.label} delete or replace the digest that clients send "
                f"({'; '.join(f'{name}: {_DIGEST}' for name in lost)})"
            ),
            fix=Fix(
                command=" && ".join(reads),
                sam=f"FunctionCode: leave {_DIGEST} as it came",
                terraform=f"code: leave {_DIGEST} as it came",
            ),
            severity="broken",
        )
    return Fault(
        what=f"CloudFront Functions of {context.behavior.label} name headers that the signature is about ({names})",
        fix=Fix(command=" && ".join(reads), sam=_NOTHING, terraform=_NOTHING),
    )


def _losing(context: CheckContext) -> list[str]:
    """Return the functions that take away the digest where clients send it, and the Function URL asks for it."""
    url = context.behavior.origin.url
    is_public = isinstance(url, FunctionUrlFacts) and url.is_public
    if not context.facts.clients_hash or is_public or not _takes_bodies(context):
        return []
    # Edge Hasher, which runs later, would hash what it gets: not what is over 1 MB.
    functions = [each for each in context.behavior.functions if each.event == VIEWER_REQUEST]
    return [each.name for each in functions if loses_digest(each.certain_code)]


def _takes_bodies(context: CheckContext) -> bool:
    try:
        return context.behavior.takes_bodies
    except CannotTellError:
        return False


def _names_in(code: str) -> list[str]:
    return [name for name in _SIGNED_HEADERS if name in code.lower()]


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
            sam=_NOTHING,
            terraform=_NOTHING,
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
    _has_a_fixed_origin,
    _leaves_the_signature_alone,
    _is_open_everywhere,
    _names_a_host,
)
