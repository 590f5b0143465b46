"""The origin-request event, as a Lambda@Edge function gets it.

Source: CloudFront Developer Guide, "Lambda@Edge event structure" and "Restrictions on Lambda@Edge"
(documented), unless a line says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pybase64

from edge_hasher.function import header_rules
from edge_hasher.local.aws_limits import EDGE_BODY_LIMIT_BYTES
from edge_hasher.local.cloudfront import syntax

if TYPE_CHECKING:
    from edge_hasher.function._types import Config, CustomOrigin, Event, Headers, Request
    from edge_hasher.local.cloudfront.model import Distribution, ForwardedRequest, HeaderPairs, OriginConfig, Policy

PREFIX_BYTES = EDGE_BODY_LIMIT_BYTES + 1
"""How much of a body a server reads before it calls `delivered_body`."""


@dataclass(frozen=True, slots=True)
class DeliveredBody:
    """The part of a body that the function gets: base64 text, and whether it was cut."""

    data: str
    truncated: bool


NO_BODY = DeliveredBody("", truncated=False)
"""The body of a GET with IncludeBody on: empty data (seen, captured events)."""


def delivered_body(prefix: bytes, *, more: bool) -> DeliveredBody:
    """Return the part of a body that is delivered; `more` says that bytes follow after `prefix`.

    Raises ValueError when more follows and `prefix` is shorter than the limit.
    """
    if more and len(prefix) < EDGE_BODY_LIMIT_BYTES:
        raise ValueError(f"read {EDGE_BODY_LIMIT_BYTES} bytes of the body first; only {len(prefix)} were given")
    truncated = more or len(prefix) > EDGE_BODY_LIMIT_BYTES
    cut = memoryview(prefix)[:EDGE_BODY_LIMIT_BYTES]
    return DeliveredBody(pybase64.b64encode_as_string(cut), truncated)


def exposes_body(method: str, policy: Policy) -> bool:
    """Whether IncludeBody delivers this method's body; for DELETE, the sources disagree (see Policy)."""
    return policy.deliver_delete_body or method != "DELETE"


def origin_request_event(
    request: ForwardedRequest,
    *,
    origin: OriginConfig,
    distribution: Distribution,
    body: DeliveredBody | None,
) -> Event:
    """Return the event for `request`; `body` is None with IncludeBody off, `NO_BODY` if none is exposed."""
    config: Config = {
        "distributionDomainName": distribution.domain_name,
        "distributionId": distribution.distribution_id,
        "eventType": "origin-request",
        "requestId": request.request_id,
    }
    given: Request = {
        "clientIp": request.client_ip,
        "headers": event_headers(request.headers),
        "method": request.method,
        "origin": {"custom": _custom_origin(origin)},
        "querystring": syntax.as_unicode(request.query or ""),
        "uri": syntax.as_unicode(request.path),
    }
    if body is not None:
        given["body"] = {
            "action": "read-only",
            "data": body.data,
            "encoding": "base64",
            "inputTruncated": body.truncated,
        }
    return {"Records": [{"cf": {"config": config, "request": given}}]}


def event_headers(pairs: HeaderPairs) -> Headers:
    """Return headers in Lambda@Edge's form; disallowed ones are not exposed (documented)."""
    headers: Headers = {}
    for name, value in pairs:
        lower = name.lower()
        if not header_rules.is_disallowed(lower):
            headers.setdefault(lower, []).append({"key": name, "value": value})
    return headers


def _custom_origin(origin: OriginConfig) -> CustomOrigin:
    custom: CustomOrigin = {
        "customHeaders": event_headers(origin.custom_headers),
        "domainName": origin.domain_name,
        "keepaliveTimeout": origin.keepalive_timeout_s,
        "path": origin.path,
        "port": origin.port,
        "protocol": "https" if origin.protocol == "https" else "http",
        "readTimeout": origin.read_timeout_s,
        "sslProtocols": list(origin.ssl_protocols),
    }
    if origin.response_completion_timeout_s is not None:  # in the event since July 2025 (documented)
        custom["responseCompletionTimeout"] = origin.response_completion_timeout_s
    return custom
