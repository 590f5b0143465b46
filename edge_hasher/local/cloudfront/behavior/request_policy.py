"""CloudFront's managed origin request policies: what of a viewer's request goes on to the origin.

Source: "Use managed origin request policies" (documented), and, for what goes on whatever the policy says, the table
of headers in "Request and response behavior for custom origins" (documented). Two doubts are settled on the strict
side: Origin goes on only where a policy names it (the table says always, and the CORS policies would then have no use;
inferred), and headers that the table does not know need a policy that forwards all (documented for cache policies).
"""

from __future__ import annotations

from dataclasses import dataclass

# Forwarded under every policy. Host, User-Agent, Via and X-Forwarded-For are built anew.
_ALWAYS = frozenset({
    "cache-control",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "from",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "pragma",
    "range",
    "request-range",
    "transfer-encoding",
    "warning",
})  # fmt: skip
_AUTHORIZATION_DROPPED = frozenset({"GET", "HEAD", "OPTIONS"})  # others keep it without a policy (same table)

# The header's name, and a word of User-Agent that makes it true. Which devices count is inferred.
_DEVICES = (
    ("CloudFront-Is-Android-Viewer", "android"),
    ("CloudFront-Is-IOS-Viewer", "iphone"),
    ("CloudFront-Is-Mobile-Viewer", "mobile"),
    ("CloudFront-Is-SmartTV-Viewer", "smart-tv"),
    ("CloudFront-Is-Tablet-Viewer", "ipad"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPolicy:
    """What a policy adds to `_ALWAYS`.

    `all_viewer`: every header but Host, all cookies and the query. `headers` are single names, in lower case, where it
    does not, and `excluded` those that it drops where it does. `cookies` and `query` say whether these go on, where
    `all_viewer` does not say it. `cloudfront_headers`: those that CloudFront makes itself.
    """

    all_viewer: bool = False
    host: bool = False
    headers: frozenset[str] = frozenset()
    cloudfront_headers: bool = False
    excluded: frozenset[str] = frozenset()
    cookies: bool | None = None
    query: bool | None = None

    @property
    def forwards_query(self) -> bool:
        """Whether the query string goes to the origin."""
        return self.all_viewer if self.query is None else self.query

    def forwards(self, name: str, method: str) -> bool:
        """Whether a viewer's header (lower case) goes to the origin."""
        if name == "host":
            return self.host
        if name == "cookie":
            return self.all_viewer if self.cookies is None else self.cookies
        if name == "authorization" and method not in _AUTHORIZATION_DROPPED:
            return True
        if self.all_viewer and name not in self.excluded:
            return True
        return name in _ALWAYS or name in self.headers


REQUEST_POLICIES = {
    "AllViewerExceptHostHeader": RequestPolicy(all_viewer=True),
    "AllViewer": RequestPolicy(all_viewer=True, host=True),
    "AllViewerAndCloudFrontHeaders-2022-06": RequestPolicy(all_viewer=True, host=True, cloudfront_headers=True),
    "CORS-CustomOrigin": RequestPolicy(headers=frozenset({"origin"})),
    "CORS-S3Origin": RequestPolicy(
        headers=frozenset({"origin", "access-control-request-headers", "access-control-request-method"})
    ),
    "HostHeaderOnly": RequestPolicy(host=True),
    "UserAgentRefererHeaders": RequestPolicy(headers=frozenset({"user-agent", "referer"})),
    "none": RequestPolicy(),
}


def cloudfront_headers(*, user_agent: str, client_ip: str, http_version: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of "Add CloudFront request headers" that can be known here (documented, June 2022).

    A loopback address has no place and no network, so those about country, city and ASN are left out. The viewer is
    taken for one over HTTPS, as in production; the port in its address and the cipher are made up.
    """
    devices = [(name, word in user_agent.lower()) for name, word in _DEVICES]
    desktop = ("CloudFront-Is-Desktop-Viewer", not any(is_device for _, is_device in devices))
    return (
        *((name, "true" if is_device else "false") for name, is_device in (*devices, desktop)),
        ("CloudFront-Forwarded-Proto", "https"),
        ("CloudFront-Viewer-Address", f"{client_ip}:46532"),
        ("CloudFront-Viewer-Http-Version", http_version),
        ("CloudFront-Viewer-TLS", "TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake"),
    )
