"""Copy-paste fixes (bash or zsh, AWS CLI, jq) with this distribution's ids filled in."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from edge_hasher.aws.function_arn import EDGE_REGION
from edge_hasher.doctor.check import Fix

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext
    from edge_hasher.doctor.facts import EdgeFunctionFacts

REDEPLOY = f"sam build && sam deploy --region {EDGE_REGION}"


def edit(context: CheckContext, program: str, *, jq_options: str = "") -> str:
    """Return a command that reads the distribution, edits it with jq, and writes it back unless it has changed."""
    distribution = shlex.quote(context.facts.id)
    return (
        f"d=$(aws cloudfront get-distribution-config --id {distribution} --output json) && "
        f"aws cloudfront update-distribution --id {distribution} "
        f'--if-match "$(jq -r .ETag <<<"$d")" '
        f'--distribution-config "$(jq {jq_options}{shlex.quote(f".DistributionConfig | {program}")} <<<"$d")"'
    )


def attach(context: CheckContext, *, function: str | None = None, replace: bool = False) -> str:
    """Return the command that attaches a function's newest version to a behavior, with the body.

    `function` is the one already attached; without it, attach finds the deployed one.
    """
    path = "*" if context.behavior.is_default else context.behavior.pattern
    words = ["edge-hasher", "attach", context.facts.id, "--path", path]
    words += ["--function", function] if function else []
    words += ["--replace"] if replace else []
    return shlex.join(words)


def republish(context: CheckContext, function: EdgeFunctionFacts, change: str) -> str:
    """Return a command that changes the function, publishes a version and attaches it; versions are immutable."""
    of_function = f"--function-name {shlex.quote(function.name)} --region {EDGE_REGION}"
    return (
        f"aws lambda update-function-configuration {of_function} {change} && "
        f"aws lambda wait function-updated {of_function} && "
        f"aws lambda publish-version {of_function} && {attach(context, function=function.name)}"
    )


def behavior_path(context: CheckContext) -> str:
    """Return the jq path of the behavior."""
    if context.behavior.is_default:
        return ".DefaultCacheBehavior"
    return f"(.CacheBehaviors.Items[] | select(.PathPattern == {json.dumps(context.behavior.pattern)}))"


def origin_path(context: CheckContext) -> str:
    """Return the jq path of the behavior's origin."""
    return f"(.Origins.Items[] | select(.Id == {json.dumps(context.behavior.origin.id)}))"


def behavior_fix(context: CheckContext, program: str, *, sam: str, terraform: str) -> Fix:
    """Return the fix for something in the behavior; `program` follows its jq path."""
    in_sam, in_terraform = _places(context)
    return Fix(
        command=edit(context, behavior_path(context) + program),
        sam=f"{sam}  # {in_sam}",
        terraform=f"{terraform}  # {in_terraform}",
    )


def attach_fix(context: CheckContext, *, function: str | None = None, replace: bool = False) -> Fix:
    """Return the fix for a missing or wrong association; the options are those of `attach`."""
    return Fix(command=attach(context, function=function, replace=replace), **association_lines(context))


def origin_fix(context: CheckContext, program: str, *, sam: str, terraform: str) -> Fix:
    """Return the fix for something in the origin; `program` follows its jq path."""
    origin = context.behavior.origin.id
    return Fix(
        command=edit(context, origin_path(context) + program),
        sam=f"{sam}  # Origins, {origin}",
        terraform=f"{terraform}  # origin, {origin}",
    )


def association_lines(context: CheckContext) -> dict[str, str]:
    """Return the template lines of the association, for SAM and for Terraform."""
    in_sam, in_terraform = _places(context)
    return {
        "sam": (
            "LambdaFunctionAssociations: [{EventType: origin-request, IncludeBody: true, "
            f"LambdaFunctionARN: '{{{{resolve:ssm:/edge-hasher/version-arn}}}}'}}]  # {in_sam}"
        ),
        "terraform": (
            'lambda_function_association { event_type = "origin-request", include_body = true, lambda_arn = '
            f"data.aws_ssm_parameter.edge_hasher.value }}  # {in_terraform}"
        ),
    }


def _places(context: CheckContext) -> tuple[str, str]:
    """Return where the behavior is in a CloudFormation template, and where in Terraform."""
    pattern = context.behavior.pattern
    if context.behavior.is_default:
        return "DefaultCacheBehavior", f"default_cache_behavior, {pattern}"
    return f"CacheBehaviors, {pattern}", f"ordered_cache_behavior, {pattern}"
