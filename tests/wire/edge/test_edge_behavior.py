"""The local edge end to end: methods that a behavior does not allow, and custom error responses that hide errors."""

from __future__ import annotations

import json

import pytest

from edge_hasher.local.cloudfront.behavior.error_pages import ErrorPage, parse
from edge_hasher.local.cloudfront.behavior.request_policy import RequestPolicy
from edge_hasher.local.cloudfront.model import Policy
from tests.support import aws_texts
from tests.support.edge.edge_fixtures import running_edge
from tests.support.edge.raw_http import ask, connected, request

READING = frozenset({"GET", "HEAD"})
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\nX-App: 1\r\n\r\nabsent"
PAGES = (
    ErrorPage(status=403, path="/index.html", shown_status=200),
    ErrorPage(status=404, path="/404.html", shown_status=404),
    ErrorPage(status=400, path="/bad.html", shown_status=200),
)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_method_that_the_behavior_does_not_allow_is_cloudfronts_403(method: str) -> None:
    """CloudFront refuses it with its own page, before function and app; the reason names the setting."""
    with running_edge(function=None, policy=Policy(methods=READING)) as edge:
        assert ask(edge.port, request("GET", "/get")).status == 200
        answer = ask(edge.port, request(method, "/chat"))
        assert answer.status == aws_texts.METHOD_NOT_ALLOWED.status
        assert aws_texts.METHOD_NOT_ALLOWED.sentence in answer.body.decode()
        assert [seen.method for seen in edge.app.seen] == ["GET"]
        assert "AllowedMethods" in edge.last("/chat").sentence


def test_an_error_page_hides_the_403_and_the_404() -> None:
    """The viewer gets the page's status and not AWS's or the app's text; the inspector keeps the true reason."""
    with running_edge(function=None, error_pages=PAGES) as edge:
        refused = ask(edge.port, request("POST", "/chat", b"x"))
        assert (refused.status, refused.values("content-type")) == (200, ["text/html"])
        assert refused.values("x-cache") == [aws_texts.X_CACHE_ERROR]
        assert b"/index.html" in refused.body
        assert refused.values("x-amzn-errortype") == []
        exchange = edge.last("/chat")
        assert exchange.status == 200
        assert "x-amz-content-sha256" in exchange.sentence
        assert any("custom error response for 403" in step.sentence for step in exchange.steps)

        edge.app.answer = NOT_FOUND
        absent = ask(edge.port, request("GET", "/absent"))
        assert (absent.status, absent.values("x-app")) == (404, [])
        assert b"/404.html" in absent.body
        assert "custom error response for 404" in edge.last("/absent").sentence
        edge.app.answer = b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno"
        assert ask(edge.port, request("GET", "/broken")).body == b"no"


def test_a_refused_method_is_hidden_too() -> None:
    """The page for 403 takes the place of CloudFront's own refusal."""
    with running_edge(function=None, error_pages=PAGES, policy=Policy(methods=READING)) as edge:
        assert ask(edge.port, request("POST", "/chat", b"x")).status == 200
        assert edge.app.seen == []


def test_a_page_for_malformed_requests_still_closes() -> None:
    """A request of doubtful length ends its connection, whatever page is shown for it."""
    with running_edge(function=None, error_pages=PAGES) as edge, connected(edge.port) as connection:
        answer = connection.ask(request("POST", "/two", None, "Transfer-Encoding: gzip", "Content-Length: 3"))
        assert answer.values("connection") == ["close"]


def test_the_inspector_shows_what_a_behavior_does_otherwise() -> None:
    """Methods, IncludeBody and error pages are shown where they are not what a stranger expects, and only there."""
    asked = b"GET /__edge/requests HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with running_edge(error_pages=PAGES, policy=Policy(methods=READING), include_body=False) as edge:
        about = json.loads(ask(edge.port, asked).body)["about"]
    assert about["Methods"] == "GET, HEAD"
    assert about["IncludeBody"] == "off"
    assert about["Error pages"] == ", ".join(map(str, PAGES))
    with running_edge() as edge:
        about = json.loads(ask(edge.port, asked).body)["about"]
    assert not {"Methods", "IncludeBody", "Error pages"} & about.keys()


def test_a_policy_of_your_own_decides() -> None:
    """Cookies, query and single headers go on as the policy says."""
    own = RequestPolicy(all_viewer=True, excluded=frozenset({"x-own"}), cookies=False, query=True)
    with running_edge(function=None, policy=Policy(name="mine", own=own)) as edge:
        assert ask(edge.port, request("GET", "/p?a=1", None, "Cookie: a=1", "X-Own: 1", "X-Other: 1")).status == 200
        seen = edge.app.seen[-1]
        assert (seen.target, seen.values("cookie"), seen.values("x-own")) == (b"/p?a=1", [], [])
        assert seen.values("x-other") == [b"1"]


def test_error_pages_are_read() -> None:
    """STATUS:/PAGE:STATUS, and without the last the status stays; what CloudFront does not take is said."""
    assert parse("403:/a.html:200") == ErrorPage(status=403, path="/a.html", shown_status=200)
    assert parse("404:/a:b.html") == ErrorPage(status=404, path="/a:b.html", shown_status=404)
    for wrong in ("403", "403:a", "401:/a", "403:/a:302", "x:/a", ":/a:200"):
        with pytest.raises(ValueError, match=r"CloudFront|STATUS"):
            parse(wrong)
