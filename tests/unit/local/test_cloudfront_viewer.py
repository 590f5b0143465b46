"""What CloudFront refuses, drops, replaces and adds between the viewer and the origin request."""

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.local.cloudfront import custom_headers, errors
from edge_hasher.local.cloudfront.behavior import host_names
from edge_hasher.local.cloudfront.errors import answer, edge_headers, x_cache_of_origin
from edge_hasher.local.cloudfront.model import (
    Distribution,
    ForwardedRequest,
    HeaderPairs,
    OriginConfig,
    Policy,
    ViewerRequest,
    request_id_from,
)
from edge_hasher.local.cloudfront.viewer import ViewerRefusal, receive
from tests.support import aws_texts

ORIGIN = OriginConfig(domain_name="abc123.lambda-url.us-east-1.on.aws")
DISTRIBUTION = Distribution()
REQUEST_ID = request_id_from(bytes(40))
HOST = ("Host", "localhost:8080")


def viewer(
    *headers: tuple[str, str], method: str = "POST", target: str = "/chat", host: tuple[str, str] = HOST
) -> ViewerRequest:
    """Return a viewer request with a Host header before the others."""
    return ViewerRequest(method=method, target=target, headers=(host, *headers), client_ip="203.0.113.7")


def received(
    request: ViewerRequest, *, policy: Policy | None = None, origin: OriginConfig = ORIGIN
) -> ViewerRefusal | ForwardedRequest:
    """Run `receive` with this file's distribution."""
    return receive(
        request,
        policy=policy or Policy(),
        origin=origin,
        distribution=DISTRIBUTION,
        request_id=REQUEST_ID,
    )


def forwarded(
    request: ViewerRequest, *, policy: Policy | None = None, origin: OriginConfig = ORIGIN
) -> ForwardedRequest:
    """Run `receive` on a request that is let through."""
    result = received(request, policy=policy, origin=origin)
    assert isinstance(result, ForwardedRequest)
    return result


def values(headers: HeaderPairs, name: str) -> list[str]:
    """Return the values of one header, by lower-case name."""
    return [value for key, value in headers if key.lower() == name]


@pytest.mark.parametrize(
    ("request_", "page"),
    [
        (viewer(("Content-Length", "5"), method="GET"), aws_texts.GET_WITH_BODY),
        (viewer(("Transfer-Encoding", "chunked"), method="GET"), aws_texts.GET_WITH_BODY),
        (viewer(("Content-Length", "5"), method="HEAD"), aws_texts.GET_WITH_BODY),
        (viewer(method="PROPFIND"), aws_texts.METHOD_NOT_ALLOWED),
        (viewer(method="post"), aws_texts.METHOD_NOT_ALLOWED),
        (viewer(method="PO ST"), aws_texts.BAD_REQUEST),
        (viewer(method=""), aws_texts.BAD_REQUEST),
        (viewer(target="*", method="OPTIONS"), aws_texts.BAD_REQUEST),
        (viewer(target="http://example.com/"), aws_texts.BAD_REQUEST),
        (viewer(target="/a b"), aws_texts.BAD_REQUEST),
        (viewer(target="/a#b"), aws_texts.BAD_REQUEST),
        (viewer(target="/a\r\nX: y"), aws_texts.BAD_REQUEST),
        (viewer(("X-A", "one\r\ntwo: three")), aws_texts.BAD_REQUEST),
        (viewer(("X-A", "one\x00")), aws_texts.BAD_REQUEST),
        (viewer(("X A", "one")), aws_texts.BAD_REQUEST),
        (viewer(("", "one")), aws_texts.BAD_REQUEST),
        (viewer(("Host", "other.example")), aws_texts.BAD_REQUEST),
        (viewer(host=("X-No-Host", "")), aws_texts.BAD_REQUEST),
        (viewer(("Content-Length", "3"), ("Transfer-Encoding", "chunked")), aws_texts.BAD_REQUEST),
        (viewer(("Content-Length", "3"), ("Content-Length", "3")), aws_texts.BAD_REQUEST),
        (viewer(("Content-Length", "+3")), aws_texts.BAD_REQUEST),
        (viewer(("Content-Length", "3, 3")), aws_texts.BAD_REQUEST),
        (viewer(("Content-Length", "\u0663")), aws_texts.BAD_REQUEST),
        (viewer(("Transfer-Encoding", "gzip, chunked")), aws_texts.BAD_REQUEST),
        (viewer(target="/" + "a" * 8192), aws_texts.REQUEST_TOO_LARGE),
        (viewer(("X-A", "a" * 20_480)), aws_texts.REQUEST_TOO_LARGE),
    ],
)
def test_requests_that_cloudfront_answers_itself(request_: ViewerRequest, page: aws_texts.ErrorPage) -> None:
    """Malformed, oversized and unsupported requests never reach the function."""
    result = received(request_)
    assert isinstance(result, ViewerRefusal)
    assert astuple(result.error) == page
    assert result.reason


@pytest.mark.parametrize(
    "request_",
    [
        viewer(("Content-Length", "0"), method="GET"),
        viewer(method="HEAD"),
        viewer(("Content-Length", "9" * 5000), method="DELETE"),
        viewer(("Transfer-Encoding", "Chunked"), method="PUT"),
        viewer(("Content-Length", "5"), method="PATCH"),
        viewer(("Content-Length", "5"), method="OPTIONS"),
    ],
)
def test_requests_that_are_let_through(request_: ViewerRequest) -> None:
    """Empty GETs and bodies of any announced length pass: nothing is read to decide."""
    assert isinstance(received(request_), ForwardedRequest)


def test_the_url_limit_is_exact() -> None:
    """A URL of 8,192 bytes, scheme and host counted, passes; one byte more is 413 and closes the connection."""
    room = 8192 - len("https://localhost:8080/")
    assert isinstance(received(viewer(target="/" + "a" * room)), ForwardedRequest)
    result = received(viewer(target="/" + "a" * (room + 1)))
    assert isinstance(result, ViewerRefusal)
    assert result.error.status == 413
    assert result.error.close
    assert "8193" in result.reason


def test_the_request_limit_is_exact() -> None:
    """Request line and headers of 20,480 bytes pass; one byte more is 413."""
    head = len("POST /chat HTTP/1.1\r\nHost: localhost:8080\r\nX-A: \r\n\r\n")
    room = 20_480 - head
    assert isinstance(received(viewer(("X-A", "a" * room))), ForwardedRequest)
    assert isinstance(received(viewer(("X-A", "a" * (room + 1)))), ViewerRefusal)


def test_what_cloudfront_adds() -> None:
    """Via, X-Forwarded-For, X-Amz-Cf-Id, the origin's Host and a User-Agent are on every request."""
    headers = forwarded(viewer()).origin_headers
    assert values(headers, "host") == ["abc123.lambda-url.us-east-1.on.aws"]
    assert values(headers, "via") == [f"1.1 {DISTRIBUTION.via_host} (CloudFront)"]
    assert values(headers, "x-forwarded-for") == ["203.0.113.7"]
    assert values(headers, "x-amz-cf-id") == [REQUEST_ID]
    assert values(headers, "user-agent") == ["Amazon CloudFront"]


def test_addresses_and_proxies_are_appended() -> None:
    """A viewer's X-Forwarded-For and Via stay, and CloudFront's come last."""
    request = viewer(("X-Forwarded-For", "192.0.2.4,192.0.2.3"), ("x-forwarded-for", "192.0.2.2"), ("Via", "1.0 squid"))
    headers = forwarded(request).headers
    assert values(headers, "x-forwarded-for") == ["192.0.2.4,192.0.2.3,192.0.2.2,203.0.113.7"]
    assert values(headers, "via") == [f"1.0 squid, 1.1 {DISTRIBUTION.via_host} (CloudFront)"]


def test_hop_by_hop_and_reserved_headers_are_dropped() -> None:
    """Neither hop-by-hop headers, nor what Connection names, nor what only CloudFront may say gets through."""
    dropped = [
        ("Connection", "close, X-Hop"),
        ("X-Hop", "1"),
        ("Keep-Alive", "timeout=5"),
        ("TE", "trailers"),
        ("Trailer", "X-Sum"),
        ("Upgrade", "h2c"),
        ("Expect", "100-continue"),
        ("Proxy-Authorization", "Basic eDp5"),
        ("Proxy-Anything", "1"),
        ("X-Amz-Cf-Id", "forged"),
        ("X-Edge-Location", "forged"),
        ("X-Real-IP", "198.51.100.1"),
        ("X-Forwarded-Proto", "https"),
        ("X-Amzn-RequestId", "forged"),
        ("X-Cache", "forged"),
    ]
    headers = forwarded(viewer(*dropped, ("X-Kept", "1"))).origin_headers
    names = {name.lower() for name, _ in headers}
    assert names == {"host", "via", "x-forwarded-for", "user-agent", "x-kept", "x-amz-cf-id"}
    assert values(headers, "x-amz-cf-id") == [REQUEST_ID]


def test_connection_cannot_unframe_a_request() -> None:
    """A Connection header that names Content-Length does not remove it: that would smuggle a second request."""
    headers = forwarded(viewer(("Connection", "Content-Length"), ("Content-Length", "5"))).headers
    assert values(headers, "content-length") == ["5"]


def test_the_rest_is_forwarded_as_it_came() -> None:
    """Case, order, repeats and values of other headers do not change; nor do path and query."""
    sent = [
        ("x-B", "2"),
        ("X-a", " 1\t2 "),
        ("x-b", "3"),
        ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
        ("Cookie", "a=b"),
    ]
    request = forwarded(viewer(*sent, target="/a%2Fb//../%20?x=1&x=2&=%26?"))
    assert [pair for pair in request.headers if pair in sent] == sent
    assert request.target == "/a%2Fb//../%20?x=1&x=2&=%26?"
    assert request.path == "/a%2Fb//../%20"


@pytest.mark.parametrize("target", ["/", "/?", "/a??b", "/a?b=c"])
def test_an_empty_query_is_not_lost(target: str) -> None:
    """A lone question mark is part of what the viewer signed, so that it stays."""
    assert forwarded(viewer(target=target)).target == target


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
        viewer(host=("Host", host)), policy=Policy(), origin=ORIGIN, distribution=distribution, request_id=REQUEST_ID
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
            viewer(host=("Host", host)),
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


def test_an_operators_header_replaces_the_viewers() -> None:
    """A viewer cannot add to or forge a header that the operator set on the origin."""
    origin = OriginConfig(domain_name="o.example", path="/api", custom_headers=(("Edge-Hasher", "max-body=1"),))
    request = forwarded(viewer(("edge-hasher", "forged"), ("EDGE-HASHER", "forged")), origin=origin)
    assert values(request.headers, "edge-hasher") == []
    assert values(request.origin_headers, "edge-hasher") == ["max-body=1"]
    assert request.target == "/api/chat"


@pytest.mark.parametrize(
    ("name", "value", "refused"),
    [
        ("Edge-Hasher", "oversize=forward", False),
        ("Authorization", "Bearer x", False),
        ("X-Amz-Content-Sha256", "0", True),
        ("x-edge-hasher", "", True),
        ("HOST", "x", True),
        ("Via", "x", True),
        ("Bad Name", "x", True),
        ("X-A", "a\r\nb", True),
        ("X-A", "a" * 1783, False),
        ("X-A", "a" * 1784, True),
        ("a" * 256, "", False),
        ("a" * 257, "", True),
    ],
)
def test_custom_headers_are_those_that_cloudfront_takes(name: str, value: str, refused: bool) -> None:  # noqa: FBT001
    """An origin header that CloudFront would refuse is refused here, with a reason."""
    assert bool(custom_headers.problem(name, value)) is refused


def test_text_that_is_not_utf8_counts_as_latin1() -> None:
    """Values that are not UTF-8 reach the event as ISO-8859-1 text, so that it can be serialised."""
    raw = b"caf\xe9".decode("utf-8", "surrogateescape")
    assert values(forwarded(viewer(("X-A", raw))).headers, "x-a") == ["caf\u00e9"]
    assert values(forwarded(viewer(("X-A", "caf\u00e9"))).headers, "x-a") == ["caf\u00e9"]


NAMES = st.text("abcXYZ-", min_size=1, max_size=8)
ANY = st.text(max_size=12)


@given(
    method=st.sampled_from(["GET", "POST", "DELETE"]) | ANY, target=ANY, headers=st.lists(st.tuples(NAMES | ANY, ANY))
)
def test_any_head_is_answered_and_never_breaks_a_line(method: str, target: str, headers: list[tuple[str, str]]) -> None:
    """Whatever arrives, the answer is a refusal or a request without a line break in it."""
    result = received(viewer(*headers, method=method, target=target))
    if isinstance(result, ForwardedRequest):
        for text in (result.method, result.target, *(part for pair in result.origin_headers for part in pair)):
            assert not set(text) & {"\r", "\n", "\x00"}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.invalid_result("It failed."), (502, "It failed.", "LambdaValidationError from cloudfront", False)),
        (errors.BAD_REQUEST, aws_texts.BAD_REQUEST),
        (errors.FUNCTION_FAILED, aws_texts.FUNCTION_FAILED),
        (errors.GET_WITH_BODY, aws_texts.GET_WITH_BODY),
        (errors.METHOD_NOT_ALLOWED, aws_texts.METHOD_NOT_ALLOWED),
        (errors.ORIGIN_CLOSED, aws_texts.ORIGIN_CLOSED),
        (errors.ORIGIN_UNREACHABLE, aws_texts.ORIGIN_UNREACHABLE),
        (errors.UNKNOWN_HOST, aws_texts.UNKNOWN_HOST),
        (errors.ORIGIN_TIMEOUT, aws_texts.ORIGIN_TIMEOUT),
        (errors.REQUEST_TOO_LARGE, aws_texts.REQUEST_TOO_LARGE),
    ],
)
def test_the_pages_of_cloudfront(error: errors.EdgeError, expected: tuple[int, str, str, bool]) -> None:
    """An error page has CloudFront's status, headers, sentence and the request id."""
    status, sentence, x_cache, close = expected
    page = answer(error, DISTRIBUTION, request_id=REQUEST_ID, date="Fri, 20 Nov 2026 10:00:00 GMT")
    text = page.body.decode("iso-8859-1")
    assert (page.status, page.close) == (status, close)
    assert values(page.headers, "server") == ["CloudFront"]
    assert values(page.headers, "x-cache") == [x_cache]
    assert values(page.headers, "x-amz-cf-id") == [REQUEST_ID]
    assert values(page.headers, "content-type") == ["text/html"]
    assert values(page.headers, "content-length") == [str(len(page.body))]
    assert values(page.headers, "date") == ["Fri, 20 Nov 2026 10:00:00 GMT"]
    assert values(page.headers, "connection") == (["close"] if close else [])
    assert f"{status} ERROR" in text
    assert f"<p>{sentence}</p>" in text
    assert f"<title>{aws_texts.PAGE_TITLE}</title>" in text
    assert f"<h2>{aws_texts.PAGE_SUBTITLE}</h2>" in text
    assert f"<p>{aws_texts.PAGE_SMALL_PRINT}</p>" in text
    assert f"Request ID: {REQUEST_ID}" in text


def test_a_sentence_cannot_inject_markup() -> None:
    """What goes into a page is escaped."""
    page = answer(errors.invalid_result("<script>\u2028"), DISTRIBUTION, request_id=REQUEST_ID, date="")
    assert b"<script>" not in page.body


def test_x_cache_of_what_the_origin_answered() -> None:
    """Errors of the origin are marked as errors, all else as misses: nothing is cached here."""
    assert x_cache_of_origin(200) == aws_texts.X_CACHE_MISS
    assert x_cache_of_origin(403) == aws_texts.X_CACHE_ERROR
    assert values(edge_headers(DISTRIBUTION, x_cache="x", request_id="i"), "x-amz-cf-pop") == [DISTRIBUTION.pop]


def test_a_request_id_has_the_shape_of_a_real_one() -> None:
    """An x-amz-cf-id has 56 characters and ends in ==."""
    assert len(REQUEST_ID) == 56
    assert REQUEST_ID.endswith("==")
