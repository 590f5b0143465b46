"""What the local edge leaves out, and what it holds in memory: for --help and docs/local-edge.md."""

from __future__ import annotations

NOT_MODELLED = (
    "caching, compression, range and conditional requests: every request goes to the origin; AWS is not stricter",
    "other behaviors, origin groups, the pages of custom error responses; AWS is stricter: a behavior may refuse POST",
    "cache policies, but for the headers in their keys with --from; AWS is stricter if one has Host in its key",
    "WAF, signed URLs and cookies, geographic restrictions; AWS is stricter where they are set",
    "functions on other events, CloudFront Functions; AWS is stricter if one of them refuses",
    "HTTP/2, HTTP/3, TLS, WebSocket, gRPC and 1xx responses; AWS is not stricter",
    "request targets that do not begin with / or hold raw bytes outside ASCII: 400 here; AWS is not stricter",
    "CloudFront-* headers about place and network, which a loopback address does not have; AWS is not stricter",
    "an S3 origin or another origin than the one given, when the function asks for it: 502 here; AWS is not stricter",
    "a function's keepaliveTimeout and responseCompletionTimeout: checked, not timed; AWS is stricter",
    "header values that are not UTF-8: taken for ISO-8859-1 and sent on as UTF-8; unknown whether AWS is stricter",
    "throttling, Regions, cold starts of real edge locations, retries of GET; AWS is stricter: 429 and 503",
    "DELETE bodies (see --no-delete-body) and chunked bodies for the function; unknown whether AWS is stricter",
    "which refusal comes first where a request is wrong in several ways; unknown whether AWS is stricter",
    "AuthType NONE, Lambda Web Functions (always-amz-auth), presigned URLs; AWS is not stricter",
    "CORS settings of the Function URL: the app's own headers pass; AWS is stricter: its settings win",
    "IAM beyond the two permissions, expiry of credentials, conditions of a resource policy; AWS is stricter",
    "Lambda's memory limit, concurrency and own cold starts; the 200 MB limit of a streamed answer; AWS is stricter",
    "behind --origin, the 6 MB limit on the event that a binary body becomes (about 4.7 MB of it); AWS is stricter",
    "trailers; unknown whether AWS is stricter",
    "a client that ends its sending side early (nc -N): it counts as gone; AWS is not stricter",
    "the app's own path /__edge, which is the inspector's here; AWS is not stricter",
    "X-Amzn-Trace-Id in answers, and headers that a Function URL renames (x-amzn-remapped-...); AWS is not stricter",
)
"""One line each, with whether AWS would refuse or break what passes here."""

MEMORY_BOUND = (
    "Of a request, the edge holds at most 1 MiB and one byte of its body, each busy function process one event of "
    "1.4 MiB, and the Function URL 6 MiB. What is longer streams through, or is read and dropped, up to 64 MiB, and "
    "then cut off. Answers stream through; those of --app and of --invoke-mode BUFFERED (up to 6 MB) and of the "
    "function (up to 1 MB) are held. A head that has not ended after 64 KiB is refused, and a connection that sends no "
    "whole head, or nothing of a body, for 60 s is closed."
)
