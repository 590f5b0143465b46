"""What the distribution and its behavior decide: the origin request policy, and the names that are served."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import pytest

from edge_hasher.local.cloudfront.behavior import host_names
from edge_hasher.local.cloudfront.model import (
    Distribution,
    ForwardedRequest,
    OriginConfig,
    Policy,
    ViewerRequest,
    request_id_from,
)
from edge_hasher.local.cloudfront.viewer import ViewerRefusal, receive
from tests.support import aws_texts

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.model import HeaderPairs

ORIGIN = OriginConfig(domain_name="abc123.lambda-url.us-east-1.on.aws")
REQUEST_ID = request_id_from(bytes(40))


def viewer(
    *headers: tuple[str, str], method: str = "POST", target: str = "/chat", host: str = "localhost:8080"
) -> ViewerRequest:
    """Return a viewer request with a Host header before the others."""
    return ViewerRequest(method=method, target=target, headers=(("Host", host), *headers), client_ip="203.0.113.7")


def forwarded(request: ViewerRequest, *, policy: Policy | None = None) -> ForwardedRequest:
    """Return the origin request for one that is let through."""
    result = receive(
        request, policy=policy or Policy(), origin=ORIGIN, distribution=Distribution(), request_id=REQUEST_ID
    )
    assert isinstance(result, ForwardedRequest)
    return result


def values(headers: HeaderPairs, name: str) -> list[str]:
    """Return the values of one header, by lower-case name."""
    return [value for key, value in headers if key.lower() == name]


EVERYTHING = [
    ("User-Agent", "curl/8"),
    ("Referer", "https://example.com/"),
    ("Origin", "https://example.com"),
    ("Access-Control-Request-Method", "PUT"),
    ("Access-Control-Request-Headers", "x-a"),
    ("Accept", "text/html"),
    ("Accept-Encoding", "gzip"),
    ("Accept-Language", "de"),
    ("Authorization", "Bearer x"),
    ("Cookie", "a=b"),
    ("Content-Type", "text/plain"),
    ("Content-Length", "5"),
    ("X-Amz-Content-Sha256", "a" * 64),
    ("X-Own", "1"),
]
EVERY_NAME = {name.lower() for name, _ in EVERYTHING}
WITHOUT_A_POLICY = {"content-type", "content-length", "authorization"}


@pytest.mark.parametrize(
    ("name", "host", "arrives"),
    [
        ("AllViewerExceptHostHeader", False, EVERY_NAME),
        ("AllViewer", True, EVERY_NAME),
        ("AllViewerAndCloudFrontHeaders-2022-06", True, EVERY_NAME),
        ("CORS-CustomOrigin", False, WITHOUT_A_POLICY | {"origin"}),
        (
            "CORS-S3Origin",
            False,
            WITHOUT_A_POLICY | {"origin", "access-control-request-method", "access-control-request-headers"},
        ),
        ("HostHeaderOnly", True, WITHOUT_A_POLICY),
        ("UserAgentRefererHeaders", False, WITHOUT_A_POLICY | {"user-agent", "referer"}),
        ("none", False, WITHOUT_A_POLICY),
    ],
)
def test_a_managed_policy_forwards_what_aws_documents(name: str, host: bool, arrives: set[str]) -> None:  # noqa: FBT001
    """Headers, cookies, query and Host go on, or not, as the managed origin request policy says."""
    request = forwarded(viewer(*EVERYTHING, target="/chat?a=1"), policy=Policy(name=name))
    assert values(request.headers, "host") == (["localhost:8080"] if host else [ORIGIN.domain_name])
    sent = {key.lower() for key, value in request.headers if (key, value) in EVERYTHING}
    assert sent == arrives
    assert request.target == ("/chat?a=1" if "cookie" in arrives else "/chat")
    assert values(request.headers, "user-agent") == ["curl/8" if "user-agent" in arrives else "Amazon CloudFront"]


def test_cloudfront_headers_are_cloudfronts_own() -> None:
    """The policy that asks for them gets them once, whatever the viewer claims; without it a claim is just a header."""
    request = viewer(
        ("CloudFront-Viewer-Country", "XX"), ("cloudfront-is-mobile-viewer", "maybe"), ("User-Agent", "Mobile")
    )
    headers = forwarded(request, policy=Policy(name="AllViewerAndCloudFrontHeaders-2022-06")).headers
    assert values(headers, "cloudfront-is-mobile-viewer") == ["true"]
    assert values(headers, "cloudfront-is-desktop-viewer") == ["false"]
    assert values(headers, "cloudfront-viewer-country") == []
    assert values(forwarded(request).headers, "cloudfront-viewer-country") == ["XX"]


@pytest.mark.parametrize(
    ("alias", "taken"),
    [
        ("www.example.com", True),
        ("*.example.com", True),
        ("edge", True),
        ("xn--bcher-kva.example", True),
        ("a_b.example", True),
        ("*", False),
        ("*.", False),
        ("*.com", False),
        ("a.*.example", False),
        ("*a.example", False),
        ("WWW.example.com", False),
        ("www.example.com:80", False),
        ("https://www.example.com", False),
        ("www..example.com", False),
        ("-a.example", False),
        ("a" * 64 + ".example", False),
        (".".join(["a" * 60] * 5), False),
        ("b\u00fccher.example", False),
        ("", False),
        ("a b.example", False),
        ("a.example\n", False),
    ],
)
def test_aliases_are_domain_names(alias: str, taken: bool) -> None:  # noqa: FBT001
    """In lower case, with a wildcard as the whole first label only."""
    assert (host_names.alias_problem(alias) is None) is taken


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_authorization_needs_a_policy_on_methods_without_a_body(method: str) -> None:
    """Without a policy that forwards all, Authorization goes on with POST and the like only."""
    request = viewer(("Authorization", "Bearer x"), method=method)
    assert values(forwarded(request, policy=Policy(name="none")).headers, "authorization") == []


@pytest.mark.parametrize(
    ("host", "serves"),
    [
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("chat.localhost:80", True),
        ("127.0.0.1", True),
        ("127.8.9.1:8080", True),
        ("[::1]:8080", True),
        ("[::1]", True),
        ("d111111abcdef8.cloudfront.net", True),
        ("d222222abcdef8.cloudfront.net", False),
        ("www.example.com", True),
        ("WWW.example.com:8080", True),
        ("a.wild.example", True),
        ("a.b.wild.example", True),
        ("wild.example", False),
        ("awild.example", False),
        (".wild.example", False),
        ("example.com", False),
        ("www.example.com.evil.test", False),
        ("localhost.evil.test", False),
        ("192.0.2.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("", False),
        ("127.0.0.1.nip.io", False),
    ],
)
def test_a_distribution_answers_to_its_own_names(host: str, serves: bool) -> None:  # noqa: FBT001
    """Loopback names and aliases are served; another Host gets CloudFront's 403 page."""
    distribution = Distribution(aliases=("www.example.com", "*.wild.example"))
    result = receive(
        viewer(host=host), policy=Policy(), origin=ORIGIN, distribution=distribution, request_id=REQUEST_ID
    )
    if serves:
        assert isinstance(result, ForwardedRequest)
    else:
        assert isinstance(result, ViewerRefusal)
        assert astuple(result.error) == aws_texts.UNKNOWN_HOST
        assert "--alias" in result.reason


@pytest.mark.parametrize(("listens_on", "serves"), [("0.0.0.0", True), ("::", True), ("127.0.0.2", False)])  # noqa: S104
def test_addresses_are_served_beyond_loopback(listens_on: str, serves: bool) -> None:  # noqa: FBT001
    """An edge that listens on the network answers to addresses, which no page can rebind, but to no other name."""
    for host, expected in (("192.0.2.1:8080", serves), ("evil.test", False), (listens_on, listens_on != "::")):
        result = receive(
            viewer(host=host),
            policy=Policy(),
            origin=ORIGIN,
            distribution=Distribution(listens_on=listens_on),
            request_id=REQUEST_ID,
        )
        assert isinstance(result, ForwardedRequest) is expected


@pytest.mark.parametrize("length", ["00", "000", "0"])
def test_a_content_length_of_zeros_is_zero(length: str) -> None:
    """Leading zeros do not make a body: a GET passes, and what goes on says 0."""
    request = forwarded(viewer(("Content-Length", length), method="GET"))
    assert values(request.headers, "content-length") == ["0"]
    assert values(forwarded(viewer(("Content-Length", "007"))).headers, "content-length") == ["7"]
