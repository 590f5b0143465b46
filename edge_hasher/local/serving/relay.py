"""What both servers of the local edge share: bodies in pieces, headers, and streaming an answer through."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from edge_hasher.local.cloudfront import syntax
from edge_hasher.local.serving.http_server import BrokenBodyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from edge_hasher.local.cloudfront.model import HeaderPairs

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
# aiohttp must not add these: send only what the viewer, CloudFront or the function set.
_NO_AUTO_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
# From the edge to the Function URL, and no further. No viewer can send it: CloudFront drops X-Edge-*.
HOP_HEADER = "X-Edge-Hop"
_PIECE_BYTES = 256 * 1024
_NO_BODY_STATUSES = frozenset({204, 304})
_FRAMING = frozenset({"content-length", "connection"})


class BrokenAnswerError(Exception):
    """The answer broke off after its first byte was passed on."""


def client(*, keep_alive: bool) -> aiohttp.ClientSession:
    """Return a client that passes on what it is given: no cookies, no decompression, no proxies, no redirects.

    `keep_alive` only towards a server whose idle time-out is longer than ours: a POST on a connection that the other
    side has just closed fails, and may not be sent again.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=not keep_alive),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=_NO_AUTO_HEADERS,
    )


def headers_of(message: web.BaseRequest | aiohttp.ClientResponse) -> HeaderPairs:
    """Return the headers in order, with their case and repeats; bytes that are not UTF-8 become surrogates.

    Not from `message.headers`: there aiohttp writes the names that it knows in its own way (Etag for ETag).
    """
    return tuple((_text(name), _text(value)) for name, value in message.raw_headers)


def end_to_end(headers: HeaderPairs, *, drop: Iterable[str] = ()) -> CIMultiDict[str]:
    """Return the headers that are meant for the other end, as aiohttp takes them.

    A name that comes again in another case is written as it was first: aiohttp's client would drop the first one.
    What is not UTF-8 counts as ISO-8859-1 and goes on as UTF-8: aiohttp sends nothing else.
    """
    named = {
        token.strip().lower() for name, value in headers if name.lower() == "connection" for token in value.split(",")
    }
    unwanted = _HOP_BY_HOP | named | set(drop)
    spelling: dict[str, str] = {}
    return CIMultiDict(
        (spelling.setdefault(name.lower(), name), syntax.as_unicode(value))
        for name, value in headers
        if name.lower() not in unwanted
    )


async def accept_expectation(request: web.BaseRequest) -> None:
    """Answer `Expect: 100-continue`, as clients send it with large bodies; not in HTTP/1.0, which has no 1xx."""
    if request.version < aiohttp.HttpVersion11:
        return
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer proper has not begun


class ViewerBody:
    """A body that is read once: first its beginning, kept, and then the rest as it is passed on."""

    def __init__(self, request: web.BaseRequest) -> None:
        self._request = request
        self._prefix = b""
        self.sent = asyncio.Event()
        self.count = 0
        self.failure: Exception | None = None

    async def prefix(self, limit_bytes: int) -> tuple[bytes, bool]:
        """Read up to `limit_bytes` and return them, and whether more follows."""
        buffer = bytearray()
        content = self._request.content
        while len(buffer) < limit_bytes and not content.at_eof():
            buffer += await content.read(limit_bytes - len(buffer))
        self._prefix = bytes(buffer)
        self.count = len(buffer)
        return self._prefix, len(buffer) == limit_bytes and not content.at_eof()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the whole body, the part that was read first included; a framing that breaks is kept in `failure`."""
        if self._prefix:
            yield self._prefix
            self._prefix = b""
        try:
            async for chunk in self._request.content.iter_any():
                self.count += len(chunk)
                yield chunk
        except BrokenBodyError as error:
            self.failure = error
            raise
        self.sent.set()


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    """Give a whole body in pieces: written at once, a large one would delay all other streams."""
    for start in range(0, len(body), _PIECE_BYTES):
        yield body[start : start + _PIECE_BYTES]


async def request_head(
    send: aiohttp.client._RequestContextManager, sent: asyncio.Event | None, timeout_s: float
) -> aiohttp.ClientResponse:
    """Return the answer once its head is there; the time-out runs from the end of the upload.

    Raises TimeoutError; aiohttp.ClientError.
    """
    answer = asyncio.ensure_future(send)
    try:
        if sent is not None:
            uploaded = asyncio.ensure_future(sent.wait())
            await asyncio.wait({answer, uploaded}, return_when=asyncio.FIRST_COMPLETED)
            uploaded.cancel()
        async with asyncio.timeout(timeout_s):
            return await answer
    finally:
        answer.cancel()


def raw_url(scheme: str, host: str, port: int, target: str) -> URL:
    """Return an address whose path and query go on the wire just as they are in `target`.

    The whole target is given as the path: taken apart and put together again, it would lose a `?` at its end.
    """
    return URL.build(scheme=scheme, host=host, port=port, path=target, encoded=True)


async def pass_on(
    request: web.BaseRequest,
    answer: aiohttp.ClientResponse,
    headers: CIMultiDict[str],
    *,
    timeout_s: float | None = None,
    on_bytes: Callable[[int], None] | None = None,
) -> web.StreamResponse:
    """Send an answer on as it comes, chunk by chunk. Raises BrokenAnswerError when it ends early or stalls."""
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
    bodyless = request.method == "HEAD" or answer.status in _NO_BODY_STATUSES
    if "Content-Length" not in headers and not bodyless:
        response.enable_chunked_encoding() if request.version >= aiohttp.HttpVersion11 else response.force_close()
    await response.prepare(request)
    if on_bytes is not None:
        on_bytes(0)
    try:
        while True:
            async with asyncio.timeout(timeout_s):
                chunk = await answer.content.readany()
            if not chunk:
                break
            await response.write(chunk)
            if on_bytes is not None:
                on_bytes(len(chunk))
    except (TimeoutError, aiohttp.ClientError) as error:
        if isinstance(error, aiohttp.ClientConnectionResetError):
            raise  # our own client has gone
        if request.transport is not None:
            request.transport.close()  # the client sees that the answer is incomplete
        raise BrokenAnswerError(str(error) or "nothing came for too long") from error
    await response.write_eof()
    return response


def whole(status: int, headers: HeaderPairs, body: bytes, *, reason: str | None = None) -> web.Response:
    """Return an answer that is made here; its framing is left to aiohttp, which sends no body for HEAD."""
    kept = CIMultiDict((name, value) for name, value in headers if name.lower() not in _FRAMING)
    return web.Response(status=status, reason=reason, headers=kept, body=body)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
