"""Sending: what goes on the wire, and what is made of those who do not answer as they should."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from edge_hasher.cli.probe import probe
from edge_hasher.probe.sending.address import parse_address
from edge_hasher.probe.sending.answer import BODY_LIMIT_BYTES, NoAnswer, ProbeResponse
from edge_hasher.probe.sending.requests import body_of, plan
from edge_hasher.probe.sending.send import HttpSend, client
from tests.support.edge.edge_fixtures import running_edge
from tests.support.probe_causes import LAMBDA, response, stub

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.support.edge.edge_fixtures import RecordedRequest

    Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

ESC = "\x1b"
MIB = 1_048_576


def sent(
    url: str, name: str, *, timeout_s: float = 5, headers: tuple[tuple[str, str], ...] = ()
) -> ProbeResponse | NoAnswer:
    """The answer to one planned request."""
    (request,) = [each for each in plan(allow_writes=True) if each.name == name]

    async def main() -> ProbeResponse | NoAnswer:
        async with client(timeout_s) as session:
            return await HttpSend(session, parse_address(url), headers=headers, timeout_s=timeout_s)(request)

    return asyncio.run(main())


def asked(serve: Serve, *, timeout_s: float = 5, tls: ssl.SSLContext | None = None, https: bool = False) -> Any:
    """What a GET to a raw server comes to."""
    serving: set[asyncio.Task[Any]] = set()

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    async def main() -> ProbeResponse | NoAnswer:
        server = await asyncio.start_server(tracked, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        address = parse_address(f"{'https' if https else 'http'}://127.0.0.1:{port}/")
        async with client(timeout_s) as session:
            answer = await HttpSend(session, address, timeout_s=timeout_s)(plan()[0])
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await asyncio.sleep(0)  # what was closed is let go in the loop's next turn
        return answer

    return asyncio.run(main())


def answers(data: bytes, *, then_s: float = 0) -> Serve:
    """A raw server that reads something, writes this, and hangs up after a while."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(data)
        await asyncio.sleep(then_s)
        writer.close()

    return serve


def seen_by_stub(name: str, **options: Any) -> RecordedRequest:
    """One planned request as a server gets it."""
    seen: list[RecordedRequest] = []

    def respond(request: RecordedRequest) -> bytes:
        seen.append(request)
        return response(200, LAMBDA)

    with stub(respond) as url:
        assert isinstance(sent(url, name, **options), ProbeResponse)
    return seen[0]


def test_the_small_body_is_sent_as_json() -> None:
    """POST without a digest sends the body with its length, and no digest."""
    seen = seen_by_stub("post")
    assert json.loads(seen.body) == {"edge-hasher": "probe"}
    assert seen.values("content-length") == [b"24"]
    assert seen.values("content-type") == [b"application/json"]
    assert not seen.values("x-amz-content-sha256")
    assert not seen.values("authorization")
    assert seen.values("user-agent")[0].startswith(b"edge-hasher/")


def test_the_chunked_body_has_no_length() -> None:
    """The chunked request announces no length."""
    seen = seen_by_stub("post-chunked")
    assert seen.values("transfer-encoding") == [b"chunked"]
    assert not seen.values("content-length")
    assert seen.body == body_of(24)


def test_a_large_body_is_sent_whole() -> None:
    """1,048,577 bytes are that many on the wire."""
    seen = seen_by_stub("post-1048577")
    assert seen.values("content-length") == [b"1048577"]
    assert seen.body == body_of(MIB + 1)


def test_own_headers_win() -> None:
    """A header of the user's takes the place of the probe's, and is sent once."""
    seen = seen_by_stub("post", headers=(("User-Agent", "mine"), ("X-Key", "1")))
    assert seen.values("user-agent") == [b"mine"]
    assert seen.values("x-key") == [b"1"]


def test_redirects_are_not_followed() -> None:
    """A redirect is an answer; following it would send bodies to somewhere else."""
    with stub(lambda _: response(302, (("Location", "http://127.0.0.1:1/"),))) as url:
        answer = sent(url, "post")
    assert isinstance(answer, ProbeResponse)
    assert answer.status == 302


def test_a_stream_is_not_waited_for() -> None:
    """An answer that never ends is read for a moment and let go."""
    answer = asked(answers(b"HTTP/1.1 200 OK\r\n\r\ndata: 1\n\n", then_s=20), timeout_s=15)
    assert answer.body == b"data: 1\n\n"
    assert answer.seconds < 6


def test_a_huge_body_is_read_with_a_bound() -> None:
    """Of 5 MiB no more than the bound is kept."""
    answer = asked(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 5242880\r\n\r\n" + bytes(5_242_880)))
    assert len(answer.body) == BODY_LIMIT_BYTES


def test_a_compressed_bomb_is_not_unpacked() -> None:
    """What comes compressed stays so."""
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n"
    assert asked(answers(head + b"\x1f\x8b\x08\x00")).body == b"\x1f\x8b\x08\x00"


@pytest.mark.parametrize(
    ("serve", "words"),
    [
        (answers(b"SSH-2.0-OpenSSH_9.9\r\n"), "is not HTTP"),
        (answers(b"\x15\x03\x03\x00\x02\x02\x32"), "is not HTTP"),
        (answers(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"), "is not HTTP"),
        (answers(b""), "closed the connection without an answer"),
        (answers(b"HTTP/1.1 200 OK\r\nX: 1"), "closed the connection without an answer"),
        (answers(b"", then_s=3), "did not answer within 0.3 s"),
    ],
    ids=["another-protocol", "binary", "endless-header", "hangs-up", "half-a-head", "silent"],
)
def test_no_answer_has_one_line(serve: Serve, words: str) -> None:
    """Whatever is wrong is said in one printable line."""
    answer = asked(serve, timeout_s=0.3 if "within" in words else 5)
    assert isinstance(answer, NoAnswer)
    assert words in answer.reason
    assert answer.reason.isprintable()


def test_no_tls_is_said() -> None:
    """A port that speaks http and is asked for https is named as such."""
    answer = asked(answers(b"HTTP/1.1 400 Bad Request\r\n\r\n"), https=True)
    assert isinstance(answer, NoAnswer)
    assert answer.reason.startswith("no TLS with 127.0.0.1:")


def test_a_certificate_that_does_not_hold_is_said(tmp_path: Path) -> None:
    """A self-signed certificate is refused, and the reason says so."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=localhost", "-days", "2"]
    try:
        subprocess.run([*new, *names], check=True, capture_output=True, timeout=30)
    except FileNotFoundError:
        pytest.skip("there is no openssl on this machine to make a certificate with")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    answer = asked(answers(b"HTTP/1.1 200 OK\r\n\r\n"), tls=tls, https=True)
    assert isinstance(answer, NoAnswer)
    assert "the certificate of 127.0.0.1" in answer.reason


def test_nobody_there_is_said() -> None:
    """A refused connection is named, with the system's own words."""
    answer = sent("http://127.0.0.1:1/", "get")
    assert isinstance(answer, NoAnswer)
    assert answer.reason == "cannot connect to 127.0.0.1:1: Connection refused"


def test_an_unknown_name_is_said() -> None:
    """A name that does not resolve is named."""
    answer = sent("http://no-such-name.invalid/", "get")
    assert isinstance(answer, NoAnswer)
    assert answer.reason.startswith("the name no-such-name.invalid is not known")


def test_a_forged_signature_fits_nothing() -> None:
    """The forged Authorization is in SigV4's form, fresh, and with AWS's example key."""
    seen = seen_by_stub("get-authorization")
    (authorization,) = seen.values("authorization")
    assert authorization.startswith(b"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/")
    assert seen.values("x-amz-date")


def test_a_refused_upload_is_still_read() -> None:
    """An edge that refuses 1 MiB and a byte is understood, though it answers early."""
    with running_edge() as running:
        answer = sent(running.url, "post-1048577")
    assert isinstance(answer, ProbeResponse)
    assert answer.status == 413


def test_hostile_answers_never_reach_the_terminal() -> None:
    """Control characters in status line, headers and body are shown escaped, by text and by JSON."""
    bad = f"{ESC}]0;owned\x07{ESC}[2J\x9b31m\u202e"
    body = json.dumps({"message": bad, "type": f"urn:edge-hasher:{bad}", "detail": bad})
    headers = (*LAMBDA, ("x-cache", "Error\u00a0from cloudfront"), ("x-amzn-errortype", "\x9b31mX"))
    with stub(lambda _: response(403, headers, body)) as url:
        for option in ((), ("--json",)):
            done = CliRunner().invoke(probe, [url, "--yes", *option], color=False)
            assert done.exit_code == 1
            assert not {char for char in done.output if not char.isprintable()} - {"\n"}
