"""The local edge end to end: who is let in and who is refused, with the function and without it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.local.cloudfront.model import Policy
from tests.support import aws_texts
from tests.support.edge.edge_fixtures import OWN, digest_of, running_edge
from tests.support.edge.raw_http import ask, request

if TYPE_CHECKING:
    from tests.support.edge.edge_fixtures import Running

WITH_FUNCTION = pytest.mark.parametrize("function", [OWN, None], ids=["with-function", "without"])


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_post_without_digest_is_refused_without_the_function(bare: Running, method: str) -> None:
    """Without the function a body without a digest gets AWS's 403, and the app never hears of it."""
    before = len(bare.app.seen)
    answer = ask(bare.port, request(method, "/no-digest", b"hello"))
    assert answer.status == 403
    assert answer.values("x-amzn-errortype") == ["InvalidSignatureException"]
    assert json.loads(answer.body)["message"] == aws_texts.SIGNATURE_MISMATCH
    assert answer.values("x-cache") == [aws_texts.X_CACHE_ERROR]
    assert len(bare.app.seen) == before
    exchange = bare.last("/no-digest")
    assert (exchange.verdict, exchange.status) == ("InvalidSignatureException", 403)
    assert "no x-amz-content-sha256" in exchange.sentence


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_body_passes_with_the_function(edge: Running, method: str) -> None:
    """With the function the same request reaches the app, whole, with the digest of its body."""
    answer = ask(edge.port, request(method, "/with", b"hello"))
    assert (answer.status, answer.body) == (200, b"ok")
    assert answer.values("x-cache") == [aws_texts.X_CACHE_MISS]
    seen = edge.app.seen[-1]
    assert (seen.method, seen.body) == (method, b"hello")
    assert f"X-Amz-Content-Sha256: {seen.values('x-amz-content-sha256')[0].decode()}" == digest_of(b"hello")
    assert edge.last("/with").decision.startswith("digest (row ")


def test_wrong_digest_without_the_function(bare: Running) -> None:
    """The digest of another body is a wrong signature."""
    answer = ask(bare.port, request("POST", "/wrong", b"hello", digest_of(b"hullo")))
    assert (answer.status, answer.values("x-amzn-errortype")) == (403, ["InvalidSignatureException"])


def test_wrong_digest_with_the_function(edge: Running) -> None:
    """The function itself refuses a claim that is not the body's digest, before anything is signed."""
    answer = ask(edge.port, request("POST", "/wrong", b"hello", digest_of(b"hullo")))
    assert answer.status == 400
    assert answer.values("content-type") == ["application/problem+json"]
    assert answer.values("x-cache") == [aws_texts.X_CACHE_GENERATED]
    assert edge.last("/wrong").verdict == "-"


def test_right_digest_without_the_function(bare: Running) -> None:
    """A client that sends the digest itself needs no function."""
    assert ask(bare.port, request("POST", "/right", b"hello", digest_of(b"hello"))).status == 200
    assert bare.app.seen[-1].body == b"hello"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
def test_bodyless_requests_need_no_function(bare: Running, edge: Running, method: str) -> None:
    """What has no body works on both."""
    for running in (bare, edge):
        assert ask(running.port, request(method, "/none"), head=method == "HEAD").status == 200
        assert running.app.seen[-1].method == method


def test_empty_post(bare: Running, edge: Running) -> None:
    """A POST without a body wants the digest of nothing too, which the function sets."""
    assert ask(bare.port, request("POST", "/empty", b"")).status == 403
    assert ask(edge.port, request("POST", "/empty", b"")).status == 200
    assert edge.app.seen[-1].body == b""
    assert ask(edge.port, request("POST", "/empty-unannounced")).status == 200


def test_delete_without_a_body_reaches_the_app_unhashed(edge: Running) -> None:
    """A DELETE without a body gets no digest from the function."""
    assert ask(edge.port, request("DELETE", "/gone")).status == 200
    assert edge.last("/gone").decision.startswith("no digest")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_get_with_a_body_is_refused_by_cloudfront(edge: Running, method: str) -> None:
    """CloudFront's own 403, an HTML page, before function and origin; the connection stays usable."""
    answer = ask(edge.port, request(method, "/body", b"hello"), head=method == "HEAD")
    assert (answer.status, answer.values("content-type")) == (403, ["text/html"])
    if method == "GET":
        assert aws_texts.GET_WITH_BODY.sentence.encode() in answer.body
        assert b"Request ID: " in answer.body


@WITH_FUNCTION
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"denied": frozenset({"InvokeFunctionUrl"})}, "lambda:InvokeFunctionUrl"),
        ({"denied": frozenset({"InvokeFunction"})}, "lambda:InvokeFunction"),
        ({"behavior": "never"}, "not signed"),
    ],
    ids=["no-InvokeFunctionUrl", "no-InvokeFunction", "never"],
)
def test_missing_permission_or_signature(function: Any, options: dict[str, Any], says: str) -> None:
    """Without either permission, or unsigned, every method gets AWS's Forbidden, whatever the digest."""
    with running_edge(function=function, **options) as running:
        for message in (request("GET", "/get"), request("POST", "/post", b"hello", digest_of(b"hello"))):
            answer = ask(running.port, message)
            assert (answer.status, answer.values("x-amzn-errortype")) == (403, ["AccessDeniedException"])
            assert json.loads(answer.body)["Message"] == aws_texts.FORBIDDEN
        assert running.app.seen == []
        assert says in running.last("/get").sentence
        assert running.last("/get").verdict == "AccessDeniedException"


def test_forwarded_host() -> None:
    """The viewer's Host at the origin is Forbidden, and the sentence names the policy to use."""
    with running_edge(function=None, policy=Policy(forward_host=True)) as running:
        answer = ask(running.port, request("GET", "/host"))
        assert (answer.status, answer.values("x-amzn-errortype")) == (403, ["AccessDeniedException"])
        assert "AllViewerExceptHostHeader" in running.last("/host").sentence


def test_viewer_authorization(bare: Running) -> None:
    """With `always` the viewer's Authorization is overwritten; the app does not see it."""
    assert ask(bare.port, request("GET", "/auth", None, "Authorization: Bearer viewer")).status == 200
    assert bare.app.seen[-1].values("authorization") == []


def test_no_override_with_a_viewers_authorization() -> None:
    """With `no-override` a viewer's Authorization wins, and has to be a signature; without one OAC signs."""
    with running_edge(function=None, behavior="no-override") as running:
        assert ask(running.port, request("GET", "/signed")).status == 200
        answer = ask(running.port, request("GET", "/own", None, "Authorization: Bearer viewer"))
        assert answer.status in {400, 403}
        assert len(running.app.seen) == 1


def test_methods_that_cloudfront_does_not_take(bare: Running) -> None:
    """A method that no distribution allows gets CloudFront's 403."""
    answer = ask(bare.port, request("TRACE", "/trace"))
    assert answer.status == 403
    assert aws_texts.METHOD_NOT_ALLOWED.sentence.encode() in answer.body


def test_what_cloudfront_adds_and_the_app_sees(edge: Running) -> None:
    """Host, Via, X-Forwarded-For and the request id are CloudFront's; of the viewer's claims, User-Agent stays."""
    claims = ("X-Amz-Cf-Id: mine", "X-Forwarded-Proto: http", "X-Edge-Hop: mine", "X-Amz-Source-Account: 999999999999")
    answer = ask(edge.port, request("GET", "/adds", None, "User-Agent: me", "X-Forwarded-For: 10.0.0.9", *claims))
    seen = edge.app.seen[-1]
    assert seen.values("host") == [b"edgehasherlocal.lambda-url.us-east-1.on.aws"]
    assert seen.values("user-agent") == [b"me"]
    assert seen.values("x-forwarded-for") == [b"10.0.0.9,127.0.0.1"]
    assert seen.values("x-forwarded-proto") == [b"https"]
    assert seen.values("x-amz-source-account") == [b"123456789012"]
    assert seen.values("x-edge-hop") == []
    assert [value.decode() for value in seen.values("x-amz-cf-id")] == answer.values("x-amz-cf-id")
    assert b"(CloudFront)" in seen.values("via")[0]
