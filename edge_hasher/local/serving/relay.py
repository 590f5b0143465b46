"""What both servers of the local edge share: bodies in pieces, headers, and streaming an answer through."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from edge_hasher.local.cloudfront import syntax
from edge_hasher.local.serving.http_server import arrived, body_chunks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from aiohttp.http import RawResponseMessage

    from edge_hasher.local.cloudfront.model import HeaderPairs
    from edge_hasher.local.serving.wire import Answer

# Headers that describe one connection, not the message (RFC 9110, section 7.6.1).
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NO_BODY_STATUSES = frozenset({204, 304})
_FRAMING = frozenset({"content-length", "connection"})


class BrokenAnswerError(Exception):
    """The answer broke off after its first byte was passed on."""


def headers_of(message: web.BaseRequest | RawResponseMessage) -> HeaderPairs:
    """Return the headers in order, with their case and repeats; bytes that are not UTF-8 become surrogates.

    Not from `message.headers`: there aiohttp writes the names that it knows in its own way (Etag for ETag).
    """
    return tuple([(_text(name), _text(value)) for name, value in message.raw_headers])


def end_to_end(headers: HeaderPairs, *, drop: tuple[str, ...] = ()) -> HeaderPairs:
    """Return the headers that are meant for the other end.

    A name that comes again in another case is written as it was first. What is not UTF-8 counts as ISO-8859-1 and goes
    on as UTF-8: aiohttp's server sends nothing else.
    """
    unwanted = _unwanted(drop)
    named: set[str] = set()  # by Connection
    spelling: dict[str, str] = {}
    kept = []
    for name, value in headers:
        lower = name.lower()
        if lower == "connection":
            named |= {token.strip().lower() for token in value.split(",")}
        elif lower not in unwanted:
            kept.append((spelling.setdefault(lower, name), value if value.isascii() else syntax.as_unicode(value)))
    return tuple([header for header in kept if header[0].lower() not in named] if named else kept)


@lru_cache(maxsize=8)  # the callers' few constants
def _unwanted(drop: tuple[str, ...]) -> frozenset[str]:
    return _HOP_BY_HOP.union(drop)


async def accept_expectation(request: web.BaseRequest) -> None:
    """Answer `Expect: 100-continue`, as clients send it with large bodies; not in HTTP/1.0, which has no 1xx."""
    if request.version < aiohttp.HttpVersion11:
        return
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer proper has not begun


class ViewerBody:
    """A body that is read once: first its beginning, and then the rest as it is passed on."""

    def __init__(self, request: web.BaseRequest) -> None:
        self._request = request
        self.count = 0
        self.prefix = b""

    async def read_prefix(self, limit_bytes: int) -> bool:
        """Read up to `limit_bytes` into `prefix` and return whether more follows."""
        content, parts = self._request.content, []
        while self.count < limit_bytes and not content.at_eof():
            wanted = limit_bytes - self.count
            parts.append(content.read_nowait(wanted) if content.is_eof() else await arrived(content.read(wanted)))
            self.count += len(parts[-1])
        self.prefix = b"".join(parts)
        return self.count == limit_bytes and not content.at_eof()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the whole body, and keep nothing of it: the answer may stream for long."""
        prefix, self.prefix = self.prefix, b""
        yield prefix
        async for chunk in body_chunks(self._request):
            self.count += len(chunk)
            yield chunk


async def pass_on(
    request: web.BaseRequest,
    answer: Answer,
    headers: HeaderPairs,
    *,
    timeout_s: float | None = None,
    on_bytes: Callable[[int], None] | None = None,
) -> web.StreamResponse:
    """Send an answer on as it comes, chunk by chunk. Raises BrokenAnswerError when it ends early or stalls."""
    bodyless = request.method == "HEAD" or answer.status in _NO_BODY_STATUSES
    if answer.body and not bodyless:  # in one write
        if on_bytes is not None:
            on_bytes(len(answer.body))
        answer.close()
        return whole(answer.status, headers, answer.body)
    response = web.StreamResponse(status=answer.status, headers=CIMultiDict(headers))
    if "Content-Length" not in response.headers and not bodyless:
        response.enable_chunked_encoding() if request.version >= aiohttp.HttpVersion11 else response.force_close()
    try:
        await response.prepare(request)
        if on_bytes is not None:
            on_bytes(0)
        while chunk := await _next_chunk(answer, timeout_s, request):
            if bodyless:  # it would be taken for the next answer
                continue
            await response.write(chunk)
            if on_bytes is not None:
                on_bytes(len(chunk))
        await response.write_eof()
    finally:
        answer.close()
    return response


async def _next_chunk(answer: Answer, timeout_s: float | None, request: web.BaseRequest) -> bytes:
    try:
        async with asyncio.timeout(timeout_s):
            return await answer.read()
    except (TimeoutError, aiohttp.ClientError) as error:
        if request.transport is not None:
            request.transport.close()  # the client sees that the answer is incomplete
        raise BrokenAnswerError(str(error) or "nothing came for too long") from error


def whole(status: int, headers: HeaderPairs, body: bytes, *, reason: str | None = None) -> web.Response:
    """Return an answer that is made here; its framing is left to aiohttp, which sends no body for HEAD."""
    kept = CIMultiDict((name, value) for name, value in headers if name.lower() not in _FRAMING)
    return web.Response(status=status, reason=reason, headers=kept, body=body)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
