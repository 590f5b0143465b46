"""The inspector's server side: routes, headers, what became of a request, and the stream of changes."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, ClientTimeout, web

from edge_hasher.local.exchange import KEPT_EXCHANGES, Exchanges, Step
from edge_hasher.local.inspector import Inspector, Pace
from edge_hasher.local.inspector.outcome import advice_of, as_view, headline_of, outcome_of, way_of
from edge_hasher.local.inspector.table import row
from tests.support.edge import inspector_server as sample

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp import ClientResponse

    from edge_hasher.local.exchange import Exchange, StepName

HOSTILE = "/<script>alert(1)</script>?q=\"'&amp;\x00\x1b[31m\u202e\udc80"
SCRIPTS = ("inspector.js", "composer.js", "detail.js", "har.js", "list.js", "text.js")
PAGES = ("", "requests", "events", *SCRIPTS, "inspector.css")
WAIT_S = 10

pytestmark = pytest.mark.anyio


class WatchedExchanges(Exchanges):
    """Exchanges that know how many listen to them."""

    listening = 0

    def listen(self, listener: Callable[[Exchange], None]) -> Callable[[], None]:
        """Count whoever listens, until it stops."""
        stop = super().listen(listener)
        self.listening += 1

        def stopped() -> None:
            self.listening -= 1
            stop()

        return stopped


class Here:
    """An inspector and a client of it, in one event loop."""

    def __init__(self, pace: Pace | None = None, about: dict[str, str] | None = None) -> None:
        self.exchanges = WatchedExchanges()
        self.inspector = Inspector(self.exchanges, about=about or sample.ABOUT, pace=pace)
        self.address = ""
        self.port = 0
        self.client: ClientSession

    async def get(self, path: str, method: str = "GET") -> tuple[ClientResponse, str]:
        """Ask for a path; gives the answer and its text."""
        async with self.client.request(method, self.address + path, allow_redirects=False) as response:
            return response, await response.text()

    @asynccontextmanager
    async def events(self) -> AsyncIterator[Callable[[], Awaitable[tuple[str, Any]]]]:
        """Open the stream; gives a function that waits for the next event and returns its name and document."""
        async with self.client.get(f"{self.address}/__edge/events") as response:
            assert response.status == 200
            assert response.content_type == "text/event-stream"

            async def following() -> tuple[str, Any]:
                async with asyncio.timeout(WAIT_S):
                    block = (await response.content.readuntil(b"\n\n")).decode()
                if not block:
                    return "end", None
                if block.startswith(":"):
                    return "heartbeat", None
                fields = dict(line.split(": ", 1) for line in block.strip().split("\n"))
                return fields.get("event", "message"), json.loads(fields["data"])

            yield following


def with_options(**options: Any) -> pytest.MarkDecorator:
    """Give the inspector of a test these options."""
    return pytest.mark.parametrize("here", [options], indirect=True, ids=[""])


@pytest.fixture
def anyio_backend() -> str:
    """Run the async tests on asyncio, as the edge runs."""
    return "asyncio"


@pytest.fixture
async def here(request: pytest.FixtureRequest) -> AsyncIterator[Here]:
    """Run an inspector behind a real low-level server."""
    here = Here(**getattr(request, "param", {}))
    runner = web.ServerRunner(web.Server(here.inspector.handle), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here.port = runner.addresses[0][1]
    here.address = f"http://127.0.0.1:{here.port}"
    async with ClientSession(timeout=ClientTimeout(total=WAIT_S), read_bufsize=2**22) as here.client:
        yield here
    here.inspector.close()
    async with asyncio.timeout(WAIT_S):
        await runner.cleanup()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 (the conditions are plain facts, nobody announces them)
            await asyncio.sleep(0.005)


async def test_the_short_address_leads_to_the_page(here: Here) -> None:
    """/__edge answers 308 with /__edge/."""
    response, _ = await here.get("/__edge")
    assert (response.status, response.headers["Location"]) == (308, "/__edge/")


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("", "text/html"),
        ("requests", "application/json"),
        *((name, "text/javascript") for name in SCRIPTS),
        ("inspector.css", "text/css"),
    ],
)
async def test_every_file_of_the_page_is_served(here: Here, path: str, content_type: str) -> None:
    """The page and its files come with their types, and HEAD gets the headers alone."""
    response, text = await here.get(f"/__edge/{path}")
    assert (response.status, response.content_type, response.charset) == (200, content_type, "utf-8")
    assert text
    response, text = await here.get(f"/__edge/{path}", "HEAD")
    assert (response.status, response.content_type, text) == (200, content_type, "")


@pytest.mark.parametrize("path", ["", *PAGES[1:], "nothing"])
async def test_nothing_may_run_frame_or_keep_the_page(here: Here, path: str) -> None:
    """Every answer carries the policy: scripts of this server only, no frame, no cache, no guessing of types."""
    response, _ = await here.get(f"/__edge/{path}", "HEAD")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
    assert "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["x", "index.html", "server.py", "../server.py", "%2e%2e/server.py", "events/", "/"])
async def test_other_paths_are_not_found(here: Here, path: str) -> None:
    """What is not a route is 404, whatever it would name on disk."""
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    writer.write(f"GET /__edge/{path} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 404 ")
    assert "import" not in answer


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_the_inspector_is_only_read(here: Here, path: str, method: str) -> None:
    """Any method but GET and HEAD is 405."""
    response, _ = await here.get(f"/__edge/{path}", method)
    assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")


async def test_the_list_is_json_oldest_first(here: Here) -> None:
    """/__edge/requests gives what the edge was started with and each request, oldest first."""
    first, second = sample.answered(here.exchanges, "1"), sample.without_digest(here.exchanges, "2")
    document = json.loads((await here.get("/__edge/requests"))[1])
    assert document["about"] == sample.ABOUT
    assert [request["id"] for request in document["requests"]] == [first.request_id, second.request_id]
    assert document["requests"][1].items() >= json.loads(json.dumps(second.as_dict())).items()
    assert document["requests"][1]["outcome"] == "refused"


async def test_the_page_is_complete_without_scripts(here: Here) -> None:
    """The page that the server sends holds the requests, newest first, and the whole sentence of a refusal."""
    sample.answered(here.exchanges)
    sample.too_large(here.exchanges)
    _, page = await here.get("/__edge/")
    assert page.index("/upload/photographs") < page.index(">/chat</a>")
    assert f"Stopped at the edge function. {sample.TOO_LARGE}" in page
    assert "<dt>origin</dt><dd>http://127.0.0.1:8000</dd>" in page
    assert '<div class="empty" id="empty" hidden>' in page


async def test_an_empty_page_says_so(here: Here) -> None:
    """Before the first request the page says that there is none."""
    _, page = await here.get("/__edge/")
    assert '<div class="empty" id="empty" >' in page


@with_options(about={HOSTILE: HOSTILE})
async def test_what_a_client_sent_cannot_act_on_the_page(here: Here) -> None:
    """Markup is escaped and control characters are spelt out, in every place where a stranger's text is shown."""
    exchange = here.exchanges.open(HOSTILE, method=HOSTILE, target=HOSTILE, source="edge")
    exchange.decision = exchange.verdict = exchange.sentence = HOSTILE
    here.exchanges.step(exchange, Step("viewer", HOSTILE, ok=False, sentence=HOSTILE))
    _, page = await here.get("/__edge/")
    assert "alert(1)" in page
    assert "<script>" not in page
    assert not set(page) & set("\x00\x1b\u202e\udc80")
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 10
    _, listed = await here.get("/__edge/requests")
    assert listed.isascii()
    assert json.loads(listed)["requests"][0]["target"] == HOSTILE


async def test_the_stream_begins_with_what_is_kept(here: Here) -> None:
    """A new stream greets, then sends each kept exchange once, oldest first."""
    made = [sample.answered(here.exchanges, str(number)) for number in range(3)]
    async with here.events() as following:
        name, hello = await following()
        assert (name, hello["about"], hello["kept"]) == ("hello", sample.ABOUT, 3)
        views = [as_view(exchange) | {"row": row(exchange)} for exchange in made]
        shown = [("message", json.loads(json.dumps(view))) for view in views]
        assert [await following() for _ in made] == shown


async def test_changes_arrive_as_they_happen_and_in_order(here: Here) -> None:
    """Each change of an exchange is sent with its newest state, in the order of the changes."""
    async with here.events() as following:
        await following()
        first = sample.streaming(here.exchanges, "first")
        second = sample.answered(here.exchanges, "second")
        assert [(await following())[1]["id"] for _ in range(2)] == [first.request_id, second.request_id]
        first.answer_bytes = 999
        here.exchanges.close(first)
        _, document = await following()
        assert (document["id"], document["answer_bytes"], document["done"]) == (first.request_id, 999, True)


@with_options(pace=Pace(coalesce_s=0.2, heartbeat_s=0.2))
async def test_a_flood_of_changes_is_told_once(here: Here) -> None:
    """A thousand changes of one exchange within a moment are one event, with the last state."""
    exchange = sample.streaming(here.exchanges)
    async with here.events() as following:
        await following()
        await following()
        for count in range(1000):
            exchange.answer_bytes = count
            here.exchanges.changed(exchange)
            if count % 100 == 0:
                await asyncio.sleep(0)
        assert (await following())[1]["answer_bytes"] == 999
        assert (await following())[0] == "heartbeat"


async def test_two_hundred_exchanges_are_kept_and_sent(here: Here) -> None:
    """A page that comes late gets the last 200 exchanges and none before them."""
    for number in range(KEPT_EXCHANGES + 7):
        sample.answered(here.exchanges, str(number))
    async with here.events() as following:
        assert (await following())[1]["kept"] == KEPT_EXCHANGES
        numbers = [(await following())[1]["number"] for _ in range(KEPT_EXCHANGES)]
        assert numbers == list(range(8, KEPT_EXCHANGES + 8))


async def test_close_ends_every_stream_and_lets_no_new_one_begin(here: Here) -> None:
    """After close() the streams end as whole answers, and a new one is refused."""
    async with here.client.get(f"{here.address}/__edge/events") as one:
        await until(lambda: len(here.inspector.listeners) == 1)
        here.inspector.close()
        assert b"event: hello" in await one.read()
    await until(lambda: not here.inspector.listeners)
    assert (await here.get("/__edge/events"))[0].status == 503


@with_options(pace=Pace(heartbeat_s=0.02))
async def test_a_page_that_leaves_is_forgotten(here: Here) -> None:
    """The stream of a page that has gone ends by the next heartbeat."""
    async with here.events() as following:
        await following()
        assert (len(here.inspector.listeners), here.exchanges.listening) == (1, 1)
    await until(lambda: not here.inspector.listeners)
    assert here.exchanges.listening == 0


async def deaf_page(here: Here) -> socket.socket:
    """Ask for the stream and read nothing of it."""
    page = socket.socket()
    page.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    page.setblocking(False)  # noqa: FBT003 (socket takes it by position)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(page, ("127.0.0.1", here.port))
    await loop.sock_sendall(page, b"GET /__edge/events HTTP/1.1\r\nHost: edge\r\n\r\n")
    await until(lambda: len(here.inspector.listeners) == 1)
    return page


async def is_cut_off(page: socket.socket) -> None:
    """Read what was sent until the connection is gone: in the middle of the answer, not at its end."""
    received = b""
    with page:
        try:
            async with asyncio.timeout(WAIT_S):
                while data := await asyncio.get_running_loop().sock_recv(page, 65_536):
                    received += data
        except ConnectionResetError:
            pass
    assert not received.endswith(b"0\r\n\r\n")


async def flood(here: Here) -> int:
    """Make far more changes than sockets hold; gives the largest number of exchanges that a page was owed."""
    most = 0
    block = (("Trace", "x" * 20_000),)
    for number in range(3 * KEPT_EXCHANGES):
        exchange = here.exchanges.open(str(number), method="POST", target="/", source="edge")
        here.exchanges.step(exchange, Step("app", "App", ok=True, sentence="", blocks=block))
        most = max([most, *(listener.owed for listener in here.inspector.listeners)])
        await asyncio.sleep(0)
    return most


@with_options(pace=Pace(coalesce_s=0, patience_s=0.3))
async def test_a_page_that_does_not_read_costs_a_bounded_amount_and_is_cut_off(here: Here) -> None:
    """A deaf page is owed at most what is kept, holds up nobody, and loses its connection when patience ends."""
    page = await deaf_page(here)
    assert 0 < await flood(here) <= KEPT_EXCHANGES
    assert (await here.get("/__edge/requests"))[0].status == 200
    await until(lambda: not here.inspector.listeners)
    await is_cut_off(page)


@with_options(pace=Pace(coalesce_s=0, patience_s=3600))
async def test_close_does_not_wait_for_a_page_that_does_not_read(here: Here) -> None:
    """close() ends the stream of a deaf page at once, long before patience would."""
    page = await deaf_page(here)
    await flood(here)
    assert here.inspector.listeners
    here.inspector.close()
    await until(lambda: not here.inspector.listeners)
    page.close()


@with_options(pace=Pace(listeners=1))
async def test_the_number_of_streams_is_limited(here: Here) -> None:
    """One stream more than there may be is refused, with the number and what to do."""
    async with here.events() as following:
        await following()
        response, text = await here.get("/__edge/events")
        assert response.status == 503
        assert text.startswith("1 streams are open, the most there may be.")


@pytest.mark.parametrize(
    ("make", "outcome", "headline", "states"),
    [
        (sample.answered, "passed", "Answered 200", "passed passed passed passed passed passed"),
        (sample.without_digest, "refused", "Stopped at the Function URL", "passed passed unused passed refused ahead"),
        (sample.too_large, "refused", "Stopped at the edge function", "passed passed refused ahead ahead ahead"),
        (sample.streaming, "live", "Streaming", "passed passed passed passed passed live"),
        (sample.broken, "broken", "Broken off", "passed passed passed passed passed refused"),
        (sample.arrive, "live", "On its way", "passed live ahead ahead ahead ahead"),
    ],
)
def test_the_way_shows_where_a_request_ended(make: Any, outcome: str, headline: str, states: str) -> None:
    """Stations are passed up to where the request is, and the one that refused it is marked."""
    exchange = make(Exchanges(), "1")
    assert (outcome_of(exchange), headline_of(exchange)) == (outcome, headline)
    assert " ".join(station.state for station in way_of(exchange)) == states


def test_a_direct_call_passes_by_the_edge() -> None:
    """A direct call to the Function URL shows the edge's stations as not used."""
    exchanges = Exchanges()
    exchange = exchanges.open("1", method="POST", target="/", source="direct")
    exchanges.step(exchange, Step("function-url", "Function URL", ok=False, sentence="Not signed."))
    states = [station.state for station in way_of(exchange)]
    assert states == ["passed", "unused", "unused", "unused", "refused", "ahead"]
    assert advice_of(exchange) == "Not signed."


def test_what_cloudfront_does_not_take_ends_at_the_edge() -> None:
    """A viewer's request that CloudFront refuses is marked at the edge, not at the client that sent it."""
    exchanges = Exchanges()
    exchange = exchanges.open("1", method="GET", target="/", source="edge")
    assert [station.state for station in way_of(exchange)] == ["live"] + ["ahead"] * 5
    exchanges.step(exchange, Step("viewer", "CloudFront", ok=False, sentence="A GET with a body is refused."))
    assert [station.state for station in way_of(exchange)] == ["passed", "refused"] + ["ahead"] * 4


def test_an_error_of_the_app_is_told_from_a_refusal() -> None:
    """An answer of 400 and more is the app's own where the app was reached, and else the last station's."""
    exchanges = Exchanges()
    exchange = sample.answered(exchanges)
    exchange.status = 500
    exchanges.step(exchange, Step("answer", "Answer", ok=False, sentence="The viewer gets 500."))
    assert (outcome_of(exchange), headline_of(exchange)) == ("app-error", "The app answered 500")
    assert "the app's own" in advice_of(exchange)
    unowned = sample.arrive(exchanges, "2")
    unowned.status = 502
    exchanges.close(unowned)
    assert (outcome_of(unowned), headline_of(unowned)) == ("refused", "Stopped at the edge")
    assert [station.state for station in way_of(unowned)][:3] == ["passed", "refused", "ahead"]


def test_a_client_that_leaves_early_is_said_to() -> None:
    """A request that ended without a status is no refusal, and says why it has no answer."""
    exchanges = Exchanges()
    exchange = sample.arrive(exchanges, "1")
    exchanges.close(exchange)
    assert (outcome_of(exchange), headline_of(exchange)) == ("left", "The client left")
    assert advice_of(exchange) == "It went away before an answer began."


def test_a_client_that_leaves_a_stream_is_nobodys_failure() -> None:
    """A stream that its client left blames no station, and the edge's sentence is told."""
    exchanges = Exchanges()
    exchange = sample.streaming(exchanges)
    exchange.broken, exchange.sentence = True, "The client went away before the answer ended."
    exchanges.close(exchange)
    assert (outcome_of(exchange), headline_of(exchange)) == ("left", "The client left")
    assert advice_of(exchange) == exchange.sentence
    assert {station.state for station in way_of(exchange)} == {"passed"}


def test_a_break_without_a_reason_is_still_a_break() -> None:
    """A broken answer without any sentence is marked at the last station, and says where to look."""
    exchanges = Exchanges()
    exchange = sample.streaming(exchanges)
    exchange.broken = True
    exchanges.close(exchange)
    assert (outcome_of(exchange), headline_of(exchange)) == ("broken", "Broken off")
    assert way_of(exchange)[-1].state == "refused"
    assert "Look at the app's log." in advice_of(exchange)


@pytest.mark.parametrize("name", ["function", "oac"])
def test_a_station_that_did_nothing_is_shown_as_not_used(name: StepName) -> None:
    """A function that is not there and an OAC that does not sign are no green stations."""
    exchanges = Exchanges()
    exchange = sample.arrive(exchanges, "1")
    exchanges.step(exchange, Step(name, "Nothing", ok=None, sentence="Nothing was done."))
    exchanges.step(exchange, Step("function-url", "Function URL", ok=False, sentence="Not signed."))
    assert {station.steps: station.state for station in way_of(exchange)}[name,] == "unused"
