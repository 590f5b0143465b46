"""The example stack on MiniStack: what it finds there, how it is deployed and read back.

MiniStack does not know `AWS::Region` inside Conditions, nor the resources of log delivery. So the copy that is deployed
has its Region written into the one condition that asks, and goes without access logs;
test_example_template.py has both.
"""

import io
import re
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.aws.ministack_server import ACCOUNT_ID, NO_RETRIES, MiniStack
from tests.support.stack.sam_project import SamProject

FOLDER = Path("examples/streaming-agent")
PARAMETER = "/edge-hasher/version-arn"
VERSION = f"arn:aws:lambda:us-east-1:{ACCOUNT_ID}:function:edge-hasher-EdgeHasherFunction-EXAMPLE:"
LAYER_OWNER = "753240598075"
LAYER = "LambdaAdapterLayerX86"
LAYER_VERSION = 30
DELETE_TIMEOUT_S = 30

Json = Any


def copied(built: Path, sam_bin: Path, aws: MiniStack, folder: Path, region: str) -> SamProject:
    """Copy the built example, to be deployed to one Region."""
    shutil.copytree(built, folder, dirs_exist_ok=True)
    write_region(folder, region)
    return SamProject(folder=folder, stack="streaming-agent", sam_bin=sam_bin, aws=aws)


def write_region(folder: Path, region: str) -> None:
    """Write the Region into the condition that asks for it, in the template that `sam build` made."""
    path = folder / ".aws-sam/build/template.yaml"
    text = path.read_text()
    asked = "  InEdgeRegion:\n    Fn::Equals:\n    - Ref: AWS::Region\n"
    assert asked in text, "the condition is not where it was"
    path.write_text(text.replace(asked, asked.replace("Ref: AWS::Region", region)))


def with_plain_parameter(template: str, page: str) -> str:
    """Make the edit that docs/deploy.md shows for other Regions: the ARN itself in place of an SSM parameter's name."""
    block = re.search(r"^```yaml\n(  EdgeHasherVersion:\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert block, "the documentation shows no edit"
    lines = r"^  EdgeHasherVersion:\n(    .*\n)+"
    edited, count = re.subn(lines, lambda _: block[1], template, count=1, flags=re.MULTILINE)
    assert count == 1, "the parameter is not where it was"
    return edited


def prepare(aws: MiniStack, region: str) -> None:
    """Put into AWS what the stack finds there: the web adapter's public layer, and the edge function's ARN."""
    publish_layer(aws, region)
    aws.client("ssm", region).put_parameter(Name=PARAMETER, Type="String", Value=f"{VERSION}1", Overwrite=True)


def publish_layer(aws: MiniStack, region: str) -> None:
    """Publish a layer of the web adapter's name, as its owner, in as many versions as it has."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as layer:
        layer.writestr("bootstrap", '#!/bin/bash\nexec -- "${LAMBDA_TASK_ROOT}/${_HANDLER}"\n')
    owner = boto3.client(
        "lambda",
        region_name=region,
        endpoint_url=aws.endpoint,
        aws_access_key_id=LAYER_OWNER,  # MiniStack takes twelve digits for an account
        aws_secret_access_key="example",  # noqa: S106 (no secret)
        config=NO_RETRIES,
    )
    for _ in range(LAYER_VERSION):
        owner.publish_layer_version(LayerName=LAYER, Content={"ZipFile": archive.getvalue()})
    owner.add_layer_version_permission(
        LayerName=LAYER, VersionNumber=LAYER_VERSION, StatementId="all", Action="lambda:GetLayerVersion", Principal="*"
    )


def deploy(project: SamProject, region: str = "us-east-1", **parameters: str) -> str:
    """Run `sam deploy` with parameters, and without access logs, which MiniStack cannot have."""
    given = [f'{name}="{value}"' for name, value in {"AccessLogs": "off", **parameters}.items()]
    return project.deploy("--region", region, "--parameter-overrides", *given)


def delete(project: SamProject) -> None:
    """Delete the stack and wait; `sam delete` looks only every 30 seconds."""
    cloudformation = project.aws.client("cloudformation")
    cloudformation.delete_stack(StackName=project.stack)
    deadline = time.monotonic() + DELETE_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            (stack,) = cloudformation.describe_stacks(StackName=project.stack)["Stacks"]
        except ClientError as error:
            assert "does not exist" in str(error)  # noqa: PT017 (any other error is one)
            return
        assert stack["StackStatus"] != "DELETE_FAILED", stack.get("StackStatusReason")
        time.sleep(0.1)
    pytest.fail(f"the stack is still there after {DELETE_TIMEOUT_S} s")


def distribution_config(project: SamProject) -> Json:
    """Read the configuration of the stack's distribution from CloudFront."""
    found = project.aws.client("cloudfront").get_distribution(Id=project.outputs()["DistributionId"])
    return found["Distribution"]["DistributionConfig"]


def behaviors(config: Json) -> dict[str, Json]:
    """Map the path patterns of a distribution, "*" being the default, to their behaviors."""
    paths = {behavior["PathPattern"]: behavior for behavior in config["CacheBehaviors"]["Items"]}
    return {**paths, "*": config["DefaultCacheBehavior"]}


def edge_functions(config: Json) -> set[str]:
    """Name every edge function of a distribution."""
    associations = [behavior.get("LambdaFunctionAssociations", {}) for behavior in behaviors(config).values()]
    return {item["LambdaFunctionARN"] for association in associations for item in association.get("Items", [])}


def change_set(aws: MiniStack, name: str, source: str, parameters: dict[str, str], region: str = "us-east-1") -> None:
    """Ask for the change set of a new stack, which makes nothing yet."""
    aws.client("cloudformation", region).create_change_set(
        StackName=name,
        ChangeSetName=name,
        ChangeSetType="CREATE",
        Capabilities=["CAPABILITY_IAM"],
        TemplateBody=source,
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in {"AccessLogs": "off", **parameters}.items()
        ],
    )
