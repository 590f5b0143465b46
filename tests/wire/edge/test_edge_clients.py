"""The local edge end to end with clients that people use: curl, httpx, aiohttp, and botocore for direct calls."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest

from tests.support.edge.edge_fixtures import OWN, digest_of, running_edge
from tests.support.edge.raw_http import ask, request
from tests.support.edge.signing_client import signed_request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.edge.edge_fixtures import Running

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
BODY = bytes(range(256)) * 8000  # 2 MB
EDGE = {"settings": ("oversize=forward",)}


def curl(*arguments: str) -> tuple[int, str]:
    """Run curl without anybody's settings; gives status and body."""
    done = subprocess.run(
        [
            *("curl", "--disable", "--noproxy", "*", "--silent", "--show-error", "--max-time", "20"),
            *("--write-out", "\n%{http_code}"),
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


@needs_curl
def test_curl_post(edge: Running, bare: Running) -> None:
    """The README's own case: one POST, 403 without the function and 200 with it."""
    status, body = curl("--json", '{"message": "hi"}', f"{bare.url}/chat")
    assert (status, "signature we calculated" in body) == (403, True)
    assert curl("--json", '{"message": "hi"}', f"{edge.url}/chat") == (200, "ok")
    assert edge.app.seen[-1].body == b'{"message": "hi"}'
    assert curl(f"{bare.url}/chat") == (200, "ok")


@needs_curl
@pytest.mark.parametrize(
    "way", [(), ("--http1.0",), ("-H", "Transfer-Encoding: chunked"), ("-H", "Expect: 100-continue")]
)
def test_curl_upload(edge: Running, tmp_path: Path, way: tuple[str, ...]) -> None:
    """A file of 2 MB with its digest arrives whole: announced, chunked, in HTTP/1.0, after 100 Continue."""
    file = tmp_path / "upload.bin"
    file.write_bytes(BODY)
    assert curl(*way, "-T", str(file), "-H", digest_of(BODY), f"{edge.url}/upload") == (200, "ok")
    assert edge.app.seen[-1].body == BODY


@needs_curl
def test_curl_too_large(bare: Running, tmp_path: Path) -> None:
    """A file over 6 MB gets its 413, in either framing, and curl is not left hanging."""
    file = tmp_path / "upload.bin"
    file.write_bytes(bytes(7_000_000))
    for way in ((), ("-H", "Transfer-Encoding: chunked")):
        assert curl(*way, "-T", str(file), f"{bare.url}/upload")[0] == 413


@needs_curl
def test_curl_get_with_a_body(edge: Running) -> None:
    """A GET with a body is CloudFront's 403."""
    assert curl("-X", "GET", "-d", "x", f"{edge.url}/get")[0] == 403


@needs_curl
def test_curl_http2_upgrade(edge: Running) -> None:
    """The offer of HTTP/2 that curl makes with a POST is declined, and the POST is served."""
    if (
        "HTTP2"
        not in subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    ):
        pytest.skip("this curl speaks no HTTP/2")
    assert curl("--http2", "-d", "x=1", f"{edge.url}/h2") == (200, "ok")
    assert edge.app.seen[-1].body == b"x=1"


def test_httpx(edge: Running) -> None:
    """Forms, files, streams and JSON of httpx arrive."""

    def pieces() -> Iterator[bytes]:
        yield b"one"
        yield b"two"

    with httpx.Client(base_url=edge.url, trust_env=False) as client:
        assert client.post("/json", json={"a": 1}).status_code == 200
        assert json.loads(edge.app.seen[-1].body) == {"a": 1}
        assert client.post("/form", data={"a": "ä b"}).status_code == 200
        assert edge.app.seen[-1].body == b"a=%C3%A4+b"
        assert client.post("/files", files={"f": ("x.bin", b"\x00\xff")}).status_code == 200
        assert b"\x00\xff" in edge.app.seen[-1].body
        assert client.put("/stream", content=pieces()).status_code == 200
        assert edge.app.seen[-1].body == b"onetwo"
        assert client.delete("/gone").status_code == 200
        assert client.head("/head").status_code == 200
        assert client.get("/get").headers["x-cache"] == "Miss from cloudfront"


def test_aiohttp(edge: Running) -> None:
    """Bodies and streams of aiohttp arrive, on one connection."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    async def go() -> list[int]:
        statuses = []
        async with aiohttp.ClientSession(edge.url) as client:
            for body in (b"bytes", {"form": "x"}, pieces(), None):
                async with client.post("/aiohttp", data=body) as answer:
                    statuses.append(answer.status)
                    assert await answer.read() == b"ok"
        return statuses

    before = len(edge.app.seen)
    assert asyncio.run(go()) == [200] * 4
    assert [seen.body for seen in edge.app.seen[before:]] == [b"bytes", b"form=x", b"onetwo", b""]


@pytest.mark.parametrize("target", ["/", "/direct?a=b&c=%2F", "/a%20b/c"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_signed_direct_calls(edge: Running, method: str, target: str) -> None:
    """A call to the Function URL itself, signed with the keys shown at the start, is let in; the line says direct."""
    body = b"hello" if method == "POST" else b""
    assert ask(edge.direct_port, signed_request(edge, method, target, body)).status == 200
    assert (edge.app.seen[-1].target, edge.app.seen[-1].body) == (target.encode(), body)
    exchange = edge.last(target)
    assert (exchange.source, exchange.verdict, exchange.status) == ("direct", "admitted", 200)


def test_tampered_direct_calls(edge: Running) -> None:
    """One other byte in the body, the path or a signed header is a wrong signature."""
    good = signed_request(edge, "POST", "/tamper", b"hello", {"X-Amz-Meta": "one"})
    before = len(edge.app.seen)
    for old, new in ((b"hello", b"hellO"), (b"/tamper", b"/tampeR"), (b"X-Amz-Meta: one", b"X-Amz-Meta: two")):
        answer = ask(edge.direct_port, good.replace(old, new))
        assert (answer.status, answer.values("x-amzn-errortype")) == (403, ["InvalidSignatureException"])
    assert len(edge.app.seen) == before


def test_unsigned_direct_calls(edge: Running) -> None:
    """A call past the edge without a signature is Forbidden, whatever it claims to be."""
    for claims in ((), ("User-Agent: Amazon CloudFront", "Via: 1.1 x (CloudFront)", "X-Amz-Cf-Id: x")):
        answer = ask(edge.direct_port, request("GET", "/past", None, *claims))
        assert (answer.status, answer.values("x-amzn-errortype")) == (403, ["AccessDeniedException"])
        assert json.loads(answer.body)["Message"].startswith("Forbidden.")


@pytest.mark.parametrize("function", [OWN, None], ids=["with-function", "without"])
def test_denied_permissions_are_cloudfronts_alone(function: Any) -> None:
    """A direct caller of the account's own keeps its permissions when CloudFront has lost one."""
    with running_edge(function=function, denied=frozenset({"InvokeFunction"})) as running:
        assert ask(running.port, request("GET", "/edge")).status == 403
        assert ask(running.direct_port, signed_request(running, "GET", "/direct")).status == 200


def test_a_large_direct_call(edge: Running) -> None:
    """A signed direct call over 6 MB gets the 413, and one to a head too large too."""
    answer = ask(edge.direct_port, signed_request(edge, "POST", "/large", bytes(6_291_457)))
    assert (answer.status, answer.values("x-amzn-errortype")) == (413, ["RequestEntityTooLargeException"])
