"""The local edge end to end: bodies of every size and framing arrive as they were sent, or are refused."""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING

import pytest

from tests.support import aws_texts
from tests.support.edge.edge_fixtures import digest_of, running_edge
from tests.support.edge.raw_http import ask, connected, request

if TYPE_CHECKING:
    from tests.support.edge.edge_fixtures import Running

MIB = 1_048_576
BYTES = random.Random(3).randbytes(6 * MIB + 1)  # noqa: S311 - data, and the same at each run
EDGE = {"settings": ("oversize=forward",)}


def chunked(target: str, body: bytes, *headers: str, size: int = 100_000) -> bytes:
    """Make a POST with chunked framing."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return request("POST", target, None, "Transfer-Encoding: chunked", *headers) + framed


def test_exactly_1_mib_is_whole(edge: Running) -> None:
    """The largest body that the function gets whole is hashed, and arrives."""
    assert ask(edge.port, request("POST", "/mib", BYTES[:MIB])).status == 200
    assert edge.app.seen[-1].body == BYTES[:MIB]
    assert edge.last("/mib").body_bytes == MIB


def test_one_byte_more_is_refused_without_a_claim() -> None:
    """One byte more is cut: the function answers 413, and says so."""
    with running_edge() as running:
        answer = ask(running.port, request("POST", "/more", BYTES[: MIB + 1]))
        assert answer.status == 413
        assert json.loads(answer.body)["type"].endswith("body-too-large")
        assert running.app.seen == []
        assert running.last("/more").decision.startswith("body-too-large")


def test_one_byte_more_arrives_with_a_claim(edge: Running) -> None:
    """With the client's digest it goes on, whole: the origin gets what the function did not."""
    body = BYTES[: MIB + 1]
    assert ask(edge.port, request("POST", "/claimed", body, digest_of(body))).status == 200
    assert edge.app.seen[-1].body == body
    assert edge.last("/claimed").body_bytes == MIB + 1


def test_one_byte_more_with_a_wrong_claim(edge: Running) -> None:
    """A wrong digest over a body that nobody could check at the edge is refused by the Function URL."""
    answer = ask(edge.port, request("POST", "/lie", BYTES[: MIB + 1], digest_of(b"another")))
    assert (answer.status, answer.values("x-amzn-errortype")) == (403, ["InvalidSignatureException"])


@pytest.mark.parametrize("framed", ["announced", "chunked"])
def test_2_mb_with_the_digest_arrives_whole(edge: Running, framed: str) -> None:
    """2 MB pass with the client's digest, in either framing."""
    body = BYTES[: 2 * MIB]
    make = chunked if framed == "chunked" else lambda target, body, *headers: request("POST", target, body, *headers)
    assert ask(edge.port, make("/two", body, digest_of(body))).status == 200
    assert edge.app.seen[-1].body == body


@pytest.mark.parametrize("size", [1, 4096, 300_000])
def test_chunked_uploads(edge: Running, size: int) -> None:
    """A chunked body is hashed and arrives, however it was cut."""
    body = BYTES[: 3 * size]
    assert ask(edge.port, chunked("/chunked", body, size=size)).status == 200
    assert edge.app.seen[-1].body == body


def test_trailers_are_dropped(edge: Running) -> None:
    """Fields after a chunked body do not reach the app, and the connection goes on."""
    message = request("POST", "/trailer", None, "Transfer-Encoding: chunked") + b"2\r\nhi\r\n0\r\nX-Late: 1\r\n\r\n"
    with connected(edge.port) as connection:
        assert connection.ask(message).status == 200
        assert (edge.app.seen[-1].body, edge.app.seen[-1].values("x-late")) == (b"hi", [])
        assert connection.ask(request("GET", "/next")).status == 200


@pytest.mark.parametrize("framed", ["announced", "chunked"])
def test_6_mb_is_the_limit(bare: Running, framed: str) -> None:
    """6 MiB pass, one byte more is the Function URL's 413, though the digest is right."""
    make = chunked if framed == "chunked" else lambda target, body, *headers: request("POST", target, body, *headers)
    assert ask(bare.port, make("/six", BYTES[: 6 * MIB], digest_of(BYTES[: 6 * MIB]))).status == 200
    assert len(bare.app.seen[-1].body) == 6 * MIB
    answer = ask(bare.port, make("/over", BYTES, digest_of(BYTES)))
    assert (answer.status, answer.values("x-amzn-errortype")) == (413, ["RequestEntityTooLargeException"])
    assert json.loads(answer.body) == {"Message": aws_texts.TOO_LARGE}
    assert "S3" in bare.last("/over").sentence


def test_an_endless_upload_is_answered_and_cut(bare: Running) -> None:
    """Past 64 MiB nobody reads on to the end; the answer is still the 413."""
    chunk = b"100000\r\n" + bytes(MIB) + b"\r\n"
    with connected(bare.port) as connection:
        connection.send(request("POST", "/endless", None, "Transfer-Encoding: chunked"))
        for _ in range(80):
            connection.send(chunk)
        connection.send(b"0\r\n\r\n")
        assert connection.answer().status == 413


@pytest.mark.parametrize("claimed", [True, False])
def test_compressed_bodies_are_not_touched(edge: Running, claimed: bool) -> None:  # noqa: FBT001 - a parameter
    """A request body with Content-Encoding is hashed and passed as it is, never decompressed."""
    body = gzip.compress(b"hello " * 1000)
    headers = ("Content-Encoding: gzip", *((digest_of(body),) if claimed else ()))
    assert ask(edge.port, request("POST", "/gzip", body, *headers)).status == 200
    assert edge.app.seen[-1].body == body
    assert edge.app.seen[-1].values("content-encoding") == [b"gzip"]


def test_compressed_answers_are_not_touched() -> None:
    """A buffered answer with Content-Encoding comes through byte for byte; nothing is compressed by the edge."""
    body = gzip.compress(b"hello " * 1000)
    with running_edge(function=None, invoke_mode="BUFFERED") as running:
        running.app.routes[b"/zipped"] = lambda talk: talk.write(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        answer = ask(running.port, request("GET", "/zipped", None, "Accept-Encoding: gzip, br"))
        assert (answer.body, answer.values("content-encoding")) == (body, ["gzip"])
        assert running.app.seen[-1].values("accept-encoding") == [b"gzip, br"]


def test_expect_continue(edge: Running) -> None:
    """A client that asks first is told to go on, gets its answer, and can go on with the connection."""
    head = request("POST", "/expect", None, "Expect: 100-continue", "Content-Length: 5")
    with connected(edge.port) as connection:
        connection.send(head)
        assert connection.head()[0] == 100
        connection.send(b"hello")
        assert connection.answer().status == 200
        assert edge.app.seen[-1].body == b"hello"
        assert edge.app.seen[-1].values("expect") == []
        assert connection.ask(request("GET", "/next")).status == 200


def test_expect_continue_is_not_sent_before_a_refusal(edge: Running) -> None:
    """A request that CloudFront refuses by its head alone is not asked for its body."""
    with connected(edge.port) as connection:
        connection.send(request("GET", "/expect", None, "Expect: 100-continue", "Content-Length: 5"))
        assert connection.head()[0] == 403


def test_expect_continue_in_http_1_0(edge: Running) -> None:
    """An HTTP/1.0 client knows no interim answers, and gets none (RFC 9110, section 10.1.1)."""
    message = b"POST /old HTTP/1.0\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"
    assert ask(edge.port, message).status == 200


def test_body_under_an_upgrade_offer(edge: Running) -> None:
    """A POST that offers HTTP/2, as curl --http2 does, keeps its body; the offer is not passed on."""
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
    assert ask(edge.port, request("POST", "/h2c", b"hello", *offer)).status == 200
    assert edge.app.seen[-1].body == b"hello"
    assert edge.app.seen[-1].values("upgrade") == edge.app.seen[-1].values("http2-settings") == []
