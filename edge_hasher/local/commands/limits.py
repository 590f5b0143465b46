"""What the local edge leaves out, and what it holds in memory: for --help and docs/local-edge.md."""

from __future__ import annotations

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
    "unverified: whether CloudFront passes DELETE bodies (see --no-delete-body) and chunked bodies to the function",
    "Function URLs with AuthType NONE, Lambda Web Functions (always-amz-auth), presigned URLs, CORS settings",
    "IAM beyond the two permissions, expiry of credentials, conditions of a resource policy",
    "Lambda's memory limit, concurrency and own cold starts; the 200 MB limit of a streamed answer",
    "behind --origin, the 6 MB limit on the event that a binary body becomes (about 4.7 MB of it): its own bytes count",
    "trailers; request targets with raw bytes outside ASCII (400: percent-encode them)",
    "a client that ends its sending side early (nc -N): it counts as gone",
    "the app's own path /__edge, which is the inspector's here",
    "response headers that a Function URL renames (x-amzn-remapped-...), and X-Amzn-Trace-Id",
)
"""One line each."""

MEMORY_BOUND = (
    "Of a request, the edge holds at most 1 MiB and one byte of its body, each busy function process one event of "
    "1.4 MiB, and the Function URL 6 MiB. What is longer streams through, or is read and dropped, up to 64 MiB, and "
    "then cut off. Answers stream through; those of --app (up to 6 MB) and of the function (up to 1 MB) are held. A "
    "connection that sends no whole head within 60 s is closed."
)
