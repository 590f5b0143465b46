"""A function on MiniStack with published versions, and the role that it runs under."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

from tests.support.aws.stubbed_aws import TRUST

if TYPE_CHECKING:
    from tests.support.aws.ministack_server import MiniStack


def edge_role(ministack: MiniStack) -> None:
    """Make the role, which both services may assume."""
    ministack.client("iam").create_role(RoleName="edge", AssumeRolePolicyDocument=json.dumps(TRUST))


def published_function(ministack: MiniStack, name: str = "edge-hasher-function") -> str:
    """Make a function with its role, one version and the parameter that names it, and return the version's ARN."""
    edge_role(ministack)
    (arn,) = published(ministack, name, 1)
    ministack.client("ssm").put_parameter(Name="/edge-hasher/version-arn", Value=arn, Type="String")
    return arn


def published(ministack: MiniStack, name: str, count: int) -> list[str]:
    """Make a function with some published versions, and return their ARNs."""
    awslambda = ministack.client("lambda")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("handler.py", "def lambda_handler(event, context):\n    return event\n")
    awslambda.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=ministack.client("iam").get_role(RoleName="edge")["Role"]["Arn"],
        Handler="handler.lambda_handler",
        Code={"ZipFile": package.getvalue()},
    )
    arns = []
    for timeout_s in range(5, 5 + count):
        awslambda.update_function_configuration(FunctionName=name, Timeout=timeout_s)
        arns.append(str(awslambda.publish_version(FunctionName=name)["FunctionArn"]))
    for arn in arns:
        # MiniStack has a version Pending for a moment, as Lambda does.
        awslambda.get_waiter("function_active_v2").wait(FunctionName=arn, WaiterConfig={"Delay": 1})
    return arns
