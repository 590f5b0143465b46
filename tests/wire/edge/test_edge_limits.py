"""The local edge end to end: what holds it up or fills it - heads without an end, stalled bodies, descriptors."""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.local.serving import http_server
from tests.support.edge.edge_fixtures import digest_of, handler_spec, running_edge
from tests.support.edge.raw_http import ask, connected, request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.edge.edge_fixtures import Running

EDGE = {"function": None}
HOST = b"Host: localhost\r\n"
COMMAND = [sys.executable, "-c", "from edge_hasher.cli import main; main()", "local", "--port", "0"]
STREAMS = ["--invoke-mode", "RESPONSE_STREAM", "--log-format", "json"]
WAIT_S = 20


@pytest.mark.parametrize("line", [b"X-A: a\r\n", b"X-A: %s\r\n" % (b"a" * 8000)], ids=["short lines", "long lines"])
@pytest.mark.parametrize("direct", [False, True], ids=["edge", "direct"])
def test_a_head_without_an_end(edge: Running, line: bytes, *, direct: bool) -> None:
    """A head that does not end is refused long before it fills memory, and the connection is closed."""
    with connected(edge.direct_port if direct else edge.port) as connection:
        connection.send(b"GET /endless HTTP/1.1\r\n" + HOST)
        sent = 0
        try:
            while sent < 40_000_000:
                connection.send(line * 100)
                sent += 100 * len(line)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < 40_000_000
    source = "direct" if direct else "edge"
    exchange = edge.last("?")
    assert (exchange.status, exchange.source) == (413, source)
    assert exchange.sentence == "The request is refused: its head is too large."


def test_a_head_may_follow_a_long_body(edge: Running) -> None:
    """What counts as a head begins after the body before it."""
    body = bytes(700_000)
    message = request("POST", "/long", body, digest_of(body))
    with connected(edge.port) as connection:
        connection.send(message + message + request("GET", "/next"))
        assert [connection.answer().status for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("message", [b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET /x HTTP/1.1\nHost: a\n\n"])
def test_what_is_not_http_is_in_the_log(edge: Running, message: bytes) -> None:
    """Each request that is answered with 400 is an exchange, with the reason, and the connection is closed."""
    for port, source in ((edge.port, "edge"), (edge.direct_port, "direct")):
        with connected(port) as connection:
            answer = connection.ask(message)
            assert (answer.status, answer.values("connection")) == (400, ["close"])
            assert connection.is_closed()
        exchange = edge.last("?")
        assert (exchange.status, exchange.source) == (400, source)
        assert "not HTTP" in exchange.sentence


def test_a_stalled_body(edge: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not go on ends after a time, with a reason, whoever sends it."""
    monkeypatch.setattr(http_server, "STALL_S", 0.2)
    message = request("POST", "/stalled", b"12345")[:-1]
    for port in (edge.port, edge.direct_port):
        with connected(port) as connection:
            connection.send(message)
            assert connection.answer().status == 400
            assert connection.is_closed()
        exchange = edge.last("/stalled")
        assert exchange.status == 400
        assert "nothing came of its body for 0.2 s" in exchange.sentence


class Slow(BaseHTTPRequestHandler):
    """An app whose answers begin, and end when all viewers have come."""

    protocol_version = "HTTP/1.1"
    go: threading.Event

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        """Stream."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
        self.go.wait(WAIT_S)
        self.wfile.write(b"cd")


@contextmanager
def running_command(soft: int, hard: int) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Run `edge-hasher local` before a slow app, with limits on its descriptors; gives its port and the process."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    Slow.go = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        command = [*COMMAND, "--origin", f"http://127.0.0.1:{server.server_port}", *STREAMS]
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=limited,  # noqa: PLW1509 - it makes one system call
        ) as process:
            try:
                assert process.stdout is not None
                ready: dict[str, Any] = json.loads(process.stdout.readline())
                yield int(ready["ready"].rpartition(":")[2]), process
            finally:
                Slow.go.set()
                process.send_signal(signal.SIGINT)
                server.shutdown()
                thread.join()


def test_the_soft_limit_is_raised() -> None:
    """Where a shell starts programs with few descriptors, the edge takes what it may have."""
    with running_command(64, 1024) as (port, process), ThreadPoolExecutor(100) as pool:
        viewers = [pool.submit(ask, port, request("GET", f"/{number}")) for number in range(100)]
        with connected(port) as last:
            last.send(request("GET", "/last"))
            assert last.head()[0] == 200
            Slow.go.set()
            assert {viewer.result().body for viewer in viewers} == {b"abcd"}
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=WAIT_S)
    assert (process.returncode, errors) == (0, "")


def test_the_limit_is_named() -> None:
    """With no descriptor left, one line says so, and no trace; the app is not blamed, and it goes on afterwards."""
    with running_command(90, 90) as (port, process):
        viewers = [connected(port) for _ in range(60)]
        connections = [viewer.__enter__() for viewer in viewers]
        for number, connection in enumerate(connections):
            connection.send(request("GET", f"/{number}"))
        assert process.stdout is not None
        refused = json.loads(process.stdout.readline())
        Slow.go.set()
        assert refused["status"] == 502
        assert "used up its 90 file descriptors" in refused["sentence"]
        assert "Start it again" not in refused["sentence"]
        for viewer in viewers:
            viewer.__exit__(None, None, None)
        assert comes_back(port)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=WAIT_S)
    assert "Traceback" not in errors


def comes_back(port: int) -> bool:
    """Whether the edge answers again, once it has noticed that its viewers have gone."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, AssertionError):
            if ask(port, request("GET", "/afterwards")).status == 200:
                return True
        time.sleep(0.1)
    return False


def test_viewers_that_leave_are_not_an_error() -> None:
    """Viewers that hang up in a stream, in an upload or in a head leave nothing on standard error."""
    with running_command(256, 256) as (port, process):
        for message in (
            request("GET", "/stream"),
            request("POST", "/upload", bytes(100))[:-50],
            b"GET /half HTTP/1.1\r\n",
        ):
            for _ in range(5):
                with connected(port) as connection:
                    connection.send(message)
                    if message.startswith(b"GET /stream"):
                        connection.head()
        assert ask(port, request("DELETE", "/x")).status == 501
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=WAIT_S)
    assert (process.returncode, errors) == (0, "")


def test_a_function_has_no_more_descriptors_than_on_lambda(tmp_path: Path) -> None:
    """The function's own process gets Lambda's number, not ours."""
    if sys.platform != "linux":
        pytest.skip("only Linux sets the limits of another process")
    source = """
import resource

def answer(event, context):
    return {"status": "200", "body": str(resource.getrlimit(resource.RLIMIT_NOFILE)[0])}
"""
    with running_edge(function=handler_spec(tmp_path, source)) as running:
        shown = ask(running.port, request("GET", "/")).body
    assert int(shown) == min(1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
