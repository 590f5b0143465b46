"""Send one planned request and read a bounded answer. The probe's only file that opens sockets."""

from __future__ import annotations

import asyncio
import io
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import aiohttp
from yarl import URL

import edge_hasher
from edge_hasher.probe.sending.address import ProbeError
from edge_hasher.probe.sending.answer import BODY_LIMIT_BYTES, HEADERS_LIMIT, NoAnswer, ProbeResponse
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from edge_hasher.probe.sending.address import Address
    from edge_hasher.probe.sending.requests import PlannedRequest

USER_AGENT = f"edge-hasher/{edge_hasher.__version__} (probe)"
# A stream may never end, so reading stops after this. Error documents come at once.
BODY_WAIT_S = 2.0
_REASON_LIMIT_CHARS = 200
# AWS's own example key, and a signature that is always wrong.
_FORGED = (
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/{day}/us-east-1/lambda/aws4_request, "
    f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
)


class Send(Protocol):
    """Sends one request; never raises for what the other side does."""

    async def __call__(self, request: PlannedRequest) -> ProbeResponse | NoAnswer:
        """Return what came back."""


def client(timeout_s: float) -> aiohttp.ClientSession:
    """Return a client without cookies, proxies, redirects or decompression; `timeout_s` is up to an answer's head."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=timeout_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("Accept-Encoding", "Content-Type", "User-Agent"),
    )


class HttpSend:
    """Sends to one address, with the user's headers on every request."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: Address,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        timeout_s: float,
    ) -> None:
        self._session = session
        self._address = address
        self._headers = headers
        self._timeout_s = timeout_s

    async def __call__(self, request: PlannedRequest) -> ProbeResponse | NoAnswer:
        """See Send."""
        began = time.perf_counter()
        try:
            return await self._exchange(request, began)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = _reason(error, self._address, self._timeout_s)
            return NoAnswer(printable(reason)[:_REASON_LIMIT_CHARS], time.perf_counter() - began)

    async def _exchange(self, request: PlannedRequest, began: float) -> ProbeResponse:
        sending = self._session.request(
            request.method,
            URL(self._address.url, encoded=True),
            headers=_headers_of(request, self._headers, datetime.now(UTC)),
            data=_data_of(request),
            allow_redirects=False,
        )
        async with asyncio.timeout(self._timeout_s):
            response = await sending
        async with response:
            body = await _beginning(response)
            return ProbeResponse(
                status=response.status,
                headers=tuple(response.headers.items())[:HEADERS_LIMIT],
                body=body,
                seconds=time.perf_counter() - began,
            )


def _headers_of(request: PlannedRequest, own: tuple[tuple[str, str], ...], now: datetime) -> list[tuple[str, str]]:
    given = {name.lower() for name, _ in own}
    headers = [("User-Agent", USER_AGENT), ("Accept", "*/*"), ("Accept-Encoding", "identity")]
    if request.body_bytes is not None:
        headers.append(("Content-Type", "application/octet-stream" if request.binary else "application/json"))
    headers = [(name, value) for name, value in headers if name.lower() not in given] + list(own)
    if request.digest_header is not None:
        headers.append(("x-amz-content-sha256", request.digest_header))
    if request.authorization:
        headers.append(("Authorization", _FORGED.format(day=now.strftime("%Y%m%d"))))
        headers.append(("X-Amz-Date", now.strftime("%Y%m%dT%H%M%SZ")))
    return headers


def _data_of(request: PlannedRequest) -> io.BytesIO | AsyncIterator[bytes] | None:
    body = request.body
    if body is None:
        return None
    return _chunks(body) if request.chunked else io.BytesIO(body)


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """Read up to the size and time limits; of an answer that breaks off, return what came."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            while len(body) < BODY_LIMIT_BYTES and (chunk := await response.content.read(BODY_LIMIT_BYTES - len(body))):
                body += chunk
    except (TimeoutError, aiohttp.ClientError, OSError):
        pass
    finally:
        response.close()
    return bytes(body)


def _reason(error: Exception, address: Address, timeout_s: float) -> str:
    """Say in one line why there is no answer."""
    place = address.netloc
    match error:
        case aiohttp.ClientConnectorDNSError():
            said = f"the name {address.host} is not known: {_system(error)}"
        case aiohttp.ClientConnectorCertificateError():
            said = f"the certificate of {place} is not valid: {error.certificate_error}"
        case aiohttp.ClientSSLError():
            said = f"no TLS with {place}: {_system(error)}"
        case aiohttp.ServerTimeoutError() | TimeoutError():
            said = f"{place} did not answer within {timeout_s:g} s (--timeout)"
        case aiohttp.ClientConnectorError():
            said = f"cannot connect to {place}: {_system(error)}"
        case aiohttp.ClientResponseError():
            said = f"the answer of {place} is not HTTP: {error.message}"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError() | ConnectionError():
            said = f"{place} closed the connection without an answer"
        case _:
            said = f"cannot ask {place}: {error}"
    return " ".join(said.split())


def _system(error: aiohttp.ClientConnectorError) -> str:
    """Return the system's message; a failed look-up has a negative number of its own."""
    number = error.os_error.errno
    return os.strerror(number) if number and number > 0 else str(error.os_error.strerror or error.os_error)


def require(answer: ProbeResponse | NoAnswer) -> ProbeResponse:
    """Return the answer. Raises ProbeError if there is none: without one there is no pattern to read."""
    if isinstance(answer, NoAnswer):
        raise ProbeError(answer.reason)
    return answer
