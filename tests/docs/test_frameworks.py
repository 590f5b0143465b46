"""docs/frameworks.md: what it says of Starlette, Flask and Mangum, with these frameworks behind the local edge.

The local edge runs no CloudFront Function, so the requests bring the x-forwarded-host that one would set.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.frameworks.python_sites import PAGE, SOURCES, site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.frameworks.python_sites import Site

WAIT_S = 30
VIEWERS_HOST = "chat.example.com"
URLS_HOST = "edgehasherlocal.lambda-url.us-east-1.on.aws"
FILE = {"file": ("photo.jpg", bytes(range(256)) * 40, "image/jpeg")}
BODIES = {
    "json": httpx.Request("POST", "http://edge/json", json={"name": "Zoë"}),
    "form": httpx.Request("POST", "http://edge/form", data={"name": "a & b"}),
    "multipart": httpx.Request("POST", "http://edge/form", data={"name": "a & b"}, files=FILE),
}
ANSWERS = {"json": {"name": "Zoë"}, "form": {"name": 5}, "multipart": {"name": 5, "file": 10240}}


@pytest.fixture(scope="module", params=SOURCES)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    """A framework, and an app of it that is set up as the page tells."""
    with site(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield request.param, running


def send(running: Site, request: httpx.Request, **headers: str) -> httpx.Response:
    """Send a body, with the header that CloudFront's viewer-request function sets."""
    content = request.read()
    sent = {"content-type": request.headers["content-type"], "x-forwarded-host": VIEWERS_HOST, **headers}
    return httpx.post(running.url + request.url.path, content=content, headers=sent, timeout=WAIT_S)


def multipart(field: str) -> httpx.Request:
    """A form with one long field and a file."""
    return httpx.Request("POST", "http://edge/form", data={"field": field}, files=FILE)


def with_digest(running: Site, request: httpx.Request) -> httpx.Response:
    """Send a body with its digest, as a client must above 1 MiB."""
    return send(running, request, **{"x-amz-content-sha256": hashlib.sha256(request.read()).hexdigest()})


@pytest.mark.parametrize("kind", BODIES)
def test_bodies_arrive(told: tuple[str, Site], kind: str) -> None:
    """JSON, a form and an upload reach the app as they were sent."""
    answer = send(told[1], BODIES[kind])
    assert (answer.status_code, answer.json()) == (200, ANSWERS[kind])


@pytest.mark.parametrize("framework", SOURCES)
def test_without_the_function_none_arrives(framework: str, tmp_path: Path) -> None:
    """CloudFront alone: each of them is refused by the Function URL."""
    with site(framework, tmp_path, function=None) as running:
        answers = [send(running, request) for request in BODIES.values()]
    assert [answer.status_code for answer in answers] == [403] * 3
    assert {answer.headers["x-amzn-errortype"] for answer in answers} == {"InvalidSignatureException"}


def test_redirects_lead_to_the_viewers_host(told: tuple[str, Site]) -> None:
    """With the page's lines, the redirect to the path with a slash stays on the viewer's host."""
    answer = send(told[1], httpx.Request("POST", "http://edge/slash", json={}))
    assert answer.headers["location"].partition("://")[2] == f"{VIEWERS_HOST}/slash/"


@pytest.mark.parametrize("framework", SOURCES)
def test_redirects_lead_to_the_function_url_otherwise(framework: str, tmp_path: Path) -> None:
    """Without them it leads to the Function URL itself, where a browser gets 403."""
    with site(framework, tmp_path, as_told=False) as running:
        answer = send(running, httpx.Request("POST", "http://edge/slash", json={}))
    assert answer.headers["location"].partition("://")[2] == f"{URLS_HOST}/slash/"


@pytest.mark.parametrize("framework", ["starlette", "flask"])
def test_streams_come_piece_by_piece(framework: str, tmp_path: Path) -> None:
    """The first piece is there while the app still waits to send the second."""
    with (
        site(framework, tmp_path) as running,
        httpx.stream("POST", f"{running.url}/stream", json={}, timeout=WAIT_S) as answer,
    ):
        assert running.go_on is not None
        pieces = answer.iter_text()
        assert next(pieces) == "first"
        running.go_on.set()
        assert "".join(pieces) == "second"


def test_what_a_field_may_hold(told: tuple[str, Site]) -> None:
    """A multipart field over 1 MiB: 400 from Starlette; Flask takes it once it is told to."""
    framework, running = told
    at_limit, over = multipart("x" * 1024**2), multipart("x" * (1024**2 + 1))
    statuses = [with_digest(running, request).status_code for request in (at_limit, over)]
    assert statuses == ([200, 200] if framework == "flask" else [200, 400])


def test_flasks_own_limit_is_half_a_megabyte(tmp_path: Path) -> None:
    """By default Flask refuses a multipart field over 500,000 bytes with 413."""
    with site("flask", tmp_path, as_told=False) as running:
        statuses = [send(running, multipart("x" * size)).status_code for size in (500_000, 500_001)]
    assert statuses == [200, 413]


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on this machine")
def test_the_javascript_is_javascript(tmp_path: Path) -> None:
    """Each piece of it parses; what it does was tried by hand."""
    pieces = re.findall(r"^```js\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert pieces
    for number, piece in enumerate(pieces):
        file = tmp_path / f"{number}.mjs"
        file.write_text(piece)
        done = subprocess.run(["node", "--check", str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
