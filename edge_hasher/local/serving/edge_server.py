"""CloudFront's side of the local edge: from the viewer by function and OAC to the Function URL, and back, streaming."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from edge_hasher.local.aws_limits import FUNCTION_URL_HOST
from edge_hasher.local.cloudfront import errors
from edge_hasher.local.cloudfront.behavior import advice, origin_answer
from edge_hasher.local.cloudfront.behavior.error_pages import page_for
from edge_hasher.local.cloudfront.event import PREFIX_BYTES
from edge_hasher.local.cloudfront.model import ViewerRequest
from edge_hasher.local.cloudfront.result_response import GeneratedResponse
from edge_hasher.local.cloudfront.viewer import ViewerRefusal, receive
from edge_hasher.local.exchange import Step
from edge_hasher.local.inspector.page_guard import is_own_page
from edge_hasher.local.origin import oac
from edge_hasher.local.serving import edge_answers, edge_function, edge_steps, relay
from edge_hasher.local.serving.function_url_server import read_body
from edge_hasher.local.serving.http_server import BrokenBodyError
from edge_hasher.local.serving.turns import LARGE_BODY_BYTES, Turns
from edge_hasher.local.serving.wire import Head, write_head

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.model import ForwardedRequest
    from edge_hasher.local.cloudfront.result import Forward
    from edge_hasher.local.config import EdgeConfig
    from edge_hasher.local.exchange import Exchange, Exchanges
    from edge_hasher.local.inspector import Inspector
    from edge_hasher.local.serving.edge_function import EdgeFunctionRunner
    from edge_hasher.local.serving.function_url_server import FunctionUrlServer
    from edge_hasher.local.serving.wire import Answer

INSPECTOR_PATH = "/__edge"


class EdgeServer:
    """Serves viewers as one distribution with one behavior, whose origin is the Function URL."""

    def __init__(
        self,
        config: EdgeConfig,
        exchanges: Exchanges,
        *,
        function: EdgeFunctionRunner | None,
        access_control: oac.OriginAccessControl,
        inspector: Inspector,
        function_url: FunctionUrlServer,
    ) -> None:
        self._config = config
        self._exchanges = exchanges
        self._function = function
        self._access_control = access_control
        self._inspector = inspector
        self._function_url = function_url
        self._turns = Turns(config.at_once)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one viewer's request, or the inspector's."""
        path = request.raw_path.partition("?")[0]
        if path == INSPECTOR_PATH or path.startswith(f"{INSPECTOR_PATH}/"):
            return await self._inspect(request)
        exchange = self._exchanges.open(
            edge_answers.new_request_id(), method=request.method, target=request.raw_path, source="edge"
        )
        try:
            return await self._serve(request, exchange)
        except (asyncio.CancelledError, ConnectionResetError):
            exchange.broke_off("The client went away before the answer ended.")
            raise
        except BrokenBodyError as error:
            sentence = f"CloudFront refuses the request: {error}."
            self._exchanges.step(exchange, Step("viewer", "CloudFront", ok=False, sentence=sentence))
            return self._error(request, exchange, errors.BAD_REQUEST)
        except relay.BrokenAnswerError as error:
            exchange.broke_off()
            self._exchanges.step(exchange, edge_steps.broken_off(str(error)))
            return web.Response()  # the connection is closed: this goes nowhere
        finally:
            self._exchanges.close(exchange)

    def not_http(self, status: HTTPStatus, why: str) -> web.Response:
        """Answer malformed HTTP, or too large a head."""
        request_id = edge_answers.new_request_id()
        self._exchanges.refused(request_id, status, why, source="edge")
        too_large = status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return edge_answers.page(errors.REQUEST_TOO_LARGE if too_large else errors.BAD_REQUEST, request_id)

    async def _inspect(self, request: web.BaseRequest) -> web.StreamResponse:
        if is_own_page(request, host=self._config.host):
            return await self._inspector.handle(request)
        sentence = "The inspector answers only its own pages, at 127.0.0.1 or localhost.\n"
        return web.Response(status=403, text=sentence)

    async def _serve(self, request: web.BaseRequest, exchange: Exchange) -> web.StreamResponse:
        viewer = ViewerRequest(
            method=request.method,
            target=request.raw_path,
            headers=relay.headers_of(request),
            client_ip=request.remote or "127.0.0.1",
            http_version=f"{request.version.major}.{request.version.minor}",
        )
        received = receive(
            viewer,
            policy=self._config.policy,
            origin=self._config.origin,
            distribution=self._config.distribution,
            request_id=exchange.request_id,
        )
        if isinstance(received, ViewerRefusal):
            self._exchanges.step(exchange, Step("viewer", "CloudFront", ok=False, sentence=received.reason))
            return self._error(request, exchange, received.error)
        known = advice.on_request(viewer.method, viewer.values("upgrade"))
        if (request.content_length or 0) < LARGE_BODY_BYTES:
            response = await self._ask(request, exchange, received, known)
        else:
            async with self._turns.turn():
                response = await self._ask(request, exchange, received, known)
        if not isinstance(response, web.StreamResponse):
            response = await self._stream_back(request, exchange, *response)
        exchange.sentence = exchange.sentence or known
        return response

    async def _ask(
        self, request: web.BaseRequest, exchange: Exchange, received: ForwardedRequest, known: str
    ) -> web.StreamResponse | tuple[Answer, float]:
        """Return the origin's answer, with its read timeout, or the edge's own."""
        await relay.accept_expectation(request)
        body = relay.ViewerBody(request)
        more = await body.read_prefix(PREFIX_BYTES)
        exchange.body_bytes = max(body.count, request.content_length or 0)
        taken = partial(edge_steps.taken, received, body.count, more=more, advice=known)
        self._exchanges.step(exchange, taken)
        result = await edge_function.ask(
            self._function,
            received,
            self._config,
            body.prefix,
            more=more,
            note=partial(self._exchanges.step, exchange),
        )
        exchange.decision = result.decision
        if isinstance(result.outcome, errors.EdgeError):
            return self._error(request, exchange, result.outcome)
        if isinstance(result.outcome, GeneratedResponse):
            return self._whole(request, exchange, edge_answers.generated(result.outcome, exchange.request_id))
        return await self._to_origin(request, exchange, result.outcome, body)

    async def _to_origin(
        self, request: web.BaseRequest, exchange: Exchange, forward: Forward, viewer_body: relay.ViewerBody
    ) -> web.StreamResponse | tuple[Answer, float]:
        host = next((value for name, value in forward.headers if name.lower() == "host"), "")
        access_control = self._access_control
        if host != access_control.host:
            access_control = replace(access_control, host=host)
        try:
            signed = oac.sign(
                oac.OriginRequest(method=forward.method, target=forward.target, headers=forward.headers),
                access_control,
                now=datetime.now(UTC),
            )
            head = write_head(Head(forward.method, forward.target, relay.end_to_end(signed.headers, drop=("expect",))))
        except ValueError as error:  # an UnsignableRequestError, or a line break that nobody else has found
            sentence = f"OAC cannot sign: {error}."
            self._exchanges.step(exchange, Step("oac", "Origin Access Control", ok=False, sentence=sentence))
            return self._error(request, exchange, errors.BAD_REQUEST)
        self._exchanges.step(exchange, partial(edge_steps.signed, signed))
        if forward.unreachable:
            sentence = f"CloudFront cannot connect: {forward.unreachable}."
            self._exchanges.step(exchange, Step("function-url", "Function URL", ok=False, sentence=sentence))
            return self._error(request, exchange, errors.ORIGIN_UNREACHABLE)
        timeout_s = forward.read_timeout_s or self._config.read_timeout_s
        if forward.body is None:
            body, total_bytes = await read_body(viewer_body.chunks())
        else:
            body, total_bytes = forward.body, len(forward.body)
        exchange.body_bytes = viewer_body.count
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._function_url.answer(head, body, total_bytes, exchange)
        except TimeoutError:
            self._exchanges.step(exchange, edge_steps.late(timeout_s, buffers=self._config.buffers))
            return self._error(request, exchange, errors.ORIGIN_TIMEOUT)
        return answer, timeout_s

    async def _stream_back(
        self, request: web.BaseRequest, exchange: Exchange, answer: Answer, timeout_s: float
    ) -> web.StreamResponse:
        if problem := origin_answer.problem(answer.status, answer.headers):
            answer.close()
            self._exchanges.step(exchange, Step("answer", "Answer", ok=False, sentence=problem))
            return self._error(request, exchange, errors.ORIGIN_HEAD_TOO_LARGE)
        if page_for(answer.status, self._config.error_pages):
            answer.close()
            return self._whole(request, exchange, relay.whole(answer.status, (), b""))
        exchange.status = answer.status
        exchange.sentence = exchange.sentence or advice.on_answer(
            answer.headers, FUNCTION_URL_HOST, buffered=self._config.buffers
        )
        headers = relay.end_to_end(answer.headers)
        if not any(name.lower() == "server" for name, _ in headers):
            headers = (*headers, ("Server", "CloudFront"))  # where the origin names none (inferred)
        headers += edge_answers.edge_headers(errors.x_cache_of_origin(answer.status), exchange.request_id)

        def count(length: int) -> None:
            if exchange.first_byte_ms is None:
                exchange.first_byte(answer.status)
                self._exchanges.step(exchange, partial(edge_steps.answered, answer.status))
            exchange.answer_bytes += length

        return await relay.pass_on(request, answer, headers, timeout_s=timeout_s, on_bytes=count)

    def _error(self, request: web.BaseRequest, exchange: Exchange, error: errors.EdgeError) -> web.Response:
        return self._whole(request, exchange, edge_answers.page(error, exchange.request_id))

    def _whole(self, request: web.BaseRequest, exchange: Exchange, response: web.Response) -> web.Response:
        """Note an answer that the edge makes itself, or the error page in its place."""
        if page := page_for(response.status, self._config.error_pages):
            self._exchanges.step(exchange, edge_steps.hidden(page))
            closes = response.keep_alive is False
            response = edge_answers.error_page(page, exchange.request_id)
            if closes:
                response.force_close()
        body = response.body if isinstance(response.body, bytes) and request.method != "HEAD" else b""
        exchange.first_byte(response.status, answer_bytes=len(body))
        self._exchanges.step(exchange, partial(edge_steps.answered, response.status))
        return response
