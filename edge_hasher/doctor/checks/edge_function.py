"""EH609 to EH622: the function, held against what Lambda@Edge takes; `edge_rules` says what that is."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from edge_hasher.aws.function_arn import EDGE_REGION
from edge_hasher.doctor.check import CannotTellError, Fault, Fix, check, known
from edge_hasher.doctor.fixes import distribution as fixes
from edge_hasher.edge_rules import EDGE_PRINCIPALS, RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.doctor.check import CheckContext
    from edge_hasher.doctor.facts import EdgeFunctionFacts

    FixMaker = Callable[[CheckContext, EdgeFunctionFacts], Fix]

_RULES = {rule.name: rule for rule in RULES}
_OWN_TIMEOUT_S, _OWN_MEMORY_MB = 5, 1024  # those of template.yaml
_SAME_TEMPLATE = "redeploy Edge Hasher's own template in us-east-1 as it stands"


def _redeploy(context: CheckContext, _: EdgeFunctionFacts) -> Fix:
    return Fix(command=f"{fixes.REDEPLOY} && {fixes.attach(context)}", sam=_SAME_TEMPLATE, terraform=_SAME_TEMPLATE)


def _activate(context: CheckContext, function: EdgeFunctionFacts) -> Fix:
    if function.state != "Pending" or context.association is None:
        return _redeploy(context, function)
    arn = shlex.quote(context.association.arn)
    wait = f"aws lambda wait published-version-active --function-name {arn} --region {EDGE_REGION}"
    return Fix(command=wait, sam=_SAME_TEMPLATE, terraform=_SAME_TEMPLATE)


def _take_out(option: str, sam: str, terraform: str) -> FixMaker:
    return _set(option, f"# take out: {sam}", f"# take out of aws_lambda_function: {terraform}")


def _set(option: str, sam: str, terraform: str) -> FixMaker:
    return lambda context, function: Fix(
        command=fixes.republish(context, function, option), sam=sam, terraform=terraform
    )


def _trust(_: CheckContext, function: EdgeFunctionFacts) -> Fix:
    role = shlex.quote(function.role_arn.rpartition("/")[2])
    statement = json.dumps(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": list(EDGE_PRINCIPALS)}}
    )
    services = ", ".join(f'"{service}"' for service in EDGE_PRINCIPALS)
    return Fix(
        command=(
            f"aws iam update-assume-role-policy --role-name {role} --policy-document "
            f'"$(aws iam get-role --role-name {role} --query Role.AssumeRolePolicyDocument --output json '
            f'| jq {shlex.quote(f".Statement += [{statement}]")})"'
        ),
        sam=f"Principal: {{Service: [{', '.join(EDGE_PRINCIPALS)}]}}  # AssumeRolePolicyDocument",
        terraform=f'principals {{ type = "Service", identifiers = [{services}] }}  # aws_iam_policy_document',
    )


def _update_automatically(context: CheckContext, function: EdgeFunctionFacts) -> Fix:
    qualifier = context.association.arn.rpartition(":")[2] if context.association else "1"
    return Fix(
        command=(
            f"aws lambda put-runtime-management-config --function-name {shlex.quote(function.name)} "
            f"--qualifier {shlex.quote(qualifier)} --region {EDGE_REGION} --update-runtime-on Auto"
        ),
        sam="RuntimeManagementConfig: {UpdateRuntimeOn: Auto}",
        terraform='update_runtime_on = "Auto"  # aws_lambda_runtime_management_config',
    )


def _turn_grpc_off(context: CheckContext, _: EdgeFunctionFacts) -> Fix:
    return fixes.behavior_fix(
        context,
        ".GrpcConfig.Enabled = false",
        sam="GrpcConfig: {Enabled: false}",
        terraform="grpc_config { enabled = false }",
    )


def _look(rules: tuple[str, ...], fix: FixMaker) -> Callable[[CheckContext], Fault | None]:
    """Make a look by some of the rules of `edge_rules`."""

    def look(context: CheckContext) -> Fault | None:
        function = known(context.association.function) if context.association else None
        if function is None:
            return None
        if unread := next((function.unread[name] for name in rules if name in function.unread), None):
            raise CannotTellError(unread)
        reasons = [reason for name in rules if (reason := _RULES[name].judge(function))]
        if not reasons:
            return None
        what = f"Lambda@Edge does not take {function.name}: {'; '.join(reasons)}"
        return Fault(what=what, fix=fix(context, function))

    return look


# By code: names of edge_rules.RULES, and how to fix what breaks them. A code is never given to another check.
_LOOKS: dict[str, tuple[tuple[str, ...], FixMaker]] = {
    "EH609": (("state",), _activate),
    "EH610": (("architecture",), _redeploy),
    "EH611": (("environment",), _take_out("--environment 'Variables={}'", "Environment", "environment")),
    "EH612": (("layers",), _take_out("--layers '[]'", "Layers", "layers")),
    "EH613": (("vpc",), _take_out("--vpc-config SubnetIds=[],SecurityGroupIds=[]", "VpcConfig", "vpc_config")),
    "EH614": (
        ("timeout",),
        _set(f"--timeout {_OWN_TIMEOUT_S}", f"Timeout: {_OWN_TIMEOUT_S}", f"timeout = {_OWN_TIMEOUT_S}"),
    ),
    "EH615": (("trust",), _trust),
    "EH616": (("package-type",), _redeploy),
    "EH617": (("dead-letter-queue", "x-ray", "storage", "kms-key", "file-system"), _redeploy),
    "EH618": (("runtime",), _redeploy),
    "EH619": (("code-size",), _redeploy),
    "EH620": (
        ("memory",),
        _set(f"--memory-size {_OWN_MEMORY_MB}", f"MemorySize: {_OWN_MEMORY_MB}", f"memory_size = {_OWN_MEMORY_MB}"),
    ),
    "EH621": (("grpc",), _turn_grpc_off),
    "EH622": (("runtime-management",), _update_automatically),
}
CHECKS = tuple(check(code, requires=("EH602", "EH607"))(_look(*how)) for code, how in _LOOKS.items())
