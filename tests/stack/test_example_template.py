"""The example stack's template, as CloudFormation has it after the SAM transform: what hangs on Region and options."""

import graphlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws.ministack_server import ACCOUNT_ID, MiniStack
from tests.support.stack.example_stack import change_set

pytest_plugins = ["tests.support.aws.ministack", "tests.support.stack.example_fixtures"]

Json = Any

ONLY_IN_US_EAST_1 = {
    "LogBucket": "KeepsLogs",
    "LogBucketPolicy": "KeepsLogs",
    "LogSource": "KeepsLogs",
    "LogDestination": "KeepsLogs",
    "LogDelivery": "KeepsLogs",
    "RateLimitingAcl": "LimitsRate",
    "EdgeExecutionErrors": "InEdgeRegion",
    "EdgeValidationErrors": "InEdgeRegion",
}


@pytest.fixture(scope="module")
def template(ministack: MiniStack, source: str) -> Json:
    """Give the template after the transform, which is AWS's own translator."""
    change_set(ministack, "example", source, {})
    expanded = ministack.client("cloudformation").get_template(
        StackName="example", ChangeSetName="example", TemplateStage="Processed"
    )
    return json.loads(json.dumps(expanded["TemplateBody"]))


def properties(template: Json, name: str) -> Json:
    """Give the properties of one resource."""
    return template["Resources"][name]["Properties"]


def references(value: Json) -> Iterator[str]:
    """Yield what a part of a template refers to: by Ref, GetAtt or Sub."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if key == "Ref":
            yield inner
        elif key == "Fn::GetAtt":
            yield inner[0] if isinstance(inner, list) else inner.partition(".")[0]
        elif key == "Fn::Sub":
            yield from re.findall(r"\$\{(\w+)", inner if isinstance(inner, str) else inner[0])
            yield from references(inner)
        else:
            yield from references(inner)


def test_template_is_valid(root: Path, sam_bin: Path, no_aws: dict[str, str]) -> None:
    """`sam validate --lint` finds nothing to say, and asks AWS nothing."""
    command = [str(sam_bin / "sam"), "validate", "--lint"]
    folder = root / "examples/streaming-agent"

    result = subprocess.run(command, cwd=folder, env=no_aws, capture_output=True, text=True, check=False, timeout=120)

    assert result.returncode == 0, result.stdout + result.stderr


def test_no_resource_waits_for_itself(template: Json) -> None:
    """The permissions name the distribution, and nothing that the distribution needs names the permissions."""
    resources = template["Resources"]
    graph = {}
    for name, resource in resources.items():
        waits_for = resource.get("DependsOn", [])
        named = set(references(resource["Properties"])) | {*([waits_for] if isinstance(waits_for, str) else waits_for)}
        graph[name] = named & resources.keys()

    order = list(graphlib.TopologicalSorter(graph).static_order())

    assert order.index("AgentFunctionUrl") < order.index("Distribution")
    for permission in ("AgentUrlPermission", "AgentInvokePermission", "PageBucketPolicy"):
        assert order.index("Distribution") < order.index(permission)


def test_what_lives_in_us_east_1_alone_is_left_out_elsewhere(template: Json) -> None:
    """Log delivery, WAF and CloudFront's metrics have conditions that ask for the Region."""
    conditions = {name: resource.get("Condition") for name, resource in template["Resources"].items()}

    assert {name: conditions[name] for name in ONLY_IN_US_EAST_1} == ONLY_IN_US_EAST_1
    for name in ("KeepsLogs", "LimitsRate"):
        assert {"Condition": "InEdgeRegion"} in template["Conditions"][name]["Fn::And"]


def test_region_condition_asks_for_the_stacks_region(root: Path) -> None:
    """The deployed copies have their Region written in, so the source is looked at here."""
    source = (root / "examples/streaming-agent/template.yaml").read_text()

    assert "  InEdgeRegion: !Equals [!Ref AWS::Region, us-east-1]\n" in source


def test_access_logs_are_on_unless_told_otherwise(template: Json) -> None:
    """The default keeps logs, in a bucket that outlives the stack and forgets after ninety days."""
    bucket = template["Resources"]["LogBucket"]

    assert template["Parameters"]["AccessLogs"]["Default"] == "on"
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert bucket["Properties"]["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert bucket["Properties"]["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 90


def test_log_bucket_is_written_by_log_delivery_of_this_account_alone(template: Json) -> None:
    """One service may put objects, for this account's delivery sources in us-east-1; nothing goes without TLS."""
    denied, allowed = properties(template, "LogBucketPolicy")["PolicyDocument"]["Statement"]

    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert allowed["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert allowed["Action"] == "s3:PutObject"
    assert allowed["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
    source = {"Fn::Sub": "arn:${AWS::Partition}:logs:us-east-1:${AWS::AccountId}:*"}
    assert allowed["Condition"]["ArnLike"]["aws:SourceArn"] == source


def test_log_delivery_is_one_that_the_logs_api_takes(ministack: MiniStack, template: Json) -> None:
    """CloudFormation in the stand-in lacks these three types, so they are made by the API from their properties."""
    logs = ministack.client("logs")
    distribution, bucket = "EDFDVBD6EXAMPLE", "example-bucket"
    origin, target, delivery = (properties(template, name) for name in ("LogSource", "LogDestination", "LogDelivery"))
    arn = f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/{distribution}"

    logs.put_delivery_source(name=f"cloudfront-{distribution}", resourceArn=arn, logType=origin["LogType"])
    made = logs.put_delivery_destination(
        name=f"cloudfront-{distribution}",
        outputFormat=target["OutputFormat"],
        deliveryDestinationConfiguration={"destinationResourceArn": f"arn:aws:s3:::{bucket}"},
    )["deliveryDestination"]
    delivered = logs.create_delivery(
        deliverySourceName=f"cloudfront-{distribution}",
        deliveryDestinationArn=made["arn"],
        s3DeliveryConfiguration={"suffixPath": delivery["S3SuffixPath"]},
    )["delivery"]

    assert delivered["deliveryDestinationType"] == "S3"
    assert origin["Name"] == target["Name"] == {"Fn::Sub": "cloudfront-${Distribution}"}
    assert origin["ResourceArn"]["Fn::Sub"].endswith(":distribution/${Distribution}")
    assert target["DestinationResourceArn"] == {"Fn::GetAtt": ["LogBucket", "Arn"]}
    assert delivery["DeliverySourceName"] == {"Ref": "LogSource"}
    assert delivery["DeliveryDestinationArn"] == {"Fn::GetAtt": ["LogDestination", "Arn"]}


def test_web_acl_is_for_cloudfront(template: Json) -> None:
    """WAF's scope is the distribution's, and its limit is the parameter."""
    acl = properties(template, "RateLimitingAcl")
    statement = acl["Rules"][0]["Statement"]["RateBasedStatement"]

    assert acl["Scope"] == "CLOUDFRONT"
    assert statement == {"AggregateKeyType": "IP", "EvaluationWindowSec": 60, "Limit": {"Ref": "RateLimit"}}
    assert template["Parameters"]["RateLimit"]["Default"] == "0"


def test_publisher_may_touch_the_page_bucket_and_nothing_else(template: Json) -> None:
    """It lists, puts and deletes in one bucket."""
    (policy,) = properties(template, "PagePublisherRole")["Policies"]

    statements = policy["PolicyDocument"]["Statement"]

    assert [held["Action"] for held in statements] == ["s3:ListBucket", ["s3:PutObject", "s3:DeleteObject"]]
    assert [held["Resource"] for held in statements] == [
        {"Fn::GetAtt": ["PageBucket", "Arn"]},
        {"Fn::Sub": "${PageBucket.Arn}/*"},
    ]
