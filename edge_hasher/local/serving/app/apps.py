"""The app behind the Function URL: an HTTP app that already runs, or a Python Lambda handler."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol

import aiohttp

from edge_hasher.local import descriptors
from edge_hasher.local.aws_limits import LAMBDA_EVENT_LIMIT_BYTES
from edge_hasher.local.config import ConfigError, HttpApp, not_started
from edge_hasher.local.exchange import Step
from edge_hasher.local.origin import lambda_payload, query_string
from edge_hasher.local.origin.app_answer import AnswerError
from edge_hasher.local.origin.function_url import TOO_LARGE
from edge_hasher.local.origin.lambda_payload import LambdaResponse
from edge_hasher.local.runtime import FunctionFailure, FunctionSpec, ReloadingPool
from edge_hasher.local.serving import relay
from edge_hasher.local.serving.app.answers import through_lambda
from edge_hasher.local.serving.app.client import AppClient
from edge_hasher.local.serving.wire import Head, whole
from edge_hasher.terminal import printable, seconds_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.local.config import HandlerApp
    from edge_hasher.local.origin.app_answer import InvokeMode
    from edge_hasher.local.origin.lambda_payload import Call
    from edge_hasher.local.serving.wire import Answer

# A Function URL adds these on the way to the function (seen in captured events).
_FORWARDED = (("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "443"))
# Authorization does not reach the function (seen); lengths and framing are those of the new connection.
_NOT_FOR_APP = ("authorization", "content-length", "expect", "x-forwarded-proto", "x-forwarded-port")
_LENGTH_EXPECTED = frozenset({"PATCH", "POST", "PUT"})  # also of an empty body (RFC 9110, section 8.6)
_HANDLER_TIMEOUT_S = 900.0  # Lambda's longest (documented)
# The limit is on the event, in which a binary body is a third longer (documented for the quota; that a Function URL
# then answers as it does to a long body is inferred).
_TOO_LARGE = LambdaResponse(
    status=413,
    headers=(("Content-Type", "application/json"), ("x-amzn-ErrorType", "RequestEntityTooLargeException")),
    body=json.dumps({"Message": TOO_LARGE}).encode(),
)


class App(Protocol):
    """Answers admitted requests."""

    async def start(self) -> None:
        """Get ready; raises ConfigError when the app cannot be reached or started."""

    async def answer(self, call: Call, on_step: Callable[[Step | Callable[[], Step]], None]) -> Answer:
        """Answer one call, streaming where the app streams."""

    async def close(self) -> None:
        """End what was started."""


class RunningApp:
    """An HTTP app at an address, as behind the web adapter; its answers stream through, or are buffered."""

    def __init__(self, app: HttpApp, invoke_mode: InvokeMode) -> None:
        self._app = app
        self._invoke_mode = invoke_mode
        self._client: AppClient | None = None

    async def start(self) -> None:
        """See App; a plain connection shows whether the app listens."""
        self._client = AppClient(self._app)
        try:
            (await self._client.connect()).close()
        except (OSError, UnicodeError) as error:  # TimeoutError is an OSError; but not a name that IDNA refuses
            raise ConfigError(
                f"no app answers at {self._app} ({str(error) or 'the connection timed out'}): start it first, or "
                "correct --origin"
            ) from error

    async def answer(self, call: Call, on_step: Callable[[Step | Callable[[], Step]], None]) -> Answer:
        """See App."""
        assert self._client is not None  # noqa: S101 - start() came first
        headers = (*relay.end_to_end(call.headers, drop=_NOT_FOR_APP), *_FORWARDED)
        if call.body or call.method in _LENGTH_EXPECTED:
            headers = (*headers, ("Content-Length", str(len(call.body))))
        try:
            head = Head(call.method, self._app.path + query_string.adapter_target(call.target), headers)
            answer = await self._client.ask(head, call.body)
            answer = answer._replace(headers=relay.end_to_end(answer.headers))
            answer = await through_lambda(answer, self._invoke_mode, method=call.method)
        except AnswerError as error:
            on_step(Step("app", "App", ok=False, sentence=str(error)))
            return _plain(lambda_payload.failed(str(error)), call.request_id)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = f"The app at {self._app} did not answer: {_why(error)}"
            sentence = descriptors.exhausted(error) or f"{reason}. Start it again, or look at its log."
            on_step(Step("app", "App", ok=False, sentence=sentence))
            return _plain(lambda_payload.failed(reason), call.request_id)
        on_step(partial(_answers, answer.status))
        return answer._replace(headers=(*answer.headers, ("x-amzn-RequestId", call.request_id)))

    async def close(self) -> None:
        """See App."""
        if self._client is not None:
            self._client.close()


class LambdaApp:
    """A Python Lambda handler under AWS's runtime client; payload format 2.0 in, a buffered answer out."""

    def __init__(self, app: HandlerApp, *, processes: int, on_log: Callable[[str], None] | None) -> None:
        spec = FunctionSpec(
            root=app.root,
            handler=app.handler,
            function_name="local-app",
            timeout_s=_HANDLER_TIMEOUT_S,
            python=app.python,
        )
        self._handler = app.handler
        self.pool = ReloadingPool(spec, size=processes, on_log=on_log)

    async def start(self) -> None:
        """See App."""
        try:
            await self.pool.start()
        except FunctionFailure as failure:
            raise not_started(f"the handler {self._handler}", failure) from failure

    async def answer(self, call: Call, on_step: Callable[[Step | Callable[[], Step]], None]) -> Answer:
        """See App."""
        event = json.dumps(lambda_payload.build_event(call, now=datetime.now(UTC))).encode()
        if len(event) > LAMBDA_EVENT_LIMIT_BYTES:
            sentence = (
                f"The event has {len(event)} bytes with the body as base64; Lambda takes {LAMBDA_EVENT_LIMIT_BYTES}. A "
                "binary body can have about 4.7 MB: let the client upload to S3 and send the key."
            )
            on_step(Step("app", "Lambda handler", ok=False, sentence=sentence))
            return _plain(_TOO_LARGE, call.request_id)
        try:
            invocation = await self.pool.invoke(event)
        except FunctionFailure as failure:
            trace = printable("".join(failure.stack_trace), keep_lines=True)
            blocks = (("Trace", trace),) if trace else ()
            sentence = f"The Lambda handler {failure.kind}: {printable(failure.message)}"
            on_step(Step("app", "Lambda handler", ok=False, sentence=sentence, blocks=blocks))
            return _plain(lambda_payload.failed(sentence), call.request_id)
        answer = lambda_payload.read_answer(invocation.response)
        took = f"The handler answers {answer.status} after {seconds_text(invocation.duration_s)}."
        on_step(Step("app", "Lambda handler", ok=not answer.reason, sentence=answer.reason or took))
        return _plain(answer, call.request_id)

    async def close(self) -> None:
        """See App."""
        await self.pool.close()


def app_for(
    app: HttpApp | HandlerApp, *, invoke_mode: InvokeMode, processes: int, on_log: Callable[[str], None] | None
) -> App:
    """Return what serves the configured app."""
    if isinstance(app, HttpApp):
        return RunningApp(app, invoke_mode)
    return LambdaApp(app, processes=processes, on_log=on_log)


def _answers(status: int) -> Step:
    return Step("app", "App", ok=True, sentence=f"The app answers {status}.")


def _why(error: Exception) -> str:
    """Say what went wrong; aiohttp's own words may quote the app's bytes."""
    return printable(str(error)) or type(error).__name__


def _plain(answer: LambdaResponse, request_id: str) -> Answer:
    return whole(answer.status, (*answer.headers, ("x-amzn-RequestId", request_id)), answer.body)
