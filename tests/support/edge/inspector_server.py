"""The inspector behind a real server in a thread, and requests for it to show, made as the edge makes them."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

from edge_hasher.local.exchange import Exchanges, Step
from edge_hasher.local.inspector import Inspector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from edge_hasher.local.exchange import Exchange
    from edge_hasher.local.inspector import Pace

T = TypeVar("T")
WAIT_S = 10
ABOUT = {
    "origin": "http://127.0.0.1:8000",
    "function": "edge_hasher.function (source tree)",
    "settings": "oversize=forward",
    "OAC": "always",
    "Denied permissions": "none",
    "Function URL": "http://127.0.0.1:40123/",
}
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
CANONICAL = f"""POST
/chat
session=7f3a&trace=
host:abcdefghijklmnop.lambda-url.us-east-1.on.aws
x-amz-content-sha256:{DIGEST}
x-amz-date:20261120T093012Z
x-amz-security-token:IQoJ…
x-amz-source-account:123456789012
x-amz-source-arn:arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE

host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-source-account;x-amz-source-arn
{DIGEST}"""
STRING_TO_SIGN = f"""AWS4-HMAC-SHA256
20261120T093012Z
20261120/us-east-1/lambda/aws4_request
{DIGEST}"""
NO_DIGEST = (
    "The payload hash that was signed is UNSIGNED-PAYLOAD, and Lambda does not support unsigned payloads. Nobody set "
    "x-amz-content-sha256 before CloudFront signed: attach Edge Hasher to this behavior, or let the client send the "
    "SHA-256 of the body."
)
TOO_LARGE = (
    "Only the first 1048576 bytes of a body can be hashed here, and this one is longer. Send a smaller one, or send "
    "its SHA-256 (64 hex digits) in the header x-amz-content-sha256."
)


@dataclass(frozen=True, slots=True)
class Served:
    """A running inspector; everything that touches its exchanges goes through `do`, into its event loop."""

    address: str
    exchanges: Exchanges
    inspector: Inspector
    loop: asyncio.AbstractEventLoop

    def do(self, action: Callable[[], T]) -> T:
        """Run `action` in the server's event loop and give its result."""

        async def run() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(WAIT_S)


@contextmanager
def serve_inspector(about: Mapping[str, str] = ABOUT, pace: Pace | None = None) -> Iterator[Served]:
    """Serve an inspector on a free loopback port, as the edge does: a low-level server without routes."""
    started: list[Served] = []
    ready, stop = threading.Event(), asyncio.Event()

    async def main() -> None:
        exchanges = Exchanges()
        inspector = Inspector(exchanges, about=dict(about), pace=pace)
        runner = web.ServerRunner(web.Server(inspector.handle), shutdown_timeout=2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.append(Served(address, exchanges, inspector, asyncio.get_running_loop()))
        ready.set()
        await stop.wait()
        inspector.close()
        await runner.cleanup()

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    assert ready.wait(WAIT_S)
    try:
        yield started[0]
    finally:
        started[0].loop.call_soon_threadsafe(stop.set)
        thread.join(WAIT_S)
    assert not thread.is_alive(), "the inspector did not let its server end"


def arrive(exchanges: Exchanges, number: str, method: str = "POST", target: str = "/chat") -> Exchange:
    """Let a request reach the edge and become an event."""
    exchange = exchanges.open(f"{number}-K7dZ0kWq4cB1_=", method=method, target=target, source="edge")
    facts = (("content-type", "application/json"), ("content-length", "34"))
    exchanges.step(exchange, Step("viewer", "Viewer request", None, "HTTP/1.1 from 127.0.0.1.", facts))
    facts = (("body", "34 bytes, whole"), ("action", "read-only"))
    exchanges.step(exchange, Step("event", "Origin-request event", None, "CloudFront's event, 2.1 KiB of JSON.", facts))
    exchange.body_bytes = 34
    return exchange


def sign(exchanges: Exchanges, exchange: Exchange, digest: str = DIGEST) -> None:
    """Let OAC sign it."""
    exchanges.step(
        exchange,
        Step(
            "oac",
            "Origin Access Control",
            ok=True,
            sentence=f"Signed for CloudFront with payload hash {digest}.",
            facts=(("behavior", "always"), ("payload hash", digest)),
            blocks=(
                ("Canonical request", CANONICAL.replace(DIGEST, digest)),
                ("String to sign", STRING_TO_SIGN),
            ),
        ),
    )


def decide(exchanges: Exchanges, exchange: Exchange) -> None:
    """Let the function set the digest."""
    exchange.decision = "11 digest set"
    facts = (("row", "11: data present, set the digest"), ("digest", DIGEST), ("took", "0.4 ms"))
    exchanges.step(exchange, Step("function", "Edge function", ok=True, sentence="The digest is set.", facts=facts))


def answered(exchanges: Exchanges, number: str = "ok") -> Exchange:
    """Make a POST that got 200."""
    exchange = arrive(exchanges, number)
    decide(exchanges, exchange)
    sign(exchanges, exchange)
    exchange.verdict = "admitted"
    sentence = "The signature and the payload hash are right."
    exchanges.step(exchange, Step("function-url", "Function URL", ok=True, sentence=sentence))
    exchanges.step(exchange, Step("app", "App", ok=True, sentence="The app answers 200."))
    exchange.status, exchange.answer_bytes, exchange.first_byte_ms = 200, 1834, exchange.elapsed_ms()
    facts = (("content-type", "application/json"),)
    exchanges.step(exchange, Step("answer", "Answer", ok=True, sentence="200 OK, 1834 bytes.", facts=facts))
    exchanges.close(exchange)
    return exchange


def without_digest(exchanges: Exchanges, number: str = "nodigest", target: str = "/chat?session=7f3a") -> Exchange:
    """Make a POST past a function that is not there: 403."""
    exchange = arrive(exchanges, number, target=target)
    sign(exchanges, exchange, "UNSIGNED-PAYLOAD")
    exchange.verdict, exchange.status = "InvalidSignatureException", 403
    blocks = (("Canonical request, as received", CANONICAL),)
    exchanges.step(exchange, Step("function-url", "Function URL", ok=False, sentence=NO_DIGEST, blocks=blocks))
    exchange.answer_bytes, exchange.first_byte_ms = 203, exchange.elapsed_ms()
    exchanges.step(exchange, Step("answer", "Answer", ok=False, sentence="The viewer gets 403."))
    exchanges.close(exchange)
    return exchange


def too_large(exchanges: Exchanges, number: str = "large") -> Exchange:
    """Make an upload that the function refuses: 413."""
    exchange = arrive(exchanges, number, method="PUT", target="/upload/photographs/2026/november/a-long-name.jpeg")
    exchange.body_bytes, exchange.decision = 2_097_152, "7 body-too-large"
    facts = (("row", "7: truncated, oversize=reject"), ("code", "body-too-large"))
    exchanges.step(exchange, Step("function", "Edge function", ok=False, sentence=TOO_LARGE, facts=facts))
    exchange.status, exchange.answer_bytes, exchange.first_byte_ms = 413, 331, exchange.elapsed_ms()
    exchanges.step(exchange, Step("answer", "Answer", ok=None, sentence="413 application/problem+json."))
    exchanges.close(exchange)
    return exchange


def streaming(exchanges: Exchanges, number: str = "stream") -> Exchange:
    """Make a POST whose answer streams and has not ended."""
    exchange = arrive(exchanges, number, target="/chat?stream=1")
    decide(exchanges, exchange)
    sign(exchanges, exchange)
    exchange.verdict = "admitted"
    sentence = "The signature and the payload hash are right."
    exchanges.step(exchange, Step("function-url", "Function URL", ok=True, sentence=sentence))
    exchange.status, exchange.first_byte_ms = 200, exchange.elapsed_ms()
    exchanges.step(exchange, Step("app", "App", ok=True, sentence="The app answers 200 and streams."))
    exchange.answer_bytes = 412
    exchanges.changed(exchange)
    return exchange


def broken(exchanges: Exchanges, number: str = "broken") -> Exchange:
    """Make a stream that the app leaves in the middle."""
    exchange = streaming(exchanges, number)
    exchange.broken = True
    sentence = "The app closed its connection in the middle of the answer; the client's stream ends there."
    exchanges.step(exchange, Step("answer", "Answer", ok=False, sentence=sentence))
    exchanges.close(exchange)
    return exchange
