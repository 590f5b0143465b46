"""One request through the function, without an edge around it: what `edge-hasher invoke` does."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge_hasher.function.decision import DIGEST_HEADER, decide
from edge_hasher.local.cloudfront import custom_headers
from edge_hasher.local.cloudfront.behavior import host_names
from edge_hasher.local.cloudfront.event import delivered_body, origin_request_event
from edge_hasher.local.cloudfront.model import (
    REQUEST_ID_RANDOM_BYTES,
    Distribution,
    OriginConfig,
    Policy,
    ViewerRequest,
    request_id_from,
)
from edge_hasher.local.cloudfront.viewer import ViewerRefusal, receive
from edge_hasher.local.runtime import FunctionPool

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.model import HeaderPairs
    from edge_hasher.local.runtime import FunctionSpec, Invocation

# A viewer of documentation's address range, and a Function URL's name.
_CLIENT_IP = "203.0.113.178"
_ORIGIN = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws"


class RequestError(ValueError):
    """The request or event that was asked for cannot be made; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSpec:
    """The request to make an event of; `target` is path and query, `truncate` marks the body as cut in any case."""

    method: str
    target: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    settings: tuple[str, ...] = ()
    truncate: bool = False


@dataclass(frozen=True, slots=True)
class InvokeResult:
    """What came of one invocation: the function's `answer`, what it took, and the decision's row if that is known."""

    answer: dict[str, Any]
    invocation: Invocation
    row: str | None

    @property
    def refusal(self) -> dict[str, Any] | None:
        """The problem document of a refusal; None where the request goes on to the origin."""
        if "status" not in self.answer:
            return None
        document: dict[str, Any] = json.loads(self.answer["body"])
        return document

    @property
    def logged_codes(self) -> list[str]:
        """The codes of the refusals and anomalies that the function logged."""
        lines = [json.loads(line) for line in self.invocation.log if line.startswith("{")]
        return [line["code"] for line in lines if "code" in line]

    @property
    def digest(self) -> str | None:
        """What the forwarded request carries as x-amz-content-sha256."""
        values = self.answer.get("headers", {}).get(DIGEST_HEADER)
        return values[0]["value"] if values and self.refusal is None else None


def event_for(spec: RequestSpec) -> dict[str, Any]:
    """Return the origin-request event that CloudFront would make of the request, the body cut at 1 MiB.

    Raises RequestError for what CloudFront refuses before any function runs.
    """
    settings = (("Edge-Hasher", ", ".join(spec.settings)),) if spec.settings else ()
    origin = OriginConfig(domain_name=_ORIGIN, custom_headers=settings)
    viewer = ViewerRequest(method=spec.method, target=spec.target, headers=_viewer_headers(spec), client_ip=_CLIENT_IP)
    for name, value in origin.custom_headers:
        problem = custom_headers.problem(name, value)
        if problem is not None:
            raise RequestError(problem)
    # Whatever Host is asked for is a name of the distribution: there is no other here.
    distribution = Distribution(aliases=tuple(map(host_names.name_of, viewer.values("host"))))
    received = receive(
        viewer,
        policy=Policy(),
        origin=origin,
        distribution=distribution,
        request_id=request_id_from(secrets.token_bytes(REQUEST_ID_RANDOM_BYTES)),
    )
    if isinstance(received, ViewerRefusal):
        raise RequestError(f"CloudFront answers {received.error.status} before any function runs: {received.reason}")
    body = delivered_body(spec.body, more=False)
    event: dict[str, Any] = dict(origin_request_event(received, origin=origin, distribution=distribution, body=body))
    if spec.truncate:
        event["Records"][0]["cf"]["request"]["body"]["inputTruncated"] = True
    return event


def parse_event(text: bytes) -> dict[str, Any]:
    """Return the event in `text`. Raises RequestError for anything but a JSON object."""
    try:
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"the event is not JSON: {error}") from error
    if not isinstance(event, dict):
        raise RequestError(f"the event is a JSON {type(event).__name__}, not an object")
    return event


async def invoke(event: dict[str, Any], spec: FunctionSpec, *, is_own: bool) -> InvokeResult:
    """Run the function once, in a process of its own; `is_own` if it decides as this installation does.

    Raises FunctionFailure; ValueError for an oversized event.
    """
    async with FunctionPool(spec) as pool:
        invocation = await pool.invoke(event)
    cf = event["Records"][0]["cf"] if is_own else None
    return InvokeResult(
        invocation.value(), invocation, decide(cf["request"], cf["config"]["eventType"]).row if cf else None
    )


def _viewer_headers(spec: RequestSpec) -> HeaderPairs:
    """Add what any client sends: Host, and how long the body is."""
    names = {name.lower() for name, _ in spec.headers}
    own = [] if "host" in names else [("Host", Distribution().domain_name)]
    if (spec.body or spec.method not in {"GET", "HEAD", "OPTIONS", "DELETE"}) and not names & {
        "content-length",
        "transfer-encoding",
    }:
        own.append(("Content-Length", str(len(spec.body))))
    return (*own, *spec.headers)
