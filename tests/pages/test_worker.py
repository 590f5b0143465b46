"""The service worker of clients/ in a real Chromium: uploads of every kind and size, through the local edge."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from edge_hasher.local.config import HttpApp
from tests.support.edge.edge_fixtures import running_edge
from tests.support.edge.live_server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import Request

    from tests.support.browser import Page

pytest_plugins = ("tests.support.browser",)

MIB = 1024 * 1024
PAGE = """<!doctype html><title>upload</title>
<form method="post" action="/form" enctype="multipart/form-data"><textarea name="text"></textarea></form>"""
REGISTER = """
return navigator.serviceWorker.register('/edge-hasher-worker.js')
  .then(() => navigator.serviceWorker.ready)
  .then(() => navigator.serviceWorker.controller
    || new Promise(done => navigator.serviceWorker.addEventListener('controllerchange', done)))
  .then(() => true);
"""
UNREGISTER = """
return navigator.serviceWorker.getRegistrations().then(all => Promise.all(all.map(one => one.unregister())));
"""
SEND = """
const [size, kind] = arguments;
const bytes = new Uint8Array(size).map((_, index) => index);
const body = kind === 'blob' ? new Blob([bytes]) : bytes;
if (kind === 'xhr') return new Promise(done => {
  const request = new XMLHttpRequest();
  request.open('PUT', '/upload');
  request.onload = () => done([request.status, JSON.parse(request.responseText)]);
  request.send(body);
});
return fetch('/upload', {method: 'POST', body}).then(answer => answer.json().then(told => [answer.status, told]));
"""


async def upload(request: Request) -> Response:
    """Tell what arrived."""
    body = await request.body()
    told = {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    return JSONResponse(told)


async def form(request: Request) -> Response:
    """Take a form, and send the browser on."""
    return RedirectResponse(f"/done?size={len(await request.body())}", 303)


@pytest.fixture(scope="module")
def site(root: Path) -> Iterator[str]:
    """The page and the worker behind a local edge."""
    worker = (root / "clients/javascript/edge-hasher-worker.js").read_text()
    routes = [
        Route("/", lambda _: HTMLResponse(PAGE)),
        Route("/done", lambda _: HTMLResponse("<title>done</title>")),
        Route("/edge-hasher-worker.js", lambda _: Response(worker, media_type="text/javascript")),
        Route("/upload", upload, methods=["POST", "PUT"]),
        Route("/form", form, methods=["POST"]),
    ]
    with serve(Starlette(routes=routes)) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        with running_edge(app=HttpApp(host, int(port))) as edge:
            yield edge.url


@pytest.fixture
def worked(page: Page, site: str) -> Page:
    """The page, once the worker controls it."""
    page.open(f"{site}/")
    assert page.run(REGISTER)
    return page


def content(size: int) -> bytes:
    """What the page sends."""
    return (bytes(range(256)) * (size // 256 + 1))[:size]


def test_without_the_worker_a_large_upload_is_refused(page: Page, site: str) -> None:
    """The edge's own 413, with what to do."""
    page.open(f"{site}/")
    page.run(
        "return navigator.serviceWorker.getRegistrations().then(all => Promise.all(all.map(one => one.unregister())))"
    )
    page.open(f"{site}/")
    status, told = page.run(SEND, MIB + 1, "bytes")
    assert (status, told["type"]) == (413, "urn:edge-hasher:body-too-large")


@pytest.mark.parametrize("kind", ["bytes", "blob", "xhr"])
@pytest.mark.parametrize("size", [0, 1, MIB, MIB + 1, 5_000_000, 6_000_000])
def test_every_size_arrives(worked: Page, size: int, kind: str) -> None:
    """Fetch and XMLHttpRequest, without a change to the page; nothing is changed on the way."""
    status, told = worked.run(SEND, size, kind)
    assert (status, told["size"]) == (200, size)
    assert told["sha256"] == hashlib.sha256(content(size)).hexdigest()


def test_what_no_function_url_takes_is_not_read(worked: Page) -> None:
    """Above 6 MiB it goes as it is, and the edge says no."""
    status, told = worked.run(SEND, 7_000_000, "bytes")
    assert (status, told["type"]) == (413, "urn:edge-hasher:body-too-large")


def test_a_form_navigates(worked: Page) -> None:
    """A plain form of 3 MB arrives, and its redirect is followed."""
    worked.run("document.querySelector('textarea').value = 'x'.repeat(3000000); document.forms[0].submit()")
    address: Any = worked.until(lambda driver: "/done" in driver.current_url and driver.current_url)
    assert int(address.rpartition("=")[2]) > 3_000_000
