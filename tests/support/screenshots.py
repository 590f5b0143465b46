"""`make screenshots`: the inspector's pictures in docs/images, from a real Chromium and two real local edges.

The same POST goes through an edge without the function and through one with it.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from pathlib import Path

import aiohttp
from PIL import Image

from edge_hasher.local.commands.demo import example_app
from edge_hasher.local.config import EdgeConfig
from edge_hasher.local.own_function import function_for
from edge_hasher.local.serving.local_edge import LocalEdge
from tests.support.browser import LAPTOP, Page, installed, running_chromium

IMAGES = Path(__file__).parents[2] / "docs" / "images"
EXAMPLE = Path(__file__).parents[2] / "examples/streaming-agent"
COLORS = 128
BODY = b'{"message": "multiply 17 by 23"}'


async def main() -> None:
    """Take all pictures."""
    paths = installed()
    if paths is None:
        sys.exit("no chromium with chromedriver on PATH (Debian: apt-get install chromium chromium-driver)")
    function = function_for(artifact=None, handler=None, no_function=False)
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, running_chromium(*paths, Path(home)) as driver:
        async with (
            example_app(EXAMPLE) as app,
            LocalEdge(EdgeConfig(app=app, function=None)) as without,
            LocalEdge(EdgeConfig(app=app, function=function)) as with_function,
        ):
            page = Page(driver)
            for edge, name, status in ((without, "inspector-403", 403), (with_function, "inspector-200", 200)):
                await _post(edge, status)
                await asyncio.to_thread(_take, page, edge, name)


async def _post(edge: LocalEdge, status: int) -> None:
    headers = {"content-type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{edge.addresses.edge}/chat", data=BODY, headers=headers) as answer,
    ):
        await answer.read()
        assert answer.status == status, f"{answer.status}, not {status}"


def _take(page: Page, edge: LocalEdge, name: str) -> None:
    page.resize(LAPTOP)
    (exchange,) = edge.exchanges.all()
    for scheme in ("light", "dark"):
        page.prefer(color_scheme=scheme, reduced_motion="reduce")
        page.open("about:blank")
        page.open(f"{edge.addresses.inspector}#{exchange.request_id}")
        page.until(lambda _: page.text("#detail .number") == f"#{exchange.number}")
        picture = Image.open(io.BytesIO(page.driver.get_screenshot_as_png())).convert("RGB")
        picture.quantize(COLORS, dither=Image.Dither.NONE).save(IMAGES / f"{name}-{scheme}.png", optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
