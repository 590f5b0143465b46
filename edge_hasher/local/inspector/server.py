"""The routes below /__edge/: the page, its files, the list as JSON, and the stream of changes."""

from __future__ import annotations

import secrets
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from aiohttp import web

from edge_hasher.local.inspector.feed import Listener, Pace, as_json
from edge_hasher.local.inspector.outcome import as_view
from edge_hasher.local.inspector.table import fill

if TYPE_CHECKING:
    from edge_hasher.local.exchange import Exchanges

ROOT = "/__edge/"

_SCRIPT = "text/javascript"
_FILES = {
    "inspector.js": _SCRIPT,
    "composer.js": _SCRIPT,
    "detail.js": _SCRIPT,
    "har.js": _SCRIPT,
    "list.js": _SCRIPT,
    "text.js": _SCRIPT,
    "inspector.css": "text/css",
}
_HEADERS = {
    # What people send to the edge is shown here: nothing of it may run, and nothing may leave.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Inspector:
    """Shows `exchanges`; `about` is what the edge was started with, label by label, without secrets.

    Everything happens in one event loop: the edge's.
    """

    def __init__(self, exchanges: Exchanges, *, about: dict[str, str], pace: Pace | None = None) -> None:
        self._exchanges = exchanges
        self._about = dict(about)
        self._pace = pace or Pace()
        # A page that comes back after a restart sees by this that its rows are of another run.
        self._run = secrets.token_hex(8)
        self._files = {name: files(__package__).joinpath(name).read_text("utf-8") for name in ("index.html", *_FILES)}
        self._listeners: set[Listener] = set()
        self._closed = False

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """The streams that are open now."""
        return tuple(self._listeners)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer any request whose path is /__edge or begins with /__edge/."""
        if request.path == ROOT.rstrip("/"):
            return web.Response(status=308, headers={**_HEADERS, "Location": ROOT})
        name = request.path.removeprefix(ROOT)
        if name not in {"", "requests", "events", *_FILES}:
            return _said(404, f"There is nothing here. The inspector is at {ROOT}")
        if request.method not in {"GET", "HEAD"}:
            return _said(405, f"{ROOT}{name} takes GET and HEAD.", Allow="GET, HEAD")
        return await self._stream(request) if name == "events" else self._document(name)

    def tell(self, label: str, sentence: str) -> None:
        """Show a sentence among what the edge was started with, on open pages too."""
        self._about[label] = sentence
        for listener in self._listeners:
            listener.greet(self._hello())

    def close(self) -> None:
        """End every stream and let no new one begin; call it before the server's own shutdown."""
        self._closed = True
        for listener in self._listeners:
            listener.close()

    def _hello(self) -> dict[str, Any]:
        return {"run": self._run, "about": self._about}

    def _document(self, name: str) -> web.Response:
        if name == "requests":
            document = {**self._hello(), "requests": [as_view(exchange) for exchange in self._exchanges.all()]}
            return _text(as_json(document), "application/json")
        if name == "":
            return _text(fill(self._files["index.html"], self._exchanges.all(), self._about), "text/html")
        return _text(self._files[name], _FILES[name])

    async def _stream(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "HEAD":
            return _text("", "text/event-stream")
        if self._closed:
            return _said(503, "The local edge is ending.")
        if len(self._listeners) >= self._pace.listeners:
            return _said(503, f"{len(self._listeners)} streams are open, the most there may be. Close other pages.")
        response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream; charset=utf-8"})
        listener = Listener(self._exchanges, self._pace)
        self._listeners.add(listener)
        stop = self._exchanges.listen(listener.changed)
        try:
            await response.prepare(request)
            await listener.run(request, response, {**self._hello(), "kept": listener.owed})
        finally:
            stop()
            self._listeners.discard(listener)
        return response


def _text(text: str, content_type: str) -> web.Response:
    return web.Response(text=text, content_type=content_type, charset="utf-8", headers=_HEADERS)


def _said(status: int, sentence: str, **headers: str) -> web.Response:
    return web.Response(status=status, text=f"{sentence}\n", headers={**_HEADERS, **headers})
