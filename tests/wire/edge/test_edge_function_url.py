"""The local edge end to end: what the Function URL makes of queries and of the app's answers, as AWS's does."""

from __future__ import annotations

import asyncio
import gzip
import os
import zlib
from typing import TYPE_CHECKING

import pytest

from tests.support import aws_texts
from tests.support.edge.edge_fixtures import OWN, digest_of, running_edge
from tests.support.edge.raw_http import ask, connected, request
from tests.support.edge.signing_client import signed_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.edge.edge_fixtures import Running, Talk

ANSWER_LIMIT_BYTES = 6_291_556  # Lambda's own number for a response


@pytest.fixture(scope="module", params=[OWN, None], ids=["with-function", "without"])
def streaming(request: pytest.FixtureRequest) -> Iterator[Running]:
    """Run an edge whose Function URL streams."""
    with running_edge(function=request.param, invoke_mode="RESPONSE_STREAM") as running:
        yield running


@pytest.fixture(scope="module", params=[OWN, None], ids=["with-function", "without"])
def buffered(request: pytest.FixtureRequest) -> Iterator[Running]:
    """Run an edge whose Function URL buffers, as a new one does."""
    with running_edge(function=request.param, invoke_mode="BUFFERED") as running:
        yield running


@pytest.mark.parametrize(
    "query",
    ["$top=1", "/action", "/action&x=1", "x=1&/y", "where[id][in]=1", "a:b=1", "a@b", "a,b=1", "a;b=1", "?=1", "a]"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_reserved_characters_in_a_parameters_name(streaming: Running, query: str, method: str) -> None:
    """A raw reserved character in a name is AWS's 400, before the app, and the sentence says how to encode it."""
    before = len(streaming.app.seen)
    answer = ask(streaming.port, request(method, f"/q?{query}", b"x" if method == "POST" else None, digest_of(b"x")))
    assert (answer.status, answer.values("x-amzn-errortype")) == (400, ["InvalidQueryStringException"])
    assert len(streaming.app.seen) == before
    assert "Percent-encode" in streaming.last(f"/q?{query}").sentence


def test_reserved_characters_elsewhere(streaming: Running) -> None:
    """Encoded in a name, raw in a value or in the path, they pass."""
    target = "/p/$a@b?%24top=1&where%5Bid%5D=32,12/9:$@?[;]&x=a=b"
    assert ask(streaming.port, request("GET", target)).status == 200
    assert streaming.app.seen[-1].target == target.encode()


def test_reserved_characters_in_a_direct_call(streaming: Running) -> None:
    """A signed call past the edge is refused alike."""
    message = signed_request(streaming, "GET", "/direct?$top=1")
    assert ask(streaming.direct_port, message).status == 400


def test_a_plus_is_a_blank(streaming: Running) -> None:
    """A plus in the query reaches an app behind the web adapter as a blank; encoded, or in the path, it stays."""
    assert ask(streaming.port, request("GET", "/a+b?q=a+b&c=%2B&d+e=1")).status == 200
    assert streaming.app.seen[-1].target == b"/a+b?q=a%20b&c=%2B&d%20e=1"


def zipped(encoding: bytes, body: bytes) -> bytes:
    """Give an answer with a Content-Encoding."""
    head = b"HTTP/1.1 200 OK\r\nETag: 1\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (encoding, len(body)) + body


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP", b"deflate", b"raw deflate"])
def test_a_compressed_stream_arrives_decoded(streaming: Running, encoding: bytes) -> None:
    """A Function URL that streams decodes what the app has compressed, and drops the header."""
    text = b"hello " * 100_000
    packed = gzip.compress(text) if encoding.lower() == b"gzip" else zlib.compress(text)
    if encoding == b"raw deflate":
        packed, encoding = packed[2:-4], b"deflate"
    streaming.app.routes[b"/zip"] = lambda talk: talk.write(zipped(encoding, packed))
    answer = ask(streaming.port, request("GET", "/zip", None, "Accept-Encoding: gzip"))
    assert (answer.status, answer.body, answer.whole) == (200, text, True)
    assert (answer.values("content-encoding"), answer.values("etag")) == ([], ["1"])


def test_a_compressed_stream_is_decoded_as_it_comes(streaming: Running) -> None:
    """Each flushed piece goes out at once."""

    async def slowly(talk: Talk) -> None:
        packer = zlib.compressobj(wbits=31)
        await talk.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
        for word in (b"one", b"two"):
            piece = packer.compress(word) + packer.flush(zlib.Z_SYNC_FLUSH)
            await talk.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await asked.wait()
        piece = packer.flush()
        await talk.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(piece), piece))

    asked = asyncio.Event()
    streaming.app.routes[b"/slowly"] = slowly
    with connected(streaming.port) as connection:
        connection.send(request("GET", "/slowly"))
        connection.head()
        assert connection.chunk() == b"one"
        streaming.loop.call_soon_threadsafe(asked.set)
        assert connection.chunk() == b"two"


@pytest.mark.parametrize("encoding", [b"br", b"zstd", b"gzip, br", b"compress"])
def test_a_stream_that_cannot_be_decoded(streaming: Running, encoding: bytes) -> None:
    """Other encodings break in production: 502, and the sentence says why."""
    streaming.app.routes[b"/br"] = lambda talk: talk.write(zipped(encoding, b"\x0b\x02\x80hello\x03"))
    answer = ask(streaming.port, request("GET", "/br"))
    assert (answer.status, answer.body) == (502, aws_texts.HANDLER_FAILED)
    assert "Content-Encoding" in streaming.last("/br").sentence


@pytest.mark.parametrize("body", [b"not gzip at all", gzip.compress(b"hello " * 1000)[:-20]], ids=["other", "cut"])
def test_a_stream_that_is_not_what_it_says(streaming: Running, body: bytes) -> None:
    """Broken compressed data breaks the answer; it is never passed on as if it were whole."""
    streaming.app.routes[b"/lie"] = lambda talk: talk.write(zipped(b"gzip", body))
    answer = ask(streaming.port, request("GET", "/lie"))
    assert answer.status == 502 or not answer.whole


@pytest.mark.parametrize("encoding", [b"gzip", b"br"])
def test_head_of_a_compressed_answer(streaming: Running, encoding: bytes) -> None:
    """HEAD has no body to decode; the next answer begins where it should."""
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: " + encoding + b"\r\nContent-Length: 10\r\n\r\n"
    streaming.app.routes[b"/head"] = lambda talk: talk.write(head)
    with connected(streaming.port) as connection:
        assert connection.ask(request("HEAD", "/head"), head=True).status in {200, 502}
        assert connection.ask(request("GET", "/next")).status == 200


def answer_of(body: bytes, content_type: bytes) -> bytes:
    """Give an answer of the app."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (content_type, len(body)) + body


@pytest.mark.parametrize(
    ("body", "content_type", "fits"),
    [
        (b"a" * 6_000_000, b"text/plain", True),
        (b"a" * (ANSWER_LIMIT_BYTES + 1), b"text/plain", False),
        (os.urandom(4_600_000), b"image/png", True),
        (os.urandom(5_000_000), b"image/png", False),
        (b'"' * 3_500_000, b"application/json", False),
        ("é".encode() * 3_000_000, b"text/html; charset=utf-8", True),
        (b"a" * 7_000_000, b"application/octet-stream", False),
    ],
    ids=["6 MB of text", "over", "4.6 MB binary", "5 MB binary", "quotes", "UTF-8", "7 MB binary"],
)
def test_a_buffered_answer_has_at_most_6_mb_of_json(
    buffered: Running,
    body: bytes,
    content_type: bytes,
    fits: bool,  # noqa: FBT001
) -> None:
    """A buffered answer is JSON to Lambda, binary in base64: beyond 6 MB it fails as a handler's does."""
    target = f"/large-{len(body)}"
    buffered.app.routes[target.encode()] = lambda talk: talk.write(answer_of(body, content_type))
    answer = ask(buffered.port, request("GET", target))
    if fits:
        assert (answer.status, answer.body == body) == (200, True)
    else:
        assert (answer.status, answer.body) == (502, aws_texts.HANDLER_FAILED)
        assert "RESPONSE_STREAM" in buffered.last(target).sentence
    assert ask(buffered.port, request("GET", "/next")).status == 200


def test_a_streamed_answer_may_be_longer(streaming: Running) -> None:
    """The 6 MB are a limit of buffered answers."""
    body = os.urandom(7_000_000)
    streaming.app.routes[b"/large"] = lambda talk: talk.write(answer_of(body, b"image/png"))
    assert ask(streaming.port, request("GET", "/large")).body == body


def test_a_buffered_answer_comes_whole(buffered: Running) -> None:
    """Nothing of a stream goes out before its end, one that breaks off is 502, and the sentence names the mode."""

    async def events(talk: Talk) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        await talk.write(head + b"3\r\none\r\n")
        await asyncio.sleep(0.2)
        await talk.write(b"3\r\ntwo\r\n0\r\n\r\n")

    buffered.app.routes[b"/events"] = events
    answer = ask(buffered.port, request("GET", "/events"))
    assert (answer.status, answer.body, answer.values("content-length")) == (200, b"onetwo", ["6"])
    assert "RESPONSE_STREAM" in buffered.last("/events").sentence
    buffered.app.routes[b"/dies"] = lambda talk: talk.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")
    assert ask(buffered.port, request("GET", "/dies")).status == 502


def test_a_stream_behind_a_buffering_url_is_late() -> None:
    """A stream without an end is 504 behind a Function URL that buffers, and the sentence says what to change."""

    async def endless(talk: Talk) -> None:
        await talk.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        await talk.reader.read()

    with running_edge(function=None, invoke_mode="BUFFERED", read_timeout_s=0.5) as running:
        running.app.routes[b"/endless"] = endless
        assert ask(running.port, request("GET", "/endless")).status == 504
        assert "--invoke-mode" in running.last("/endless").sentence
