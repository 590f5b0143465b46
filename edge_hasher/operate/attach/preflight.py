"""What Lambda@Edge will refuse about a function, known before CloudFront is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge_hasher.aws.configuration import behaviors
from edge_hasher.aws.errors import NotAllowedError, NotFoundError, OperateError
from edge_hasher.edge_rules import RULES, EdgeFunction, trusted_services

if TYPE_CHECKING:
    from edge_hasher.aws.door import Aws
    from edge_hasher.aws.function_arn import FunctionArn
    from edge_hasher.operate.attach.plan import Plan


def check(aws: Aws, arn: FunctionArn, plan: Plan) -> tuple[str, ...]:
    """Raise OperateError with every reason to refuse; return notes on what could not be read."""
    configuration = aws.functions.attachable(arn.text)
    changed = {change.path for change in plan.changes}
    grpc = tuple(each.label for each in behaviors(plan.after) if each.takes_grpc and each.label in changed)
    known: dict[str, Any] = {"grpc_behaviors": grpc}
    notes = []
    try:
        known["trusted"] = trusted_services(aws.roles.trust_policy(configuration["Role"]))
    except NotFoundError:
        known["role_exists"] = False
    except NotAllowedError as error:
        notes.append(f"the function's role is left to CloudFront to judge, as {error.action} is not allowed")
    try:
        known["update_runtime_on"] = aws.functions.runtime_updates(arn.name, arn.qualifier)
    except NotAllowedError as error:
        notes.append(f"the function's runtime management was not looked at, as {error.action} is not allowed")
    function = EdgeFunction.from_configuration(configuration, **known)
    problems = [(rule, reason) for rule in RULES if (reason := rule.judge(function))]
    if problems:
        raise OperateError(*(f"Lambda@Edge will refuse {arn.text}: {reason}; {rule.fix}" for rule, reason in problems))
    return tuple(notes)
