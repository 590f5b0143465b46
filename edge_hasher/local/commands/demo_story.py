"""The story that the demo tells: five requests, what came back, and why."""

from __future__ import annotations

import hashlib
import json
import os
import textwrap
from typing import TYPE_CHECKING, Any

import aiohttp

from edge_hasher.local.aws_limits import EDGE_BODY_LIMIT_BYTES
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from edge_hasher.local.serving.local_edge import LocalEdge

_QUESTION = {"message": "convert 26.2 miles to km then that * 1000"}
_CHAT = json.dumps(_QUESTION).encode()
_JSON = {"content-type": "application/json"}
_BINARY = {"content-type": "application/octet-stream"}
_WIDTH = 96
_UPLOADS = (  # title, body, whether the client sends its digest
    ("A binary upload of 65536 random bytes", os.urandom(65_536), False),
    ("2000000 bytes, of which CloudFront shows the function 1 MiB", bytes(2_000_000), False),
    ("The same bytes with the client's own digest", bytes(2_000_000), True),
)


class Story:
    """Sends the same requests to both edges and prints what comes back; `echo` prints a piece of text as it is."""

    def __init__(self, with_function: LocalEdge, without: LocalEdge, echo: Callable[[str], None]) -> None:
        self._with_function = with_function
        self._without = without
        self._echo = echo

    async def tell(self) -> bool:
        """Tell it; True when every answer was the expected one."""
        self._say(
            "One app, two local edges. Each cuts, signs and verifies as CloudFront, OAC and a private Function URL do. "
            f"The request: POST /chat {_CHAT.decode()}"
        )
        async with aiohttp.ClientSession() as session:
            went_well = [
                await self._chat_refused(session),
                await self._chat_streams(session),
                *[
                    await self._upload(session, title, payload, with_digest=with_digest)
                    for title, payload, with_digest in _UPLOADS
                ],
            ]
        return all(went_well)

    async def _chat_refused(self, session: aiohttp.ClientSession) -> bool:
        self._title("CloudFront without the function")
        async with session.post(f"{self._without.addresses.edge}/chat", data=_CHAT, headers=_JSON) as answer:
            message = (await answer.json(content_type=None)).get("message", "")
            error_type = answer.headers.get("x-amzn-ErrorType", "")
        self._say(f"{answer.status} {error_type}: {message}")
        self._say(f"Why: {self._without.exchanges.all()[-1].sentence}")
        return self._expect((answer.status, error_type), (403, "InvalidSignatureException"))

    async def _chat_streams(self, session: aiohttp.ClientSession) -> bool:
        self._title("The same POST with the function: 200, streamed as it comes")
        url = f"{self._with_function.addresses.edge}/chat"
        last = ""
        async with session.post(url, data=_CHAT, headers=_JSON) as answer:
            async for name, event in _events(answer):
                self._show(name, event, after=last)
                last = name
        self._say(f"{answer.status}; the function set x-amz-content-sha256: {hashlib.sha256(_CHAT).hexdigest()}")
        return self._expect((answer.status, last), (200, "done"))

    async def _upload(self, session: aiohttp.ClientSession, title: str, payload: bytes, *, with_digest: bool) -> bool:
        """Send bytes; a body that the function sees in part gets through with the client's own digest alone."""
        self._title(title)
        digest = hashlib.sha256(payload).hexdigest()
        headers = _BINARY | ({"x-amz-content-sha256": digest} if with_digest else {})
        async with session.post(
            f"{self._with_function.addresses.edge}/upload", data=payload, headers=headers
        ) as answer:
            status, document = answer.status, await answer.json(content_type=None)
        if len(payload) > EDGE_BODY_LIMIT_BYTES and not with_digest:
            self._say(f"{status} {document.get('title')}. {document.get('detail')}")
            return self._expect((status, document.get("type")), (413, "urn:edge-hasher:body-too-large"))
        self._say(f"{status}; the app read {document.get('bytes')} bytes, SHA-256 {document.get('sha256')}")
        return self._expect((status, document.get("sha256")), (200, digest))

    def _show(self, name: str, event: dict[str, Any], *, after: str) -> None:
        """Print tokens side by side as they come, and tools on lines of their own."""
        if name == "message":
            text = printable(str(event.get("text")))
            self._echo(text if after == "message" else f"   {text.lstrip()}")
        elif after == "message":
            self._echo("\n")
        if name == "tool_end":
            self._echo(f"   [{printable(str(event.get('name')))}: {printable(str(event.get('output')))}]\n")

    def _title(self, text: str) -> None:
        self._echo(f"\n-- {text}\n")

    def _say(self, text: str) -> None:
        self._echo(textwrap.indent(textwrap.fill(printable(text), _WIDTH), "   ") + "\n")

    def _expect(self, got: object, expected: object) -> bool:
        if got != expected:
            self._say(f"UNEXPECTED: {got!r}, not {expected!r}")
        return got == expected


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give the server-sent events of our own app: one `event` and one `data` line each."""
    name = ""
    async for line in answer.content:
        field, _, value = line.decode().rstrip("\r\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)
