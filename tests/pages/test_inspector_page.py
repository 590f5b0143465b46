"""The inspector's page in a real Chromium, over a feed that is made as the edge makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from selenium.webdriver.common.keys import Keys

from edge_hasher.local.exchange import KEPT_EXCHANGES, Step
from tests.support.browser import LAPTOP, PHONE
from tests.support.edge import inspector_server as sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge_hasher.local.exchange import Exchange, Exchanges
    from tests.support.browser import Page
    from tests.support.edge.inspector_server import Served

pytest_plugins = ("tests.support.browser",)

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\u202e\x1b[31m'
PATHS = "#rows td.target .path"
FOCUS_FIRST = f"const link = document.querySelector('{PATHS}'); link.focus(); return document.activeElement === link"


@pytest.fixture
def served() -> Iterator[Served]:
    """Serve an inspector without any requests yet."""
    with sample.serve_inspector() as inspector:
        yield inspector


@pytest.fixture
def inspector(page: Page, served: Served) -> Iterator[Page]:
    """Open the page and wait until it is live; the console has nothing to complain about at the end."""
    page.open(f"{served.address}/__edge/")
    page.until(lambda _: page.text("#feed") == "Live")
    yield page
    assert page.complaints() == []


def make(served: Served, what: Callable[[Exchanges], Exchange]) -> Exchange:
    """Make a request in the server's loop."""
    return served.do(lambda: what(served.exchanges))


def rows(page: Page, count: int) -> list[str]:
    """Wait for `count` rows, and give their texts from the top."""
    page.until(lambda _: len(page.all(PATHS)) == count)
    return list(page.run("return [...document.querySelectorAll('#rows tbody')].map((row) => row.innerText)"))


def open_request(page: Page, exchange: Exchange) -> None:
    """Choose a request in the list, as the mouse does."""
    page.one(f'#rows a[href="#{quote(exchange.request_id)}"]').click()
    page.until(lambda _: page.text("#detail .number") == f"#{exchange.number}")


def states(page: Page) -> list[str]:
    """Give the states of the stations from the client to the app."""
    return [str(item.get_attribute("class")).removeprefix("is-") for item in page.all(".stations li")]


def width(page: Page) -> int:
    """Give how wide the page's content is."""
    return int(page.run("return document.documentElement.scrollWidth"))


def test_requests_appear_as_they_happen(inspector: Page, served: Served) -> None:
    """Each request comes to the top of the list without a reload, a refusal with its sentence."""
    assert inspector.one("#empty").is_displayed()
    make(served, sample.answered)
    assert "200" in rows(inspector, 1)[0]
    make(served, sample.without_digest)
    assert "Stopped at the Function URL. The payload hash" in rows(inspector, 2)[0]
    make(served, sample.too_large)
    assert "Stopped at the edge function." in rows(inspector, 3)[0]
    make(served, sample.broken)
    assert "Broken off." in rows(inspector, 4)[0]
    make(served, sample.streaming)
    assert "Streaming." in rows(inspector, 5)[0]
    assert not inspector.one("#empty").is_displayed()
    assert (inspector.text("#count-all"), inspector.text("#count-refused")) == ("5", "3")


def test_a_request_in_progress_is_followed(inspector: Page, served: Served) -> None:
    """The open request grows while it streams, and what was opened in it stays open."""
    exchange = make(served, sample.streaming)
    open_request(inspector, exchange)
    assert states(inspector) == ["passed"] * 5 + ["live"]
    inspector.one(".block summary").click()

    def end() -> None:
        exchange.answer_bytes = 4096
        served.exchanges.step(exchange, Step("answer", "Answer", ok=True, sentence="All of it."))
        served.exchanges.close(exchange)

    served.do(end)
    inspector.until(lambda _: inspector.text(".banner .headline") == "Answered 200")
    assert states(inspector) == ["passed"] * 6
    assert "4.0 KiB" in inspector.text(".numbers")
    assert inspector.one(".block details").get_attribute("open") is not None
    assert len(inspector.all(".step")) == 7
    assert "4.0 KiB" in inspector.text("#rows td.out")
    assert not inspector.one("#rows .told").is_displayed()


def test_the_focus_stays_while_a_row_changes(inspector: Page, served: Served) -> None:
    """A row that is updated under the keyboard keeps its link, and the focus on it."""
    exchange = make(served, sample.streaming)
    rows(inspector, 1)
    inspector.until(lambda driver: driver.execute_script(FOCUS_FIRST))
    served.do(lambda: served.exchanges.close(exchange))
    inspector.until(lambda _: inspector.all("#rows tbody.is-passed"))
    assert inspector.driver.switch_to.active_element.text == exchange.target


def test_choosing_a_refusal_shows_why_and_where(inspector: Page, served: Served) -> None:
    """The sentence stands on top, the station that refused is marked, and its canonical request is open."""
    open_request(inspector, make(served, sample.without_digest))
    assert inspector.text(".banner .headline") == "Stopped at the Function URL · 403"
    assert inspector.text(".banner .advice") == sample.NO_DIGEST
    assert states(inspector) == ["passed", "passed", "unused", "passed", "refused", "ahead"]
    assert inspector.text(".step.is-refused pre").rstrip() == sample.CANONICAL
    headings = [heading.text for heading in inspector.all(".step h3")]
    assert headings == ["Viewer request", "Origin-request event", "Origin Access Control", "Function URL", "Answer"]


def test_each_step_has_its_place_in_time(inspector: Page, served: Served) -> None:
    """Every step says how long it took, and its bar lies within the whole."""
    open_request(inspector, make(served, sample.answered))
    assert all(took.text.startswith("+") for took in inspector.all(".took"))
    fits = "const t = bar.parentElement.getBoundingClientRect(), b = bar.getBoundingClientRect();"
    fits += "return b.left >= t.left - 1 && b.right <= t.right + 3 && b.width > 0"
    assert inspector.run(f"return [...document.querySelectorAll('.track i')].every((bar) => {{ {fits} }})")


def test_a_block_is_copied_as_it_is(inspector: Page, served: Served) -> None:
    """Copy takes the block's own text, without line numbers, and says that it did."""
    inspector.driver.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": served.address},
    )
    open_request(inspector, make(served, sample.without_digest))
    button = inspector.one(".step.is-refused .copy")
    button.click()
    inspector.until(lambda _: button.text == "Copied")
    assert inspector.run("return navigator.clipboard.readText()") == sample.CANONICAL


def test_what_a_client_sent_is_only_shown(inspector: Page, served: Served) -> None:
    """Markup in any field is text, and control characters are spelt out."""

    def hostile(exchanges: Exchanges) -> Exchange:
        exchange = exchanges.open(HOSTILE, method=HOSTILE, target=HOSTILE, source="edge")
        exchange.decision = exchange.verdict = HOSTILE
        pairs = ((HOSTILE, HOSTILE),)
        step = Step("viewer", HOSTILE, ok=False, sentence=HOSTILE, facts=pairs, blocks=pairs)
        exchanges.step(exchange, step)
        return exchange

    make(served, hostile)
    rows(inspector, 1)
    inspector.one(PATHS).click()
    shown = HOSTILE.replace("\u202e", "\\u202e").replace("\x1b", "\\x1b")
    for selector in ("#rows .path", "h2 .path", ".advice", ".step h3", ".facts dt", ".facts dd", "pre"):
        assert shown in inspector.text(selector)
    assert inspector.run("return window.hacked") is None
    assert inspector.all("main img, main script") == []


def test_the_list_is_filtered_by_outcome_and_text(inspector: Page, served: Served) -> None:
    """Refused shows what was stopped or broke off; words narrow the list further; nothing left is said."""
    for kind in (sample.answered, sample.without_digest, sample.too_large, sample.broken):
        make(served, kind)
    rows(inspector, 4)
    inspector.one("#show-refused").click()
    rows(inspector, 3)
    inspector.one("#text").send_keys("upload 413")
    assert "/upload/photographs" in rows(inspector, 1)[0]
    inspector.one("#text").send_keys(" zebra")
    rows(inspector, 0)
    assert inspector.one("#none").is_displayed()


def test_pause_holds_the_list_still(inspector: Page, served: Served) -> None:
    """While paused nothing moves; the button counts what waits; going on shows it."""
    make(served, sample.answered)
    rows(inspector, 1)
    inspector.one("#pause").click()
    make(served, lambda exchanges: sample.answered(exchanges, "2"))
    make(served, lambda exchanges: sample.answered(exchanges, "3"))
    inspector.until(lambda _: inspector.text("#pause") == "Resume · 2 new")
    rows(inspector, 1)
    inspector.one("#pause").click()
    rows(inspector, 3)


def test_an_address_opens_its_request(page: Page, served: Served) -> None:
    """A link with #id opens that request; back leads to the list; an unknown id is said to be gone."""
    exchange = make(served, sample.too_large)
    page.open(f"{served.address}/__edge/#{quote(exchange.request_id)}")
    page.until(lambda _: page.text(".advice") == sample.TOO_LARGE)
    page.one(".close").click()
    page.until(lambda _: not page.one("#detail").is_displayed())
    page.driver.back()
    page.until(lambda _: page.one("#detail").is_displayed())
    page.open(f"{served.address}/__edge/#gone")
    page.until(lambda _: "There is no such request" in page.text("#detail"))
    assert page.complaints() == []


def test_the_keyboard_suffices(inspector: Page, served: Served) -> None:
    """Enter opens a request, the arrows go on to the next, Escape closes and leaves the focus in the list."""
    older, newer = make(served, sample.too_large), make(served, sample.answered)
    rows(inspector, 2)
    inspector.until(lambda driver: driver.execute_script(FOCUS_FIRST))
    inspector.press(Keys.ENTER)
    inspector.until(lambda _: inspector.text("#detail .number") == f"#{newer.number}")
    inspector.press(Keys.ARROW_DOWN)
    inspector.until(lambda _: inspector.text("#detail .number") == f"#{older.number}")
    inspector.press(Keys.ESCAPE)
    inspector.until(lambda _: not inspector.one("#detail").is_displayed())
    assert inspector.driver.switch_to.active_element.text == older.target


def test_no_more_than_what_is_kept_is_listed(inspector: Page, served: Served) -> None:
    """The list holds the last 200 requests, also when more come while it is open."""

    def many() -> None:
        for number in range(KEPT_EXCHANGES + 5):
            sample.answered(served.exchanges, str(number))

    served.do(many)
    rows(inspector, KEPT_EXCHANGES)
    assert inspector.text("#rows td.number") == "205"
    make(served, lambda exchanges: sample.answered(exchanges, "more"))
    inspector.until(lambda _: inspector.text("#rows td.number") == "206")
    rows(inspector, KEPT_EXCHANGES)


def test_an_edge_that_ends_is_said_to(inspector: Page, served: Served) -> None:
    """When the stream ends the page says so, keeps what it has, and tries again."""
    make(served, sample.answered)
    rows(inspector, 1)
    served.do(served.inspector.close)
    inspector.until(lambda _: "does not answer" in inspector.text("#feed"))
    rows(inspector, 1)


def test_the_page_serves_without_scripts(page: Page, served: Served) -> None:
    """Without JavaScript the table is there, with whole sentences, and no control that would do nothing."""
    make(served, sample.answered)
    make(served, sample.without_digest)
    page.scripts(on=False)
    page.open(f"{served.address}/__edge/")
    assert [path.text for path in page.all(PATHS)] == ["/chat?session=7f3a", "/chat"]
    assert sample.NO_DIGEST in page.text(".told")
    assert not page.one("#tools").is_displayed()
    assert page.text("#feed").startswith("Not live")


def long_everywhere(exchanges: Exchanges) -> Exchange:
    """Make a refusal whose target and sentence have no place to break."""
    exchange = sample.without_digest(exchanges, target="/" + "long" * 200)
    exchange.sentence = f"The digest is {sample.DIGEST * 3}."
    return exchange


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_in_either_theme(inspector: Page, served: Served, size: tuple[int, int], scheme: str) -> None:
    """List and request fit the window's width; on a phone there is one of them at a time."""
    inspector.resize(size)
    inspector.prefer(color_scheme=scheme)
    exchange = make(served, long_everywhere)
    make(served, sample.too_large)
    rows(inspector, 2)
    assert width(inspector) == size[0]
    cut = "[...document.querySelectorAll('.about dt')].filter((label) => label.scrollWidth > label.clientWidth)"
    assert inspector.run(f"return {cut}.map((label) => label.innerText)") == []
    assert all(path.rect["width"] > 100 for path in inspector.all(PATHS))
    open_request(inspector, exchange)
    assert width(inspector) == size[0]
    assert inspector.run("const list = document.querySelector('.list'); return list.scrollWidth <= list.clientWidth")
    assert inspector.one("#rows").is_displayed() is (size == LAPTOP)
    dark = inspector.run("return getComputedStyle(document.body).backgroundColor") == "rgb(16, 18, 20)"
    assert dark is (scheme == "dark")
