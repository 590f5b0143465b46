"""EH3xx: the Function URL, and whether its function lets in this distribution and no one else."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING, Literal

from edge_hasher.doctor.check import CannotTellError, Fault, Fix, check, known
from edge_hasher.doctor.facts import Unread
from edge_hasher.doctor.resource_policy import CLOUDFRONT, INVOKE, INVOKE_URL, Caller, fit, lets_anyone_in

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext
    from edge_hasher.doctor.facts import FunctionUrlFacts
    from edge_hasher.doctor.resource_policy import Statement

Verdict = Literal["granted", "missing", "elsewhere", "other source", "denied"]
_PERMISSION_CHECKS: tuple[tuple[str, str, Verdict], ...] = (
    ("EH302", INVOKE_URL, "missing"),
    ("EH303", INVOKE, "missing"),
    ("EH304", INVOKE_URL, "elsewhere"),
    ("EH305", INVOKE, "elsewhere"),
    ("EH306", INVOKE_URL, "other source"),
    ("EH307", INVOKE, "other source"),
    ("EH308", INVOKE_URL, "denied"),
    ("EH309", INVOKE, "denied"),
)


@check("EH301", requires=("EH101",))
def _wants_iam(context: CheckContext) -> Fault | None:
    url = context.url
    if url.auth_type == "AWS_IAM":
        return None
    return Fault(
        what=f"the Function URL of {url.label} has AuthType {url.auth_type}: it accepts unsigned requests",
        fix=Fix(
            command=f"aws lambda update-function-url-config {_function(url)} --auth-type AWS_IAM",
            sam="AuthType: AWS_IAM  # FunctionUrlConfig",
            terraform='authorization_type = "AWS_IAM"  # aws_lambda_function_url',
        ),
    )


def _permission(context: CheckContext, *, action: str, verdict: Verdict) -> Fault | None:
    """Look for one way in which one permission may be wrong; the checks of an action exclude each other."""
    url = context.url
    found, statement = _judge(context, action)
    if found != verdict:
        return None
    sid = statement.sid if statement else ""
    says = {
        "missing": f"no statement lets CloudFront call {action} on {url.label}",
        "elsewhere": (
            f"the statement {sid!r} lets CloudFront call {action} on {_resource(statement)}, not on {url.label}"
        ),
        "other source": (
            f"the statement {sid!r} on {url.label} lets CloudFront call {action} for {_source(statement)}, "
            f"not for {context.facts.arn}"
        ),
        "denied": f"the statement {sid!r} on {url.label} denies CloudFront {action}",
    }
    command = _removal(url, sid) if verdict == "denied" else _addition(context, action)
    return Fault(
        what=says[verdict], fix=Fix(command=command, sam=_sam(context, action), terraform=_hcl(context, action))
    )


@check("EH310", requires=("EH101", "EH301"))
def _lets_nobody_else_in(context: CheckContext) -> Fault | None:
    url = context.url
    open_ones = [each for each in known(url.policy) if lets_anyone_in(each, _caller(context))]
    if not open_ones:
        return None
    names = ", ".join(repr(each.sid) for each in open_ones)
    action = next(action for action in (INVOKE_URL, INVOKE) if open_ones[0].covers(action))
    commands = [_removal(url, each.sid) for each in open_ones]
    # This distribution must not lose access: first add the narrow permissions.
    needed = [
        _addition(context, action)
        for action in (INVOKE_URL, INVOKE)
        if any(each.covers(action) for each in open_ones) and not _is_granted_without(context, action, open_ones)
    ]
    return Fault(
        what=f"the policy of {url.label} lets in others than this distribution: statement {names} names no source",
        fix=Fix(
            command=" && ".join([*needed, *commands]),
            sam=_sam(context, action),
            terraform=_hcl(context, action),
        ),
    )


def _judge(context: CheckContext, action: str) -> tuple[Verdict, Statement | None]:
    """Judge one permission and return the statement that decides; raises CannotTellError on unknown conditions."""
    url, caller = context.url, _caller(context)
    policy = [(each, fit(each, action, caller)) for each in known(url.policy)]
    for statement, how in policy:
        if not statement.allows and how == "yes":
            return "denied", statement
    if any(not each.allows and how == "unsure" for each, how in policy):
        raise CannotTellError(_unsettled(url))
    allowed = {how: each for each, how in reversed(policy) if each.allows}
    if "yes" in allowed:
        return "granted", allowed["yes"]
    if "unsure" in allowed:
        raise CannotTellError(_unsettled(url))
    if "other source" in allowed:
        return "other source", allowed["other source"]
    elsewhere = () if isinstance(url.elsewhere, Unread) else url.elsewhere
    misplaced = [each for each in elsewhere if each.allows and fit(each, action, caller) == "yes"]
    return ("elsewhere", misplaced[0]) if misplaced else ("missing", None)


def _is_granted_without(context: CheckContext, action: str, others: list[Statement]) -> bool:
    rest = [each for each in known(context.url.policy) if each not in others]
    return any(each.allows and fit(each, action, _caller(context)) == "yes" for each in rest)


def _unsettled(url: FunctionUrlFacts) -> Unread:
    return Unread(
        what=f"the resource policy of {url.label}",
        why="a statement has a condition that doctor does not know; read it yourself",
    )


def _caller(context: CheckContext) -> Caller:
    return Caller(distribution_arn=context.facts.arn, auth_type=context.url.auth_type)


def _function(url: FunctionUrlFacts) -> str:
    qualifier = f" --qualifier {shlex.quote(url.qualifier)}" if url.qualifier else ""
    return f"--function-name {shlex.quote(url.function)}{qualifier} --region {shlex.quote(url.region)}"


def _addition(context: CheckContext, action: str) -> str:
    narrowed = "--function-url-auth-type AWS_IAM" if action == INVOKE_URL else "--invoked-via-function-url"
    sid = f"cloudfront-{context.facts.id}-{action.partition(':')[2]}"
    return (
        f"aws lambda add-permission {_function(context.url)} --statement-id {shlex.quote(sid)} --action {action} "
        f"--principal {CLOUDFRONT} --source-arn {shlex.quote(context.facts.arn)} {narrowed}"
    )


def _removal(url: FunctionUrlFacts, sid: str) -> str:
    return f"aws lambda remove-permission {_function(url)} --statement-id {shlex.quote(sid)}"


def _sam(context: CheckContext, action: str) -> str:
    narrowed = "FunctionUrlAuthType: AWS_IAM" if action == INVOKE_URL else "InvokedViaFunctionUrl: true"
    return (
        f"{{Type: AWS::Lambda::Permission, Properties: {{Action: {action}, FunctionName: '{context.url.label}', "
        f"Principal: {CLOUDFRONT}, SourceArn: '{context.facts.arn}', {narrowed}}}}}"
    )


def _hcl(context: CheckContext, action: str) -> str:
    url = context.url
    qualifier = f'qualifier = "{url.qualifier}", ' if url.qualifier else ""
    narrowed = 'function_url_auth_type = "AWS_IAM"' if action == INVOKE_URL else "invoked_via_function_url = true"
    return (
        f'aws_lambda_permission: action = "{action}", function_name = "{url.function}", {qualifier}'
        f'principal = "{CLOUDFRONT}", source_arn = "{context.facts.arn}", {narrowed}'
    )


def _resource(statement: Statement | None) -> str:
    return ", ".join(statement.resources) if statement else ""


def _source(statement: Statement | None) -> str:
    conditions = statement.conditions if statement else ()
    return ", ".join(value for each in conditions if each.key.startswith("aws:source") for value in each.values)


CHECKS = (
    _wants_iam,
    *(
        check(code, requires=("EH101", "EH301"))(partial(_permission, action=action, verdict=verdict))
        for code, action, verdict in _PERMISSION_CHECKS
    ),
    _lets_nobody_else_in,
)
