"""AWS in this process: real clients that send nothing. moto answers, and botocore's Stubber where moto is not faithful.

moto has no permissions (`refuse` plays them), drops the associations of a distribution, and lists neither Function URLs
nor runtime management; it gives everything in one page.
"""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config as BotoConfig
from botocore.stub import Stubber
from moto import mock_aws

from edge_hasher.aws.clients import Clients
from edge_hasher.aws.door import Aws
from edge_hasher.operate.clock import Clock
from edge_hasher.screen import Screen
from tests.support.aws.distribution_configs import ACCOUNT, DISTRIBUTION_ID, ETAG, FUNCTION, distribution

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self

    from botocore.model import OperationModel

    from tests.support.aws.distribution_configs import Config

ROLE = "edge-hasher-role"
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
# moto has no runtime management.
_ALWAYS = {"lambda:GetRuntimeManagementConfig": {"UpdateRuntimeOn": "Auto"}}


class StubbedClients(Clients):
    """Clients that moto answers, and the Stubber for the services of which a test said so."""

    def __init__(self) -> None:
        super().__init__()
        self.stubs: dict[str, Stubber] = {}

    def make(self, service: str, region: str) -> Any:
        """Return the client, the stubbed one of a service for every Region."""
        return self.stubs[service].client if service in self.stubs else _client(service, region)

    def make_for_updates(self, service: str, region: str) -> Any:
        """Return the same client."""
        return self.make(service, region)


class StubbedAws(Aws):
    """An Aws without a network; a stubbed service answers in order, and a call too many fails the test."""

    def __init__(self) -> None:
        self.clients = StubbedClients()
        super().__init__(clients=self.clients)
        self._moto = mock_aws()
        self._moto.start()
        self.refusals: dict[str, list[tuple[int, Config]]] = {}
        _ACCOUNTS.append(self)

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """Return moto's client, to set things up."""
        return _client(service, region)

    def stub(self, service: str) -> Stubber:
        """Return the Stubber of a service, active: from now on it answers instead of moto."""
        if service not in self.clients.stubs:
            self.clients.stubs[service] = Stubber(_client(service, "us-east-1"))
            self.clients.stubs[service].activate()
        return self.clients.stubs[service]

    def refuse(self, action: str, code: str, message: str = "no", status: int = 400) -> None:
        """Refuse the next call of an action, such as lambda:ListAliases."""
        error = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
        self.refusals.setdefault(action, []).append((status, error))

    def __enter__(self) -> Self:
        """Return this account."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the clients back: the next test has them with answers of its own."""
        for stub in self.clients.stubs.values():
            stub.deactivate()
        self._moto.stop()
        _ACCOUNTS.remove(self)

    def all_used(self) -> None:
        """Assert that every answer was asked for, and every refusal met."""
        assert not any(self.refusals.values()), self.refusals
        for stub in self.clients.stubs.values():
            stub.assert_no_pending_responses()


_ACCOUNTS: list[StubbedAws] = []


@cache
def _client(service: str, region: str) -> Any:
    """Make a client once: it takes a quarter of a second."""
    session = boto3.Session(
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106 (AWS's own example)
        region_name=region,
    )
    make: Any = session.client
    # CloudFront's is used for updates too, whose XML is not botocore's to validate.
    client = make(service, config=BotoConfig(parameter_validation=service != "cloudfront"))
    client.meta.events.register("before-call", _before)
    return client


def _before(model: OperationModel, **_: Any) -> tuple[AWSResponse, Config] | None:
    action = f"{model.service_model.service_name}:{model.name}"
    if refusals := _ACCOUNTS[-1].refusals.get(action):
        status, answer = refusals.pop(0)
    elif action in _ALWAYS:
        status, answer = 200, _ALWAYS[action]
    else:
        return None
    # botocore reads nothing but the status of an answer that is given here.
    return AWSResponse("https://aws.example", status, HTTPHeaders(), None), answer


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


def clock_at(date: datetime) -> Clock:
    """Give a clock that stands still."""
    return Clock(date=lambda: date)


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
    stub: Any = aws.stub("cloudfront")
    stub.add_response("get_distribution", {"Distribution": answer, "ETag": etag}, {"Id": DISTRIBUTION_ID})
    # A Stubber answers what botocore has read, and the XML is read past it: the last answer gets its bytes too.
    http: Any = AWSResponse("https://aws.example", 200, HTTPHeaders(), None)
    http._content = b"<Distribution>" + read.xml + b"</Distribution>"  # noqa: SLF001 (as if it had been read)
    stub._queue[-1]["response"] = (http, stub._queue[-1]["response"][1])  # noqa: SLF001 (it has no door for this)


def answer_tags(aws: StubbedAws, **tags: str) -> None:
    """Let the next list_tags_for_resource answer these tags."""
    items = [{"Key": key, "Value": value} for key, value in tags.items()]
    aws.stub("cloudfront").add_response("list_tags_for_resource", {"Tags": {"Items": items}})


def deploy(
    aws: StubbedAws, *, versions: int = 4, name: str = FUNCTION, region: str = "us-east-1", trust: Any = TRUST,
    **configuration: Any
) -> None:  # fmt: skip
    """Make a function that Lambda@Edge takes, but for what is given here, with versions from 1 on."""
    iam, functions = aws.client("iam"), aws.client("lambda", region)
    if ROLE not in {role["RoleName"] for role in iam.list_roles()["Roles"]}:
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    good = {"Runtime": "python3.13", "Handler": "handler.lambda_handler", "Timeout": 5, "MemorySize": 512}
    role_arn = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    functions.create_function(FunctionName=name, Role=role_arn, Code={"ZipFile": package(0)}, **(good | configuration))
    for number in range(1, versions + 1):
        functions.update_function_code(FunctionName=name, ZipFile=package(number))
        functions.publish_version(FunctionName=name)


def package(number: int) -> bytes:
    """Give a deployment package that differs from others by its number: equal code is not published twice."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("handler.py", f"NUMBER = {number}\n")
    return buffer.getvalue()
