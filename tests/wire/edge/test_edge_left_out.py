"""The local edge end to end: bodies where none may be, an app's words for a status, and control characters."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.local.cloudfront.behavior.error_pages import parse
from edge_hasher.local.config import HandlerApp
from tests.support.edge.edge_fixtures import running_edge
from tests.support.edge.raw_http import connected, request

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.edge.edge_fixtures import Talk
    from tests.support.edge.raw_http import Connection

BODY = b"\r\nContent-Length: 4\r\n\r\nEVIL"
CHUNKS = b"\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nEVIL\r\n0\r\n\r\n"
HINTS = b"103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 "


def asked_twice(connection: Connection, message: bytes, *, head: bool = False) -> int:
    """Ask, and ask for a page behind it: its answer begins where it should."""
    status = connection.ask(message, head=head).status
    behind = connection.ask(request("GET", "/behind"), head=False)
    assert behind.status in {200, 403}
    return status


@pytest.mark.parametrize(
    ("options", "target", "status"),
    [
        ({"denied": frozenset({"InvokeFunction"})}, "/x", 403),
        ({"behavior": "never"}, "/x", 403),
        ({}, "/x?$a=1", 400),
        ({}, "/dies", 502),
        ({"error_pages": (parse("403:/index.html:200"),), "behavior": "never"}, "/x", 200),
    ],
    ids=["permission", "unsigned", "query", "app", "error-page"],
)
def test_head_of_a_refusal(options: dict[str, Any], target: str, status: int) -> None:
    """A HEAD that is refused gets the head of the refusal alone: its body would be taken for the next answer."""
    with running_edge(function=None, **options) as edge:
        edge.app.routes[b"/dies"] = lambda talk: talk.write(b"")
        with connected(edge.port) as connection:
            assert asked_twice(connection, request("HEAD", target), head=True) == status


def test_head_of_a_direct_call() -> None:
    """The same at the Function URL's own port."""
    with running_edge(function=None) as edge, connected(edge.direct_port) as connection:
        assert asked_twice(connection, request("HEAD", "/x"), head=True) == 403


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_body_of_a_handler(tmp_path: Path, method: str, status: int) -> None:
    """A Lambda handler that answers with a body where there can be none: the body is left out."""
    (tmp_path / "bodies.py").write_text(
        f"def handler(event, context):\n    path = event['rawPath']\n"
        f"    return {{'statusCode': {status} if path == '/x' else 200, 'body': 'EVIL'}}\n"
    )
    app = HandlerApp(tmp_path, "bodies.handler")
    with running_edge(function=None, app=app) as edge, connected(edge.port) as connection:
        assert asked_twice(connection, request(method, "/x"), head=method == "HEAD") == status


@pytest.mark.parametrize("mode", ["BUFFERED", "RESPONSE_STREAM"])
@pytest.mark.parametrize("rest", [BODY, CHUNKS, HINTS], ids=["length", "chunks", "interim"])
@pytest.mark.parametrize(("method", "status"), [("HEAD", b"200"), ("GET", b"204"), ("GET", b"304")])
def test_body_of_an_http_app(mode: str, rest: bytes, method: str, status: bytes) -> None:
    """An app that sends a body where there can be none has answered all the same, and its next answer is its own."""
    line = b"HTTP/1.1 " + (HINTS if rest == HINTS and method == "HEAD" else b"") + status + b" Some Words"
    with running_edge(function=None, invoke_mode=mode) as edge:
        edge.app.routes[b"/x"] = lambda talk: talk.write(line + (BODY if rest == HINTS else rest))
        with connected(edge.port) as connection:
            for _ in range(2):
                assert asked_twice(connection, request(method, "/x"), head=method == "HEAD") == int(status)


SPLIT = [
    ("GET", [b"HTTP/1.1 2", b"04 No" + BODY]),
    ("GET", [b"HTTP/1.1 204 No\r\n", CHUNKS[2:]]),
    ("GET", [b"HTTP/1.1 204 No\r\nContent-Length: 4\r\n\r", b"\nEVIL"]),
    ("GET", [b"HTTP/1.1 103 Early\r\n", b"A: b\r\n\r\n", b"HTTP/1.1 204 No" + BODY]),
    ("GET", [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No" + BODY]),
    ("GET", [b"\r\nHTTP/1.1 204 No" + BODY]),
    ("GET", [b"HTTP/1.1 204 No\nContent-Length: 4\n\nEVIL"]),
    ("HEAD", [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r", b"\nEVIL"]),
    ("HEAD", [b"HTTP/1.1 103 Early\r\n", b"A: b\r\n\r\nHTTP/1.1 200 OK" + BODY]),
    ("HEAD", [b"HTTP/1.1 200 OK" + BODY[:-4], b"EVIL"]),
]


@pytest.mark.parametrize(("method", "pieces"), SPLIT)
def test_a_body_left_out_wherever_the_bytes_are_cut(method: str, pieces: list[bytes]) -> None:
    """Packets end anywhere: an app may write each line of a head by itself, or several heads at once."""
    status = 200 if method == "HEAD" else 204

    async def in_pieces(talk: Talk) -> None:
        for piece in pieces:
            await talk.write(piece)
            await asyncio.sleep(0.05)

    with running_edge(function=None) as edge:
        edge.app.routes[b"/x"] = in_pieces
        with connected(edge.port) as connection:
            for _ in range(2):
                assert asked_twice(connection, request(method, "/x"), head=method == "HEAD") == status


@pytest.mark.parametrize(
    "piece", [b"a\r\ndata: 204\r\n\r\nmore", b"HTTP/1.1 204 No Content\r\n\r\nmore", b"HTTP/1.1 304\r\n\r\n\0"]
)
@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 " + HINTS.removesuffix(b"HTTP/1.1 ")])
@pytest.mark.parametrize("mode", ["BUFFERED", "RESPONSE_STREAM"])
def test_a_body_that_looks_like_the_head_of_another_answer(mode: str, before: bytes, piece: bytes) -> None:
    """Only where an answer begins does a status count: a piece of a body passes, whatever it says."""

    async def in_pieces(talk: Talk) -> None:
        await talk.write(before + b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * len(piece)))
        for _ in range(2):
            await asyncio.sleep(0.05)  # so it comes by itself
            await talk.write(piece)

    with running_edge(function=None, invoke_mode=mode) as edge:
        edge.app.routes[b"/x"] = in_pieces
        with connected(edge.port) as connection:
            for _ in range(2):
                assert connection.ask(request("GET", "/x")).body == 2 * piece


@pytest.mark.parametrize("words", [b"", b" ", b" Fine", b" \x1b[31mred", b" caf\xe9", b" a\x7f\x01b"])
@pytest.mark.parametrize("mode", ["BUFFERED", "RESPONSE_STREAM"])
@pytest.mark.parametrize("path", [b"/whole", b"/stream"])
def test_the_apps_words_for_a_status_end_at_lambda(mode: str, path: bytes, words: bytes) -> None:
    """Lambda carries a status without a phrase, so the viewer gets the usual one, whatever the app's says."""
    rest = CHUNKS if path == b"/stream" else BODY
    with running_edge(function=None, invoke_mode=mode) as edge:
        edge.app.routes[path] = lambda talk: talk.write(b"HTTP/1.1 201" + words + rest)
        with connected(edge.port) as connection:
            connection.send(request("GET", path))
            assert connection.file.readline() == b"HTTP/1.1 201 Created\r\n"


@pytest.mark.parametrize("value", [b"a\x1b[31mb", b"\x01", b"a\x7f", b"a\x00b", b"a\x0bb"])
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_control_character_in_an_apps_header(value: bytes, method: str) -> None:
    """It is not HTTP: the app's error, with a reason in the log, and the connection goes on. A tab passes."""
    with running_edge(function=None) as edge:
        edge.app.routes[b"/x"] = lambda talk: talk.write(b"HTTP/1.1 200 OK\r\nX-A: " + value + BODY)
        edge.app.routes[b"/tab"] = lambda talk: talk.write(b"HTTP/1.1 200 OK\r\nX-A: a\tb" + BODY)
        with connected(edge.port) as connection:
            assert asked_twice(connection, request(method, "/x"), head=method == "HEAD") == 502
            assert connection.ask(request("GET", "/tab")).values("x-a") == ["a\tb"]
        assert "did not answer" in edge.last("/x").sentence
