"""An HTTP app's answer as the Function URL sends it: whole, or as it comes."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import aiohttp

from edge_hasher.local.aws_limits import LAMBDA_RESPONSE_LIMIT_BYTES
from edge_hasher.local.origin import app_answer
from edge_hasher.local.serving.wire import whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge_hasher.local.origin.app_answer import InvokeMode
    from edge_hasher.local.serving.wire import Answer

_NO_BODY_STATUSES = frozenset({204, 304})


async def through_lambda(answer: Answer, mode: InvokeMode, *, method: str) -> Answer:
    """Return what comes out of Lambda. Raises AnswerError; aiohttp.ClientError where the answer breaks off."""
    try:
        app_answer.check_status(answer.status)
        bodyless = method == "HEAD" or answer.status in _NO_BODY_STATUSES
        if mode == "BUFFERED":
            return answer if bodyless else await _buffered(answer)
        if not app_answer.is_encoded(answer.headers):
            return answer
        streamed = answer._replace(headers=app_answer.without_encoding(answer.headers))
        return streamed if bodyless else streamed._replace(read=_decoded(answer), body=None)
    except BaseException:
        answer.close()
        raise


def _decoded(answer: Answer) -> Callable[[], Awaitable[bytes]]:
    decoder = app_answer.StreamDecoder(answer.headers)
    come = [answer.body or b""]  # what has come with the head

    async def read() -> bytes:
        try:
            while True:
                chunk = (come and come.pop()) or (await answer.read() if decoder.wants_input else b"")
                if not chunk and decoder.wants_input:
                    decoder.end()
                    return b""
                if decoded := decoder.decode(chunk):
                    return decoded
        except zlib.error as error:
            raise aiohttp.ClientPayloadError(f"its Content-Encoding does not fit: {error}") from error

    return read


async def _buffered(answer: Answer) -> Answer:
    body = bytearray(answer.body or b"")
    while answer.body is None and len(body) <= LAMBDA_RESPONSE_LIMIT_BYTES and (chunk := await answer.read()):
        body += chunk
    app_answer.check_buffered(answer.status, answer.headers, bytes(body))
    answer.close()
    return whole(answer.status, answer.headers, bytes(body))
