"""Distributions past botocore's model: the XML of an answer as it came, and the XML of an update as it is given.

botocore leaves out what its model does not know, at reading and at writing, and an update without an element takes that
setting away. All the rest of a call, such as credentials, endpoint and signature, stays botocore's.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

ANSWER = "EdgeHasherXml"  # where the XML stands in an answer, beside what botocore reads of it
_REQUEST = "edge_hasher_xml"


def register(client: Any) -> None:  # noqa: ANN401 (a client of any service)
    """Let a client read and send distributions as XML; DistributionConfig is then given as bytes."""
    for event, hook in (
        ("after-call.cloudfront.GetDistribution", _keep_answer),
        ("before-parameter-build.cloudfront.UpdateDistribution", _take_request),
        ("before-call.cloudfront.UpdateDistribution", _send_request),
    ):
        client.meta.events.register(event, hook, unique_id=f"edge-hasher-{event}")


def _keep_answer(http_response: Any, parsed: dict[str, Any], **_: object) -> None:  # noqa: ANN401 (botocore's)
    if http_response.status_code == HTTPStatus.OK:
        parsed[ANSWER] = http_response.content


def _take_request(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    context[_REQUEST], params["DistributionConfig"] = params["DistributionConfig"], {}


def _send_request(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    params["body"] = context[_REQUEST]
