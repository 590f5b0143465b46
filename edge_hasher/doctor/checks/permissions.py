"""EH3xx: the Function URL, and whether its function lets in this distribution and no one else."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING

from edge_hasher.doctor.check import CannotTellError, Fault, Fix, check, known
from edge_hasher.doctor.checks.self_signing import ask_only_cloudfront
from edge_hasher.doctor.facts import AccessControl, Unread
from edge_hasher.doctor.fixes import permissions, switching
from edge_hasher.doctor.resource_policy import CLOUDFRONT, INVOKE, INVOKE_URL, decide, fit, lets_anyone_in

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext
    from edge_hasher.doctor.resource_policy import Statement

_PERMISSION_CHECKS = (
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
    url, oac = context.url, context.behavior.origin.access_control
    if not url.is_public:
        return None
    steps = "; ".join(step.what for step in switching.needed(context))
    return Fault(
        what=f"the Function URL of {url.label} has AuthType {url.auth_type}: it accepts unsigned requests"
        + (f". Before it may be AWS_IAM it needs: {steps}" if steps else "")
        + (
            "; CloudFront's signature takes the place of a viewer's Authorization (see keep-authorization)"
            if oac is None
            else ""
        ),
        fix=Fix(
            command=switching.command(context),
            sam="AuthType: AWS_IAM  # FunctionUrlConfig; last, after the permissions, the OAC and the function",
            terraform='authorization_type = "AWS_IAM"  # aws_lambda_function_url; last, after all that it needs',
        ),
        # Where CloudFront signs, someone meant the URL to be private.
        severity=None if isinstance(oac, AccessControl) and oac.signs else "note",
    )


def _permission(context: CheckContext, *, action: str, verdict: str) -> Fault | None:
    """Look for one way in which one permission may be wrong; the checks of an action exclude each other."""
    url, caller = context.url, permissions.caller_of(context)
    found, statement = _judge(context, action)
    if found != verdict:
        return None
    if not url.is_public:
        ask_only_cloudfront(context)
    sid = statement.sid if statement else ""
    who = "everyone" if caller.is_anonymous else "CloudFront"
    says = {
        "missing": f"no statement lets {who} call {action} on {url.label}",
        "elsewhere": f"the statement {sid!r} lets {who} call {action} on {_resource(statement)}, not on {url.label}",
        "other source": (
            f"the statement {sid!r} on {url.label} lets CloudFront call {action} for {_source(statement)}, "
            f"not for {'everyone' if caller.is_anonymous else context.facts.arn}"
        ),
        "denied": f"the statement {sid!r} on {url.label} denies {who} {action}",
    }
    needs = f", and AuthType {url.auth_type} needs {INVOKE_URL} and {INVOKE} for everyone" if url.is_public else ""
    cached = not isinstance(context.behavior.cache, Unread) and context.behavior.cache.caches
    hidden = "; a GET that is in the cache still gets its answer" if cached else ""
    fix = permissions.permit(context, action, caller)
    if verdict == "denied":
        fix = Fix(command=permissions.removal(url, sid), sam=fix.sam, terraform=fix.terraform)
    elif url.is_public and not switching.needed(context):
        # All that a private URL needs is there already.
        fix = Fix(command=switching.command(context), sam=fix.sam, terraform=fix.terraform)
    return Fault(what=f"{says[verdict]}{needs}{hidden}", fix=fix)


@check("EH310", requires=("EH101", "EH301"))
def _lets_nobody_else_in(context: CheckContext) -> Fault | None:
    url, caller = context.url, permissions.caller_of(context)
    open_ones = [each for each in known(url.policy) if lets_anyone_in(each, caller)]
    if not open_ones:
        return None
    names = ", ".join(repr(each.sid) for each in open_ones)
    actions = [action for action in (INVOKE_URL, INVOKE) if any(each.covers(action) for each in open_ones)]
    # This distribution must not lose access: first add the narrow permissions.
    rest = [each for each in known(url.policy) if each not in open_ones]
    needed = [
        permissions.permit(context, action, caller)
        for action in actions
        if not any(each.allows and fit(each, action, caller) == "yes" for each in rest)
    ]
    out = f"# take out: {names}"
    return Fault(
        what=f"the policy of {url.label} lets in others than this distribution: statement {names} names no source",
        fix=Fix(
            command=" && ".join(
                [*(each.command for each in needed), *(permissions.removal(url, each.sid) for each in open_ones)]
            ),
            sam="  ".join([*(each.sam for each in needed), out]),
            terraform="  ".join([*(each.terraform for each in needed), out]),
        ),
    )


@check("EH311", requires=("EH101",))
def _web_function_lets_cloudfront_in(context: CheckContext) -> Fault | None:
    origin, arn = context.behavior.origin, context.facts.arn
    if origin.kind != "web-function":
        return None
    action, url = "lambda:InvokeWebFunctionEndpoint", f"https://{context.facts.domain}{context.facts.path or '/'}"
    return Fault(
        what=(
            f"{origin.host} is a Web Function, which doctor cannot read: its policy must let {CLOUDFRONT} call "
            f"{action} for {arn}, and its AuthType be IamAuth"
        ),
        fix=Fix(
            command=f"edge-hasher probe {shlex.quote(url)}",
            sam=f"Action: {action}, Principal: {CLOUDFRONT}, SourceArn: '{arn}'",
            terraform=f'action = "{action}", principal = "{CLOUDFRONT}", source_arn = "{arn}"',
        ),
    )


@check("EH312", requires=("EH101",))
def _may_run(context: CheckContext) -> Fault | None:
    url = context.url
    if known(url.reserved_concurrency) != 0:
        return None
    function = f"--function-name {shlex.quote(url.function)} --region {shlex.quote(url.region)}"
    return Fault(
        what=f"the function {url.function} has a reserved concurrency of 0, so Lambda never runs it",
        fix=Fix(
            command=f"aws lambda delete-function-concurrency {function}",
            sam="# take out: ReservedConcurrentExecutions: 0",
            terraform="# take out: reserved_concurrent_executions = 0",
        ),
    )


def _judge(context: CheckContext, action: str) -> tuple[str, Statement | None]:
    """Judge one permission and return the statement that decides; raises CannotTellError on unknown conditions."""
    url, caller = context.url, permissions.caller_of(context)
    verdict, statement = decide(known(url.policy), action, caller)
    if verdict == "unsure":
        why = "a statement has a condition that doctor does not know; read it yourself"
        raise CannotTellError(Unread(what=f"the resource policy of {url.label}", why=why))
    if verdict != "missing":
        return verdict, statement
    elsewhere = () if isinstance(url.elsewhere, Unread) else url.elsewhere
    misplaced = [each for each in elsewhere if each.allows and fit(each, action, caller) == "yes"]
    return ("elsewhere", misplaced[0]) if misplaced else ("missing", None)


def _resource(statement: Statement | None) -> str:
    return ", ".join(statement.resources) if statement else ""


def _source(statement: Statement | None) -> str:
    conditions = statement.conditions if statement else ()
    return ", ".join(value for each in conditions if each.key.startswith("aws:source") for value in each.values)


CHECKS = (
    _wants_iam,
    *(
        check(code, requires=("EH101",))(partial(_permission, action=action, verdict=verdict))
        for code, action, verdict in _PERMISSION_CHECKS
    ),
    _lets_nobody_else_in,
    _web_function_lets_cloudfront_in,
    _may_run,
)
