"""The Function URL as a server: it reads the whole body, checks signature and permissions, and calls the app."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiohttp import web

from edge_hasher.local.aws_limits import FUNCTION_URL_HOST, LAMBDA_EVENT_LIMIT_BYTES, REGION
from edge_hasher.local.exchange import Step
from edge_hasher.local.origin import function_url, oac
from edge_hasher.local.origin.function_url import FunctionUrlAuthorizer
from edge_hasher.local.origin.lambda_payload import Call
from edge_hasher.local.origin.sigv4_verifier import ReceivedRequest, ValidSignature
from edge_hasher.local.serving import relay

if TYPE_CHECKING:
    from http import HTTPStatus

    from edge_hasher.local.exchange import Exchange, Exchanges
    from edge_hasher.local.origin.credentials import Credentials
    from edge_hasher.local.origin.function_url import Admission, Permission
    from edge_hasher.local.serving.app import App

# A body over the limit is read to its end and dropped, so a client that still sends gets its 413; up to this size.
DISCARD_LIMIT_BYTES = 64 * 1024 * 1024


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
        hop_key: str,
    ) -> None:
        self._app = app
        self._exchanges = exchanges
        self._caller_key_id = caller_keys.access_key_id
        self._for_cloudfront = _url_for(cloudfront_keys, denied)
        self._for_caller = _url_for(caller_keys, frozenset())
        self._hop_key = hop_key.encode()

    @staticmethod
    def not_http(status: HTTPStatus) -> web.Response:
        """Answer malformed HTTP, or too large a head (inferred: AWS's words are not public)."""
        return web.json_response({"message": status.phrase}, status=status)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one request; a direct call is an exchange by itself."""
        exchange = self._exchange_of_edge(request)
        try:
            if exchange is None:
                return await self._direct(request)
            return await self._serve(request, exchange)
        except relay.BrokenAnswerError:
            return web.Response()  # the connection is closed: this goes nowhere

    def _exchange_of_edge(self, request: web.BaseRequest) -> Exchange | None:
        """Return the exchange that a request of the edge's belongs to; no other client knows the key."""
        key = request.headers.get(relay.HOP_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(key, self._hop_key):
            return None
        return self._exchanges.get(request.headers.get("X-Amz-Cf-Id", ""))

    async def _direct(self, request: web.BaseRequest) -> web.StreamResponse:
        exchange = self._exchanges.open(
            str(uuid.uuid4()), method=request.method, target=request.raw_path, source="direct"
        )
        try:
            response = await self._serve(request, exchange)
        except relay.BrokenAnswerError:
            exchange.broke_off("The answer broke off after its first byte: the app died.")
            raise
        else:
            exchange.status = response.status
            return response
        finally:
            self._exchanges.close(exchange)

    async def _serve(self, request: web.BaseRequest, exchange: Exchange) -> web.StreamResponse:
        await relay.accept_expectation(request)
        request_id = str(uuid.uuid4())
        body, total_bytes = await _read(request)
        exchange.body_bytes = exchange.body_bytes or total_bytes
        admission = self._judge(request, body, total_bytes, request_id, exchange.source)
        exchange.verdict = "admitted" if admission.allowed else admission.error_type
        self._exchanges.step(exchange, _verdict_step(admission))
        if not admission.allowed:
            return relay.whole(admission.status, admission.headers, admission.body)
        call = Call(
            method=request.method,
            target=request.raw_path,
            headers=_headers_of(request),
            body=body,
            source_ip=request.remote or "127.0.0.1",
            access_key_id=admission.verdict.access_key_id if isinstance(admission.verdict, ValidSignature) else "",
            request_id=request_id,
        )
        return await self._app.answer(request, call, lambda step: self._exchanges.step(exchange, step))

    def _judge(
        self, request: web.BaseRequest, body: bytes, total_bytes: int, request_id: str, source: str
    ) -> Admission:
        now = datetime.now(UTC)
        if source == "edge" and request.host != FUNCTION_URL_HOST:
            return function_url.foreign_host(request.host, now=now, request_id=request_id)
        if total_bytes > LAMBDA_EVENT_LIMIT_BYTES:
            return function_url.too_large(total_bytes, now=now, request_id=request_id)
        received = ReceivedRequest(
            method=request.method,
            target=request.raw_path,
            headers=_headers_of(request),
            body_sha256=hashlib.sha256(body).hexdigest(),
        )
        direct = f"Credential={self._caller_key_id}/" in request.headers.get("Authorization", "")
        url = self._for_caller if direct else self._for_cloudfront
        return function_url.admit(received, url, body_bytes=total_bytes, now=now, request_id=request_id)


async def _read(request: web.BaseRequest) -> tuple[bytes, int]:
    """Return the body, or nothing of one over the limit, and its length as far as it was read."""
    kept = bytearray()
    total_bytes = 0
    async for chunk in request.content.iter_any():
        total_bytes += len(chunk)
        if total_bytes <= LAMBDA_EVENT_LIMIT_BYTES:
            kept += chunk
        else:
            kept.clear()
        if total_bytes > DISCARD_LIMIT_BYTES:
            break
    return bytes(kept), total_bytes


def _headers_of(request: web.BaseRequest) -> tuple[tuple[str, str], ...]:
    hop_header = relay.HOP_HEADER.lower()
    return tuple((name, value) for name, value in relay.headers_of(request) if name.lower() != hop_header)


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
