"""HTTP over a plain socket: bytes out as they are, and answers read no further than they go."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S = 20


@dataclass(frozen=True)
class RawResponse:
    """One answer; headers in order with their case, `body` without its framing, `whole` if it ended properly."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool = True

    def values(self, name: str) -> list[str]:
        """Give all values of a header (lower-case name)."""
        return [value for key, value in self.headers if key.lower() == name]


class Connection:
    """A client's connection."""

    def __init__(self, raw: socket.socket) -> None:
        self.raw = raw
        self.file: BinaryIO = raw.makefile("rb")

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.raw.sendall(data)

    def ask(self, data: bytes, *, head: bool = False) -> RawResponse:
        """Send a request and read its answer."""
        self.send(data)
        return self.answer(head=head)

    def answer(self, *, head: bool = False) -> RawResponse:
        """Read one answer; `head` if it is one to HEAD."""
        status, headers = self.head()
        lower = {name.lower(): value for name, value in headers}
        if head or status in {204, 304} or status < 200:
            return RawResponse(status, headers, b"")
        if lower.get("transfer-encoding") == "chunked":
            return RawResponse(status, headers, *self._chunked())
        if "content-length" in lower:
            length = int(lower["content-length"])
            body = self.file.read(length)
            return RawResponse(status, headers, body, len(body) == length)
        return RawResponse(status, headers, self.file.read())

    def head(self) -> tuple[int, tuple[tuple[str, str], ...]]:
        """Read status line and headers."""
        line = self.file.readline()
        assert line.startswith(b"HTTP/1."), f"no status line: {line!r}"
        headers = []
        while (field := self.file.readline()) not in {b"\r\n", b""}:
            name, _, value = field.decode("latin-1").partition(":")
            headers.append((name, value.strip()))
        return int(line.split(b" ")[1]), tuple(headers)

    def chunk(self) -> bytes | None:
        """Read one chunk; b"" is the proper end, None a connection that broke off."""
        line = self.file.readline()
        if not line:
            return None
        length = int(line, 16)
        data = self.file.read(length + 2)
        return data[:-2] if len(data) == length + 2 else None

    def is_closed(self) -> bool:
        """Wait for the server to close the connection, sending nothing more."""
        try:
            return self.file.read(1) == b""
        except ConnectionResetError:
            return True

    def _chunked(self) -> tuple[bytes, bool]:
        body = bytearray()
        while chunk := self.chunk():
            body += chunk
        return bytes(body), chunk == b""


@contextmanager
def connected(port: int) -> Iterator[Connection]:
    """Connect to a loopback port."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(raw)
        with connection.file:
            yield connection


def ask(port: int, data: bytes, *, head: bool = False) -> RawResponse:
    """Send one request on a connection of its own and read its answer."""
    with connected(port) as connection:
        return connection.ask(data, head=head)


def request(method: str, target: str | bytes, body: bytes | None = None, *headers: str | bytes) -> bytes:
    """Make a request with Host and, with a body, Content-Length."""
    raw_target = target.encode() if isinstance(target, str) else target
    lines = [method.encode() + b" " + raw_target + b" HTTP/1.1", b"Host: localhost"]
    lines += [header.encode() if isinstance(header, str) else header for header in headers]
    if body is not None:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")
