"""Error pages out of an API's way: what a single-page application needs of them, a CloudFront Function does instead."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from edge_hasher.doctor.check import Fix
from edge_hasher.doctor.fixes.distribution import edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_hasher.doctor.check import CheckContext

# Paths without a file name extension are the application's own, and get its page.
_CODE = (
    "function handler(event) {{ var request = event.request; "
    "if (!request.uri.split('/').pop().includes('.')) request.uri = {page}; return request; }}"
)


def without(context: CheckContext, codes: Sequence[int], page: str) -> Fix:
    """Return how to take error pages out; the pages of the default behavior go on working."""
    named = ", ".join(str(code) for code in codes)
    return Fix(
        command=_command(context, codes, page),
        sam=f"CustomErrorResponses: []  # take out the entry with ErrorCode: {named}",
        terraform=f"# take out: custom_error_response {{ error_code = {named} … }}",
    )


def _command(context: CheckContext, codes: Sequence[int], page: str) -> str:
    listed = " or ".join(f".ErrorCode == {code}" for code in codes)
    removal = f".CustomErrorResponses |= (.Items |= map(select({listed} | not)) | .Quantity = (.Items | length))"
    match context.facts.pages:
        case "elsewhere, function possible":
            return f"{_function(context, page)} && {edit(context, _associate(removal), jq_options=_ARN)}"
        case "elsewhere, function taken":
            return "edge-hasher explain EH105"  # what is there must be changed by hand
        case _:
            return edit(context, removal)


_ARN = '--arg arn "$(jq -r .FunctionSummary.FunctionMetadata.FunctionARN <<<"$f")" '


def _function(context: CheckContext, page: str) -> str:
    """Return the commands that create and publish the function, whose summary is then in $f."""
    name = f"{shlex.quote(f'pages-{context.facts.id}')}-$(date +%s)"
    code = _CODE.format(page=json.dumps(page))
    return (
        f'c=$(mktemp) && printf %s {shlex.quote(code)} >"$c" && '
        f"f=$(aws cloudfront create-function --name {name} --function-config Comment=pages,Runtime=cloudfront-js-2.0 "
        '--function-code "fileb://$c" --output json) && rm "$c" && '
        'aws cloudfront publish-function --name "$(jq -r .FunctionSummary.Name <<<"$f")" '
        '--if-match "$(jq -r .ETag <<<"$f")"'
    )


def _associate(removal: str) -> str:
    added = '(.Items // []) + [{FunctionARN: $arn, EventType: "viewer-request"}] | {Quantity: length, Items: .}'
    return f".DefaultCacheBehavior.FunctionAssociations |= ({added}) | {removal}"
