"""The chat page in a real Chromium: streaming, stopping, uploading, and what it says of every refusal."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from app.main import create_app
from app.settings import Settings
from selenium.webdriver.common.keys import Keys
from starlette.responses import Response

from tests.support.browser import LAPTOP, PHONE
from tests.support.edge.live_server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import Message, Receive, Scope, Send

    from tests.support.browser import Page

pytest_plugins = ("tests.support.browser",)

REQUEST_ID = "tD1qRm3cX0aExampleRequestIdDq4kQm2b0Yf6a8wL1uHcN5s7VEXAMPLE=="
SIGNATURE = "The request signature we calculated does not match the signature you provided."
FORBIDDEN = "Forbidden. For troubleshooting Function URL authorization issues, see the documentation."


def answer(status: int, content: str, media_type: str, error_type: str = "") -> Response:
    """Make what the edge sends for a refused request."""
    headers = {"x-amz-cf-id": REQUEST_ID}
    if error_type:
        headers["x-amzn-errortype"] = error_type
    return Response(content, status, headers=headers, media_type=media_type)


def problem(status: int, code: str, title: str) -> Response:
    """Make a refusal of the Edge Hasher function."""
    detail = f"What happened is {code}, with <b>numbers</b>."
    body = {"type": f"urn:edge-hasher:{code}", "title": title, "status": status, "detail": detail}
    return answer(status, json.dumps(body), "application/problem+json")


class Edge:
    """Stands before the app as CloudFront does; refuses POST requests, or ends their answers early, when told."""

    def __init__(self) -> None:
        """Begin with the real app, quick tokens and heartbeats, and nothing refused."""
        self.app = create_app(Settings(token_delay_s=0.002, heartbeat_s=0.05))
        self.refusal: Response | None = None
        self.ends_after: bytes | None = None
        self.digest = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or not."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        self.digest = dict(scope["headers"]).get(b"x-amz-content-sha256", b"").decode()
        if self.refusal is not None:
            await _read_all(receive)
            await self.refusal(scope, receive, send)
            return
        await self.app(scope, receive, self._ending(send))

    def _ending(self, send: Send) -> Send:
        ended = False

        async def until_the_end(message: Message) -> None:
            nonlocal ended
            if ended:
                return
            if self.ends_after is not None and self.ends_after in message.get("body", b""):
                ended = True
                message = {**message, "more_body": False}
            await send(message)

        return until_the_end


async def _read_all(receive: Receive) -> None:
    while (await receive()).get("more_body"):
        pass


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Edge, str]]:
    """Serve one edge over the app for the module."""
    edge = Edge()
    with serve(edge) as address:
        yield edge, address


@pytest.fixture
def edge(served: tuple[Edge, str]) -> Edge:
    """Give the edge, refusing nothing."""
    served[0].refusal = None
    served[0].ends_after = None
    return served[0]


@pytest.fixture
def chat(page: Page, edge: Edge, served: tuple[Edge, str]) -> Iterator[Page]:
    """Open the page; at the end, hold that the console was silent and the policy of content unbroken."""
    assert edge.refusal is None
    page.open(f"{served[1]}/")
    page.one("html[data-ready]")
    yield page
    assert page.complaints() == []


def ask(page: Page, message: str) -> None:
    """Type a message and send it."""
    page.one("#message").send_keys(message)
    page.one("#send").click()


def ended(page: Page, state: str) -> None:
    """Wait until the last answer has ended so."""
    page.one(f".turn:last-child[data-state={state}][aria-busy=false]")


def facts(page: Page, within: str) -> dict[str, str]:
    """Give what a card says, by name."""
    found = page.one(within).find_elements("css selector", "[data-fact]")
    return {str(one.get_attribute("data-fact")): one.text for one in found}


# Streaming


def test_tools_and_words_are_shown(chat: Page) -> None:
    """Each tool shows its input and what it found; the words stand in order."""
    ask(chat, "2 + 2 then that * 10; 1/0")
    ended(chat, "done")
    tools = chat.all(".tool")
    assert [tool.get_attribute("data-state") for tool in tools] == ["ok", "ok", "failed"]
    assert [tool.find_element("class name", "tool-output").text for tool in tools][:2] == ["4", "40"]
    words = [part.text for part in chat.all("[data-role=text]")]
    assert words == ["2 + 2 = 4.", "4 * 10 = 40.", "The calculator could not do that: it divides by zero."]
    assert chat.text("#announcement") == " ".join(words)


def test_a_tool_is_shown_while_it_runs_and_stop_ends_it(chat: Page) -> None:
    """What came is shown while the stream is silent, heartbeats count, and Stop reaches the app."""
    ask(chat, "2 + 2; wait 60 seconds")
    chat.one(".tool[data-tool=timer][data-state=running]")
    assert chat.text("[data-role=text]") == "2 + 2 = 4."
    chat.until(lambda _: "heartbeat" in chat.text("[data-role=timing]"))
    health = "return fetch('/health').then((answer) => answer.json())"
    assert chat.run(health)["active_streams"] == 1
    assert not chat.one("#send").is_displayed()
    chat.one("#stop").click()
    ended(chat, "stopped")
    assert chat.one(".tool[data-tool=timer]").get_attribute("data-state") == "stopped"
    chat.until(lambda _: chat.run(health)["active_streams"] == 0)
    assert chat.one("#send").is_displayed()


def test_what_a_stranger_wrote_stays_text(chat: Page) -> None:
    """Markup in a message is shown as it was written, in the question and in the answer."""
    evil = '<img src=x onerror="document.title=1">'
    ask(chat, f"count the words in {evil}")
    ended(chat, "done")
    assert evil in chat.text("[data-role=question]")
    assert chat.text(".tool-input") == evil
    assert chat.all("#log img") == []


def test_enter_sends_and_shift_enter_does_not(chat: Page) -> None:
    """The keyboard alone is enough, and the field has the focus again afterwards."""
    chat.one("#message").send_keys('sha256 of "a', Keys.SHIFT, Keys.ENTER, Keys.SHIFT, 'b"')
    assert chat.all(".turn") == []
    chat.one("#message").send_keys(Keys.ENTER)
    ended(chat, "done")
    assert chat.text(".tool-output") == hashlib.sha256(b"a\nb").hexdigest()
    assert chat.run("return document.activeElement.id") == "message"


def test_an_example_is_one_click(chat: Page) -> None:
    """The suggestions of the empty page send themselves."""
    chat.one("[data-example]").click()
    ended(chat, "done")
    assert chat.text(".turn [data-role=text]:last-child") == "42 / 3 = 14."


def test_a_stream_that_ends_early_is_told(chat: Page, edge: Edge) -> None:
    """Without its `done` an answer is not complete, and the page says so and keeps what came."""
    edge.ends_after = b"tool_end"
    ask(chat, "2 + 2")
    ended(chat, "failed")
    assert chat.text(".refusal h3") == "The answer is not complete"
    assert chat.text(".tool-output") == "4"


def test_the_parser_reads_any_cut(chat: Page) -> None:
    """Bytes cut anywhere, with each kind of line end, give the same events; comments and half events give none."""
    stream = (
        "\ufeff: hello\n\ndata: one\n\nevent: two\ndata: a\ndata:b\ndata\nid: 7\n\n"
        "data:  🦊 é漢\n\nevent: empty\n\ndata: last\n\ndata: lost"
    )
    expected = [["message", "one"], ["two", "a\nb\n"], ["message", " 🦊 é漢"], ["message", "last"]]
    script = """
      const [stream] = arguments;
      return import("/ui/sse.js").then(({ EventParser }) => {
        const results = new Set();
        for (const end of ["\\n", "\\r", "\\r\\n"]) {
          const bytes = new TextEncoder().encode(stream.replaceAll("\\n", end));
          const read = (...pieces) => {
            const comments = [];
            const parser = new EventParser((comment) => comments.push(comment));
            const events = pieces.flatMap((piece) => parser.push(piece));
            results.add(JSON.stringify([events.map(({ name, data }) => [name, data]), comments]));
          };
          read(...Array.from(bytes, (byte) => Uint8Array.of(byte)));
          for (let cut = 0; cut <= bytes.length; cut += 1) {
            read(bytes.subarray(0, cut), bytes.subarray(cut));
          }
        }
        return [...results].map((result) => JSON.parse(result));
      });
    """
    assert chat.run(script, stream) == [[expected, ["hello"]]]


# Refusals


@pytest.mark.parametrize(
    ("refusal", "expected", "advice"),
    [
        (
            answer(403, json.dumps({"message": SIGNATURE}), "application/json", "InvalidSignatureException"),
            {"status": "403", "x-amzn-errortype": "InvalidSignatureException", "message": SIGNATURE},
            "Attach the Edge Hasher function",
        ),
        (
            answer(403, json.dumps({"Message": FORBIDDEN}), "application/json", "AccessDeniedException"),
            {"status": "403", "x-amzn-errortype": "AccessDeniedException", "message": FORBIDDEN},
            "both lambda:InvokeFunctionUrl and lambda:InvokeFunction",
        ),
        (
            problem(413, "body-too-large", "The body is too large"),
            {
                "status": "413",
                "title": "The body is too large",
                "detail": "What happened is body-too-large, with <b>numbers</b>.",
                "type": "urn:edge-hasher:body-too-large",
            },
            "let the browser send the digest",
        ),
        (
            problem(500, "include-body-off", "Include body is off"),
            {
                "status": "500",
                "title": "Include body is off",
                "detail": "What happened is include-body-off, with <b>numbers</b>.",
                "type": "urn:edge-hasher:include-body-off",
            },
            "Its detail names the setting",
        ),
        (
            answer(
                503,
                "<html><title>ERROR</title><style>b{}</style><h1>503 ERROR</h1>"
                "<p style='color:red'>The Lambda function is invalid &amp; gone.</p>",
                "text/html",
            ),
            {"status": "503", "text": "503 ERROR The Lambda function is invalid & gone."},
            "The edge function failed",
        ),
        (answer(504, "", "text/html"), {"status": "504"}, "within the origin’s read timeout"),  # noqa: RUF001 (the page's quote)
        (
            answer(400, '{"error":"no_message","message":"The message is empty."}', "application/json"),
            {"status": "400", "message": "The message is empty."},
            "The app itself answered this",
        ),
        (answer(418, "[", "application/json"), {"status": "418", "text": "["}, "not one that this page knows"),
    ],
    ids=lambda value: str(value.status_code) if isinstance(value, Response) else "",
)
def test_a_refused_post_is_explained(
    chat: Page, edge: Edge, refusal: Response, expected: dict[str, str], advice: str
) -> None:
    """The card shows what was said, word for word, the request's id, and a plain sentence on what to do."""
    edge.refusal = refusal
    ask(chat, "2 + 2")
    ended(chat, "failed")
    told = facts(chat, ".turn .refusal")
    assert advice in told.pop("advice")
    assert told == expected | {"x-amz-cf-id": REQUEST_ID}
    assert chat.text(".refusal h3").startswith(f"Refused: {expected['status']}")
    assert chat.one(".refusal").get_attribute("role") == "alert"


def shows(chat: Page, name: str, _driver: object) -> bool:
    """Tell whether the result of this file is on the page."""
    return facts(chat, "#upload-result .outcome")["name"] == name


def test_a_large_upload_simply_works(chat: Page, edge: Edge, tmp_path: Path) -> None:
    """Above 1 MiB the page sends the digest by itself; at 1 MiB it leaves that to the edge."""
    for size, sent in ((1_048_576, False), (5_000_000, True)):
        body = bytes(size)
        (tmp_path / f"{size}.bin").write_bytes(body)
        chat.one("#file").send_keys(str(tmp_path / f"{size}.bin"))
        chat.one("#upload-send").click()
        chat.until(functools.partial(shows, chat, f"{size}.bin"))
        assert chat.one("#upload-result .outcome").get_attribute("data-match") == "true"
        assert edge.digest == (hashlib.sha256(body).hexdigest() if sent else "")


def test_the_page_sends_with_the_client_of_this_project(root: Path) -> None:
    """The page's file is the one that others copy."""
    page = root / "examples/streaming-agent/app/page/ui/edge-hasher.js"
    assert page.read_text() == (root / "clients/javascript/edge-hasher.js").read_text()


def test_a_refused_upload_is_explained_and_fixed(chat: Page, edge: Edge, tmp_path: Path) -> None:
    """An upload that the edge refuses shows the same card; with the digest ticked it is sent, and the digests agree."""
    file = tmp_path / "größe 1 & 2.bin"
    body = bytes(range(256)) * 4200
    file.write_bytes(body)
    edge.refusal = problem(413, "body-too-large", "The body is too large")
    chat.one("#send-digest").click()
    chat.one("#file").send_keys(str(file))
    chat.one("#upload-send").click()
    assert facts(chat, "#upload-result .refusal")["status"] == "413"
    assert edge.digest == ""
    edge.refusal = None
    chat.one("#send-digest").click()
    chat.one("#upload-send").click()
    assert chat.one("#upload-result .outcome").get_attribute("data-match") == "true"
    digest = hashlib.sha256(body).hexdigest()
    expected = {"name": file.name, "bytes": "1,075,200", "sha256, app": digest, "sha256, browser": digest}
    assert facts(chat, "#upload-result .outcome") == expected
    assert edge.digest == digest


def test_digests_that_differ_are_told(chat: Page, edge: Edge, tmp_path: Path) -> None:
    """An app that received other bytes is not called right."""
    (tmp_path / "a.bin").write_bytes(b"sent")
    received = {"name": "a.bin", "bytes": 4, "sha256": hashlib.sha256(b"else").hexdigest()}
    edge.refusal = answer(200, json.dumps(received), "application/json")
    chat.one("#file").send_keys(str(tmp_path / "a.bin"))
    chat.one("#upload-send").click()
    assert chat.one("#upload-result .outcome").get_attribute("data-match") == "false"
    assert chat.text(".verdict").startswith("The digests differ")


def test_a_server_that_is_gone_is_told(page: Page) -> None:
    """Without any answer the page says that there is none."""
    with serve(Edge()) as address:
        page.open(f"{address}/")
        page.one("html[data-ready]")
    ask(page, "2 + 2")
    ended(page, "failed")
    assert page.text(".refusal h3") == "No answer"


# How it looks, and for whom

CONTRAST = """
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, index) => sum + c * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const [a, b] = [light(channels(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.push(`${element.tagName} "${element.textContent.trim()}" ${ratio.toFixed(2)}`);
  }
  return low;
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_page_fits_and_reads_well(
    chat: Page, edge: Edge, tmp_path: Path, theme: str, size: tuple[int, int]
) -> None:
    """With everything on it that it can show, nothing is wider than the window and all text has a contrast of 4.5."""
    chat.resize(size)
    chat.prefer(color_scheme=theme)
    (tmp_path / "a.bin").write_bytes(b"a")
    chat.one("#file").send_keys(str(tmp_path / "a.bin"))
    chat.one("#upload-send").click()
    chat.one("#upload-result .outcome")
    ask(chat, "1/0; 2 + 2 then sha256 of " + "x" * 200)
    ended(chat, "done")
    edge.refusal = answer(403, json.dumps({"message": SIGNATURE}), "application/json", "InvalidSignatureException")
    ask(chat, "2 + 2")
    ended(chat, "failed")
    excess = "return [...document.querySelectorAll('html, #log')].map((box) => box.scrollWidth - box.clientWidth)"
    assert chat.run(excess) == [0, 0]
    assert chat.run(CONTRAST) == []


def test_the_contrast_check_can_fail(chat: Page) -> None:
    """Grey on white is found."""
    chat.run("document.getElementById('upload-title').style.color = 'rgb(150 150 150)'")
    assert len(chat.run(CONTRAST)) == 1


def test_every_control_has_a_name_and_shows_its_focus(chat: Page) -> None:
    """Each control that the keyboard reaches has an accessible name and an outline while it has the focus."""
    reached = {}
    for _ in range(12):
        chat.press(Keys.TAB)
        focused = chat.driver.switch_to.active_element
        if focused.tag_name == "body":
            break
        outline = chat.run("return getComputedStyle(arguments[0]).outlineStyle", focused)
        reached[focused.get_attribute("id") or focused.text] = (bool(focused.accessible_name), outline)
    assert {"log", "message", "send", "file", "send-digest", "upload-send"} <= set(reached)
    assert {key: value for key, value in reached.items() if value != (True, "solid")} == {}


def test_reduced_motion_stops_every_animation(chat: Page) -> None:
    """A reader who asks for less motion sees none while an answer streams."""
    running = "return document.getAnimations().length"
    ask(chat, "wait 60 seconds")
    chat.one(".tool[data-state=running]")
    assert chat.run(running) > 0
    chat.prefer(reduced_motion="reduce")
    assert chat.run(running) == 0
    chat.one("#stop").click()
    ended(chat, "stopped")


def test_both_forms_work_without_javascript(page: Page, served: tuple[Edge, str], tmp_path: Path) -> None:
    """A browser that runs no script gets the answer and the upload's digest as pages."""
    (tmp_path / "a.bin").write_bytes(b"\x00\xff")
    page.scripts(on=False)
    page.open(f"{served[1]}/")
    ask(page, "2 + 2; 1/0")
    assert "2 + 2 = 4." in page.text("#answer")
    page.open(f"{served[1]}/")
    page.one("#file").send_keys(str(tmp_path / "a.bin"))
    page.one("#upload-send").click()
    assert hashlib.sha256(b"\x00\xff").hexdigest() in page.text(".facts")


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("#with-function", ", with the function"),
        ("#without-function", ", without the function"),
        ("#else", ""),
        ("", ""),
    ],
)
def test_the_demos_two_pages_say_which_is_which(
    page: Page, served: tuple[Edge, str], fragment: str, words: str
) -> None:
    """The fragment, and nothing else, marks the page."""
    page.open("about:blank")
    page.open(f"{served[1]}/{fragment}")
    page.one("html[data-ready]")
    assert page.text("h1") == f"Streaming agent{words}"
    assert page.driver.title == "Streaming agent" + words.replace(", ", " · ")
