"""The inspector's page in a real Chromium, before a real edge: sending, sending again, commands, filters, archives."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.browser import PHONE
from tests.support.edge.edge_fixtures import OWN, running_edge
from tests.support.edge.raw_http import ask, request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.browser import Page
    from tests.support.edge.edge_fixtures import Running

pytest_plugins = ("tests.support.browser",)

HEADLINE = "#detail .headline"
ROWS = "#rows tbody"


@pytest.fixture
def edge(request: pytest.FixtureRequest) -> Iterator[Running]:
    """Run an edge without a function, or with the one in the parameter."""
    with running_edge(function=getattr(request, "param", None)) as running:
        yield running


@pytest.fixture
def inspector(page: Page, edge: Running) -> Page:
    """Open the page and wait until it is live."""
    page.open(f"{edge.url}/__edge/")
    page.until(lambda _: page.text("#feed") == "Live")
    return page


def send(page: Page, preset: str, digest: str = "left to the function", path: str = "/sent") -> None:
    """Fill the form in and send it."""
    page.run(
        """
        document.getElementById('composer').open = true;
        const { preset, digest, target } = document.getElementById('compose').elements;
        preset.value = arguments[0];
        preset.dispatchEvent(new Event('change'));
        digest.value = arguments[1];
        target.value = arguments[2];
        """,
        preset,
        digest,
        path,
    )
    page.one("#compose button[type=submit]").click()


def press(page: Page, text: str) -> None:
    """Press the button of the open request that says so."""
    next(button for button in page.all("#detail .actions button") if button.text == text).click()


@pytest.mark.parametrize("edge", [OWN], indirect=True, ids=["with-function"])
def test_every_preset_gets_its_answer(inspector: Page, edge: Running) -> None:
    """Each preset is sent as it says, and the request that was sent opens."""
    expected = {
        "JSON": (200, b'{"message": "hello"}'),
        "Form": (200, b"message=hello&language=en"),
        "Multipart": (200, None),
        "Binary, 900 kB": (200, None),
        "1 MiB and 1 byte": (413, None),
        "Server-sent events": (200, b'{"message": "hello"}'),
        "GET": (200, b""),
    }
    labels = inspector.run("return [...document.getElementById('compose').elements.preset].map((one) => one.value)")
    assert labels == list(expected)
    for number, (preset, (status, body)) in enumerate(expected.items()):
        send(inspector, preset, path=f"/preset/{number}")
        exchange = edge.last(f"/preset/{number}")
        assert exchange.status == status
        assert not exchange.broken
        if body is not None:
            assert edge.app.seen[-1].body == body


def test_send_again(inspector: Page) -> None:
    """Without a function a POST is refused; sent again with a digest, the same one is answered."""
    send(inspector, "JSON")
    inspector.until(lambda _: "Stopped at the Function URL" in inspector.text(HEADLINE))
    press(inspector, "Send again with a digest")
    inspector.until(lambda _: "Answered 200" in inspector.text(HEADLINE))
    press(inspector, "Send again without a digest")
    inspector.until(lambda _: "Stopped at the Function URL" in inspector.text(HEADLINE))
    assert len(inspector.all(ROWS)) == 3


def test_a_wrong_digest(inspector: Page) -> None:
    """A digest that does not fit is sent on purpose."""
    send(inspector, "Binary, 900 kB", "sent, and wrong")
    inspector.until(lambda _: "Stopped at the Function URL" in inspector.text(HEADLINE))
    assert "0000000000" in inspector.text("#detail .advice")


@pytest.mark.parametrize("body", ['{"it\'s": "$HOME `x`"}', "100 % \\n"])
def test_the_command_for_curl_does_the_same(inspector: Page, edge: Running, body: str) -> None:
    """The command sends the same bytes, whatever a shell would make of them, with the digest of them."""
    composed = {"method": "POST", "target": "/curl?a=1&b='", "type": "text/plain", "body": body}
    composed["digest"] = "sent by the client"
    command = inspector.run("return import('/__edge/composer.js').then(({ asCurl }) => asCurl(arguments[0]))", composed)
    done = subprocess.run(["bash", "-c", f"cd $(mktemp -d) && {command}"], capture_output=True, check=True)
    assert done.stdout.startswith(b"HTTP/1.1 200 OK")
    assert (edge.app.seen[-1].target, edge.app.seen[-1].body) == (b"/curl?a=1&b='", body.encode())


def test_filters(inspector: Page, edge: Running) -> None:
    """The list can be held to one verdict; the choice lists what there is."""
    ask(edge.port, request("GET", "/fine"))
    ask(edge.port, request("POST", "/refused", b"x"))
    inspector.until(lambda _: len(inspector.all(ROWS)) == 2)
    inspector.run(
        "const one = document.getElementById('verdict'); one.value = 'InvalidSignatureException'; "
        "one.dispatchEvent(new Event('change'))"
    )
    inspector.until(lambda _: len(inspector.all(ROWS)) == 1)
    assert "/refused" in inspector.text("#rows tbody")


def test_the_archive(inspector: Page, edge: Running) -> None:
    """What is downloaded is HAR 1.2, without headers and bodies."""
    ask(edge.port, request("POST", "/archived", b"secret", "Authorization: Bearer very-secret"))
    document: dict[str, Any] = inspector.run(
        "return Promise.all([import('/__edge/har.js'), fetch('/__edge/requests').then((got) => got.json())])"
        ".then(([{ harOf }, { requests }]) => harOf(requests, '1'))"
    )
    log = document["log"]
    assert (log["version"], len(log["entries"])) == ("1.2", 1)
    entry = log["entries"][0]
    assert (entry["request"]["method"], entry["response"]["status"], entry["request"]["bodySize"]) == ("POST", 403, 6)
    assert entry["request"]["url"] == f"{edge.url}/archived"
    assert entry["time"] == pytest.approx(sum(entry["timings"].values()))
    assert "very-secret" not in str(document)


def test_on_a_phone_the_requests_come_first(page: Page, edge: Running) -> None:
    """The configuration is folded away, and can be opened."""
    page.resize(PHONE)
    page.open(f"{edge.url}/__edge/")
    page.until(lambda _: page.text("#feed") == "Live")
    assert not page.one("#about").is_displayed()
    page.one("#configuration summary").click()
    assert page.one("#about").is_displayed()
