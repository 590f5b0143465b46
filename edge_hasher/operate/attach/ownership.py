"""Who owns a distribution: a stack whose next update undoes what was done by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.aws.errors import NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.aws.cloudfront import CloudFront, Distribution
    from edge_hasher.operate.attach.plan import Plan

CLOUDFORMATION = "CloudFormation"
TERRAFORM = "Terraform"
PULUMI = "Pulumi or SST"

# CloudFormation writes these tags itself (documented: "Resource tag"). The other tools write none of their own: their
# users commonly set such tags (seen), so they are hints.
_STACK_TAG = "aws:cloudformation:stack-name"
_LOGICAL_ID_TAG = "aws:cloudformation:logical-id"
_PULUMI_PREFIXES = ("pulumi:", "sst:")

_LINES = {
    CLOUDFORMATION: (
        "LambdaFunctionAssociations:",
        "  - EventType: origin-request",
        "    IncludeBody: true",
        "    LambdaFunctionARN: {arn}",
    ),
    TERRAFORM: (
        "lambda_function_association {{",
        '  event_type   = "origin-request"',
        "  include_body = true",
        '  lambda_arn   = "{arn}"',
        "}}",
    ),
    PULUMI: (
        "lambdaFunctionAssociations: [",
        '  {{ eventType: "origin-request", includeBody: true, lambdaArn: "{arn}" }},',
        "],",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A tool that owns a distribution; `name` is a stack and its resource, or the tag that gave it away."""

    tool: str
    name: str


def find(tags: Mapping[str, str], comment: str) -> Owner | None:
    """Return the owner by a distribution's tags and comment, or None."""
    if stack := tags.get(_STACK_TAG):
        resource = f", resource {tags[_LOGICAL_ID_TAG]}" if tags.get(_LOGICAL_ID_TAG) else ""
        return Owner(tool=CLOUDFORMATION, name=f"the stack {stack}{resource}")
    words = [(f"tag {key}={value}", f"{key} {value}".lower()) for key, value in tags.items()]
    if pulumi := [name for name, text in words if text.startswith(_PULUMI_PREFIXES)]:
        return Owner(tool=PULUMI, name=pulumi[0])
    words.append((f"comment {comment!r}", comment.lower()))
    terraform = [name for name, text in words if "terraform" in text or "opentofu" in text]
    return Owner(tool=TERRAFORM, name=terraform[0]) if terraform else None


def look(cloudfront: CloudFront, distribution: Distribution) -> tuple[Owner | None, tuple[str, ...]]:
    """Return the owner, and a note where the tags may not be read."""
    comment = distribution.config.get("Comment") or ""
    try:
        return find(cloudfront.tags(distribution.arn), comment), ()
    except NotAllowedError as error:
        return find({}, comment), (f"whether a stack owns the distribution is not known: {error}",)


def warning(owner: Owner, plan: Plan) -> tuple[str, ...]:
    """Return the lines that warn, with what to write in the owner's template."""
    head = f"{owner.tool} owns this distribution ({owner.name}): its next update undoes this change."
    if plan.action == "restore" or not plan.changes:
        return (head,)
    paths = ", ".join(change.path for change in plan.changes)
    verb = "Put this into" if plan.action == "attach" else "Take this out of"
    arn = next(part.function_arn for change in plan.changes for part in (change.after, change.before) if part)
    return (head, f"{verb} its template, at {paths}:", *(f"  {line.format(arn=arn)}" for line in _LINES[owner.tool]))
