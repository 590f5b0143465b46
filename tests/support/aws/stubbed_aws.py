"""AWS as botocore's Stubber plays it: real clients that answer from a list and send nothing."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.stub import Stubber

from edge_hasher.aws.clients import Aws
from edge_hasher.operate.clock import Clock
from edge_hasher.screen import Screen
from tests.support.aws.distribution_configs import ACCOUNT, ARN, DISTRIBUTION_ID, ETAG, FUNCTION, distribution

if TYPE_CHECKING:
    from tests.support.aws.distribution_configs import Config

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/edge-hasher-role"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]},
        }
    ],
}


@cache
def _client(service: str) -> Any:
    """Make a client once: it takes a quarter of a second."""
    session = boto3.Session(
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106 (AWS's own example)
        region_name="us-east-1",
    )
    make: Any = session.client
    return make(service)


@dataclass(frozen=True)
class StubbedAws(Aws):
    """An Aws whose clients answer what they were told to, in order; a call too many fails the test."""

    stubs: dict[str, Stubber] = field(default_factory=dict)

    def stub(self, service: str) -> Stubber:
        """Return the Stubber of a service, active."""
        if service not in self.stubs:
            self.stubs[service] = Stubber(_client(service))
            self.stubs[service].activate()
        return self.stubs[service]

    def close(self) -> None:
        """Give the clients back: the next test has them with answers of its own."""
        for stub in self.stubs.values():
            stub.deactivate()

    def all_used(self) -> None:
        """Assert that every answer was asked for."""
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()

    def cloudfront(self) -> Any:
        """Return the stubbed client."""
        return self.stub("cloudfront").client

    def awslambda(self, region: str | None = None) -> Any:
        """Return the stubbed client."""
        assert region is None
        return self.stub("lambda").client

    def iam(self) -> Any:
        """Return the stubbed client."""
        return self.stub("iam").client

    def ssm(self) -> Any:
        """Return the stubbed client."""
        return self.stub("ssm").client

    def cloudformation(self) -> Any:
        """Return the stubbed client."""
        return self.stub("cloudformation").client


def unseen(_text: str) -> None:
    """Take progress that no test looks at."""


class FakeTime:
    """A clock that moves only when someone sleeps."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now_s += seconds

    @property
    def clock(self) -> Clock:
        """The clock to hand over."""
        return Clock(now=lambda: self.now_s, sleep=self.sleep)


def screen() -> Screen:
    """Give a screen that nobody sees."""
    return Screen(io.StringIO())


def answer_distribution(aws: StubbedAws, settings: Config, *, status: str = "Deployed", etag: str = ETAG) -> None:
    """Let the next get_distribution answer this configuration."""
    read = distribution(settings, status=status, etag=etag)
    answer = {
        "Id": read.id,
        "ARN": read.arn,
        "Status": read.status,
        "LastModifiedTime": read.modified_at,
        "InProgressInvalidationBatches": 0,
        "DomainName": read.domain,
        "DistributionConfig": settings,
    }
    aws.stub("cloudfront").add_response(
        "get_distribution", {"Distribution": answer, "ETag": etag}, {"Id": DISTRIBUTION_ID}
    )


def answer_function(aws: StubbedAws, **configuration: Any) -> None:
    """Let the next get_function answer a version that Lambda@Edge takes, but for what is given here."""
    good = {
        "FunctionName": FUNCTION,
        "FunctionArn": ARN,
        "Runtime": "python3.13",
        "Role": ROLE_ARN,
        "CodeSize": 1_000_000,
        "Timeout": 5,
        "MemorySize": 512,
        "Version": "4",
        "TracingConfig": {"Mode": "PassThrough"},
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
    }
    aws.stub("lambda").add_response("get_function", {"Configuration": good | configuration}, {"FunctionName": ARN})


def answer_role(aws: StubbedAws, trust: Any = None) -> None:
    """Let the next get_role answer this trust policy, or the right one."""
    role = {
        "Path": "/",
        "RoleName": "edge-hasher-role",
        "RoleId": "AROAEXAMPLEEXAMPLE",
        "Arn": ROLE_ARN,
        "CreateDate": distribution({}).modified_at,
        "AssumeRolePolicyDocument": json.dumps(trust or TRUST),
    }
    aws.stub("iam").add_response("get_role", {"Role": role}, {"RoleName": "edge-hasher-role"})


def answer_tags(aws: StubbedAws, **tags: str) -> None:
    """Let the next list_tags_for_resource answer these tags."""
    items = [{"Key": key, "Value": value} for key, value in tags.items()]
    aws.stub("cloudfront").add_response("list_tags_for_resource", {"Tags": {"Items": items}})
