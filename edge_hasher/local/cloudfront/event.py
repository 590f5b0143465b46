"""The origin-request event: what a Lambda@Edge function is handed.

Source: CloudFront Developer Guide, "Lambda@Edge event structure" and "Restrictions on Lambda@Edge"
(documented), unless a line says otherwise.
"""

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.function import header_rules
from edge_hasher.local.cloudfront import syntax

if TYPE_CHECKING:
    from edge_hasher.function._types import Body, CustomOrigin, Event, Headers
    from edge_hasher.local.cloudfront.model import Distribution, ForwardedRequest, HeaderPairs, OriginConfig, Policy

# A body is truncated at 1 MB (documented); that this means 1,048,576 raw bytes, and that exactly so many
# are not truncated, is inferred.
DELIVERED_LIMIT_BYTES = 1_048_576
PREFIX_BYTES = DELIVERED_LIMIT_BYTES + 1
"""As much of a body as a server needs to have read before it can call `delivered_body`."""


@dataclass(frozen=True, slots=True)
class DeliveredBody:
    """What of a body the function gets: base64 text, and whether it was cut."""

    data: str
    truncated: bool


NO_BODY = DeliveredBody("", truncated=False)
"""What a GET shows with *include body* on: empty data (seen, captured events)."""


def delivered_body(prefix: bytes, *, more: bool) -> DeliveredBody:
    """Return the deliverable part of a body that starts with `prefix`; `more`: bytes follow after it.

    Raises ValueError when `prefix` is shorter than the limit and more follows: the function would get too
    little.
    """
    if more and len(prefix) < DELIVERED_LIMIT_BYTES:
        raise ValueError(f"read {DELIVERED_LIMIT_BYTES} bytes of the body first; only {len(prefix)} were given")
    truncated = more or len(prefix) > DELIVERED_LIMIT_BYTES
    cut = memoryview(prefix)[:DELIVERED_LIMIT_BYTES]
    return DeliveredBody(base64.b64encode(cut).decode("ascii"), truncated)


def exposes_body(method: str, policy: "Policy") -> bool:
    """Whether *include body* hands over this method's body; for DELETE, the sources disagree (see Policy)."""
    return policy.deliver_delete_body or method != "DELETE"


def origin_request_event(
    request: "ForwardedRequest",
    *,
    origin: "OriginConfig",
    distribution: "Distribution",
    body: DeliveredBody | None,
) -> "Event":
    """Return the event for `request`; `body` is None with *include body* off, `NO_BODY` if none is exposed."""
    event: Event = {
        "Records": [
            {
                "cf": {
                    "config": {
                        "distributionDomainName": distribution.domain_name,
                        "distributionId": distribution.distribution_id,
                        "eventType": "origin-request",
                        "requestId": request.request_id,
                    },
                    "request": {
                        "clientIp": request.client_ip,
                        "headers": event_headers(request.headers),
                        "method": request.method,
                        "origin": {"custom": _custom_origin(origin)},
                        "querystring": syntax.as_unicode(request.query or ""),
                        "uri": syntax.as_unicode(request.path),
                    },
                }
            }
        ]
    }
    if body is not None:
        event["Records"][0]["cf"]["request"]["body"] = _body(body)
    return event


def event_headers(pairs: "HeaderPairs") -> "Headers":
    """Return headers in Lambda@Edge's form; disallowed ones are not exposed (documented)."""
    headers: Headers = {}
    for name, value in pairs:
        lower = name.lower()
        if not header_rules.is_disallowed(lower):
            headers.setdefault(lower, []).append({"key": name, "value": value})
    return headers


def _body(body: DeliveredBody) -> "Body":
    return {"action": "read-only", "data": body.data, "encoding": "base64", "inputTruncated": body.truncated}


def _custom_origin(origin: "OriginConfig") -> "CustomOrigin":
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
