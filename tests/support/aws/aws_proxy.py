"""A proxy on loopback between a command and MiniStack, where a test can act between any two calls."""

from __future__ import annotations

import http.client
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.support.aws.faults import HOP_HEADERS, FaultMet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class AwsProxy:
    """Passes calls on, and tells `before` and `after` their number (from 1), method and path.

    `before` runs ahead of MiniStack, `after` when MiniStack has done it and the caller does not know yet; a
    ConnectionError from either ends the connection there, and a FaultMet (faults.py) sends something else.
    """

    def __init__(self, endpoint: str) -> None:
        self.target = urlsplit(endpoint)
        self.calls: list[str] = []
        self.met: list[str] = []
        self.before: Callable[[int, str], None] = lambda _number, _call: None
        self.after: Callable[[int, str], None] = lambda _number, _call: None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator[AwsProxy]:
        """Serve for as long as the block runs."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                call = f"{self.command} {self.path.partition('?')[0]}"
                with proxy._lock:
                    proxy.calls.append(call)
                    number = len(proxy.calls)
                answer: tuple[int, list[tuple[str, str]], bytes] = (200, [], b"")
                try:
                    proxy.before(number, call)
                    answer = self._forward(body)
                    proxy.after(number, call)
                    self._answer(*answer)
                except ConnectionError:
                    self.close_connection = True
                except FaultMet as met:
                    self.close_connection = True
                    met.fault.send(self.connection, *answer)

            def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in HOP_HEADERS:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
                connection = http.client.HTTPConnection(proxy.target.hostname or "", proxy.target.port, timeout=30)
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_HEADERS}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                return answer.status, answer.getheaders(), content

            do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 (http.server's names)

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        return Handler
