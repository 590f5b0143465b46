"""Origin access controls: create one for Lambda and set it on the origin, or change how an existing one signs."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from edge_hasher.doctor.check import Fix
from edge_hasher.doctor.fixes import distribution

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext
    from edge_hasher.doctor.facts import AccessControl

_SAM = "OriginAccessControlId: !GetAtt LambdaOac.Id"
_TERRAFORM = "origin_access_control_id = aws_cloudfront_origin_access_control.lambda.id"
GLOBAL_HOST = ".lambda-web.global.on.aws"


def signing_for(context: CheckContext) -> tuple[str, str]:
    """Return the signing behavior and protocol that the origin takes (documented: "Restrict access to …")."""
    origin = context.behavior.origin
    behavior = "always-amz-auth" if origin.kind == "web-function" else "always"
    return behavior, "sigv4a" if origin.host.lower().endswith(GLOBAL_HOST) else "sigv4"


def another(context: CheckContext) -> Fix:
    """Create one for Lambda and set it on all origins of this host: another kind of origin may use the existing one."""
    # Names are unique in an account, and an earlier attempt may have left one.
    name = f"{shlex.quote(f'lambda-{context.facts.id}')}-$(date +%s)"
    behavior, protocol = signing_for(context)
    made = (
        f"oac=$(aws cloudfront create-origin-access-control --origin-access-control-config "
        f"Name={name},SigningProtocol={protocol},SigningBehavior={behavior},OriginAccessControlOriginType=lambda "
        "--query OriginAccessControl.Id --output text)"
    )
    here = f"select(.DomainName | ascii_downcase == {json.dumps(context.behavior.origin.host.lower())})"
    program = f"(.Origins.Items[] | {here}).OriginAccessControlId = $oac"
    named = distribution.edit(context, program, jq_options='--arg oac "$oac" ')
    return Fix(
        command=f"{made} && {named}",
        sam=f"{_SAM}  # OriginAccessControlOriginType: lambda, Signing…Behavior: {behavior}, …Protocol: {protocol}",
        terraform=f'{_TERRAFORM}  # origin_access_control_origin_type = "lambda", signing_behavior = "{behavior}"',
    )


def sign(oac: AccessControl, behavior: str = "always") -> Fix:
    """Change how an existing one signs."""
    oac_id = shlex.quote(oac.id)
    program = shlex.quote(f'.OriginAccessControlConfig | .SigningBehavior = "{behavior}"')
    return Fix(
        command=(
            f"o=$(aws cloudfront get-origin-access-control-config --id {oac_id} --output json) && "
            f"aws cloudfront update-origin-access-control --id {oac_id} "
            f'--if-match "$(jq -r .ETag <<<"$o")" '
            f'--origin-access-control-config "$(jq {program} <<<"$o")"'
        ),
        sam=f"SigningBehavior: {behavior}  # AWS::CloudFront::OriginAccessControl",
        terraform=f'signing_behavior = "{behavior}"  # aws_cloudfront_origin_access_control',
    )
