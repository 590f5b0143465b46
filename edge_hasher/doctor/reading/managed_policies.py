"""AWS's managed policies by id, so they need no call and no permission.

Source: CloudFront Developer Guide, "Use managed cache policies" and "Use managed origin request policies" (documented).
Only what the checks judge is listed. Any other id is read from CloudFront.
"""

from __future__ import annotations

from edge_hasher.doctor.facts import CachePolicy, RequestPolicy

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

_DAY_S = 86_400
_METHOD_OVERRIDES = {"x-http-method-override", "x-http-method", "x-method-override"}


def _cache(name: str, ttls_s: tuple[int, int], headers: set[str], *, compresses: bool = True) -> CachePolicy:
    minimum, default = ttls_s
    return CachePolicy(
        name=name,
        headers=frozenset(headers),
        min_ttl_s=minimum,
        default_ttl_s=default,
        compresses=compresses,
    )


def _request(name: str, mode: str, *headers: str) -> RequestPolicy:
    return RequestPolicy(name=name, mode=mode, headers=frozenset(headers))


_FROM_ORIGIN = (0, 0)
_FROM_ORIGIN_HEADERS = {"host", "origin", *_METHOD_OVERRIDES}

CACHE_POLICIES = {
    CACHING_DISABLED: _cache("CachingDisabled", (0, 0), set(), compresses=False),
    "658327ea-f89d-4fab-a63d-7e88639e58f6": _cache("CachingOptimized", (1, _DAY_S), set()),
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65": _cache("UseOriginCacheControlHeaders", _FROM_ORIGIN, _FROM_ORIGIN_HEADERS),
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe": _cache(
        "UseOriginCacheControlHeaders-QueryStrings", _FROM_ORIGIN, _FROM_ORIGIN_HEADERS
    ),
    "2e54312d-136d-493c-8eb9-b001f22f67d2": _cache(
        "Amplify", (2, 2), {"authorization", "cloudfront-viewer-country", "host"}
    ),
}

REQUEST_POLICIES = {
    ALL_VIEWER_EXCEPT_HOST: _request("AllViewerExceptHostHeader", "allExcept", "host"),
    "216adef6-5c7f-47e4-b989-5492eafa07d3": _request("AllViewer", "allViewer"),
    "33f36d7e-f396-46d9-90e0-52428a34d9dc": _request(
        "AllViewerAndCloudFrontHeaders-2022-06", "allViewerAndWhitelistCloudFront"
    ),
    "bf0718e1-ba1e-49d1-88b1-f726733018ae": _request("HostHeaderOnly", "whitelist", "host"),
    "59781a5b-3903-41f3-afcb-af62929ccde1": _request("CORS-CustomOrigin", "whitelist", "origin"),
    "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": _request(
        "CORS-S3Origin", "whitelist", "origin", "access-control-request-headers", "access-control-request-method"
    ),
    "acba4595-bd28-49b8-b9fe-13317c0390fa": _request("UserAgentRefererHeaders", "whitelist", "user-agent", "referer"),
}
