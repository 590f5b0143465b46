"""What Lambda@Edge will refuse about a function, known before CloudFront is asked.

Each row is documented ("Restrictions on Lambda@Edge", "Quotas on Lambda@Edge"). Where CloudFront's own sentence was
seen, it is the reason given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge_hasher.aws.errors import NotAllowedError, NotFoundError, OperateError, translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge_hasher.aws.clients import Aws
    from edge_hasher.aws.function_arn import FunctionArn

EDGE_PRINCIPALS = ("lambda.amazonaws.com", "edgelambda.amazonaws.com")
TIMEOUT_LIMIT_S = 30  # origin-request and origin-response events
CODE_LIMIT_BYTES = 50 << 20  # the same; compressed
STORAGE_LIMIT_MB = 512
_RUNTIMES = ("python", "nodejs")


def check(aws: Aws, arn: FunctionArn) -> tuple[str, ...]:
    """Raise OperateError with every reason to refuse; return notes on what could not be looked at."""
    with translated("lambda"):
        answer = aws.awslambda().get_function(FunctionName=arn.text)
    configuration: Mapping[str, Any] = answer["Configuration"]
    problems = [f"Lambda@Edge will refuse {arn.text}: {text}" for text in refusals(configuration)]
    notes: tuple[str, ...] = ()
    try:
        if problem := _trust_problem(aws, configuration["Role"]):
            problems.append(f"Lambda@Edge will refuse {arn.text}: {problem}")
    except NotAllowedError:
        notes = ("the function's role was not looked at, as iam:GetRole is not allowed; CloudFront looks itself",)
    if problems:
        raise OperateError(*problems)
    return notes


def refusals(function: Mapping[str, Any]) -> list[str]:
    """Return a reason with its fix for everything that Lambda@Edge refuses in a version's configuration."""
    return [*_package(function), *_limits(function), *_features(function), *_state(function)]


def _package(function: Mapping[str, Any]) -> Iterator[str]:
    if function.get("PackageType", "Zip") != "Zip":
        yield "it is a container image, and Lambda@Edge takes zip packages only"
    runtime = function.get("Runtime")
    if runtime is not None and not runtime.startswith(_RUNTIMES):
        yield (
            f"The function has an invalid runtime for functions that are triggered by a CloudFront event: {runtime}; "
            "Python and Node.js are what there is"
        )
    architectures = function.get("Architectures") or ["x86_64"]
    if architectures != ["x86_64"]:
        names = ", ".join(architectures)
        yield f"Lambda@Edge does not support functions with an architecture of {names}; publish a version for x86_64"
    size = function.get("CodeSize", 0)
    if size > CODE_LIMIT_BYTES:
        yield f"The function code size is larger than the maximum allowed size: {size} Max allowed: {CODE_LIMIT_BYTES}"


def _limits(function: Mapping[str, Any]) -> Iterator[str]:
    timeout_s = function.get("Timeout", 0)
    if timeout_s > TIMEOUT_LIMIT_S:
        yield (
            "The function timeout is larger than the maximum allowed for functions that are triggered by a CloudFront "
            f"event: {timeout_s} Max allowed: {TIMEOUT_LIMIT_S}; publish a version with less"
        )
    storage_mb = (function.get("EphemeralStorage") or {}).get("Size", 0)
    if storage_mb > STORAGE_LIMIT_MB:
        yield f"it has {storage_mb} MB of ephemeral storage; at most {STORAGE_LIMIT_MB} MB work at the edge"


def _features(function: Mapping[str, Any]) -> Iterator[str]:
    environment = function.get("Environment") or {}
    if environment.get("Variables") or environment.get("Error"):
        names = ", ".join(sorted(environment.get("Variables") or {})) or "unreadable ones"
        yield f"The function cannot have environment variables; it has {names}; publish a version without"
    if function.get("Layers"):
        yield f"The function cannot have a layer; it has {len(function['Layers'])}; publish a version without"
    vpc = function.get("VpcConfig") or {}
    if vpc.get("VpcId") or vpc.get("SubnetIds"):
        yield "it is in a VPC, from which Lambda@Edge cannot run; publish a version outside"
    if (function.get("DeadLetterConfig") or {}).get("TargetArn"):
        yield "it has a dead-letter queue, which Lambda@Edge does not have; publish a version without"
    if (function.get("TracingConfig") or {}).get("Mode") == "Active":
        yield "X-Ray tracing is on, which Lambda@Edge does not have; publish a version without"
    if function.get("KMSKeyArn"):
        yield "it has a customer-managed key, which Lambda@Edge does not take; publish a version without"
    if function.get("FileSystemConfigs"):
        yield "it mounts a file system, which needs a VPC, from which Lambda@Edge cannot run; publish a version without"


def _state(function: Mapping[str, Any]) -> Iterator[str]:
    state = function.get("State", "Active")
    if state == "Pending":
        yield "The function must be in an Active state, and is Pending, which takes seconds; run this again"
    elif state != "Active":
        why = function.get("StateReason")
        yield f"The function must be in an Active state, and is {state}{f' ({why})' if why else ''}; publish it anew"


def _trust_problem(aws: Aws, role_arn: str) -> str | None:
    """Return what is wrong with the role; raises NotAllowedError where it may not be read."""
    try:
        with translated("iam"):
            role = aws.iam().get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
    except NotFoundError:
        return f"its role {role_arn} is gone; give it one that {' and '.join(EDGE_PRINCIPALS)} may assume"
    missing = missing_principals(role["AssumeRolePolicyDocument"])
    if not missing:
        return None
    return (
        "The function execution role must be assumable with edgelambda.amazonaws.com as well as lambda.amazonaws.com "
        f"principals; add {' and '.join(missing)} to the trust policy of {role_arn}"
    )


def missing_principals(policy: Any) -> list[str]:  # noqa: ANN401 (a policy document, decoded or not)
    """Return which of the two services a trust policy does not let in."""
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    trusted: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        actions = _listed(statement.get("Action", []))
        if statement.get("Effect") == "Allow" and {"sts:AssumeRole", "sts:*", "*"} & set(actions):
            principal = statement.get("Principal", {})
            trusted.update(EDGE_PRINCIPALS if principal == "*" else _listed(principal.get("Service", [])))
    return [name for name in EDGE_PRINCIPALS if name not in trusted]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
