"""The Function URL: it takes the whole body, checks signature and permissions, and calls the app.

The edge passes its requests as bytes, in the same process; direct callers come over a port. Both are judged alike.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from edge_hasher.local.aws_limits import FUNCTION_URL_HOST, LAMBDA_EVENT_LIMIT_BYTES, REGION
from edge_hasher.local.exchange import Step
from edge_hasher.local.origin import function_url, oac
from edge_hasher.local.origin.function_url import FunctionUrlAuthorizer
from edge_hasher.local.origin.lambda_payload import Call
from edge_hasher.local.origin.sigv4_verifier import ReceivedRequest, ValidSignature
from edge_hasher.local.serving import relay
from edge_hasher.local.serving.http_server import BrokenBodyError, body_chunks
from edge_hasher.local.serving.wire import Head, read_head, whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from edge_hasher.local.exchange import Exchange, Exchanges
    from edge_hasher.local.origin.credentials import Credentials
    from edge_hasher.local.origin.function_url import Admission, Permission
    from edge_hasher.local.serving.app.apps import App
    from edge_hasher.local.serving.wire import Answer

# A body over the limit is read to its end and dropped, so a client that still sends gets its 413; up to this size.
DISCARD_LIMIT_BYTES = 64 * 1024 * 1024
# A longer body is hashed in a thread: on the event loop it would delay every stream.
_LOOP_HASH_BYTES = 512 * 1024


class FunctionUrlServer:
    """Serves one Function URL with AuthType AWS_IAM, for CloudFront and for callers that sign with the caller's keys.

    `denied` are permissions that CloudFront lacks; a direct caller is a principal of the account and has both.
    """

    def __init__(
        self,
        app: App,
        exchanges: Exchanges,
        *,
        cloudfront_keys: Credentials,
        caller_keys: Credentials,
        denied: frozenset[Permission],
    ) -> None:
        self._app = app
        self._exchanges = exchanges
        self._caller_key_id = caller_keys.access_key_id
        self._for_cloudfront = _url_for(cloudfront_keys, denied)
        self._for_caller = _url_for(caller_keys, frozenset())

    def not_http(self, status: HTTPStatus, why: str) -> web.Response:
        """Answer malformed HTTP, or too large a head (inferred: AWS's words are not public)."""
        self._exchanges.refused(str(uuid.uuid4()), status, why, source="direct")
        return web.json_response({"message": status.phrase}, status=status)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve a direct call, which is an exchange by itself."""
        head = Head(request.method, request.raw_path, relay.headers_of(request))
        exchange = self._exchanges.open(str(uuid.uuid4()), method=head.method, target=head.target, source="direct")
        try:
            await relay.accept_expectation(request)
            body, exchange.body_bytes = await read_body(body_chunks(request))
            answer = await self._answer(head, body, exchange.body_bytes, exchange, request.remote or "127.0.0.1")
            exchange.status = answer.status
            return await relay.pass_on(request, answer, answer.headers)
        except BrokenBodyError as error:
            exchange.first_byte(HTTPStatus.BAD_REQUEST)
            sentence = f"The request is refused: {error}."
            self._exchanges.step(exchange, Step("function-url", "Function URL", ok=False, sentence=sentence))
            phrase = HTTPStatus.BAD_REQUEST.phrase
            response = web.json_response({"message": phrase}, status=HTTPStatus.BAD_REQUEST)
            response.force_close()
            return response
        except (asyncio.CancelledError, ConnectionResetError):
            exchange.broke_off("The client went away before the answer ended.")
            raise
        except relay.BrokenAnswerError:
            exchange.broke_off("The answer broke off after its first byte: the app died.")
            return web.Response()  # the connection is closed: this goes nowhere
        finally:
            self._exchanges.close(exchange)

    async def answer(self, wire_head: bytes, body: bytes, total_bytes: int, exchange: Exchange) -> Answer:
        """Answer a request of the edge's, whose head came as these bytes; `body` as `read_body` gives it."""
        return await self._answer(read_head(wire_head), body, total_bytes, exchange, "127.0.0.1")

    async def _answer(self, head: Head, body: bytes, total_bytes: int, exchange: Exchange, source_ip: str) -> Answer:
        request_id = str(uuid.uuid4())
        admission = await self._judge(head, body, total_bytes, request_id, exchange.source)
        exchange.verdict = "admitted" if admission.allowed else admission.error_type
        step = partial(_verdict_step, admission)
        self._exchanges.step(exchange, step if admission.allowed else step())
        if not admission.allowed:
            return whole(admission.status, admission.headers, admission.body)
        call = Call(
            method=head.method,
            target=head.target,
            headers=head.headers,
            body=body,
            source_ip=source_ip,
            access_key_id=admission.verdict.access_key_id if isinstance(admission.verdict, ValidSignature) else "",
            request_id=request_id,
            by_oac=exchange.source == "edge",
        )
        return await self._app.answer(call, lambda step: self._exchanges.step(exchange, step))

    async def _judge(self, head: Head, body: bytes, total_bytes: int, request_id: str, source: str) -> Admission:
        now = datetime.now(UTC)
        host = head.value("host")
        if source == "edge" and host != FUNCTION_URL_HOST:
            return function_url.foreign_host(host, now=now, request_id=request_id)
        if total_bytes > LAMBDA_EVENT_LIMIT_BYTES:
            return function_url.too_large(total_bytes, now=now, request_id=request_id)
        is_short = len(body) <= _LOOP_HASH_BYTES
        digest = hashlib.sha256(body) if is_short else await asyncio.to_thread(hashlib.sha256, body)
        received = ReceivedRequest(
            method=head.method, target=head.target, headers=head.headers, body_sha256=digest.hexdigest()
        )
        direct = f"Credential={self._caller_key_id}/" in head.value("authorization")
        url = self._for_caller if direct else self._for_cloudfront
        return function_url.admit(received, url, body_bytes=total_bytes, now=now, request_id=request_id)


async def read_body(chunks: AsyncIterator[bytes]) -> tuple[bytes, int]:
    """Return the body, or nothing of one over the limit, and its length as far as it was read."""
    parts, total_bytes = [], 0
    async for chunk in chunks:
        total_bytes += len(chunk)
        parts.append(chunk)
        if total_bytes > LAMBDA_EVENT_LIMIT_BYTES:
            parts.clear()
        if total_bytes > DISCARD_LIMIT_BYTES:
            break
    return b"".join(parts), total_bytes


def _url_for(keys: Credentials, denied: frozenset[Permission]) -> FunctionUrlAuthorizer:
    return FunctionUrlAuthorizer(region=REGION, secret_for={keys.access_key_id: keys}.get, denied=denied)


def _verdict_step(admission: Admission) -> Step:
    verdict = admission.verdict
    facts = [("Answer", "to the app" if admission.allowed else f"{admission.status} {admission.error_type}")]
    if isinstance(verdict, ValidSignature):
        facts.append(("Payload hash", verdict.payload_hash))
    blocks = verdict and [
        ("Canonical request, as received", oac.masked(verdict.canonical_request)),
        ("String to sign, as received", verdict.string_to_sign),
    ]
    return Step(
        "function-url",
        "Function URL",
        ok=admission.allowed,
        sentence=admission.reason,
        facts=tuple(facts),
        blocks=tuple(block for block in blocks or () if block[1]),
    )
