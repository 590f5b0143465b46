"""A watch at the door to AWS: calls are recorded, refused, or their answers edited on the way to the reader.

MiniStack knows no permissions, and cannot represent every fault; a refusal and an edited answer are how those are made.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel

from edge_hasher.aws.clients import Clients
from edge_hasher.aws.door import Aws
from tests.support.aws.ministack_server import ACCOUNT_ID, CREDENTIALS, MiniStack

Json = Any
Edit = Callable[[Json], None]


@dataclass(slots=True)
class Watch:
    """What happens to the calls of the reader: recorded, refused, their answers edited, or given in AWS's place."""

    calls: list[str] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    edits: dict[str, Edit] = field(default_factory=dict)
    answers: dict[str, Json] = field(default_factory=dict)

    def before(self, model: OperationModel, **_: object) -> tuple[AWSResponse, Json] | None:
        """Note a call, and answer in AWS's place where it is not allowed."""
        action = _action(model)
        self.calls.append(action)
        if action not in self.denied:
            given = self.answers.get(action)
            return None if given is None else (AWSResponse("https://aws.example", 200, HTTPHeaders(), None), given)
        # botocore reads nothing but the status of an answer that was given in AWS's place.
        refused = AWSResponse("https://aws.example", 403, HTTPHeaders(), None)
        message = f"User: arn:aws:iam::{ACCOUNT_ID}:user/reader is not authorized to perform: {action}"
        return refused, {
            "Error": {"Code": "AccessDenied", "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": 403},
        }

    def after(self, parsed: Json, model: OperationModel, **_: object) -> None:
        """Edit an answer."""
        if "Error" not in parsed and (edit := self.edits.get(_action(model))):
            edit(parsed)


class WatchedAws(Aws):
    """The door to AWS with a watch at it; clients are made once, since each takes a tenth of a second."""

    def __init__(self, aws: MiniStack, watch: Watch) -> None:
        _WATCHING[0] = watch
        super().__init__(clients=_Clients(aws.endpoint))


class _Clients(Clients):
    def __init__(self, endpoint: str) -> None:
        super().__init__()
        self._endpoint = endpoint

    def make(self, service: str, region: str) -> Any:
        return _watched(self._endpoint, service, region)


_WATCHING = [Watch()]


@cache
def _watched(endpoint: str, service: str, region: str) -> Any:
    session = boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    make: Any = session.client
    client = make(service, region_name=region, endpoint_url=endpoint)
    client.meta.events.register("before-call", _before)
    client.meta.events.register("after-call", _after)
    return client


def _before(**how: Any) -> tuple[AWSResponse, Json] | None:
    return _WATCHING[0].before(**how)


def _after(**how: Any) -> None:
    _WATCHING[0].after(**how)


def _action(model: OperationModel) -> str:
    """Name the IAM action of a call, which for these services is the operation's name."""
    return f"{model.service_model.service_name}:{model.name}"
