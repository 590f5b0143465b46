"""What Lambda@Edge takes and refuses, as one table of cases that attach and doctor must judge alike.

`attach` and `doctor` run against a hand-written account: a version as GetFunction answers it, its role's trust policy,
its runtime management and the behavior. Members and values are those of the Lambda, IAM and CloudFront API references.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from edge_hasher.aws.errors import NotAllowedError, NotFoundError
from tests.support.aws.distribution_configs import ACCOUNT, ARN, FUNCTION

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/service-role/edge-hasher-role"
LAMBDA, EDGE = "lambda.amazonaws.com", "edgelambda.amazonaws.com"
BOTH = {"Service": [LAMBDA, EDGE]}
GONE = "gone"
DENIED = "denied"


def trust(principal: Any, action: Any = "sts:AssumeRole", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """Give a statement of a trust policy."""
    return {"Effect": effect, "Action": action, "Principal": principal, **more}


def policy(*statements: Any) -> dict[str, Any]:
    """Give a trust policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One version: how it differs from a right one, the code of the finding (None: taken), and a part of the reason.

    `trust` and `updates` may be DENIED, and `trust` GONE. `unread` is the code that doctor then leaves open.
    """

    name: str
    code: str | None = None
    says: str = ""
    unread: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    trust: Any = field(default_factory=lambda: policy(trust(BOTH)))
    updates: str = "Auto"
    grpc: bool = False

    @property
    def configuration(self) -> dict[str, Any]:
        """The version, as GetFunction and GetFunctionConfiguration answer."""
        return {
            "FunctionName": FUNCTION,
            "FunctionArn": ARN,
            "Handler": "edge_hasher.function.handler.lambda_handler",
            "Runtime": "python3.13",
            "Role": ROLE_ARN,
            "CodeSize": 1_000_000,
            "Timeout": 5,
            "MemorySize": 1024,
            "Version": "4",
            "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""},
            "KMSKeyArn": "",
            "TracingConfig": {"Mode": "PassThrough"},
            "State": "Active",
            "PackageType": "Zip",
            "Architectures": ["x86_64"],
            "EphemeralStorage": {"Size": 512},
        } | self.config


class Account:
    """The door to an account that holds one case, with the calls that attach and doctor make about a version."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.functions = self.roles = self

    def attachable(self, version_arn: str) -> dict[str, Any]:
        """Answer GetFunction."""
        assert version_arn == ARN
        return self._case.configuration

    def configuration(self, function: str, *, region: str) -> dict[str, Any]:
        """Answer GetFunctionConfiguration."""
        assert (function, region) == (ARN, "us-east-1")
        return self._case.configuration

    def runtime_updates(self, name: str, qualifier: str | None, *, region: str = "us-east-1") -> str:
        """Answer GetRuntimeManagementConfig."""
        assert (name, qualifier, region) == (FUNCTION, "4", "us-east-1")
        return str(self._answer(self._case.updates, "lambda:GetRuntimeManagementConfig"))

    def trust_policy(self, role_arn: str) -> Any:
        """Answer GetRole."""
        assert role_arn == ROLE_ARN
        return self._answer(self._case.trust, "iam:GetRole")

    def _answer(self, value: Any, action: str) -> Any:
        if value == DENIED:
            raise NotAllowedError(f"not allowed: {action}", action=action)
        if value == GONE:
            raise NotFoundError("no such thing")
        return value


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}"


INVALID_RUNTIME = "The function has an invalid runtime for functions that are triggered by a CloudFront event: "
TOO_LONG = (
    "The function timeout is larger than the maximum allowed for functions that are triggered by a CloudFront event: "
)
TOO_LARGE = "The function code size is larger than the maximum allowed size: "
NOT_ACTIVE = "The function must be in an Active state, and is "
NO_VARIABLES = "The function cannot have environment variables; it has "
NOT_ASSUMABLE = (
    "The function execution role must be assumable with edgelambda.amazonaws.com as well as lambda.amazonaws.com "
    f"principals; {ROLE_ARN} "
)
ARCHITECTURE = "Lambda@Edge does not support functions with an architecture of "
LAYER = _arn("lambda", "layer:tools:1")
LACKS_BOTH, LACKS_EDGE = f"{NOT_ASSUMABLE}lacks {LAMBDA} and {EDGE}", f"{NOT_ASSUMABLE}lacks {EDGE}"

CASES = (
    # What Lambda@Edge takes, and what nobody can tell.
    Case(name="as deployed"),
    Case(name="nodejs", config={"Runtime": "nodejs22.x"}),
    Case(name="from before states", config={"State": None}),
    Case(name="exactly the limits", config={"Timeout": 30, "CodeSize": 52_428_800, "MemorySize": 10_240}),
    Case(name="an empty environment", config={"Environment": {"Variables": {}}}),
    Case(name="runtime management never set", updates="Auto"),
    Case(name="runtime management may not be read", updates=DENIED, unread="EH622"),
    Case(name="the role may not be read", trust=DENIED, unread="EH615"),
    # Who may assume the role.
    Case(name="everyone", trust=policy(trust("*"))),
    Case(name="one statement without a list", trust={"Statement": trust(BOTH)}),
    Case(name="two statements", trust=policy(trust({"Service": LAMBDA}), trust({"Service": EDGE}))),
    Case(name="a list of actions", trust=policy(trust(BOTH, ["sts:TagSession", "sts:AssumeRole"]))),
    Case(name="sts:*", trust=policy(trust(BOTH, "sts:*"))),
    Case(name="sts:Assume*", trust=policy(trust(BOTH, "sts:Assume*"))),
    Case(name="any action", trust=policy(trust(BOTH, "*"))),
    Case(name="an action in lower case", trust=policy(trust(BOTH, "sts:assumerole"))),
    Case(
        name="allowed under a condition",
        trust=policy(trust(BOTH, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})),
    ),
    Case(
        name="denied under a condition",
        trust=policy(trust(BOTH), trust("*", effect="Deny", Condition={"Bool": {"a": "b"}})),
    ),
    Case(name="another action denied", trust=policy(trust(BOTH), trust("*", "sts:TagSession", "Deny"))),
    Case(name="Lambda alone", code="EH615", says=LACKS_EDGE, trust=policy(trust({"Service": LAMBDA}))),
    Case(name="every AWS account", code="EH615", says=LACKS_BOTH, trust=policy(trust({"AWS": "*"}))),
    Case(name="sts:TagSession alone", code="EH615", says=LACKS_BOTH, trust=policy(trust(BOTH, "sts:TagSession"))),
    Case(
        name="denied", code="EH615", says=LACKS_EDGE, trust=policy(trust(BOTH), trust({"Service": EDGE}, effect="Deny"))
    ),
    Case(name="a Deny alone", code="EH615", says=LACKS_BOTH, trust=policy(trust(BOTH, effect="Deny"))),
    Case(name="everyone denied", code="EH615", says=LACKS_BOTH, trust=policy(trust(BOTH), trust("*", effect="Deny"))),
    Case(name="an empty trust policy", code="EH615", says=LACKS_BOTH, trust={}),
    Case(name="not a policy", code="EH615", says=LACKS_BOTH, trust={"Statement": ["x"]}),
    Case(name="no role", code="EH615", says=f"{NOT_ASSUMABLE}is gone", trust=GONE),
    # The configuration.
    Case(name="pending", code="EH609", says=f"{NOT_ACTIVE}Pending", config={"State": "Pending"}),
    Case(
        name="idle",
        code="EH609",
        says=f"{NOT_ACTIVE}Inactive (The function is idle.)",
        config={"State": "Inactive", "StateReason": "The function is idle."},
    ),
    Case(name="failed", code="EH609", says=f"{NOT_ACTIVE}Failed", config={"State": "Failed"}),
    Case(name="arm64", code="EH610", says=f"{ARCHITECTURE}arm64", config={"Architectures": ["arm64"]}),
    Case(
        name="environment",
        code="EH611",
        says=f"{NO_VARIABLES}STAGE, TABLE",
        config={"Environment": {"Variables": {"TABLE": "x", "STAGE": "y"}}},
    ),
    Case(
        name="environment that cannot be decrypted",
        code="EH611",
        says=f"{NO_VARIABLES}unreadable ones",
        config={"Environment": {"Error": {"ErrorCode": "AccessDenied", "Message": "m"}}},
    ),
    Case(
        name="layers",
        code="EH612",
        says=f"The function cannot have a layer; it has {LAYER}",
        config={"Layers": [{"Arn": LAYER}]},
    ),
    Case(
        name="vpc", code="EH613", says="in a VPC", config={"VpcConfig": {"VpcId": "vpc-1", "SubnetIds": ["subnet-1"]}}
    ),
    Case(name="vpc without subnets", code="EH613", says="in a VPC", config={"VpcConfig": {"VpcId": "vpc-1"}}),
    Case(
        name="subnets without a vpc", code="EH613", says="in a VPC", config={"VpcConfig": {"SubnetIds": ["subnet-1"]}}
    ),
    Case(name="31 s", code="EH614", says=f"{TOO_LONG}31 Max allowed: 30", config={"Timeout": 31}),
    Case(
        name="image",
        code="EH616",
        says="container image",
        config={"PackageType": "Image", "Runtime": None},
    ),
    Case(
        name="dead-letter queue",
        code="EH617",
        says="dead-letter queue",
        config={"DeadLetterConfig": {"TargetArn": _arn("sqs", "q")}},
    ),
    Case(name="x-ray", code="EH617", says="X-Ray tracing is on", config={"TracingConfig": {"Mode": "Active"}}),
    Case(
        name="513 MB of storage",
        code="EH617",
        says="513 MB of ephemeral storage; at most 512 MB",
        config={"EphemeralStorage": {"Size": 513}},
    ),
    Case(
        name="customer-managed key",
        code="EH617",
        says="customer-managed key",
        config={"KMSKeyArn": _arn("kms", "key/1")},
    ),
    Case(
        name="file system",
        code="EH617",
        says="it mounts a file system",
        config={
            "FileSystemConfigs": [{"Arn": _arn("elasticfilesystem", "access-point/a"), "LocalMountPath": "/mnt/a"}]
        },
    ),
    Case(name="java21", code="EH618", says=f"{INVALID_RUNTIME}java21", config={"Runtime": "java21"}),
    Case(name="own runtime", code="EH618", says=f"{INVALID_RUNTIME}provided", config={"Runtime": "provided.al2023"}),
    Case(
        name="60 MB of code",
        code="EH619",
        says=f"{TOO_LARGE}60000000 Max allowed: 52428800",
        config={"CodeSize": 60_000_000},
    ),
    Case(
        name="memory of a managed instance",
        code="EH620",
        says="16384 MB of memory; at most 10240 MB",
        config={"MemorySize": 16_384},
    ),
    Case(name="gRPC", code="EH621", says="gRPC is on at /chat*", grpc=True),
    Case(name="FunctionUpdate", code="EH622", says="updated on FunctionUpdate", updates="FunctionUpdate"),
    Case(name="Manual", code="EH622", says="Manual", updates="Manual"),
)
