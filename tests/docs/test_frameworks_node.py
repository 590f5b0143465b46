"""docs/frameworks.md: what it says of Express and Hono, with these frameworks behind the local edge.

The local edge runs no CloudFront Function, so the requests bring the x-forwarded-host that one would set.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.frameworks.node_sites import INSTALLED, node_site

if TYPE_CHECKING:
    from pathlib import Path

WAIT_S = 30
QUIET_S = 2
VIEWERS_HOST = "chat.example.com"
URLS_HOST = "edgehasherlocal.lambda-url.us-east-1.on.aws"
ORIGIN = f"https://{VIEWERS_HOST}"
FORM = {"name": "a & b"}
PLAIN_CSRF = "app.use(csrf());"

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on this machine"),
    pytest.mark.skipif(not INSTALLED.exists(), reason="no .venvs/frameworks-node: `make setup-node` makes it"),
]


def post(url: str, *, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    """Send a body as a browser on the site does, with the header that the viewer-request function sets."""
    sent = {"origin": ORIGIN, "x-forwarded-host": VIEWERS_HOST} | (headers or {})
    return httpx.post(url, headers=sent, timeout=WAIT_S, **body)


@pytest.mark.parametrize("framework", ["Express", "Hono"])
def test_bodies_arrive_with_the_function_alone(framework: str, tmp_path: Path) -> None:
    """A form, and JSON of 900 kB; without the function the Function URL refuses both."""
    pad = {"pad": "x" * 900_000}
    with node_site(framework, tmp_path) as url:
        assert post(f"{url}/form", data=FORM).json() == FORM
        assert post(f"{url}/json", json=pad).json() == {"bytes": 900_010}
    with node_site(framework, tmp_path, function=None) as url:
        refused = [post(f"{url}/form", data=FORM), post(f"{url}/json", json=pad)]
    assert [answer.headers["x-amzn-errortype"] for answer in refused] == ["InvalidSignatureException"] * 2


def test_express_takes_100_kb_by_default(tmp_path: Path) -> None:
    """Express alone refuses JSON over 100 KiB with 413."""
    limit, frame = 100 * 1024, len('{"p":""}')
    with node_site("Express", tmp_path, settings="app.use(express.json());") as url:
        statuses = [post(f"{url}/json", json={"p": "x" * (size - frame)}).status_code for size in (limit, limit + 1)]
    assert statuses == [200, 413]


def test_express_knows_the_viewers_host_with_trust_proxy(tmp_path: Path) -> None:
    """With the page's line, a URL that is built from the request is the viewer's."""
    with node_site("Express", tmp_path) as url:
        assert post(f"{url}/redirect").headers["location"] == f"{ORIGIN}/done"


def test_express_names_the_function_url_otherwise(tmp_path: Path) -> None:
    """Without it, it is the Function URL's, and not even its scheme is right."""
    with node_site("Express", tmp_path, settings="") as url:
        assert post(f"{url}/redirect").headers["location"] == f"http://{URLS_HOST}/done"


@pytest.mark.parametrize(("query", "encoding"), [("?flush=1", "gzip"), ("", "identity")], ids=["flushed", "plain"])
def test_express_sends_events_at_once(query: str, encoding: str, tmp_path: Path) -> None:
    """A compressed event that is flushed, or one that is not compressed, comes before the next is there."""
    headers = {"accept-encoding": encoding}
    with (
        node_site("Express", tmp_path) as url,
        httpx.stream("POST", f"{url}/compressed{query}", json={}, headers=headers, timeout=WAIT_S) as answer,
    ):
        pieces = (piece for piece in answer.iter_text() if piece)
        assert next(pieces) == "data: first\n\n"
        httpx.get(f"{url}/go-on", timeout=WAIT_S)
        assert "".join(pieces) == "data: second\n\n"


def test_express_answers_browsers_with_brotli(tmp_path: Path) -> None:
    """Compression prefers Brotli, which a Function URL that streams does not pass on."""
    with node_site("Express", tmp_path) as url:
        headers = {"accept-encoding": "gzip, deflate, br, zstd"}
        answer = httpx.post(f"{url}/compressed?flush=1", json={}, headers=headers, timeout=WAIT_S)
    assert (answer.status_code, answer.text) == (502, "Internal Server Error")


def test_express_holds_compressed_events_back(tmp_path: Path) -> None:
    """A compressed event that is not flushed does not come by itself."""
    timeout = httpx.Timeout(WAIT_S, read=QUIET_S)
    with (
        node_site("Express", tmp_path) as url,
        pytest.raises(httpx.ReadTimeout),
        httpx.stream(
            "POST", f"{url}/compressed", json={}, headers={"accept-encoding": "gzip"}, timeout=timeout
        ) as answer,
    ):
        next(piece for piece in answer.iter_text() if piece)


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        (None, {}, 200),
        (None, {"origin": "https://evil.example"}, 403),
        (PLAIN_CSRF, {}, 403),
        (PLAIN_CSRF, {"sec-fetch-site": "same-origin"}, 200),
    ],
    ids=["as-told", "another-site", "plain", "plain-current-browser"],
)
def test_honos_csrf(settings: str | None, headers: dict[str, str], status: int, tmp_path: Path) -> None:
    """The page's line lets the site's own forms through, and no others; plain csrf() wants Sec-Fetch-Site."""
    with node_site("Hono", tmp_path, settings=settings) as url:
        answers = post(f"{url}/form", data=FORM, headers=headers), post(f"{url}/json", json={}, headers=headers)
    assert [answer.status_code for answer in answers] == [status, 200]
