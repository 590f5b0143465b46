"""What the local edge leaves out, and what it holds in memory: for --help and docs/local-edge.md."""

from __future__ import annotations

from edge_hasher.local import cloudfront

NOT_MODELLED = (
    *cloudfront.NOT_MODELLED,
    "a doubt: that CloudFront hands over a DELETE's body (sources disagree: --no-delete-body) and a chunked one",
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
