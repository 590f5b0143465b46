"""Apps of real Python web frameworks behind a local edge, with the lines that docs/frameworks.md gives for them."""

from __future__ import annotations

import runpy
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.serving import make_server

from edge_hasher.local.config import HandlerApp, HttpApp
from tests.support.edge.edge_fixtures import OWN, running_edge
from tests.support.edge.live_server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import WSGIApplication

    from edge_hasher.local.runtime import FunctionSpec

PAGE = Path(__file__).parents[3] / "docs/frameworks.md"
STOP_TIMEOUT_S = 10

_STARLETTE = """
import threading

from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

go_on = threading.Event()


async def json(request):
    return JSONResponse(await request.json())


async def form(request):
    async with request.form() as fields:
        return JSONResponse({name: len(f) if isinstance(f, str) else f.size for name, f in fields.items()})


def pieces():
    yield "first"
    assert go_on.wait(20)
    yield "second"


async def stream(request):
    return StreamingResponse(pieces(), media_type="text/event-stream")


app = Starlette(
    routes=[
        Route("/json", json, methods=["POST"]),
        Route("/form", form, methods=["POST"]),
        Route("/stream", stream, methods=["POST"]),
        Route("/slash/", json, methods=["POST"]),
    ]
)
"""
_FLASK = """
import threading

from flask import Flask, request

app = Flask(__name__)
go_on = threading.Event()


@app.post("/json")
@app.post("/slash/")
def json():
    return request.get_json()


@app.post("/form")
def form():
    sizes = {name: len(value) for name, value in request.form.items()}
    return sizes | {name: len(file.read()) for name, file in request.files.items()}


@app.post("/stream")
def stream():
    def pieces():
        yield "first"
        assert go_on.wait(20)
        yield "second"

    return pieces(), {"content-type": "text/event-stream"}
"""
SOURCES = {"starlette": _STARLETTE, "flask": _FLASK, "mangum": _STARLETTE}
HEADINGS = {"starlette": "FastAPI and Starlette", "flask": "Flask", "mangum": "FastAPI and Starlette"}


@dataclass(frozen=True)
class Site:
    """An app behind an edge: the edge's address, and the app's `go_on` where it runs in this process."""

    url: str
    go_on: threading.Event | None


def blocks(heading: str, language: str = "python") -> str:
    """Give the code that a section of the page shows."""
    section = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = [block.partition("\n```")[0] for block in section.split(f"```{language}\n")[1:]]
    assert found, f"docs/frameworks.md shows no {language} code under {heading}"
    return "\n\n".join(found)


@contextmanager
def site(framework: str, folder: Path, *, as_told: bool = True, function: FunctionSpec | None = OWN) -> Iterator[Site]:
    """Run a framework's app behind an edge; `as_told` with what the page tells one to set."""
    told = blocks(HEADINGS[framework]) if as_told else ""
    adapter = blocks("Mangum") if framework == "mangum" else ""
    program = folder / "main.py"
    program.write_text("\n\n".join([SOURCES[framework], told, adapter]))
    with ExitStack() as stack:
        app: HandlerApp | HttpApp
        go_on = None
        if framework == "mangum":
            app = HandlerApp(root=folder, handler="main.handler")
        else:
            names = runpy.run_path(str(program))
            go_on = names["go_on"]
            address = urlsplit(stack.enter_context(_served(framework, names["app"])))
            assert address.port is not None
            app = HttpApp("127.0.0.1", address.port)
        edge = stack.enter_context(running_edge(app=app, function=function))
        yield Site(edge.url, go_on)


@contextmanager
def _served(framework: str, app: Any) -> Iterator[str]:
    with _serve_wsgi(app) if framework == "flask" else serve(app) as address:
        yield address


@contextmanager
def _serve_wsgi(app: WSGIApplication) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(STOP_TIMEOUT_S)
        server.server_close()
    assert not thread.is_alive(), f"the server did not stop within {STOP_TIMEOUT_S} s"
