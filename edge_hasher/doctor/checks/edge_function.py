"""EH609 to EH617: the function, held against what Lambda@Edge takes (documented: "Restrictions on Lambda@Edge")."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from edge_hasher.aws.function_arn import EDGE_REGION
from edge_hasher.doctor import fixes
from edge_hasher.doctor.check import Check, Fault, Fix, known

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.doctor.check import CheckContext
    from edge_hasher.doctor.facts import EdgeFunctionFacts

EDGE_TIMEOUT_LIMIT_S = 30
EDGE_SERVICES = ("lambda.amazonaws.com", "edgelambda.amazonaws.com")
_OWN_TIMEOUT_S = 5
_SAME_TEMPLATE = "redeploy Edge Hasher's own template in us-east-1 as it stands"
_NO_REPLICA = "every request gets 503, or CloudFront does not take the association"


def _is_active(scene: CheckContext, function: EdgeFunctionFacts) -> Fault | None:
    if function.state == "Active":
        return None
    arn = scene.association.arn if scene.association else function.name
    wait = f"aws lambda wait published-version-active --function-name {shlex.quote(arn)} --region {EDGE_REGION}"
    reason = f": {function.state_reason}" if function.state_reason else ""
    return Fault(
        what=f"{function.name} is {function.state}, not Active{reason}",
        fix=_redeployed(scene, wait if function.state == "Pending" else None),
    )


def _is_x86(scene: CheckContext, function: EdgeFunctionFacts) -> Fault | None:
    if function.architectures == ("x86_64",):
        return None
    return Fault(
        what=f"{function.name} is built for {', '.join(function.architectures)}; the edge has x86_64",
        fix=_redeployed(scene),
    )


def _has_no_environment(scene: CheckContext, function: EdgeFunctionFacts) -> Fault | None:
    if not function.has_environment:
        return None
    return Fault(
        what=f"{function.name} has environment variables; its settings belong in the origin's Edge-Hasher header",
        fix=_changed(scene, function, "--environment 'Variables={}'", "Environment", "environment"),
    )


def _has_no_layers(scene: CheckContext, function: EdgeFunctionFacts) -> Fault | None:
    if not function.layers:
        return None
    return Fault(
        what=f"{function.name} has layers: {', '.join(function.layers)}",
        fix=_changed(scene, function, "--layers '[]'", "Layers", "layers"),
    )


def _is_in_no_vpc(scene: CheckContext, function: EdgeFunctionFacts) -> Fault | None:
    if not function.in_vpc:
        return None
    return Fault(
        what=f"{function.name} is in a VPC",
        fix=_changed(scene, function, "--vpc-config SubnetIds=[],SecurityGroupIds=[]", "VpcConfig", "vpc_config"),
    )


def _ends_in_time(scene: CheckContext, function: EdgeFunctionFacts) -> Fault | None:
    if function.timeout_s <= EDGE_TIMEOUT_LIMIT_S:
        return None
    return Fault(
        what=f"{function.name} may run {function.timeout_s} s; the edge allows {EDGE_TIMEOUT_LIMIT_S} s",
        fix=Fix(
            command=fixes.republish(scene, function, f"--timeout {_OWN_TIMEOUT_S}"),
            sam=f"Timeout: {_OWN_TIMEOUT_S}",
            terraform=f"timeout = {_OWN_TIMEOUT_S}  # aws_lambda_function",
        ),
    )


def _is_trusted(_: CheckContext, function: EdgeFunctionFacts) -> Fault | None:
    missing = [service for service in EDGE_SERVICES if service not in known(function.trusted)]
    if not missing:
        return None
    role = shlex.quote(function.role_arn.rpartition("/")[2])
    statement = json.dumps(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": list(EDGE_SERVICES)}}
    )
    services = ", ".join(f'"{service}"' for service in EDGE_SERVICES)
    return Fault(
        what=f"the role {function.role_arn} of {function.name} does not trust {' and '.join(missing)}",
        fix=Fix(
            command=(
                f"aws iam update-assume-role-policy --role-name {role} --policy-document "
                f'"$(aws iam get-role --role-name {role} --query Role.AssumeRolePolicyDocument --output json '
                f'| jq {shlex.quote(f".Statement += [{statement}]")})"'
            ),
            sam=f"Principal: {{Service: [{', '.join(EDGE_SERVICES)}]}}  # AssumeRolePolicyDocument",
            terraform=f'principals {{ type = "Service", identifiers = [{services}] }}  # aws_iam_policy_document',
        ),
    )


def _is_a_zip(scene: CheckContext, function: EdgeFunctionFacts) -> Fault | None:
    if function.package_type == "Zip":
        return None
    return Fault(what=f"{function.name} is a container image; the edge takes zip files", fix=_redeployed(scene))


def _has_nothing_else(scene: CheckContext, function: EdgeFunctionFacts) -> Fault | None:
    if not function.refused:
        return None
    return Fault(what=f"{function.name} has {', '.join(function.refused)}", fix=_redeployed(scene))


def _changed(scene: CheckContext, function: EdgeFunctionFacts, option: str, sam: str, terraform: str) -> Fix:
    return Fix(
        command=fixes.republish(scene, function, option),
        sam=f"# take out: {sam}",
        terraform=f"# take out of aws_lambda_function: {terraform}",
    )


def _redeployed(scene: CheckContext, command: str | None = None) -> Fix:
    return Fix(
        command=command or f"{fixes.REDEPLOY} && {fixes.attach(scene)}", sam=_SAME_TEMPLATE, terraform=_SAME_TEMPLATE
    )


def _check(
    code: str,
    title: str,
    look: Callable[[CheckContext, EdgeFunctionFacts], Fault | None],
) -> Check:
    def look_at_function(scene: CheckContext) -> Fault | None:
        function = known(scene.association.function) if scene.association else None
        return None if function is None else look(scene, function)

    return Check(
        code=code,
        title=title,
        severity="broken",
        meaning=_NO_REPLICA,
        look=look_at_function,
        requires=("EH602", "EH607"),
    )


CHECKS = (
    _check("EH609", "the function is active", _is_active),
    _check("EH610", "the function is built for x86_64", _is_x86),
    _check("EH611", "the function has no environment variables", _has_no_environment),
    _check("EH612", "the function has no layers", _has_no_layers),
    _check("EH613", "the function is in no VPC", _is_in_no_vpc),
    _check("EH614", f"the function ends within {EDGE_TIMEOUT_LIMIT_S} s", _ends_in_time),
    _check("EH615", "the function's role trusts Lambda@Edge", _is_trusted),
    _check("EH616", "the function is a zip file", _is_a_zip),
    _check("EH617", "the function has nothing else that the edge does not take", _has_nothing_else),
)
