"""The local edge end to end: what goes on, for which names, and what a function may change of its origin."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.local.cloudfront.model import Policy
from edge_hasher.local.config import ConfigError, EdgeConfig, HttpApp, checked
from tests.support import aws_texts
from tests.support.edge.edge_fixtures import OWN, digest_of, handler_spec, running_edge
from tests.support.edge.raw_http import ask, connected, request
from tests.support.edge.scripted_function import FUNCTION, do

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.edge.edge_fixtures import Running, Talk

EDGE = {"function": FUNCTION, "processes": 2, "aliases": ("www.example.com", "*.wild.example")}
LINES = ("User-Agent: me", "Referer: http://r", "Origin: http://o", "Cookie: a=1", "Accept: */*", "X-Own: 1")


@pytest.mark.parametrize("function", [OWN, None], ids=["with-function", "without"])
@pytest.mark.parametrize(
    ("name", "target", "arrives"),
    [
        ("AllViewerExceptHostHeader", "/p?a=1", {"user-agent", "referer", "origin", "cookie", "accept", "x-own"}),
        ("CORS-CustomOrigin", "/p", {"origin"}),
        ("CORS-S3Origin", "/p", {"origin"}),
        ("UserAgentRefererHeaders", "/p", {"user-agent", "referer"}),
        ("none", "/p", set()),
    ],
)
def test_a_policy_decides_what_arrives(function: Any, name: str, target: str, arrives: set[str]) -> None:
    """The app gets the headers, cookies and query that the managed policy forwards, and CloudFront's own agent."""
    with running_edge(function=function, policy=Policy(name=name)) as running:
        assert ask(running.port, request("POST", "/p?a=1", b"x", *LINES, digest_of(b"x"))).status in {200, 403}
        assert ask(running.port, request("GET", "/p?a=1", None, *LINES)).status == 200
        seen = running.app.seen[-1]
        sent = {line.partition(":")[0].lower(): line.partition(": ")[2].encode() for line in LINES}
        assert {header for header, value in sent.items() if seen.values(header) == [value]} == arrives
        assert seen.values("user-agent") == [b"me" if "user-agent" in arrives else b"Amazon CloudFront"]
        assert seen.target == target.encode()


def test_a_viewers_digest_needs_a_policy() -> None:
    """Without a policy that forwards it, a client's own digest is lost, and the POST is refused as in production."""
    with running_edge(function=None, policy=Policy(name="none")) as running:
        assert ask(running.port, request("POST", "/digest", b"x", digest_of(b"x"))).status == 403
    with running_edge(function=OWN, policy=Policy(name="none")) as running:
        assert ask(running.port, request("POST", "/digest", b"x")).status == 200


@pytest.mark.parametrize("name", ["AllViewer", "AllViewerAndCloudFrontHeaders-2022-06", "HostHeaderOnly"])
def test_a_policy_that_forwards_host_is_refused(name: str) -> None:
    """A Function URL answers to its own name only, whichever policy forwards the viewer's."""
    with running_edge(function=None, policy=Policy(name=name)) as running:
        answer = ask(running.port, request("GET", "/host"))
        assert (answer.status, answer.values("x-amzn-errortype")) == (403, ["AccessDeniedException"])
        assert running.app.seen == []


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8080", "www.example.com", "a.b.wild.example"])
def test_names_of_the_distribution_are_served(edge: Running, host: str) -> None:
    """Loopback names and aliases reach the app."""
    assert ask(edge.port, f"GET /named HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()).status == 200


@pytest.mark.parametrize("host", ["evil.example", "example.com", "192.0.2.1", "localhost.evil.example", "edge.test"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_host_gets_cloudfronts_page(edge: Running, host: str, method: str) -> None:
    """A name that the distribution does not have, as a rebound one is, is CloudFront's 403, before function and app."""
    before = len(edge.app.seen)
    message = f"{method} /named HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n".encode()
    with connected(edge.port) as connection:
        answer = connection.ask(message)
        assert (answer.status, answer.values("x-cache")) == (403, [aws_texts.X_CACHE_ERROR])
        assert aws_texts.UNKNOWN_HOST.sentence.encode() in answer.body
        assert connection.ask(request("GET", "/next")).status == 200
    assert len(edge.app.seen) == before + 1
    assert "--alias" in edge.last("/named").sentence


@pytest.mark.parametrize(
    "length", ["Content-Length: 0", "Content-Length: 00", "Content-Length: 000000"], ids=["0", "00", "000000"]
)
@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
def test_a_length_of_zeros_is_no_body(method: str, length: str) -> None:
    """Zeros announce no body to CloudFront, to OAC or to the function: the request goes through like any other."""
    for function in (OWN, None):
        with running_edge(function=function) as running:
            assert ask(running.port, request(method, "/zeros", None, length)).status == 200
            assert running.app.seen[-1].body == b""


def test_the_functions_read_timeout_takes_effect(edge: Running) -> None:
    """A function may shorten or lengthen the origin's read timeout, from 1 to 120 seconds."""

    async def slow(talk: Talk) -> None:
        await asyncio.sleep(1.6)
        await talk.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    edge.app.routes[b"/slow"] = slow
    shorter = do("r['origin']['custom']['readTimeout'] = 1")
    answer = ask(edge.port, request("GET", "/slow", None, shorter))
    assert (answer.status, edge.last("/slow").sentence.startswith("The origin sent nothing for 1 s")) == (504, True)
    assert ask(edge.port, request("GET", "/slow")).status == 200
    refused = ask(edge.port, request("GET", "/slow", None, do("r['origin']['custom']['readTimeout'] = 121")))
    assert (refused.status, refused.values("x-cache")) == (502, [aws_texts.X_CACHE_VALIDATION])


def test_a_longer_read_timeout_takes_effect(tmp_path: Path) -> None:
    """The function's timeout counts where the distribution's is shorter."""

    async def slow(talk: Talk) -> None:
        await asyncio.sleep(1.6)
        await talk.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with running_edge(function=handler_spec(tmp_path, FUNCTION), read_timeout_s=1) as running:
        running.app.routes[b"/slow"] = slow
        longer = do("r['origin']['custom']['readTimeout'] = 60")
        assert ask(running.port, request("GET", "/slow")).status == 504
        assert ask(running.port, request("GET", "/slow", None, longer)).status == 200


def test_the_functions_path_and_keep_alive_take_effect(edge: Running) -> None:
    """The path goes before the URI, signed; a keep-alive timeout within CloudFront's range is taken."""
    code = "r['origin']['custom'].update(path='/v2', keepaliveTimeout=120)"
    assert ask(edge.port, request("GET", "/a?b=c", None, do(code))).status == 200
    assert edge.app.seen[-1].target == b"/v2/a?b=c"
    for value in ("0", "121", "'5'", "None"):
        code = f"r['origin']['custom']['keepaliveTimeout'] = {value}"
        assert ask(edge.port, request("GET", "/a", None, do(code))).status == 502


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("domainName='other.example'", "another origin"),
        ("protocol='http', port=80", "port 443"),
        ("port=8443", "port 443"),
        ("sslProtocols=['TLSv1']", "TLS 1.2"),
    ],
)
def test_an_origin_that_is_not_there(edge: Running, code: str, says: str) -> None:
    """Another origin, or a Function URL on a port or protocol that it does not have, is CloudFront's 502."""
    before = len(edge.app.seen)
    answer = ask(edge.port, request("GET", "/elsewhere", None, do(f"r['origin']['custom'].update({code})")))
    assert (answer.status, answer.values("x-cache")) == (502, [aws_texts.X_CACHE_ERROR])
    assert aws_texts.ORIGIN_UNREACHABLE.sentence.encode() in answer.body
    assert says in edge.last("/elsewhere").sentence
    assert len(edge.app.seen) == before


@pytest.mark.parametrize(("count", "chars", "fits"), [(10, 5, True), (11, 5, False), (6, 1700, True), (7, 1500, False)])
def test_origin_custom_headers_are_counted_together(edge: Running, count: int, chars: int, fits: bool) -> None:  # noqa: FBT001
    """10 headers and 10,240 characters in all, whether the operator sets them or the function."""
    headers = tuple((f"X-{number:03}", "a" * chars) for number in range(count))
    config = EdgeConfig(app=HttpApp("127.0.0.1", 1), function=None, origin_headers=headers)
    if fits:
        assert checked(config) is config
    else:
        with pytest.raises(ConfigError, match="CloudFront takes 10"):
            checked(config)
    entries = json.dumps({name.lower(): [{"key": name, "value": "a"}] for name, _ in headers}).replace(
        '"a"', f"'a'*{chars}"
    )
    answer = ask(edge.port, request("GET", "/h", None, do(f"r['origin']['custom']['customHeaders'] = {entries}")))
    assert answer.status == (200 if fits else 502)


def test_tokens_in_the_query_are_shown_nowhere(edge: Running) -> None:
    """The app gets them; neither the steps nor the log's form of the request holds them."""
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"
    target = f"/masked?access_token=0123456789abcdef&state={jwt}&page=2"
    assert ask(edge.port, request("GET", target)).status == 200
    assert edge.app.seen[-1].target == target.encode()
    shown = json.dumps(edge.last(target).as_dict())
    assert ("0123456789abcdef" in shown, jwt in shown, "page=2" in shown) == (False, False, True)
