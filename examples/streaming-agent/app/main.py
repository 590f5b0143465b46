"""The app: POST /chat streams an answer, POST /upload takes a file, GET /health, and the page at /."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from . import agent, large_uploads, pages, sse, uploads
from .bodies import FORM, MULTIPART, Refusal, media_type, read_message
from .settings import Settings, SettingsError
from .streams import CountedStream, StreamCounts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request
    from starlette.types import Scope

    from .large_uploads import Presign
    from .tools import World

PAGE = Path(__file__).parent / "page"
OTHER_METHODS = ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]
NO_STORE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class _Page(StaticFiles):
    """The page's files; a browser asks each time whether they changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "no-cache"
        return response


def create_app(settings: Settings, *, world: World = agent.REAL_WORLD, presign: Presign | None = None) -> Starlette:
    """Make the ASGI application.

    world: the clock and the sleep that the agent's tools use.
    presign: signs for the bucket of large uploads; without it there are none.
    """
    counts = StreamCounts()

    async def chat(request: Request) -> Response:
        message = await read_message(request)
        events = agent.run(message, token_delay_s=settings.token_delay_s, world=world)
        as_page = media_type(request) == FORM and sse.MEDIA_TYPE not in request.headers.get("accept", "")
        return CountedStream(
            pages.answer(message, events) if as_page else _frames(events),
            counts,
            heartbeat=pages.HEARTBEAT if as_page else sse.HEARTBEAT,
            heartbeat_s=settings.heartbeat_s,
            media_type=pages.MEDIA_TYPE if as_page else sse.MEDIA_TYPE,
            headers=pages.HEADERS if as_page else sse.HEADERS,
        )

    async def upload(request: Request) -> Response:
        found = await uploads.receive(request)
        if media_type(request) == MULTIPART and _wants_page(request):
            return HTMLResponse(pages.upload(found), headers=pages.HEADERS)
        return JSONResponse({"name": found.name, "bytes": found.size_bytes, "sha256": found.sha256}, headers=NO_STORE)

    async def upload_large(request: Request) -> Response:
        if presign is None:
            raise large_uploads.turned_off()
        file = await large_uploads.read_file(request)
        path = await run_in_threadpool(presign, file)
        return JSONResponse(large_uploads.answer(file, path), headers=NO_STORE)

    async def health(_: Request) -> Response:
        streams = {
            "active_streams": counts.active,
            "finished_streams": counts.finished,
            "cancelled_streams": counts.cancelled,
        }
        return JSONResponse({"status": "ok", **streams}, headers=NO_STORE)

    return Starlette(
        routes=[
            Route("/chat", chat, methods=["POST"]),
            Route("/upload", upload, methods=["POST"]),
            Route("/upload/large", upload_large, methods=["POST"]),
            Route("/chat", _only_post, methods=OTHER_METHODS),
            Route("/upload", _only_post, methods=OTHER_METHODS),
            Route("/upload/large", _only_post, methods=OTHER_METHODS),
            Route("/health", health),
            Mount("/", _Page(directory=PAGE, html=True)),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _no_route, ClientDisconnect: _gone},
    )


async def _frames(events: AsyncIterator[agent.Event]) -> AsyncIterator[bytes]:
    # Sent at once, so that headers and stream reach the client before the agent has thought.
    yield b": stream\n\n"
    async for event in events:
        yield sse.json_frame(event.name, event.data)


async def _only_post(_: Request) -> Response:
    # Said here, since the page's mount below would take these paths for files that are not there.
    raise HTTPException(405, headers={"allow": "POST"})


def _wants_page(request: Request) -> bool:
    return pages.MEDIA_TYPE in request.headers.get("accept", "")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 (Starlette's type of handlers is this wide)
    return _problem(request, error.status, error.code, error.message, error.numbers)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (as above)
    response = _problem(request, error.status_code, "http_error", error.detail, {})
    response.headers.update(error.headers or {})
    return response


async def _gone(_: Request, __: Exception) -> Response:
    # Nobody reads this: the client left in the middle of its own body.
    return Response(status_code=400)


def _problem(request: Request, status: int, code: str, message: str, numbers: Mapping[str, int]) -> Response:
    if _wants_page(request):
        return HTMLResponse(pages.refusal(status, message), status, headers=pages.HEADERS)
    return JSONResponse({"error": code, "message": message, **numbers}, status, headers=NO_STORE)


def _app() -> Starlette:
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        raise SystemExit(f"streaming-agent: {error}") from None
    bucket = settings.upload_bucket
    return create_app(settings, presign=large_uploads.presigner(bucket, settings.region) if bucket else None)


app = _app()
