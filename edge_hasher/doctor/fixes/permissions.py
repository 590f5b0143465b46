"""Statements of a function's resource policy: the commands that add and remove them, and their template lines."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from edge_hasher.doctor.check import Fix
from edge_hasher.doctor.resource_policy import CLOUDFRONT, INVOKE_URL, Caller

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext
    from edge_hasher.doctor.facts import FunctionUrlFacts


def caller_of(context: CheckContext) -> Caller:
    """Return whoever calls the behavior's Function URL, as it is set now."""
    return Caller(distribution_arn=context.facts.arn, auth_type=context.url.auth_type)


def of_function(url: FunctionUrlFacts) -> str:
    """Return the options that name the function, its qualifier and its Region."""
    qualifier = f" --qualifier {shlex.quote(url.qualifier)}" if url.qualifier else ""
    return f"--function-name {shlex.quote(url.function)}{qualifier} --region {shlex.quote(url.region)}"


def permit(context: CheckContext, action: str, caller: Caller) -> Fix:
    """Return how to let a caller in: CloudFront for this distribution, or everyone."""
    sam, hcl = (", ".join(lines) for lines in _template_lines(context, action, caller))
    return Fix(
        command=addition(context, action, caller),
        sam=f"{{Type: AWS::Lambda::Permission, Properties: {{{sam}}}}}",
        terraform=f"aws_lambda_permission: {hcl}",
    )


def addition(context: CheckContext, action: str, caller: Caller) -> str:
    """Return the command that adds one permission."""
    if caller.is_anonymous:
        sid, who = f"public-{action.partition(':')[2]}", "--principal '*'"
    else:
        sid = f"cloudfront-{context.facts.id}-{action.partition(':')[2]}"
        who = f"--principal {CLOUDFRONT} --source-arn {shlex.quote(context.facts.arn)}"
    narrowed = f"--function-url-auth-type {caller.auth_type}" if action == INVOKE_URL else "--invoked-via-function-url"
    return (
        f"aws lambda add-permission {of_function(context.url)} --statement-id {shlex.quote(sid)} --action {action} "
        f"{who} {narrowed}"
    )


def removal(url: FunctionUrlFacts, sid: str) -> str:
    """Return the command that removes one statement, or shows the policy where the statement has no name."""
    if not sid:
        return f"aws lambda get-policy {of_function(url)}"
    return f"aws lambda remove-permission {of_function(url)} --statement-id {shlex.quote(sid)}"


def _template_lines(context: CheckContext, action: str, caller: Caller) -> tuple[list[str], list[str]]:
    """Return the properties of the permission, for SAM and for Terraform."""
    url, principal = context.url, "*" if caller.is_anonymous else CLOUDFRONT
    sam = [f"Action: {action}", f"FunctionName: '{url.label}'", f"Principal: '{principal}'"]
    hcl = [f'action = "{action}"', f'function_name = "{url.function}"']
    hcl += [f'qualifier = "{url.qualifier}"'] if url.qualifier else []
    hcl += [f'principal = "{principal}"']
    if not caller.is_anonymous:
        sam, hcl = [*sam, f"SourceArn: '{context.facts.arn}'"], [*hcl, f'source_arn = "{context.facts.arn}"']
    if action == INVOKE_URL:
        sam.append(f"FunctionUrlAuthType: {caller.auth_type}")
        hcl.append(f'function_url_auth_type = "{caller.auth_type}"')
    else:
        sam, hcl = [*sam, "InvokedViaFunctionUrl: true"], [*hcl, "invoked_via_function_url = true"]
    return sam, hcl
