"""What CloudFront does around an origin-request function, as pure functions.

There is no socket, clock, random source or state here; the server passes in what it needs of them.

    receive -> Refusal | ForwardedRequest    viewer.py  what is refused, dropped, replaced, added
    origin_request_event -> Event            event.py   what the function is handed; the 1 MiB cut of the body
    validate_result -> Forward | Generated   result.py  CloudFront's rules for what came back, or InvalidResult
    answer -> EdgeAnswer                     errors.py  the answers that CloudFront gives by itself

`NOT_MODELLED` is for `--help` and the documentation.
"""

from edge_hasher.local.cloudfront.errors import (
    EdgeAnswer,
    EdgeError,
    answer,
    edge_headers,
    invalid_result,
    without_body,
    x_cache_of_origin,
)
from edge_hasher.local.cloudfront.event import (
    NO_BODY,
    PREFIX_BYTES,
    DeliveredBody,
    delivered_body,
    exposes_body,
    origin_request_event,
)
from edge_hasher.local.cloudfront.model import (
    REQUEST_ID_RANDOM_BYTES,
    Distribution,
    ForwardedRequest,
    HeaderPairs,
    OriginConfig,
    Policy,
    ViewerRequest,
    request_id_from,
)
from edge_hasher.local.cloudfront.result import Forward, GeneratedResponse, InvalidResult, parse_result, validate_result
from edge_hasher.local.cloudfront.viewer import ViewerRefusal, forward, receive, refusal

NOT_MODELLED = (
    "caching, compression, range and conditional requests: every request goes to the origin",
    "other behaviors, allowed methods, origin groups, custom error responses",
    "WAF, signed URLs and cookies, geographic restrictions",
    "other triggers: viewer-request, origin-response and viewer-response functions, CloudFront Functions",
    "HTTP/2, HTTP/3, TLS, WebSocket, gRPC and 1xx responses; request targets that do not begin with /",
    "CloudFront-* headers, cookie and query string policies: cookies and the query are always forwarded",
    "an S3 origin or another origin than the one given, when the function asks for it",
    "header values that are not UTF-8: they are taken for ISO-8859-1 and sent on as UTF-8",
    "throttling, Regions, cold starts of real edge locations, retries of GET at the origin",
)
"""What the local edge leaves out of CloudFront, one line each."""

__all__ = [
    "NOT_MODELLED",
    "NO_BODY",
    "PREFIX_BYTES",
    "REQUEST_ID_RANDOM_BYTES",
    "DeliveredBody",
    "Distribution",
    "EdgeAnswer",
    "EdgeError",
    "Forward",
    "ForwardedRequest",
    "GeneratedResponse",
    "HeaderPairs",
    "InvalidResult",
    "OriginConfig",
    "Policy",
    "ViewerRefusal",
    "ViewerRequest",
    "answer",
    "delivered_body",
    "edge_headers",
    "exposes_body",
    "forward",
    "invalid_result",
    "origin_request_event",
    "parse_result",
    "receive",
    "refusal",
    "request_id_from",
    "validate_result",
    "without_body",
    "x_cache_of_origin",
]
