"""Copy-paste fixes (bash or zsh, AWS CLI, jq) with this distribution's ids filled in."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from edge_hasher.aws.function_arn import EDGE_REGION
from edge_hasher.doctor.check import Fix
from edge_hasher.doctor.facts import EdgeFunctionFacts
from edge_hasher.doctor.reading.lambda_host import host_in, kind_of
from edge_hasher.doctor.reading.managed_policies import ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_hasher.doctor.check import CheckContext
    from edge_hasher.doctor.facts import BehaviorFacts

OWN_HANDLER = "edge_hasher.function.handler.lambda_handler"
FUNCTION_URL = "<Function URL>"  # stands for the attribute of the resource that has one
REDEPLOY = f"sam build && sam deploy --region {EDGE_REGION}"


def edit(context: CheckContext, program: str, *, jq_options: str = "") -> str:
    """Return a command that reads the distribution, edits it with jq, and writes it back unless it has changed.

    By files, since a configuration may be longer than an argument can be; in a folder that others cannot read, since
    origin headers hold secrets.
    """
    distribution = shlex.quote(context.facts.id)
    return (
        f'd=$(mktemp -d) && aws cloudfront get-distribution-config --id {distribution} --output json >"$d/old" && '
        f'jq {jq_options}{shlex.quote(f".DistributionConfig | {program}")} "$d/old" >"$d/new" && '
        f"aws cloudfront update-distribution --id {distribution} "
        f'--if-match "$(jq -r .ETag "$d/old")" --distribution-config "file://$d/new" && rm -r "$d"'
    )


def attach(
    context: CheckContext, *, function: str | None = None, replace: bool = False, paths: Sequence[str] = ()
) -> str:
    """Return the command that attaches a function's newest version to behaviors, this one by default, with the body.

    `function` is the one already attached; without it, attach finds the deployed one. `replace` lets it take the place
    of a function with another name.
    """
    words = ["edge-hasher", "attach", context.facts.id]
    for path in paths or [context.behavior.pattern]:
        words += ["--path", path]
    words += ["--function", function] if function else []
    words += ["--replace"] if replace else []
    return shlex.join(words)


def has_another_function(behavior: BehaviorFacts) -> bool:
    """Whether the origin-request function is known to be another than Edge Hasher."""
    there = behavior.origin_request
    function = there.function if there else None
    return isinstance(function, EdgeFunctionFacts) and function.handler != OWN_HANDLER


def republish(context: CheckContext, function: EdgeFunctionFacts, change: str) -> str:
    """Return a command that changes the function, publishes a version and attaches it; versions are immutable."""
    of_function = f"--function-name {shlex.quote(function.name)} --region {EDGE_REGION}"
    return (
        f"aws lambda update-function-configuration {of_function} {change} && "
        f"aws lambda wait function-updated {of_function} && "
        f"aws lambda publish-version {of_function} && {attach(context, function=function.name)}"
    )


def own_behavior(context: CheckContext, methods: Sequence[str]) -> Fix:
    """Return how to give the path a behavior of its own that leads to Lambda; the present one stays as it is.

    The path and the origin are blanks to fill in where they are not known.
    """
    path, origins = context.facts.path or "<path>", context.facts.lambda_origins
    origin = origins[0] if len(origins) == 1 else "<id of the origin with the Function URL>"
    of_lambda = {
        "PathPattern": path,
        "TargetOriginId": origin,
        "AllowedMethods": {
            "Quantity": len(methods),
            "Items": list(methods),
            "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
        },
        "CachePolicyId": CACHING_DISABLED,
        "OriginRequestPolicyId": ALL_VIEWER_EXCEPT_HOST,
        "Compress": False,
        "LambdaFunctionAssociations": {"Quantity": 0},
        "FunctionAssociations": {"Quantity": 0},
    }
    made = (
        f"({behavior_path(context)} | del(.ForwardedValues, .MinTTL, .DefaultTTL, .MaxTTL)) + {json.dumps(of_lambda)}"
    )
    program = f"({made}) as $new | .CacheBehaviors |= ([$new] + (.Items // []) | {{Quantity: length, Items: .}})"
    return Fix(
        command=f"{edit(context, program)} && {attach(context, paths=[path])}",
        sam=f"CacheBehaviors: first [{{PathPattern: '{path}', TargetOriginId: '{origin}', …}}]",
        terraform=f'ordered_cache_behavior {{ path_pattern = "{path}", target_origin_id = "{origin}" … }}  # first',
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


def attach_fix(context: CheckContext, *, first: str = "", function: str | None = None, replace: bool = False) -> Fix:
    """Return the fix for a missing or wrong association; `first` is a command before it, the rest are attach's."""
    command = attach(context, function=function, replace=replace)
    return Fix(command=f"{first} && {command}" if first else command, **association_lines(context))


def include_body_fix(context: CheckContext, *, function: str | None) -> Fix:
    """Return the fix for an association that is right but for the body."""
    in_sam, in_terraform = _places(context)
    return Fix(
        command=attach(context, function=function),
        sam=f"IncludeBody: true  # LambdaFunctionAssociations, {in_sam}",
        terraform=f"include_body = true  # lambda_function_association, {in_terraform}",
    )


def origin_fix(context: CheckContext, program: str, *, sam: str, terraform: str) -> Fix:
    """Return the fix for something in the origin; `program` follows its jq path."""
    origin = context.behavior.origin.id
    return Fix(
        command=edit(context, origin_path(context) + program),
        sam=f"{sam}  # Origins, {origin}",
        terraform=f"{terraform}  # origin, {origin}",
    )


def host_alone(context: CheckContext) -> Fix:
    """Return the fix for an origin whose domain name is a URL."""
    origin = context.behavior.origin
    host = host_in(origin.host) if kind_of(origin.host) != "other" else None
    return origin_fix(
        context,
        f".DomainName = {json.dumps(host or '<host of the Function URL>')}",
        sam="DomainName: " + (host or host_in_yaml(FUNCTION_URL)),
        terraform="domain_name = " + (json.dumps(host) if host else host_in_terraform(FUNCTION_URL)),
    )


def host_in_yaml(url: str) -> str:
    """Return the expression for the host of a Function URL, itself an expression, in CloudFormation."""
    return f'!Select [2, !Split ["/", {url}]]'


def host_in_terraform(url: str) -> str:
    """Return the same in Terraform."""
    return f'split("/", {url})[2]'


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
