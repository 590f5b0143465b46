"""The door's calls on functions, roles, parameters and stacks, on moto; on a Stubber where moto has no such call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.aws.errors import NotAllowedError, NotFoundError, OperateError
from edge_hasher.aws.functions import Alias, FunctionUrl
from tests.support.aws.distribution_configs import ACCOUNT, ARN, FUNCTION
from tests.support.aws.stubbed_aws import ROLE, TRUST, StubbedAws, deploy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REGION = "us-east-1"
PARAMETER = {"Name": "/any", "Type": "String", "Value": "x"}
FAR = "eu-west-1"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    """Give an account with the function in four versions."""
    with StubbedAws() as stubbed:
        deploy(stubbed)
        yield stubbed
        stubbed.all_used()


def test_versions_are_numbered_and_the_oldest_first(aws: StubbedAws) -> None:
    """$LATEST is no published version, and 10 comes after 9."""
    deploy(aws, name="other", versions=10)

    found = aws.functions.versions("other")

    assert [version.number for version in found] == list(range(1, 11))
    assert found[9].arn == f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:other:10"
    assert found[9].modified.startswith("20")


def test_versions_of_every_page(aws: StubbedAws) -> None:
    """Lambda gives at most 50 versions at a time, in no order that counts."""
    pages = (["$LATEST", "10"], ["9"])
    for number, page in enumerate(pages):
        versions = [{"Version": each, "FunctionArn": f"{ARN[:-1]}{each}"} for each in page]
        more = {"NextMarker": "more"} if number == 0 else {}
        asked = {"FunctionName": FUNCTION} | ({"Marker": "more"} if number else {})
        aws.stub("lambda").add_response("list_versions_by_function", {"Versions": versions, **more}, asked)

    assert [version.number for version in aws.functions.versions(FUNCTION)] == [9, 10]


def test_one_version_is_deleted_and_never_the_function(aws: StubbedAws) -> None:
    """The version is deleted by its number; the others stay."""
    aws.functions.delete_version(FUNCTION, 2)

    assert [version.number for version in aws.functions.versions(FUNCTION)] == [1, 3, 4]
    with pytest.raises(NotFoundError):
        aws.functions.delete_version(FUNCTION, 2)


def test_aliases_with_all_their_versions(aws: StubbedAws) -> None:
    """An alias that shifts traffic has two versions."""
    client = aws.client("lambda")
    client.create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="3")
    client.create_alias(
        FunctionName=FUNCTION,
        Name="canary",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}},
    )

    found = sorted(aws.functions.aliases(FUNCTION), key=lambda alias: alias.name)

    assert found == [Alias(name="canary", versions=(1, 2)), Alias(name="live", versions=(3,))]


def test_an_alias_of_latest_has_no_version(aws: StubbedAws) -> None:
    """$LATEST is not a version that an alias keeps."""
    aws.client("lambda").create_alias(FunctionName=FUNCTION, Name="dev", FunctionVersion="$LATEST")

    assert aws.functions.aliases(FUNCTION) == [Alias(name="dev", versions=())]


def test_configurations_by_name_and_by_arn(aws: StubbedAws) -> None:
    """A configuration is that of the version which the ARN names, by either call."""
    assert aws.functions.configuration(FUNCTION)["Version"] == "$LATEST"
    assert aws.functions.configuration(ARN)["Version"] == "4"
    assert aws.functions.attachable(ARN)["Version"] == "4"
    assert aws.functions.attachable(ARN)["Role"] == ROLE_ARN


def test_every_call_takes_a_region(aws: StubbedAws) -> None:
    """Functions in another Region are found there, and not in us-east-1."""
    deploy(aws, name="agent", region=FAR, versions=1)

    assert aws.functions.names(FAR) == ["agent"]
    assert aws.functions.names(REGION) == [FUNCTION]
    assert aws.functions.configuration("agent", region=FAR)["FunctionName"] == "agent"
    assert aws.functions.aliases("agent", region=FAR) == []
    with pytest.raises(NotFoundError):
        aws.functions.configuration("agent")


def test_policies_by_qualifier(aws: StubbedAws) -> None:
    """A function without a policy raises NotFoundError; one with a policy gives its JSON."""
    with pytest.raises(NotFoundError):
        aws.functions.policy(FUNCTION, None, region=REGION)
    aws.client("lambda").add_permission(
        FunctionName=FUNCTION,
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="cloudfront.amazonaws.com",
        FunctionUrlAuthType="AWS_IAM",
    )

    (statement,) = json.loads(aws.functions.policy(FUNCTION, None, region=REGION))["Statement"]

    assert statement["Action"] == "lambda:InvokeFunctionUrl"


def test_policy_of_a_qualifier_is_asked_by_it(aws: StubbedAws) -> None:
    """With moto all qualifiers have one policy, so the call itself is looked at."""
    asked = {"FunctionName": FUNCTION, "Qualifier": "live"}
    aws.stub("lambda").add_response("get_policy", {"Policy": "{}"}, asked)

    assert aws.functions.policy(FUNCTION, "live", region=REGION) == "{}"


def test_urls_of_all_qualifiers(aws: StubbedAws) -> None:
    """Hosts come without scheme and slash, in lower case; moto does not list Function URLs."""
    when = "2026-11-20T09:00:00Z"
    for number, (mode, arn) in enumerate([("RESPONSE_STREAM", ARN[:-2]), ("BUFFERED", f"{ARN[:-2]}:live")]):
        config = {
            "FunctionUrl": f"https://Abc{number}.lambda-url.eu-west-1.on.aws/",
            "FunctionArn": arn,
            "AuthType": "AWS_IAM",
            "InvokeMode": mode,
            "CreationTime": when,
            "LastModifiedTime": when,
        }
        more = {"NextMarker": "more"} if number == 0 else {}
        asked = {"FunctionName": FUNCTION} | ({"Marker": "more"} if number else {})
        aws.stub("lambda").add_response("list_function_url_configs", {"FunctionUrlConfigs": [config], **more}, asked)

    assert aws.functions.urls(FUNCTION, region=FAR) == [
        FunctionUrl(host="abc0.lambda-url.eu-west-1.on.aws", function_arn=ARN[:-2], auth_type="AWS_IAM", streams=True),
        FunctionUrl(
            host="abc1.lambda-url.eu-west-1.on.aws", function_arn=f"{ARN[:-2]}:live", auth_type="AWS_IAM", streams=False
        ),
    ]


@pytest.mark.parametrize(("qualifier", "asked"), [("4", {"Qualifier": "4"}), (None, {})])
def test_runtime_updates(qualifier: str | None, asked: dict[str, str], aws: StubbedAws) -> None:
    """The mode is asked of the version, where there is one; moto has no runtime management."""
    answer = {"UpdateRuntimeOn": "Manual", "FunctionArn": ARN, "RuntimeVersionArn": "arn:aws:lambda:::runtime:x"}
    aws.stub("lambda").add_response("get_runtime_management_config", answer, {"FunctionName": FUNCTION} | asked)

    assert aws.functions.runtime_updates(FUNCTION, qualifier) == "Manual"


def test_runtime_updates_that_nobody_set(aws: StubbedAws) -> None:
    """A function whose runtime management was never set is updated automatically."""
    operation = "get_runtime_management_config"
    aws.stub("lambda").add_client_error(operation, "ResourceNotFoundException", "none", http_status_code=404)

    assert aws.functions.runtime_updates(FUNCTION, "4") == "Auto"


def test_trust_policy_is_a_value(aws: StubbedAws) -> None:
    """A role's trust policy comes decoded; a role that is gone raises NotFoundError."""
    assert aws.roles.trust_policy(ROLE_ARN) == TRUST
    with pytest.raises(NotFoundError):
        aws.roles.trust_policy(f"arn:aws:iam::{ACCOUNT}:role/service-role/gone")


def test_parameters(aws: StubbedAws) -> None:
    """A parameter's value comes without the line break that a shell may have left in it."""
    with pytest.raises(NotFoundError, match="there is no such parameter"):
        aws.parameters.value("/edge-hasher/version-arn")
    aws.client("ssm").put_parameter(Name="/edge-hasher/version-arn", Value=f"{ARN}\n", Type="String")

    assert aws.parameters.value("/edge-hasher/version-arn") == ARN


def test_stacks(aws: StubbedAws) -> None:
    """A stack gives its outputs; one that does not exist raises NotFoundError, though AWS says ValidationError."""
    with pytest.raises(NotFoundError, match="there is no stack edge-hasher in us-east-1"):
        aws.stacks.outputs("edge-hasher")
    template: dict[str, Any] = {
        "Resources": {"Any": {"Type": "AWS::SSM::Parameter", "Properties": PARAMETER}},
        "Outputs": {"FunctionName": {"Value": FUNCTION}},
    }
    aws.client("cloudformation").create_stack(StackName="edge-hasher", TemplateBody=json.dumps(template))

    assert aws.stacks.outputs("edge-hasher") == {"FunctionName": FUNCTION}


def test_a_stack_that_may_not_be_read_is_not_one_that_is_missing(aws: StubbedAws) -> None:
    """A missing permission is told as that, whatever the sentence says besides."""
    message = "User: x is not authorized to perform: cloudformation:DescribeStacks; the role y does not exist"
    aws.refuse("cloudformation:DescribeStacks", "AccessDenied", message, 403)

    with pytest.raises(NotAllowedError):
        aws.stacks.outputs("edge-hasher")


def test_another_validation_error_of_a_stack_is_not_one_that_is_missing(aws: StubbedAws) -> None:
    """Only the sentence that says so means that the stack does not exist."""
    aws.refuse("cloudformation:DescribeStacks", "ValidationError", "1 validation error detected")

    with pytest.raises(OperateError, match="1 validation error") as raised:
        aws.stacks.outputs("edge-hasher")
    assert not isinstance(raised.value, NotFoundError)


CALLS: dict[str, Callable[[StubbedAws], object]] = {
    "lambda:GetFunctionConfiguration": lambda aws: aws.functions.configuration(FUNCTION),
    "lambda:GetFunction": lambda aws: aws.functions.attachable(ARN),
    "lambda:ListVersionsByFunction": lambda aws: aws.functions.versions(FUNCTION),
    "lambda:DeleteFunction": lambda aws: aws.functions.delete_version(FUNCTION, 1),
    "lambda:ListAliases": lambda aws: aws.functions.aliases(FUNCTION),
    "lambda:ListFunctions": lambda aws: aws.functions.names(REGION),
    "lambda:ListFunctionUrlConfigs": lambda aws: aws.functions.urls(FUNCTION, region=REGION),
    "lambda:GetPolicy": lambda aws: aws.functions.policy(FUNCTION, None, region=REGION),
    "lambda:GetRuntimeManagementConfig": lambda aws: aws.functions.runtime_updates(FUNCTION, "1"),
    "iam:GetRole": lambda aws: aws.roles.trust_policy(ROLE_ARN),
    "ssm:GetParameter": lambda aws: aws.parameters.value("/edge-hasher/version-arn"),
    "cloudformation:DescribeStacks": lambda aws: aws.stacks.outputs("edge-hasher"),
    "logs:DescribeLogGroups": lambda aws: aws.logs.groups(REGION, "/aws"),
    "logs:FilterLogEvents": lambda aws: aws.logs.lines(REGION, "/aws", 0, 1),
    "cloudfront:GetDistribution": lambda aws: aws.cloudfront.distribution("E1"),
    "cloudfront:UpdateDistribution": lambda aws: aws.cloudfront.update("E1", b"<DistributionConfig/>", etag="E"),
    "cloudfront:ListTagsForResource": lambda aws: aws.cloudfront.tags("arn:aws:cloudfront::1:distribution/E1"),
    "cloudfront:ListDistributions": lambda aws: aws.cloudfront.id_of("a.example.com", print),
    "cloudfront:GetOriginAccessControl": lambda aws: aws.cloudfront.access_control("E1"),
    "cloudfront:GetCachePolicy": lambda aws: aws.cloudfront.cache_policy("E1"),
    "cloudfront:GetOriginRequestPolicy": lambda aws: aws.cloudfront.request_policy("E1"),
}


@pytest.mark.parametrize("action", CALLS)
def test_a_missing_permission_names_its_action(action: str, aws: StubbedAws) -> None:
    """Each call that is not allowed names the IAM action, even where AWS's own sentence does not."""
    aws.refuse(action, "AccessDenied", "Access denied.", 403)

    with pytest.raises(NotAllowedError, match=f"not allowed: {action}; ") as raised:
        CALLS[action](aws)
    assert raised.value.action == action
