"""What CloudFront refuses, drops, replaces and adds between the viewer and the origin request."""

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.local.cloudfront import custom_headers, errors
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
        (
            viewer(("X-A", "one"), ("\u212aind", "two")),
            aws_texts.BAD_REQUEST,
        ),  # the sign of the kelvin: a k in lower case
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
