"""HTTP messages between the servers of the local edge: a request's head as bytes, and an answer as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge_hasher.local.cloudfront.model import HeaderPairs


class Head(NamedTuple):
    """The head of a request; text is UTF-8, stray bytes are surrogates."""

    method: str
    target: str
    headers: HeaderPairs

    def value(self, lower_name: str) -> str:
        """Return the first value of a header, or ""."""
        return next((value for name, value in self.headers if name.lower() == lower_name), "")


class Answer(NamedTuple):
    """The head of an answer, and what reads on: `read` returns the next bytes, b"" at the end.

    `read` raises aiohttp.ClientError when the answer breaks off. `close` ends it early; it may be called again.
    `body` is all of it, once more, where it has come with the head. It has no reason phrase: Lambda carries the status
    alone (documented: a response's statusCode), so the viewer gets the usual words for it.
    """

    status: int
    headers: HeaderPairs
    read: Callable[[], Awaitable[bytes]]
    close: Callable[[], None]
    body: bytes | None = None


def whole(status: int, headers: HeaderPairs, body: bytes) -> Answer:
    """Return an answer that is all there."""
    own = tuple((name, value) for name, value in headers if name.lower() != "content-length")
    return Answer(status, (*own, ("Content-Length", str(len(body)))), reader_of(body), lambda: None, body)


def reader_of(body: bytes) -> Callable[[], Awaitable[bytes]]:
    """Return the `read` of an answer that is all there."""
    rest = [body]

    async def read() -> bytes:
        return rest.pop() if rest else b""

    return read


def write_head(head: Head) -> bytes:
    """Return the head's bytes. Raises ValueError where a value would end its line: no check before may be trusted."""
    lines = [f"{head.method} {head.target} HTTP/1.1", *map(": ".join, head.headers)]
    text = "\r\n".join(lines)
    if not text.count("\r") == text.count("\n") == len(head.headers) or "\0" in text:
        raise ValueError("the request's head holds a line break")
    return f"{text}\r\n\r\n".encode("utf-8", "surrogateescape")


def read_head(data: bytes) -> Head:
    """Read what `write_head` wrote, as a server does that knows nothing else of the request."""
    line, *lines = data.decode("utf-8", "surrogateescape").removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = line.split(" ")
    pairs = [line.partition(":") for line in lines]
    return Head(method, target, tuple([(name, value.strip(" \t")) for name, _, value in pairs]))
