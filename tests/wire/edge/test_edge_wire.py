"""The local edge end to end: what goes in comes out, byte for byte, on connections that live on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_hasher.local.config import HttpApp
from tests.support.edge.edge_fixtures import OK, digest_of, running_edge
from tests.support.edge.raw_http import ask, connected, request

if TYPE_CHECKING:
    from tests.support.edge.edge_fixtures import Running

TARGETS = [
    "/a%2Fb",
    "/a%2fb%c3%a9",
    "/a+b?c%2Bd=%20&e",
    "//a//b///",
    "/a/../b/./c/%2e%2e/d",
    "/a;b=c?x=y;z=w",
    "/a?",
    "/?",
    "/a?&&=",
    "/?a=b?c=d/e:f@g,h$i[j]",
    "/a@b:c/http://d",
    "//host:99@x/y?z",
    "/*'()!$,",
    '/[x]{y}|"<>^`\\?z=[{w}]|"<>^`\\',
    "/%zz%",
    "/?x=%00%0d%0a&x=&X",
    "/__edge%2f",
    "/__edges",
    "/%5f%5fedge/",
]


@pytest.mark.parametrize("target", TARGETS)
def test_targets_arrive_byte_for_byte(edge: Running, target: str) -> None:
    """Path and query reach the app as the viewer wrote them, signed and all."""
    assert ask(edge.port, request("POST", target, b"x")).status == 200
    assert edge.app.seen[-1].target == target.encode()


def test_an_app_below_a_path() -> None:
    """The path of --origin comes before the request's own."""
    with running_edge(function=None) as first:
        app = HttpApp("127.0.0.1", int(first.app.address.rpartition(":")[2]), "/base")
        with running_edge(function=None, app=app) as running:
            assert ask(running.port, request("GET", "/a%2Fb?")).status == 200
        assert first.app.seen[-1].target == b"/base/a%2Fb?"


def test_request_headers_arrive_as_they_are(edge: Running) -> None:
    """Case and repeats of request headers are kept, known names too; cookies stay apart."""
    lines = ("x-ONE: 1", "eTAG: a", "ACCEPT: */*", "x-one: 2", "Cookie: a=1", "cookie: b=2", "X-Empty:", "dnt: 1")
    assert ask(edge.port, request("GET", "/headers", None, *lines)).status == 200
    names = [name for name, _ in edge.app.seen[-1].headers]
    assert [name for name in (b"x-ONE", b"eTAG", b"ACCEPT", b"Cookie", b"X-Empty", b"dnt") if name not in names] == []
    assert edge.app.seen[-1].values("x-one") == [b"1", b"2"]
    assert edge.app.seen[-1].values("cookie") == [b"a=1", b"b=2"]


def test_no_header_is_invented(edge: Running) -> None:
    """A request with nothing but Host arrives with what CloudFront, OAC and the Function URL add, and no more."""
    assert ask(edge.port, request("GET", "/bare")).status == 200
    ours = ("accept", "accept-encoding", "connection", "content-type", "content-length", "transfer-encoding", "cookie")
    assert [name for name in ours if edge.app.seen[-1].values(name)] == []


def test_headers_of_one_connection_are_not_passed_on(edge: Running) -> None:
    """What Connection names is gone on the other side."""
    ask(
        edge.port,
        request("GET", "/hop", None, "Connection: keep-alive, X-Hop", "X-Hop: 1", "Keep-Alive: 5", "TE: gzip"),
    )
    for name in ("x-hop", "keep-alive", "te"):
        assert edge.app.seen[-1].values(name) == []


def test_header_values_that_are_not_utf_8(edge: Running) -> None:
    """ISO-8859-1 in a header goes on as the same characters in UTF-8, both ways."""
    edge.app.answer = OK.replace(b"\r\n\r\n", b"\r\nX-Back: caf\xe9\r\n\r\n")
    answer = ask(edge.port, request("GET", "/latin", None, b"X-There: caf\xe9", "X-Utf8: café"))
    edge.app.answer = OK
    assert edge.app.seen[-1].values("x-there") == edge.app.seen[-1].values("x-utf8") == ["café".encode()]
    assert [value.encode("latin-1") for value in answer.values("x-back")] == ["café".encode()]


def test_answer_headers_come_back_as_they_are(edge: Running) -> None:
    """Case, order and repeats of answer headers are kept; Set-Cookie stays apart."""
    lines = b"ETag: 1\r\nset-cookie: a=1; Path=/\r\nX-Two: 1\r\nset-cookie: b=2\r\nserver: mine\r\nDATE: then"
    edge.app.answer = b"HTTP/1.1 201 Made It\r\nContent-Length: 2\r\n" + lines + b"\r\n\r\nok"
    answer = ask(edge.port, request("GET", "/back"))
    edge.app.answer = OK
    assert answer.status == 201
    names = [line.split(b":")[0].decode() for line in lines.split(b"\r\n")]
    assert [name for name, _ in answer.headers if name in names] == names
    assert answer.values("set-cookie") == ["a=1; Path=/", "b=2"]
    assert (answer.values("server"), answer.values("date")) == (["mine"], ["then"])


def test_what_cloudfront_adds_to_an_answer(edge: Running) -> None:
    """X-Cache, Via, X-Amz-Cf-Pop and X-Amz-Cf-Id come with every answer, each once."""
    answer = ask(edge.port, request("GET", "/added"))
    for name in ("x-cache", "via", "x-amz-cf-pop", "x-amz-cf-id", "x-amzn-requestid"):
        assert len(answer.values(name)) == 1
    assert answer.values("server") == ["CloudFront"]


@pytest.mark.parametrize("head", [b"204 No Content\r\nContent-Length: 0", b'304 Not Modified\r\nETag: "x"'])
def test_answers_without_a_body(edge: Running, head: bytes) -> None:
    """204 and 304 carry no body, and the next answer begins where it should."""
    target = b"/bodyless-" + head[:3]
    edge.app.routes[target] = lambda talk: talk.write(b"HTTP/1.1 " + head + b"\r\n\r\n")
    with connected(edge.port) as connection:
        answer = connection.ask(request("GET", target))
        assert (answer.status, answer.values("transfer-encoding")) == (int(head[:3]), [])
        assert connection.ask(request("GET", "/next")).body == b"ok"


@pytest.mark.parametrize("framing", [b"Content-Length: 1234", b"Transfer-Encoding: chunked", b"X-None: 1"])
def test_head(edge: Running, framing: bytes) -> None:
    """HEAD has the headers of GET and no body; the next answer begins where it should."""
    target = b"/head-" + framing[:1]
    edge.app.routes[target] = lambda talk: talk.write(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n")
    with connected(edge.port) as connection:
        answer = connection.ask(request("HEAD", target), head=True)
        assert answer.status == 200
        assert answer.values("content-length") == (["1234"] if framing.startswith(b"Content") else [])
        assert connection.ask(request("GET", "/next")).body == b"ok"


def test_redirects_and_cookies_are_the_viewers_business() -> None:
    """A redirect is passed on, not followed, and a cookie that the app sets is not sent by itself."""
    with running_edge(function=None) as first:
        first.app.answer = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"
        # By name: a jar of aiohttp's takes no cookies from an address.
        app = HttpApp("localhost", int(first.app.address.rpartition(":")[2]))
        with running_edge(function=None, app=app) as running:
            answer = ask(running.port, request("GET", "/a"))
            assert (answer.status, answer.values("location"), len(first.app.seen)) == (302, ["/b"], 1)
            ask(running.port, request("GET", "/b"))
        assert first.app.seen[-1].values("cookie") == []


def test_http_1_0_client(edge: Running) -> None:
    """An HTTP/1.0 client gets an answer without chunks, ended by the end of the connection."""
    edge.app.routes[b"/old"] = lambda talk: talk.write(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    )
    answer = ask(edge.port, b"GET /old HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert (answer.status, answer.body, answer.values("transfer-encoding")) == (200, b"hi", [])
    assert edge.app.seen[-1].values("via")[0].startswith(b"1.0 ")


def test_an_answer_that_ends_with_the_connection(edge: Running) -> None:
    """An app's answer without a length comes back in chunks, whole."""
    edge.app.routes[b"/close"] = lambda talk: talk.write(b"HTTP/1.0 200 OK\r\n\r\nhello")
    answer = ask(edge.port, request("GET", "/close"))
    assert (answer.body, answer.whole, answer.values("transfer-encoding")) == (b"hello", True, ["chunked"])


def test_keep_alive(edge: Running) -> None:
    """One connection carries many requests, refused ones among them."""
    with connected(edge.port) as connection:
        statuses = [
            connection.ask(message).status
            for message in (
                request("POST", "/1", b"a"),
                request("POST", "/2", b"a", digest_of(b"b")),
                request("GET", "/3"),
                request("GET", "/4", b"a"),
                request("POST", "/5", b"a"),
            )
        ]
    assert statuses == [200, 400, 200, 403, 200]


def test_pipelining(edge: Running) -> None:
    """Requests sent without waiting are answered in their order."""
    for number in range(5):
        edge.app.routes[b"/pipe-%d" % number] = lambda talk: talk.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + talk.seen.target
        )
    with connected(edge.port) as connection:
        connection.send(b"".join(request("POST", f"/pipe-{number}", b"body") for number in range(5)))
        assert [connection.answer().body for _ in range(5)] == [b"/pipe-%d" % number for number in range(5)]


def test_connection_close(edge: Running) -> None:
    """A viewer that asks for the end of the connection gets it."""
    with connected(edge.port) as connection:
        assert connection.ask(request("GET", "/close-me", None, "Connection: close")).status == 200
        assert connection.is_closed()
