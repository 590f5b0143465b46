"""How each diagnosis of the probe is brought about: by the local edge where it can, else by a server that plays AWS."""

from __future__ import annotations

import asyncio
import http.client
import threading
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from edge_hasher.local.cloudfront import errors
from edge_hasher.local.cloudfront.model import Distribution, Policy
from tests.support import aws_texts
from tests.support.edge.edge_fixtures import RawApp, handler_spec, running_edge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from edge_hasher.local.runtime import FunctionSpec
    from tests.support.edge.edge_fixtures import RecordedRequest, Talk

    Respond = Callable[[RecordedRequest], bytes]
    Start = Callable[[Path], AbstractContextManager[str]]

START_S = 10
CF_ID = "cf-id-of-the-test=="
CLOUDFRONT = (
    ("Via", "1.1 0123456789abcdef.cloudfront.net (CloudFront)"),
    ("X-Amz-Cf-Id", CF_ID),
)
LAMBDA = (*CLOUDFRONT, ("X-Cache", "Miss from cloudfront"), ("x-amzn-RequestId", "0000-1111"))
AT_THE_EDGE = (*CLOUDFRONT, ("X-Cache", "Error from cloudfront"), ("Server", "CloudFront"))


def response(status: int, headers: tuple[tuple[str, str], ...] = (), body: str = "") -> bytes:
    """One HTTP/1.1 answer."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers)]
    lines += [f"Content-Length: {len(body.encode())}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body.encode()


def refused(status: int, error_type: str) -> bytes:
    """A refusal of Lambda's own."""
    return response(status, (*LAMBDA, ("x-amzn-ErrorType", error_type)), '{"Message":"no"}')


def at_the_edge(result: str, status: int) -> bytes:
    """An error of an edge function, without a page that says more."""
    return response(status, (*CLOUDFRONT, ("X-Cache", f"{result} from cloudfront")))


def page(error: errors.EdgeError) -> bytes:
    """CloudFront's own error page, as the local edge makes it."""
    made = errors.answer(error, Distribution(), request_id=CF_ID, date="Fri, 20 Nov 2026 00:00:00 GMT")
    headers = tuple(pair for pair in made.headers if pair[0] not in {"Content-Length", "Connection"})
    return response(made.status, headers, made.body.decode("iso-8859-1"))


@contextmanager
def stub(respond: Respond) -> Iterator[str]:
    """Serve what `respond` makes of each request for / on a free loopback port."""
    ready, stop, box = threading.Event(), asyncio.Event(), []

    async def route(talk: Talk) -> None:
        await talk.write(await asyncio.to_thread(respond, talk.seen))

    async def main() -> None:
        app = RawApp()
        app.routes[b"/"] = route
        async with app.run():
            box.append((asyncio.get_running_loop(), app.address))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    assert ready.wait(START_S), "the stub did not start"
    loop, address = box[0]
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_S)


@dataclass(frozen=True)
class Cause:
    """What makes one diagnosis: `start` gives the address to probe, `arguments` are options of the probe."""

    start: Start
    arguments: tuple[str, ...] = ()
    method: str = "POST"


def edge(answer: bytes | None = None, **options: Any) -> Start:
    """A local edge, with the function of the project unless another is named."""

    @contextmanager
    def start(_: Path) -> Iterator[str]:
        with running_edge(**options) as running:
            running.app.answer = answer or running.app.answer
            yield running.url

    return start


def edge_with(source: str) -> Start:
    """A local edge with another function; `own` is the project's handler, `request` the event's request."""

    @contextmanager
    def start(folder: Path) -> Iterator[str]:
        with running_edge(function=_spec(folder, source)) as running:
            yield running.url

    return start


def _spec(folder: Path, source: str) -> FunctionSpec:
    lines = "\n    ".join(source.splitlines())
    return handler_spec(
        folder,
        "from edge_hasher.function.handler import lambda_handler as own\n\n\n"
        "def answer(event, context):\n"
        "    cf = event['Records'][0]['cf']\n    request = cf['request']\n    headers = request['headers']\n"
        f"    {lines}\n",
    )


def always(answer: bytes) -> Start:
    """A server that answers everything so."""
    return lambda _: stub(lambda _: answer)


def on_post(answer: bytes) -> Start:
    """A server behind which GET works, and POST is answered so."""
    return lambda _: stub(lambda seen: answer if seen.method == "POST" else response(200, LAMBDA, "ok"))


def over_8_kb(answer: bytes) -> Start:
    """A server that answers so to bodies over 8 KB, and lets the others through."""
    return lambda _: stub(lambda seen: answer if len(seen.body) > 8192 else response(200, LAMBDA, "ok"))


def hiding(**options: Any) -> Start:
    """A local edge whose 403 a custom error response turns into the site's start page with 200."""

    @contextmanager
    def start(_: Path) -> Iterator[str]:
        with ExitStack() as stack:
            running = stack.enter_context(running_edge(**options))
            yield stack.enter_context(stub(lambda seen: _behind_error_pages(running.url, seen)))

    return start


def _behind_error_pages(url: str, seen: RecordedRequest) -> bytes:
    dropped = {b"host", b"transfer-encoding", b"content-length"}
    headers = {name.decode(): value.decode() for name, value in seen.headers if name.lower() not in dropped}
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=START_S)) as connection:
        connection.request(seen.method, "/", body=seen.body or None, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
    if answer.status == HTTPStatus.FORBIDDEN:
        html = (
            *CLOUDFRONT,
            ("X-Cache", "Error from cloudfront"),
            ("Server", "AmazonS3"),
            ("Content-Type", "text/html"),
        )
        return response(200, html, "<!doctype html><title>My app</title>")
    kept = tuple((name, value) for name, value in answer.getheaders() if name not in {"Content-Length", "Connection"})
    return response(answer.status, kept, body)


@contextmanager
def function_url(_: Path) -> Iterator[str]:
    """The Function URL of a local edge, asked directly."""
    with running_edge() as running:
        yield running.addresses.function_url


@contextmanager
def silent_app(_: Path) -> Iterator[str]:
    """A local edge whose app takes longer than the origin's read timeout."""

    async def never(talk: Talk) -> None:
        await asyncio.sleep(START_S)
        await talk.write(b"")

    with running_edge(read_timeout_s=0.1) as running:
        running.app.routes[b"/"] = never
        yield running.url


WRONG_DIGEST = "headers['x-amz-content-sha256'] = [{'key': 'X-Amz-Content-Sha256', 'value': '0' * 64}]\nreturn request"
HASHED_AS_TEXT = (
    "import base64, hashlib\n"
    "if request['method'] == 'GET': return request\n"
    "text = base64.b64decode(request['body']['data']).decode('utf-8', 'replace')\n"
    "digest = hashlib.sha256(text.encode()).hexdigest()\n"
    "headers['x-amz-content-sha256'] = [{'key': 'X-Amz-Content-Sha256', 'value': digest}]\n"
    "return request"
)
XML = "<?xml version='1.0'?><Error><Code>{}</Code><Message>{}</Message>{}</Error>"
S3_ERROR = XML.format("AccessDenied", "Access Denied", "<RequestId>1</RequestId><HostId>2</HostId>")

CAUSES: dict[str, tuple[Cause, ...]] = {
    "healthy": (
        Cause(edge()),
        Cause(edge(answer=response(422, body="{}"))),
        Cause(edge(), ("--method", "PUT"), "PUT"),
        Cause(edge(), ("--method", "delete", "--allow-writes"), "DELETE"),
    ),
    "app-refuses": (
        Cause(edge(answer=response(403, body='{"message": "Forbidden"}'))),
        Cause(edge(answer=response(401))),
        Cause(edge(answer=response(403), settings=("viewer-digest=replace",))),
    ),
    "app-fails": (Cause(edge(answer=response(500, body="Internal Server Error"))),),
    "digest-trusted": (Cause(edge(settings=("viewer-digest=trust",))),),
    "digest-replaced": (Cause(edge(settings=("viewer-digest=replace",))),),
    "function-not-attached": (
        Cause(edge(function=None)),
        Cause(edge(function=None, answer=response(403))),
        Cause(edge(function=None), ("--method", "patch"), "PATCH"),
    ),
    "function-not-attached-hidden": (Cause(hiding(function=None)),),
    "wrong-digest-signed": (Cause(edge_with(f"if request['method'] == 'GET': return request\n{WRONG_DIGEST}")),),
    "every-signature-wrong": (Cause(edge_with(WRONG_DIGEST)),),
    "permission-missing": tuple(
        Cause(edge(denied=frozenset({permission}), **function))
        for permission in ("InvokeFunctionUrl", "InvokeFunction")
        for function in ({}, {"function": None})
    ),
    "oac-does-not-sign": (Cause(edge(behavior="never")), Cause(edge(behavior="never", function=None))),
    "host-forwarded": (
        Cause(edge(policy=Policy(forward_host=True))),
        Cause(edge(policy=Policy(forward_host=True), function=None)),
    ),
    "authorization-not-overridden": (
        Cause(edge(behavior="no-override")),
        Cause(edge(behavior="no-override"), ("--header", "Authorization: Bearer abc")),
    ),
    "function-url-itself": (Cause(function_url),),
    "not-cloudfront": (Cause(always(response(200, body="hello"))), Cause(always(response(403, body="{}")))),
    "redirected": (
        Cause(
            always(response(301, (*CLOUDFRONT, ("X-Cache", "Redirect from cloudfront"), ("Location", "https://x/"))))
        ),
    ),
    "waf-blocks": (
        Cause(always(page(errors.EdgeError(403, "Request blocked.")))),
        Cause(on_post(page(errors.EdgeError(403, "Request blocked.")))),
    ),
    "waf-challenge": (
        Cause(always(response(202, (*CLOUDFRONT, ("x-amzn-waf-action", "challenge"))))),
        Cause(on_post(response(405, (*CLOUDFRONT, ("x-amzn-waf-action", "captcha"))))),
    ),
    "country-blocked": (
        Cause(
            always(
                page(
                    errors.EdgeError(
                        403, "The Amazon CloudFront distribution is configured to block access from your country."
                    )
                )
            )
        ),
    ),
    "signed-url-wanted": (
        Cause(always(response(403, AT_THE_EDGE, XML.format("MissingKey", "Missing Key-Pair-Id query parameter", "")))),
    ),
    "method-not-allowed": (Cause(on_post(page(errors.METHOD_NOT_ALLOWED))),),
    "function-fails": (Cause(edge_with("raise ValueError('no')")), Cause(always(page(errors.FUNCTION_FAILED)))),
    "function-throttled": (Cause(always(page(errors.EdgeError(*aws_texts.FUNCTION_THROTTLED)))),),
    "function-result-invalid": (Cause(edge_with("headers['via'] = [{'key': 'Via', 'value': 'me'}]\nreturn request")),),
    "wrong-trigger": (Cause(edge_with("cf['config']['eventType'] = 'viewer-request'\nreturn own(event, context)")),),
    "bad-settings": (Cause(edge(settings=("oversize=maybe",))),),
    "include-body-off": (Cause(edge_with("request.pop('body', None)\nreturn own(event, context)")),),
    "body-not-delivered": (
        Cause(edge_with("if 'body' in request: request['body']['data'] = ''\nreturn own(event, context)")),
    ),
    "bad-encoding": (
        Cause(edge_with("if request['body']['data']: request['body']['data'] = '***'\nreturn own(event, context)")),
    ),
    "max-body-tiny": (Cause(edge(settings=("max-body=4",))),),
    "s3-origin": (
        Cause(always(response(403, (*AT_THE_EDGE[:-1], ("Server", "AmazonS3")), S3_ERROR))),
        Cause(on_post(response(405, AT_THE_EDGE, XML.format("MethodNotAllowed", "no", "<HostId>2</HostId>")))),
    ),
    "api-gateway-origin": (
        Cause(always(response(403, (*AT_THE_EDGE, ("x-amz-apigw-id", "1")), '{"message":"Forbidden"}'))),
        Cause(
            always(
                response(403, (*LAMBDA, ("x-amzn-ErrorType", "ForbiddenException")), '{"message":"Forbidden"}'),
            )
        ),
    ),
    "origin-fails": (Cause(always(page(errors.EdgeError(*aws_texts.ORIGIN_UNREACHABLE)))),),
    "origin-times-out": (Cause(silent_app),),
    "origin-dns": (
        Cause(always(page(errors.EdgeError(502, "CloudFront wasn't able to resolve the origin domain name.")))),
    ),
    "cloudfront-function-fails": (
        Cause(
            always(
                page(
                    errors.EdgeError(
                        503,
                        "The CloudFront function associated with the CloudFront distribution is invalid or could not "
                        "run.",
                        "FunctionExecutionError from cloudfront",
                    )
                )
            )
        ),
        Cause(always(at_the_edge("FunctionExecutionError", 503))),
    ),
    "cloudfront-function-throttled": (Cause(always(at_the_edge("FunctionThrottledError", 503))),),
    "cloudfront-function-invalid": (Cause(always(at_the_edge("FunctionValidationError", 502))),),
    "query-string-refused": (Cause(always(refused(400, "InvalidQueryStringException"))),),
    "lambda-too-large": (
        Cause(always(refused(413, "RequestTooLargeException"))),
        Cause(on_post(refused(413, "RequestEntityTooLargeException"))),
    ),
    "function-gone": (Cause(always(refused(404, "ResourceNotFoundException"))),),
    "function-not-ready": (Cause(always(refused(409, "ResourceConflictException"))),),
    "bytes-hashed-as-text": (Cause(edge_with(HASHED_AS_TEXT)),),
    "waf-body-size": (
        Cause(over_8_kb(page(errors.EdgeError(403, "Request blocked."))), ("--allow-writes", "--method", "POST")),
    ),
    "large-bodies-fail": (
        Cause(
            edge_with("if len(request['body']['data']) > 1390000: raise ValueError('no')\nreturn own(event, context)"),
            ("--allow-writes", "--method", "POST"),
        ),
    ),
    "large-bodies-refused": (
        Cause(over_8_kb(response(403, AT_THE_EDGE, "<h1>no</h1>")), ("--allow-writes", "--method", "POST")),
    ),
    "body-over-1-mib": (
        Cause(edge(settings=("oversize=forward",)), ("--allow-writes", "--method", "POST")),
        Cause(edge(settings=("oversize=forward",)), ("--allow-writes", "--method", "DELETE"), "DELETE"),
    ),
    "lambda-refuses": (
        Cause(always(refused(400, "SomeNewException"))),
        Cause(on_post(refused(500, "ServiceException"))),
    ),
    "lambda-throttled": (
        Cause(always(response(429, (*LAMBDA, ("x-amzn-ErrorType", "TooManyRequestsException")), "{}"))),
    ),
    "not-lambda": (Cause(always(response(200, (*CLOUDFRONT, ("X-Cache", "Miss from cloudfront")), "hello"))),),
    "nothing-verified": (Cause(always(response(200, LAMBDA, "hello"))),),
    "answered-at-the-edge": (Cause(edge_with("return {'status': '401'}")),),
    "error-page-hides": (
        Cause(hiding(denied=frozenset({"InvokeFunction"}))),
        Cause(
            always(
                response(
                    404,
                    (*AT_THE_EDGE[:-1], ("Server", "AmazonS3"), ("Content-Type", "text/html")),
                    "<html>not found</html>",
                )
            )
        ),
    ),
    "cloudfront-refuses": (Cause(always(page(errors.BAD_REQUEST))),),
    "cannot-tell": (
        Cause(always(response(403, AT_THE_EDGE, "blocked by policy"))),
        Cause(on_post(response(403, AT_THE_EDGE, "<h1>no</h1>"))),
    ),
}
"""By the code of the diagnosis; the tests hold that none is left out."""
