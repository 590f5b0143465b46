"""The life of the example stack: deployed again, with a new edge function, with options, with a new page, deleted."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from tests.support.aws.ministack_server import ACCOUNT_ID
from tests.support.stack.example_stack import (
    PARAMETER,
    VERSION,
    behaviors,
    delete,
    deploy,
    distribution_config,
    edge_functions,
    write_region,
)
from tests.support.stack.sam_project import SamProject

pytest_plugins = ["tests.support.aws.ministack", "tests.support.stack.example_fixtures"]

Json = Any

CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT_ID}:certificate/12345678-1234-1234-1234-123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT_ID}:alarms"
AGENT_PATHS = ["/chat*", "/upload*", "/health"]

# Each deployment builds upon the one before, and the tests come in the same order.


def page_files(stack: SamProject) -> dict[str, str]:
    """Map the keys of the page's bucket to their media types."""
    s3, bucket = stack.aws.client("s3"), stack.outputs()["PageBucketName"]
    keys = [held["Key"] for held in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return {key: s3.head_object(Bucket=bucket, Key=key)["ContentType"] for key in keys}


def test_page_is_there_after_the_first_deployment(stack: SamProject, root: Path) -> None:
    """Every file of the page, with the type that a browser needs to run it, and nothing else."""
    page = root / "examples/streaming-agent/app/page"

    held = page_files(stack)

    assert held.keys() == {path.relative_to(page).as_posix() for path in page.rglob("*") if path.is_file()}
    assert held["index.html"] == "text/html; charset=utf-8"
    assert {held[key] for key in held if key.endswith(".js")} == {"text/javascript; charset=utf-8"}
    assert {held[key] for key in held if key.endswith(".svg")} == {"image/svg+xml"}


def test_deploying_the_same_again_changes_nothing(stack: SamProject) -> None:
    """SAM finds no changes, even after a new build."""
    stack.build()
    write_region(stack.folder, "us-east-1")

    assert "No changes to deploy. Stack streaming-agent is up to date" in deploy(stack)


def test_new_edge_function_is_taken_by_deploying_again(stack: SamProject) -> None:
    """The SSM parameter is read at each deployment: nothing of the template has to change."""
    stack.aws.client("ssm").put_parameter(Name=PARAMETER, Type="String", Value=f"{VERSION}2", Overwrite=True)

    deploy(stack)

    assert edge_functions(distribution_config(stack)) == {f"{VERSION}2"}


def test_options_reach_the_distribution(stack: SamProject) -> None:
    """Own domain and certificate, the settings header, source ranges and the alarms' topic, all in one deployment."""
    deploy(
        stack,
        DomainName="chat.example.com",
        CertificateArn=CERTIFICATE,
        EdgeHasherSettings="oversize=forward,max-body=262144",
        AllowedSourceRanges="198.51.100.0/24,2001:db8::/32",
        AlarmTopicArn=TOPIC,
    )
    config = distribution_config(stack)

    assert config["Aliases"]["Items"] == ["chat.example.com"]
    certificate = config["ViewerCertificate"]
    assert (certificate["ACMCertificateArn"], certificate["SSLSupportMethod"]) == (CERTIFICATE, "sni-only")
    assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"
    (agent,) = [origin for origin in config["Origins"]["Items"] if origin["Id"] == "agent"]
    header = {"HeaderName": "Edge-Hasher", "HeaderValue": "oversize=forward,max-body=262144"}
    assert agent["CustomHeaders"]["Items"] == [header]
    assert stack.outputs()["Url"] == "https://chat.example.com/"
    alarms = stack.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert [alarm["AlarmActions"] for alarm in alarms] == [[TOPIC], [TOPIC]]


def test_source_ranges_are_checked_on_every_behavior(stack: SamProject) -> None:
    """The published CloudFront Function holds the ranges, and runs at viewer-request before everything else."""
    config = distribution_config(stack)
    name = stack.physical_id("ViewerRequest")

    for behavior in behaviors(config).values():
        (association,) = behavior["FunctionAssociations"]["Items"]
        assert association["EventType"] == "viewer-request"
        assert association["FunctionARN"].endswith(f":function/{name.rpartition('/')[2]}")
    code = stack.aws.client("cloudfront").get_function(Name=name.rpartition("/")[2], Stage="LIVE")
    text = code["FunctionCode"].read().decode()
    assert "const RANGES = '198.51.100.0/24,2001:db8::/32';" in text


def test_edge_function_stays_beside_the_source_check(stack: SamProject) -> None:
    """A CloudFront Function at the viewer and Lambda@Edge at the origin go together (documented)."""
    config = distribution_config(stack)

    assert [path for path, held in behaviors(config).items() if held.get("LambdaFunctionAssociations")] == AGENT_PATHS


def test_rate_limit_puts_a_web_acl_in_front(stack: SamProject) -> None:
    """WAF blocks an address above the limit, counted over one minute; what was optional before is gone again."""
    deploy(stack, DomainName="", CertificateArn="", EdgeHasherSettings="", AllowedSourceRanges="", RateLimit="300")
    config = distribution_config(stack)

    waf = stack.aws.client("wafv2")
    (held,) = waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    acl = waf.get_web_acl(Name=held["Name"], Scope="CLOUDFRONT", Id=held["Id"])["WebACL"]

    assert config["WebACLId"] == held["ARN"]
    (rule,) = acl["Rules"]
    assert int(rule["Statement"]["RateBasedStatement"]["Limit"]) == 300
    assert "Block" in rule["Action"]
    assert not config.get("Aliases", {}).get("Items")
    associated = [path for path, held in behaviors(config).items() if held.get("FunctionAssociations", {}).get("Items")]
    assert associated == AGENT_PATHS  # for x-forwarded-host


def test_changed_page_is_uploaded_and_what_went_is_removed(stack: SamProject) -> None:
    """A file more and a file less in the source are so in the bucket after `sam build` and `sam deploy`."""
    page = stack.folder / "app/page"
    (page / "new.txt").write_text("new")
    (page / "ui/icon.svg").unlink()
    stack.build()
    write_region(stack.folder, "us-east-1")

    deploy(stack)

    held = page_files(stack)
    assert held["new.txt"] == "text/plain; charset=utf-8"
    assert "ui/icon.svg" not in held


def ask_publisher(stack: SamProject, request: str, bucket: str) -> Json:
    """Invoke the custom resource's function as CloudFormation does; gives what it answered."""
    with answers() as (address, received):
        event = {
            "RequestType": request,
            "ResponseURL": f"{address}/answer",
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/streaming-agent/1",
            "RequestId": "request-1",
            "LogicalResourceId": "Page",
            "PhysicalResourceId": f"page-of-{bucket}",
            "ResourceProperties": {"Bucket": bucket},
        }
        name = stack.physical_id("PagePublisher")
        stack.aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    (answer,) = received
    assert (answer["RequestId"], answer["LogicalResourceId"]) == ("request-1", "Page")
    assert answer["PhysicalResourceId"] == f"page-of-{bucket}"
    return answer


def test_publisher_that_fails_tells_cloudformation_why(stack: SamProject) -> None:
    """Without an answer CloudFormation would wait until the time is up; so it gets one, with the reason."""
    answer = ask_publisher(stack, "Update", "there-is-no-such-bucket")

    assert answer["Status"] == "FAILED"
    assert "NoSuchBucket" in answer["Reason"]


def test_publisher_empties_the_bucket_before_it_goes(stack: SamProject) -> None:
    """CloudFormation deletes no bucket that holds something (documented); the stand-in does, so this is asked apart."""
    answer = ask_publisher(stack, "Delete", stack.outputs()["PageBucketName"])

    assert answer["Status"] == "SUCCESS"
    assert page_files(stack) == {}


@contextmanager
def answers() -> Iterator[tuple[str, list[Json]]]:
    """Take what custom resources answer, on loopback; gives the address, and the list that the answers go to."""
    received: list[Json] = []

    class Taker(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Taker) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", received
        finally:
            server.shutdown()
            thread.join()


def test_delete_leaves_nothing_behind(stack: SamProject) -> None:
    """The page's bucket, the distribution and the functions go with the stack."""
    bucket = stack.outputs()["PageBucketName"]

    delete(stack)

    assert bucket not in [held["Name"] for held in stack.aws.client("s3").list_buckets()["Buckets"]]
    assert not stack.aws.client("cloudfront").list_distributions()["DistributionList"].get("Items")
    functions = stack.aws.client("lambda").list_functions()["Functions"]
    assert not [function for function in functions if "streaming-agent" in function["FunctionName"]]
