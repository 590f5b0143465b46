"""The example stack with large uploads: switched on, used, refused, switched off, deployed by the real SAM CLI."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from app.large_uploads import LargeFile, presigner

from tests.support.aws.ministack_server import ACCOUNT_ID
from tests.support.stack.example_stack import behaviors, delete, deploy, distribution_config
from tests.support.stack.sam_project import SamProject

pytest_plugins = ["tests.support.aws.ministack", "tests.support.stack.example_fixtures"]

Json = Any

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

# Each deployment builds upon the one before, and the tests come in the same order.


@pytest.fixture(scope="module")
def on(stack: SamProject) -> SamProject:
    """Switch large uploads on."""
    deploy(stack, LargeUploads="on")
    return stack


@pytest.fixture
def role(on: SamProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be the app's function: its role's credentials, in the variables that Lambda sets."""
    arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{on.physical_id('AgentFunctionRole')}"
    held = on.aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="agent")["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", held["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", held["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", held["SessionToken"])
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def origin(stack: SamProject, name: str) -> Json:
    """Give one origin of the distribution; None if it is not there."""
    held = distribution_config(stack)["Origins"]["Items"]
    return next((item for item in held if item["Id"] == name), None)


def agent_environment(stack: SamProject) -> dict[str, str]:
    """Read the variables of the app's function."""
    name = stack.physical_id("AgentFunction")
    found = stack.aws.client("lambda").get_function_configuration(FunctionName=name)
    variables: dict[str, str] = found["Environment"]["Variables"]
    return variables


def test_by_default_there_is_nothing_of_it(stack: SamProject) -> None:
    """No bucket, no origin, no behavior, and an app that has no bucket's name."""
    assert origin(stack, "uploads") is None
    assert "/large/*" not in behaviors(distribution_config(stack))
    assert "UploadBucketName" not in stack.outputs()
    assert agent_environment(stack)["AGENT_UPLOAD_BUCKET"] == ""
    assert len(stack.aws.client("s3").list_buckets()["Buckets"]) == len(buckets_of(stack))


def buckets_of(stack: SamProject) -> list[str]:
    """Name the page's bucket and SAM's own."""
    names = [held["Name"] for held in stack.aws.client("s3").list_buckets()["Buckets"]]
    return [name for name in names if name == stack.outputs()["PageBucketName"] or "samclisourcebucket" in name]


def test_origin_is_the_bucket_without_access_control(on: SamProject) -> None:
    """The URL is the signature; S3 refuses one in the query beside one in Authorization."""
    found = origin(on, "uploads")

    assert found["DomainName"].startswith(f"{on.outputs()['UploadBucketName']}.s3.")
    assert not found.get("OriginAccessControlId")
    assert not found["S3OriginConfig"].get("OriginAccessIdentity")


def test_behavior_passes_the_signature_on_and_not_the_host(on: SamProject) -> None:
    """PUT is allowed, query and Content-Type go through, nothing is cached, and no edge function looks at gigabytes."""
    behavior = behaviors(distribution_config(on))["/large/*"]

    assert behavior["TargetOriginId"] == "uploads"
    assert "PUT" in behavior["AllowedMethods"]["Items"]
    assert behavior["ViewerProtocolPolicy"] == "https-only"
    assert (behavior["CachePolicyId"], behavior["OriginRequestPolicyId"]) == (CACHING_DISABLED, ALL_VIEWER_EXCEPT_HOST)
    assert not behavior.get("LambdaFunctionAssociations", {}).get("Items")


def test_bucket_is_private_and_forgets_after_a_day(on: SamProject) -> None:
    """Nobody reads it but the account, and what was left half sent goes too."""
    s3, bucket = on.aws.client("s3"), on.outputs()["UploadBucketName"]

    access = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    # CloudFormation in the stand-in sets no lifecycle, so the template is asked.
    cloudformation = on.aws.client("cloudformation")
    template = cloudformation.get_template(StackName=on.stack, TemplateStage="Processed")["TemplateBody"]
    (rule,) = template["Resources"]["UploadBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]

    assert set(access.values()) == {True}
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 1)
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_bucket_policy_only_denies(on: SamProject) -> None:
    """Without TLS, and by a URL older than ten minutes; what is allowed is the role's alone."""
    s3, bucket = on.aws.client("s3"), on.outputs()["UploadBucketName"]

    statements = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]

    assert [held["Effect"] for held in statements] == ["Deny", "Deny"]
    assert statements[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statements[1]["Condition"] == {
        "StringEquals": {"s3:authType": "REST-QUERY-STRING"},
        "NumericGreaterThan": {"s3:signatureAge": "600000"},
    }


def role_policy(stack: SamProject, function: str) -> list[Json]:
    """Read the policy that a function's role has for the bucket."""
    role = stack.physical_id(f"{function}Role")
    found = stack.aws.client("iam").get_role_policy(RoleName=role, PolicyName="large-uploads")["PolicyDocument"]
    document = found if isinstance(found, dict) else json.loads(found)
    statements: list[Json] = document["Statement"]
    return statements


def test_agent_may_put_there_and_nothing_else(on: SamProject) -> None:
    """A presigned URL may do what its signer may: so this is all that any URL of the app can do."""
    bucket = on.outputs()["UploadBucketName"]

    assert role_policy(on, "AgentFunction") == [
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/large/*"}
    ]
    assert [held["Action"] for held in role_policy(on, "PagePublisher")] == ["s3:ListBucket", "s3:DeleteObject"]


@pytest.mark.usefixtures("role")
def test_app_signs_for_the_origin_that_was_deployed(on: SamProject) -> None:
    """What the app signs, the bucket takes at the origin's Host; another length, type or key it refuses."""
    bucket, host = agent_environment(on)["AGENT_UPLOAD_BUCKET"], origin(on, "uploads")["DomainName"]
    file = LargeFile(key="large/1", size_bytes=5, media_type="text/plain")
    path = presigner(bucket, "us-east-1")(file)

    def put(path: str, host: str, body: bytes = b"hello", kind: str = "text/plain") -> int:
        headers = {"host": host, "content-type": kind}
        return httpx.put(f"{on.aws.endpoint}{path}", content=body, headers=headers, trust_env=False).status_code

    assert bucket == on.outputs()["UploadBucketName"]
    assert parse_qs(urlsplit(path).query)["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    assert put(path, host) == 200
    assert on.aws.client("s3").get_object(Bucket=bucket, Key="large/1")["Body"].read() == b"hello"
    assert put(path, host, body=b"hello!") == 403
    assert put(path, host, kind="text/html") == 403
    assert put(path.replace("large/1", "large/2"), host) == 403


def test_source_ranges_hold_there_too(on: SamProject) -> None:
    """Whoever comes round the proxy gets no further by this path."""
    deploy(on, AllowedSourceRanges="198.51.100.0/24")

    (association,) = behaviors(distribution_config(on))["/large/*"]["FunctionAssociations"]["Items"]

    assert association["EventType"] == "viewer-request"


def test_a_new_page_leaves_the_uploads_alone(on: SamProject) -> None:
    """The page's publisher removes what is not of the page from the page's bucket, and from no other."""
    s3, bucket = on.aws.client("s3"), on.outputs()["UploadBucketName"]
    s3.put_object(Bucket=bucket, Key="large/kept", Body=b"kept")

    error = ask_publisher(on, "Update", bucket)
    held = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]

    assert error is None
    assert "large/kept" in held
    assert "index.html" not in held


def ask_publisher(stack: SamProject, request: str, bucket: str) -> Json:
    """Invoke the custom resource's function for the bucket of uploads; gives the error that it raised."""
    event = {
        "RequestType": request,
        "ResponseURL": f"{stack.aws.endpoint}/{stack.outputs()['PageBucketName']}/answer",  # a PUT that S3 takes
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/streaming-agent/1",
        "RequestId": "request-1",
        "LogicalResourceId": "Uploads",
        "ResourceProperties": {"Bucket": bucket, "Holds": "uploads"},
    }
    name = stack.physical_id("PagePublisher")
    result = stack.aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    return result.get("FunctionError")


def test_publisher_empties_the_bucket_before_it_goes(on: SamProject) -> None:
    """CloudFormation deletes no bucket that holds something (documented); the stand-in does, so this is asked apart."""
    s3, bucket = on.aws.client("s3"), on.outputs()["UploadBucketName"]
    assert s3.list_objects_v2(Bucket=bucket)["Contents"]

    error = ask_publisher(on, "Delete", bucket)

    assert error is None
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_off_again_removes_the_bucket(on: SamProject) -> None:
    """And the behavior, while the rest of the site stays."""
    bucket = on.outputs()["UploadBucketName"]

    deploy(on, LargeUploads="off", AllowedSourceRanges="")

    assert bucket not in [held["Name"] for held in on.aws.client("s3").list_buckets()["Buckets"]]
    assert "/large/*" not in behaviors(distribution_config(on))


def test_delete_leaves_nothing_behind(stack: SamProject) -> None:
    """On again, with a file: the bucket goes with the stack."""
    deploy(stack, LargeUploads="on")
    bucket = stack.outputs()["UploadBucketName"]
    stack.aws.client("s3").put_object(Bucket=bucket, Key="large/left", Body=b"left")

    delete(stack)

    assert bucket not in [held["Name"] for held in stack.aws.client("s3").list_buckets()["Buckets"]]
