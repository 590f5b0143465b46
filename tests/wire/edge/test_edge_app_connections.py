"""The local edge end to end: connections to the app are kept where that is safe, and no POST is lost or sent twice."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import pytest

from edge_hasher.local.config import HttpApp
from tests.support.edge.edge_fixtures import digest_of, running_edge
from tests.support.edge.raw_http import ask, connected, request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.edge.edge_fixtures import Running

WARM_UP_S = 0.3  # the edge keeps connections once it has seen one that stayed open


class KeepingApp(BaseHTTPRequestHandler):
    """Answers with what was sent, and keeps its connections; each subclass breaks that in its own way."""

    protocol_version = "HTTP/1.1"
    connections: ClassVar[set[tuple[str, int]]]
    bodies: ClassVar[list[bytes]]
    number = 0

    def setup(self) -> None:
        """Note a new connection."""
        super().setup()
        self.connections.add(self.client_address)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_POST(self) -> None:
        """Echo."""
        self.number += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.bodies.append(body)
        self.reply(body)

    do_GET = do_POST  # noqa: N815 - the names of http.server

    def reply(self, body: bytes) -> None:
        """Answer in one write."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


class Impatient(KeepingApp):
    """Closes a connection that is idle, as every server does; sooner than any."""

    timeout = 0.25


class Silent(KeepingApp):
    """Closes after each answer and does not say so."""

    def reply(self, body: bytes) -> None:
        """Answer, and end."""
        super().reply(body)
        self.close_connection = True


class Faithless(KeepingApp):
    """Takes a second request on a connection, and hangs up instead of answering."""

    def reply(self, body: bytes) -> None:
        """Answer the first."""
        if self.number > 1:
            self.close_connection = True
        else:
            super().reply(body)


@contextmanager
def edge_before(app: type[KeepingApp]) -> Iterator[Running]:
    """Run the app and an edge in front of it; the app has shown whether it keeps connections."""
    app.connections, app.bodies = set(), []
    with ThreadingHTTPServer(("127.0.0.1", 0), app) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            with running_edge(function=None, app=HttpApp("127.0.0.1", server.server_port)) as edge:
                assert ask(edge.port, request("GET", "/first")).status == 200
                time.sleep(WARM_UP_S)
                yield edge
        finally:
            server.shutdown()
            thread.join()


def post(edge: Running, number: int) -> tuple[int, bytes]:
    """Send a POST of its own."""
    body = b"body of %d" % number
    answer = ask(edge.port, request("POST", "/echo", body, digest_of(body)))
    return answer.status, answer.body


def test_connections_are_kept() -> None:
    """An app that keeps connections gets requests on the same ones."""
    with edge_before(KeepingApp) as edge, connected(edge.port) as viewer:
        for number in range(50):
            body = b"%d" % number
            assert viewer.ask(request("POST", "/echo", body, digest_of(body))).body == body
        assert len(KeepingApp.connections) < 10


@pytest.mark.parametrize("app", [KeepingApp, Silent, Impatient])
def test_no_post_is_lost(app: type[KeepingApp]) -> None:
    """Whenever the app closes, each POST arrives once and gets its own answer, at once or after a pause."""
    with edge_before(app) as edge:
        numbers = list(range(160))
        for start in (0, 80):
            with ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda number: post(edge, number), numbers[start : start + 80]))
            assert answers == [(200, b"body of %d" % number) for number in numbers[start : start + 80]]
            time.sleep(1.5 * (Impatient.timeout or 0))
        assert sorted(app.bodies) == sorted([b"", *(b"body of %d" % number for number in numbers)])


def test_a_post_is_not_sent_twice() -> None:
    """A kept connection that fails under a POST is a 502: the app may have acted on it. A GET is asked again."""
    with edge_before(Faithless) as edge:
        assert post(edge, 1)[0] == 502
        assert Faithless.bodies.count(b"body of 1") == 1
        assert "did not answer" in edge.last("/echo").sentence
        time.sleep(WARM_UP_S)
        assert post(edge, 2) == (200, b"body of 2")
        time.sleep(WARM_UP_S)
        assert ask(edge.port, request("GET", "/again")).status == 200


def test_an_app_that_answers_before_it_has_read_the_body(edge: Running) -> None:
    """The answer of an app that refuses a long body early, and closes, arrives."""
    edge.app.routes[b"/early"] = lambda talk: talk.write(b"HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno")
    body = bytes(900_000)
    answer = ask(edge.port, request("POST", "/early", body, digest_of(body)))
    assert (answer.status, answer.body) == (413, b"no")
