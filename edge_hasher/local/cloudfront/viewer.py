"""From the viewer's request to the origin request: what CloudFront refuses, drops, replaces and adds.

Source, unless a line says otherwise: CloudFront Developer Guide, "Request and response behavior for custom
origins" (documented), for a behavior with CachingDisabled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.function import header_rules
from edge_hasher.local.aws_limits import REQUEST_HEAD_LIMIT_BYTES, URL_LIMIT_BYTES
from edge_hasher.local.cloudfront import errors, syntax
from edge_hasher.local.cloudfront.behavior import host_names
from edge_hasher.local.cloudfront.behavior.request_policy import cloudfront_headers
from edge_hasher.local.cloudfront.model import METHODS, ForwardedRequest

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.model import Distribution, HeaderPairs, OriginConfig, Policy, ViewerRequest

_NO_BODY = frozenset({"GET", "HEAD"})  # GET documented; HEAD inferred

# Removed on the way to the origin, besides what Connection names. TE, Expect, Proxy-*, Trailer, Upgrade,
# X-Edge-*, X-Forwarded-Proto and X-Real-IP are documented; the rest of what functions may not touch is
# inferred: a viewer that could set it would speak for CloudFront. Keep-Alive and what Connection names: RFC
# 9110, section 7.6.1.
_DROPPED_PREFIXES = (*header_rules.DISALLOWED_PREFIXES, "proxy-")
# A viewer's claims go where the policy has CloudFront set them (inferred), else they pass.
_DROPPED_PREFIXES_AND_OWN = (*_DROPPED_PREFIXES, "cloudfront-")
# Replaced or built anew below.
_REBUILT = frozenset({"host", "user-agent", "via", "x-forwarded-for"})
_SKIPPED = header_rules.DISALLOWED | {"te"} | _REBUILT

_USER_AGENT = "Amazon CloudFront"  # documented, when the policy does not forward the viewer's


@dataclass(frozen=True, slots=True)
class ViewerRefusal:
    """A request that CloudFront answers itself; `reason` is for the log, not for the viewer."""

    error: errors.EdgeError
    reason: str


def receive(
    viewer: ViewerRequest,
    *,
    policy: Policy,
    origin: OriginConfig,
    distribution: Distribution,
    request_id: str,
) -> ViewerRefusal | ForwardedRequest:
    """Return the origin request for `viewer`, or CloudFront's refusal; the body is not needed for either."""
    return refusal(viewer, distribution, policy.methods) or forward(
        viewer, policy=policy, origin=origin, distribution=distribution, request_id=request_id
    )


def refusal(
    viewer: ViewerRequest, distribution: Distribution, methods: frozenset[str] = METHODS
) -> ViewerRefusal | None:
    """Return why CloudFront does not take the request, or None: malformed first, then size, host, method, body."""
    if malformed := _malformed(viewer):
        return ViewerRefusal(errors.BAD_REQUEST, malformed)
    if too_large := _too_large(viewer):
        return ViewerRefusal(errors.REQUEST_TOO_LARGE, too_large)
    host = viewer.values("host")[0]
    names = (distribution.domain_name, *distribution.aliases)
    if not host_names.serves(host, names, listens_on=distribution.listens_on):
        sentence = (
            f"No name of this distribution is {host}: CloudFront refuses a Host that it does not serve. Name it with "
            "--alias if it is one of yours."
        )
        return ViewerRefusal(errors.UNKNOWN_HOST, sentence)
    if not_allowed := _not_allowed(viewer.method, methods):
        return ViewerRefusal(errors.METHOD_NOT_ALLOWED, not_allowed)
    if viewer.method in _NO_BODY and _announces_body(viewer):
        return ViewerRefusal(
            errors.GET_WITH_BODY, f"CloudFront refuses a {viewer.method} with a body; send it with POST"
        )
    return None


def forward(
    viewer: ViewerRequest,
    *,
    policy: Policy,
    origin: OriginConfig,
    distribution: Distribution,
    request_id: str,
) -> ForwardedRequest:
    """Return the origin request for a request that `refusal` let through."""
    headers = _own_headers(viewer, policy, origin, distribution) + _kept_headers(viewer, policy)
    if origin.custom_headers:
        # A custom header replaces the viewer's ("Add custom headers to origin requests",
        # documented). That the event then lacks the viewer's is inferred: one name in both places fails
        # validation (documented).
        custom_names = {name.lower() for name, _ in origin.custom_headers}
        headers = tuple(header for header in headers if header[0].lower() not in custom_names)
    path, mark, query = viewer.target.partition("?")
    return ForwardedRequest(
        method=viewer.method,
        path=path,
        query=query if mark and policy.request_policy.forwards_query else None,
        headers=headers,
        hidden_headers=(("X-Amz-Cf-Id", request_id),),
        custom_headers=origin.custom_headers,
        client_ip=viewer.client_ip,
        request_id=request_id,
        origin_path=origin.path,
    )


def _own_headers(
    viewer: ViewerRequest, policy: Policy, origin: OriginConfig, distribution: Distribution
) -> HeaderPairs:
    # The documented example joins addresses with a comma and no blank.
    addresses = ",".join((*viewer.values("x-forwarded-for"), viewer.client_ip))
    vias = ", ".join((*viewer.values("via"), distribution.via(viewer.http_version)))
    request_policy = policy.request_policy
    host = viewer.values("host")[0] if request_policy.forwards("host", viewer.method) else origin.domain_name
    # Without a viewer's User-Agent, CloudFront's own (inferred where the policy would forward one).
    agents = viewer.values("user-agent") if request_policy.forwards("user-agent", viewer.method) else ()
    return (
        ("Host", host),
        ("X-Forwarded-For", syntax.as_unicode(addresses)),
        *[("User-Agent", syntax.as_unicode(agent)) for agent in agents or (_USER_AGENT,)],
        ("Via", syntax.as_unicode(vias)),
        *(_cloudfront_headers(viewer) if request_policy.cloudfront_headers else ()),
    )


def _cloudfront_headers(viewer: ViewerRequest) -> HeaderPairs:
    agent = " ".join(viewer.values("user-agent"))
    return cloudfront_headers(user_agent=agent, client_ip=viewer.client_ip, http_version=viewer.http_version)


def _kept_headers(viewer: ViewerRequest, policy: Policy) -> HeaderPairs:
    named = {token.strip().lower() for value in viewer.values("connection") for token in value.split(",")}
    # A framing header stays even if Connection names it: dropping it would let one request end where
    # another begins.
    named -= {"content-length", "transfer-encoding"}
    request_policy = policy.request_policy
    prefixes = _DROPPED_PREFIXES_AND_OWN if request_policy.cloudfront_headers else _DROPPED_PREFIXES
    kept = []
    for name, value in viewer.headers:
        lower = name.lower()
        if lower in _SKIPPED or lower in named or lower.startswith(prefixes):
            continue
        if request_policy.forwards(lower, viewer.method):
            kept.append((name, _counted(value) if lower == "content-length" else syntax.as_unicode(value)))
    return tuple(kept)


def _counted(length: str) -> str:
    """Return a Content-Length without leading zeros, so "00" is 0 to everyone behind (inferred)."""
    return length.lstrip("0") or "0"


def _not_allowed(method: str, methods: frozenset[str]) -> str | None:
    if method not in METHODS:
        return f"CloudFront does not take the method {method}"
    if method not in methods:
        return (
            f"The behavior allows {', '.join(sorted(methods))}: CloudFront refuses {method}. Set its AllowedMethods to "
            "all seven (--methods all)."
        )
    return None


def _malformed(viewer: ViewerRequest) -> str | None:
    if not syntax.is_token(viewer.method):
        return "the method is not a token"
    if not viewer.target.startswith("/"):  # absolute and asterisk forms: not modelled
        return "the request target does not begin with /"
    if syntax.has_target_breaker(viewer.target):
        return "the request target holds a blank, a control character or #"
    return _bad_header(viewer) or _bad_framing(viewer)


def _bad_header(viewer: ViewerRequest) -> str | None:
    are_names = syntax.are_tokens([name for name, _ in viewer.headers])
    if not are_names or syntax.has_control("".join([value for _, value in viewer.headers])):
        return next(filter(None, (_bad_pair(name, value) for name, value in viewer.headers)))
    hosts = len(viewer.values("host"))
    return None if hosts == 1 else f"there are {hosts} Host headers; there must be one"


def _bad_pair(name: str, value: str) -> str | None:
    if not syntax.is_token(name):
        return "a header name is not a token"
    return f"the header {name} holds a control character" if syntax.has_control(value) else None


def _bad_framing(viewer: ViewerRequest) -> str | None:
    """Return why it is in doubt where the body ends (RFC 9112, section 6.3), or None."""
    lengths, encodings = viewer.values("content-length"), viewer.values("transfer-encoding")
    if lengths and encodings:
        return "Content-Length and Transfer-Encoding are both there"
    if len(lengths) > 1 or len(encodings) > 1:
        return "Content-Length or Transfer-Encoding is there twice"
    if lengths and not syntax.is_digits(lengths[0]):
        return "Content-Length is not a number"
    if encodings and encodings[0].strip().lower() != "chunked":
        return "Transfer-Encoding is not chunked"
    return None


def _too_large(viewer: ViewerRequest) -> str | None:
    url_bytes = syntax.byte_length(f"https://{viewer.values('host')[0]}{viewer.target}")
    if url_bytes > URL_LIMIT_BYTES:
        return f"the URL has {url_bytes} bytes; CloudFront takes {URL_LIMIT_BYTES}"
    lines = [f"{viewer.method} {viewer.target} HTTP/{viewer.http_version}", *map(": ".join, viewer.headers)]
    head_bytes = syntax.byte_length("\r\n".join(lines)) + len("\r\n\r\n")
    if head_bytes > REQUEST_HEAD_LIMIT_BYTES:
        return f"request line and headers have {head_bytes} bytes; CloudFront takes {REQUEST_HEAD_LIMIT_BYTES}"
    return None


def _announces_body(viewer: ViewerRequest) -> bool:
    lengths = viewer.values("content-length")
    return bool(viewer.values("transfer-encoding")) or any(length.strip("0") for length in lengths)
