"""The example page with files above 6 MiB: the app presigns, the browser puts the file to the bucket's path."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.support.edge.live_server import serve
from tests.support.edge.upload_site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.browser import Page

pytest_plugins = ("tests.support.browser",)

SIZE = 6 * 1024 * 1024 + 1
LEAST = 6 * 1024 * 1024
EXPIRED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message>'
    "<X-Amz-Expires>600</X-Amz-Expires><RequestId>0A1B2C3D4E5F6EXAMPLE</RequestId></Error>"
)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Site, str]]:
    """Serve one site for the module."""
    site = Site()
    with serve(site) as address:
        yield site, address


@pytest.fixture
def site(served: tuple[Site, str]) -> Site:
    """Give the site, with an empty bucket."""
    site = served[0]
    site.takes_large, site.refusal = True, ""
    site.received.clear()
    return site


@pytest.fixture
def form(page: Page, served: tuple[Site, str]) -> Iterator[Page]:
    """Open the page; at the end, hold that the console was silent."""
    page.open(f"{served[1]}/")
    page.one("html[data-ready]")
    yield page
    assert page.complaints() == []


def upload(form: Page, file: Path) -> None:
    """Choose a file and send it."""
    form.one("#file").send_keys(str(file))
    form.one("#upload-send").click()


def facts(form: Page, selector: str) -> dict[str, str]:
    """Read the facts of a card once it is there."""
    form.one(selector)
    cells = form.all(f"{selector} [data-fact]")
    return {cell.get_attribute("data-fact") or "": cell.text for cell in cells}


def test_a_file_above_six_mib_goes_to_the_bucket(form: Page, site: Site, tmp_path: Path) -> None:
    """One PUT with the signed query, type and length, every byte, and no digest; the page tells the key."""
    body = bytes(range(256)) * (LEAST // 256) + b"!"
    file = tmp_path / "größe 1 & 2.txt"
    file.write_bytes(body)

    upload(form, file)

    told = facts(form, "#upload-result .outcome")
    assert (told["name"], told["bytes"]) == (file.name, "6,291,457")
    assert told["key"].startswith("large/")
    ((method, query, headers, digest),) = site.received
    assert (method, query) == ("PUT", b"X-Amz-Security-Token=a%2Fb%2B%3D&X-Amz-Signature=EXAMPLE")
    assert (headers[b"content-type"], headers[b"content-length"]) == (b"text/plain", b"6291457")
    assert b"x-amz-content-sha256" not in headers
    assert digest == hashlib.sha256(body).hexdigest()


def test_a_file_of_six_mib_goes_to_the_app(form: Page, site: Site, tmp_path: Path) -> None:
    """The Function URL takes it, so the bucket sees nothing of it."""
    file = tmp_path / "six.bin"
    file.write_bytes(bytes(LEAST))

    upload(form, file)

    told = facts(form, "#upload-result .outcome")
    assert told["sha256, app"] == hashlib.sha256(bytes(LEAST)).hexdigest()
    assert site.received == []


def refused(form: Page, status: str, _driver: object) -> bool:
    """Tell whether the card of a refusal is on the page."""
    return facts(form, "#upload-result .refusal")["status"] == status


def test_what_the_bucket_says_is_shown(form: Page, site: Site, tmp_path: Path) -> None:
    """S3 refuses in XML; the card has its code and what to do, and a second try asks for a new URL."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(SIZE))
    site.refusal = EXPIRED

    upload(form, file)

    form.until(functools.partial(refused, form, "403"))
    told = facts(form, "#upload-result .refusal")
    assert "upload again" in told["advice"]
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in told["text"]
    site.refusal = ""
    form.one("#upload-send").click()
    assert facts(form, "#upload-result .outcome")["bytes"] == "6,291,457"
    assert len(site.received) == 2


def test_without_a_bucket_the_page_says_so(form: Page, site: Site, tmp_path: Path) -> None:
    """By default nothing above 6 MiB is sent at all; the card names the parameter."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(SIZE))
    site.takes_large = False

    upload(form, file)

    form.until(functools.partial(refused, form, "413"))
    assert "LargeUploads=on" in facts(form, "#upload-result .refusal")["advice"]
    assert site.received == []
