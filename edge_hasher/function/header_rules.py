"""The header names that CloudFront guards in an origin-request function; touching one ends in its 502.

Source: CloudFront Developer Guide, "Restrictions on edge functions" (documented). Lower case, as event keys are. The
headers of a viewer's TLS certificate are seen: three unrelated copies of the list have them since viewer mTLS.
"""

# Present in the event, but a function may not add, change or delete them.
READ_ONLY = frozenset({
    "accept-encoding",
    "cdn-loop",
    "content-length",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "transfer-encoding",
    "via",
})  # fmt: skip

# Not in the event, and a function may not add them.
DISALLOWED = frozenset({
    "client-cert",
    "client-cert-chain",
    "cloudfront-viewer-cert-pem",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "upgrade",
    "x-accel-buffering",
    "x-accel-charset",
    "x-accel-limit-rate",
    "x-accel-redirect",
    "x-amzn-auth",
    "x-amzn-cf-billing",
    "x-amzn-cf-id",
    "x-amzn-cf-xff",
    "x-amzn-errortype",
    "x-amzn-fle-profile",
    "x-amzn-header-count",
    "x-amzn-header-order",
    "x-amzn-lambda-integration-tag",
    "x-amzn-requestid",
    "x-cache",
    "x-forwarded-proto",
    "x-real-ip",
})  # fmt: skip
DISALLOWED_PREFIXES = ("x-amz-cf-", "x-edge-")


def is_disallowed(name: str) -> bool:
    """Whether CloudFront refuses a function that adds the header `name` (lower case)."""
    return name in DISALLOWED or name.startswith(DISALLOWED_PREFIXES)
