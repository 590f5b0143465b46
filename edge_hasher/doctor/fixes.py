"""The commands that put things right, with the ids of this very distribution; made to be pasted into bash or zsh."""

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


def edit(scene: CheckContext, program: str, *, jq_options: str = "") -> str:
    """Return a command that reads the distribution, edits it by a jq program, and writes it back if nobody else did."""
    distribution = shlex.quote(scene.facts.id)
    return (
        f"d=$(aws cloudfront get-distribution-config --id {distribution} --output json) && "
        f"aws cloudfront update-distribution --id {distribution} "
        f'--if-match "$(jq -r .ETag <<<"$d")" '
        f'--distribution-config "$(jq {jq_options}{shlex.quote(f".DistributionConfig | {program}")} <<<"$d")"'
    )


def attach(scene: CheckContext, *, function: str | None = None, replace: bool = False) -> str:
    """Return the command that puts a function's newest version on a behavior, with the body.

    `function` is the one that is already there; without it, attach finds the one that was deployed.
    """
    path = "*" if scene.behavior.is_default else scene.behavior.pattern
    words = ["edge-hasher", "attach", scene.facts.id, "--path", path]
    words += ["--function", function] if function else []
    words += ["--replace"] if replace else []
    return shlex.join(words)


def republish(scene: CheckContext, function: EdgeFunctionFacts, change: str) -> str:
    """Return a command that changes the function, publishes a version and attaches that; a version never changes."""
    of_function = f"--function-name {shlex.quote(function.name)} --region {EDGE_REGION}"
    return (
        f"aws lambda update-function-configuration {of_function} {change} && "
        f"aws lambda wait function-updated {of_function} && "
        f"aws lambda publish-version {of_function} && {attach(scene, function=function.name)}"
    )


def behavior_path(scene: CheckContext) -> str:
    """Return the jq path of the behavior."""
    if scene.behavior.is_default:
        return ".DefaultCacheBehavior"
    return f"(.CacheBehaviors.Items[] | select(.PathPattern == {json.dumps(scene.behavior.pattern)}))"


def origin_path(scene: CheckContext) -> str:
    """Return the jq path of the behavior's origin."""
    return f"(.Origins.Items[] | select(.Id == {json.dumps(scene.behavior.origin.id)}))"


def behavior_fix(scene: CheckContext, program: str, *, sam: str, terraform: str) -> Fix:
    """Return the fix for something in the behavior; `program` follows its jq path."""
    block = "default_cache_behavior" if scene.behavior.is_default else "ordered_cache_behavior"
    place = "DefaultCacheBehavior" if scene.behavior.is_default else f"CacheBehaviors, {scene.behavior.pattern}"
    return Fix(
        command=edit(scene, behavior_path(scene) + program),
        sam=f"{sam}  # {place}",
        terraform=f"{terraform}  # {block}, {scene.behavior.pattern}",
    )


def attach_fix(scene: CheckContext, *, function: str | None = None, replace: bool = False) -> Fix:
    """Return the fix for an association that is missing or wrong; the options are those of `attach`."""
    return Fix(command=attach(scene, function=function, replace=replace), **association_lines(scene))


def origin_fix(scene: CheckContext, program: str, *, sam: str, terraform: str) -> Fix:
    """Return the fix for something in the origin; `program` follows its jq path."""
    origin = scene.behavior.origin.id
    return Fix(
        command=edit(scene, origin_path(scene) + program),
        sam=f"{sam}  # Origins, {origin}",
        terraform=f"{terraform}  # origin, {origin}",
    )


def association_lines(scene: CheckContext) -> dict[str, str]:
    """Return the template lines of the association, for SAM and for Terraform."""
    place = "DefaultCacheBehavior" if scene.behavior.is_default else f"CacheBehaviors, {scene.behavior.pattern}"
    block = "default_cache_behavior" if scene.behavior.is_default else "ordered_cache_behavior"
    return {
        "sam": (
            "LambdaFunctionAssociations: [{EventType: origin-request, IncludeBody: true, "
            f"LambdaFunctionARN: '{{{{resolve:ssm:/edge-hasher/version-arn}}}}'}}]  # {place}"
        ),
        "terraform": (
            'lambda_function_association { event_type = "origin-request", include_body = true, lambda_arn = '
            f"data.aws_ssm_parameter.edge_hasher.value }}  # {block}, {scene.behavior.pattern}"
        ),
    }
