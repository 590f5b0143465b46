"""The example stack after a real `sam deploy`: what AWS gives back is what a private, working site needs."""

import json
from typing import Any

import pytest

from tests.support.aws.ministack_server import ACCOUNT_ID
from tests.support.stack.example_stack import VERSION, behaviors, distribution_config
from tests.support.stack.sam_project import SamProject

pytest_plugins = ["tests.support.aws.ministack", "tests.support.stack.example_fixtures"]

Json = Any

AGENT_PATHS = ["/chat*", "/upload*", "/health"]
SEVEN_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT_ID}:certificate/12345678-1234-1234-1234-123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT_ID}:alarms"

# Managed policies (documented: "Use managed cache policies" and its siblings).
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"


@pytest.fixture(scope="module")
def config(stack: SamProject) -> Json:
    """Give the distribution's configuration as it was after the first deployment."""
    return distribution_config(stack)


@pytest.fixture(scope="module")
def distribution_arn(stack: SamProject) -> str:
    """Give the distribution's ARN."""
    return f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/{stack.outputs()['DistributionId']}"


def origin(config: Json, name: str) -> Json:
    """Give one origin of a distribution."""
    return next(item for item in config["Origins"]["Items"] if item["Id"] == name)


def test_paths_with_bodies_go_to_the_agent_and_the_rest_to_the_page(config: Json) -> None:
    """Three path patterns have the agent as their origin, everything else has the bucket."""
    targets = {path: behavior["TargetOriginId"] for path, behavior in behaviors(config).items()}

    assert targets == {**dict.fromkeys(AGENT_PATHS, "agent"), "*": "page"}


@pytest.mark.parametrize("path", AGENT_PATHS)
def test_agent_behavior_lets_every_request_through_as_it_is(config: Json, path: str) -> None:
    """All methods, no caching, no compression, and all of the viewer's headers but Host."""
    behavior = behaviors(config)[path]

    assert set(behavior["AllowedMethods"]["Items"]) == SEVEN_METHODS
    assert behavior["CachePolicyId"] == CACHING_DISABLED
    assert behavior["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER
    assert behavior["Compress"] is False
    assert behavior["ViewerProtocolPolicy"] == "https-only"


@pytest.mark.parametrize("path", AGENT_PATHS)
def test_agent_behavior_has_the_edge_function_with_the_body(config: Json, path: str) -> None:
    """A numbered version, at origin-request, with IncludeBody."""
    associations = behaviors(config)[path]["LambdaFunctionAssociations"]["Items"]

    assert associations == [{"LambdaFunctionARN": f"{VERSION}1", "EventType": "origin-request", "IncludeBody": True}]


def test_page_is_cached_compressed_and_takes_no_body(config: Json) -> None:
    """Static files need neither methods nor functions."""
    page = behaviors(config)["*"]

    assert set(page["AllowedMethods"]["Items"]) == {"GET", "HEAD"}
    assert (page["CachePolicyId"], page["Compress"]) == (CACHING_OPTIMIZED, True)
    assert not page.get("LambdaFunctionAssociations", {}).get("Items")
    assert config["DefaultRootObject"] == "index.html"


def test_every_behavior_sends_security_headers_over_https(config: Json) -> None:
    """HSTS and its like come from the managed policy, and plain HTTP is nowhere answered."""
    for behavior in behaviors(config).values():
        assert behavior["ResponseHeadersPolicyId"] == SECURITY_HEADERS
        assert behavior["ViewerProtocolPolicy"] in {"https-only", "redirect-to-https"}


def test_distribution_speaks_new_protocols(config: Json) -> None:
    """HTTP/2 and 3, IPv6, TLS 1.2 and later."""
    assert config["HttpVersion"] == "http2and3"
    assert config["IsIPV6Enabled"] is True
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


@pytest.mark.parametrize(("name", "kind"), [("page", "s3"), ("agent", "lambda")])
def test_origin_is_signed_for_by_its_own_access_control(stack: SamProject, config: Json, name: str, kind: str) -> None:
    """Each origin has an OAC of its type, which signs always."""
    identity = origin(config, name)["OriginAccessControlId"]

    control = stack.aws.client("cloudfront").get_origin_access_control(Id=identity)["OriginAccessControl"]

    settings = control["OriginAccessControlConfig"]
    assert settings["OriginAccessControlOriginType"] == kind
    assert (settings["SigningBehavior"], settings["SigningProtocol"]) == ("always", "sigv4")


def test_agent_origin_is_the_function_url_over_https(stack: SamProject, config: Json) -> None:
    """The host of the URL, TLS 1.2, no settings header, and a read timeout well over the heartbeat of 10 s."""
    agent = origin(config, "agent")

    assert f"https://{agent['DomainName']}/" == stack.outputs()["FunctionUrl"]
    assert agent["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert agent["CustomOriginConfig"]["OriginSslProtocols"]["Items"] == ["TLSv1.2"]
    assert agent["CustomOriginConfig"]["OriginReadTimeout"] == 60
    assert not agent.get("CustomHeaders", {}).get("Items")


def test_function_url_asks_for_signatures_and_streams(stack: SamProject) -> None:
    """Nobody without a signature gets in, and answers are not collected before they are sent."""
    url = stack.aws.client("lambda").get_function_url_config(FunctionName=stack.physical_id("AgentFunction"))

    assert (url["AuthType"], url["InvokeMode"]) == ("AWS_IAM", "RESPONSE_STREAM")


def test_agent_runs_behind_the_web_adapter(stack: SamProject) -> None:
    """AWS's public layer starts run.sh, and streams what the app sends."""
    function = stack.aws.client("lambda").get_function_configuration(FunctionName=stack.physical_id("AgentFunction"))

    layer = "arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:30"
    assert [held["Arn"] for held in function["Layers"]] == [layer]
    assert (function["Runtime"], function["Handler"]) == ("python3.13", "run.sh")
    assert function["Environment"]["Variables"]["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/bootstrap"
    assert function["Environment"]["Variables"]["AWS_LWA_INVOKE_MODE"] == "response_stream"


def test_both_permissions_are_this_distributions_alone(stack: SamProject, distribution_arn: str) -> None:
    """CloudFront may use the URL, and invoke through it, for this distribution; nobody else is named."""
    policy = stack.aws.client("lambda").get_policy(FunctionName=stack.physical_id("AgentFunction"))["Policy"]

    statements = {statement["Action"]: statement for statement in json.loads(policy)["Statement"]}

    assert statements.keys() == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    for statement in statements.values():
        assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert statement["Condition"]["ArnLike"] == {"AWS:SourceArn": distribution_arn}
        assert statement["Resource"].endswith(f":function:{stack.physical_id('AgentFunction')}")
    assert statements["lambda:InvokeFunction"]["Condition"]["Bool"] == {"lambda:InvokedViaFunctionUrl": "true"}


def test_page_bucket_is_private_owned_and_encrypted(stack: SamProject) -> None:
    """No public access in any of the four ways, no ACLs, encryption at rest."""
    s3, bucket = stack.aws.client("s3"), stack.outputs()["PageBucketName"]

    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    (ownership,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    (encryption,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]

    assert len(blocked) == 4
    assert all(blocked.values())
    assert ownership["ObjectOwnership"] == "BucketOwnerEnforced"
    assert encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_page_bucket_is_read_by_this_distribution_over_tls_and_by_nobody_else(
    stack: SamProject, distribution_arn: str
) -> None:
    """One statement allows, for one source; one denies all without TLS."""
    bucket = stack.outputs()["PageBucketName"]
    policy = json.loads(stack.aws.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])

    (denied,) = [statement for statement in policy["Statement"] if statement["Effect"] == "Deny"]
    (allowed,) = [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]

    assert (denied["Principal"], denied["Action"]) == ("*", "s3:*")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed["Action"] == ["s3:GetObject", "s3:ListBucket"]
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceArn": distribution_arn}}


@pytest.mark.parametrize("metric", ["LambdaExecutionError", "LambdaValidationError"])
def test_edge_function_is_watched(stack: SamProject, metric: str) -> None:
    """One error within a minute raises the alarm; silence does not."""
    alarms = stack.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    (alarm,) = [alarm for alarm in alarms if alarm["MetricName"] == metric]

    dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
    assert alarm["Namespace"] == "AWS/CloudFront"
    assert dimensions == {"DistributionId": stack.outputs()["DistributionId"], "Region": "Global"}
    assert (alarm["Statistic"], alarm["Threshold"], alarm["Period"]) == ("Sum", 1.0, 60)
    assert alarm["TreatMissingData"] == "notBreaching"
