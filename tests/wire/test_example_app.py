"""The example agent: its tools, its stream on a real socket, its uploads and its refusals."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from app import agent, sse
from app.bodies import CHAT_BODY_LIMIT, UPLOAD_BODY_LIMIT
from app.calculator import CalculationError, calculate
from app.main import create_app
from app.settings import Settings, SettingsError
from app.tools import TOOLS, World
from hypothesis import given
from hypothesis import strategies as st

from tests.support.edge.live_server import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

EXAMPLE = Path(__file__).parents[2] / "examples" / "streaming-agent"
FORM = {"content-type": "application/x-www-form-urlencoded"}
WAIT_S = 10
SILENT = "wait 60 seconds"
"""A message that keeps the agent silent for longer than any test runs."""


@dataclass(slots=True)
class FakeWorld:
    """A world whose clock moves only when somebody sleeps."""

    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        """Note the pause, and take none."""
        self.slept.append(seconds)
        await asyncio.sleep(0)

    def world(self) -> World:
        """Give the world that tools see: 20 November 2026, a Friday."""
        noon = datetime(2026, 11, 20, 12, 30, 5, tzinfo=UTC)
        return World(now=lambda: noon, seconds=lambda: sum(self.slept), sleep=self.sleep)


def answered(message: str) -> list[agent.Event]:
    """Run the agent in a fake world to its end."""

    async def collect() -> list[agent.Event]:
        events = agent.run(message, token_delay_s=0, world=FakeWorld().world())
        return [event async for event in events]

    return asyncio.run(collect())


def said(message: str) -> str:
    """Give the words of an answer."""
    return "".join(str(event.data["text"]) for event in answered(message) if event.name == "message")


def frames(stream: str) -> list[tuple[str, dict[str, object]]]:
    """Parse what the app sends, which is plainer than what the format allows: one event line, one data line."""
    blocks = [block for block in stream.split("\n\n") if block and not block.startswith(":")]
    parsed = [re.fullmatch(r"event: (\w+)\ndata: (.*)", block) for block in blocks]
    return [(match[1], json.loads(match[2])) for match in parsed if match]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the app: quick tokens, a heartbeat every 50 ms."""
    with serve(create_app(Settings(token_delay_s=0.001, heartbeat_s=0.05))) as at:
        yield at


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    """Give a client of the app that waits WAIT_S at most."""
    with httpx.Client(base_url=address, timeout=WAIT_S, trust_env=False) as one:
        yield one


def streams(client: httpx.Client, **expected: int) -> dict[str, int]:
    """Wait until /health shows the expected counts, and give all that it shows."""
    end = time.monotonic() + WAIT_S
    while True:
        health: dict[str, int] = client.get("/health").json()
        if all(health[name] == count for name, count in expected.items()) or time.monotonic() > end:
            return health
        time.sleep(0.01)


# The agent


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("What is 2 + 2 * 3?", "2 + 2 * 3 = 8."),
        ("15% of 80", "15% of 80 = 12."),
        ("0.1 + 0.2", "0.1 + 0.2 = 0.3."),
        ("calculate 2^100", "2^100 = 1267650600228229401496703205376."),
        ("1/3", "1/3 ≈ 0.333333333333."),
        ("10 / 4 then that times 2", "10 / 4 = 2.5. 2.5 * 2 = 5."),
        ("1/3; that * 3", "1/3 ≈ 0.333333333333. (1/3) * 3 ≈ 1."),
        ("convert 26.2 miles to km", "26.2 miles = 42.1648128 km."),
        ("212 °F in c", "212 °F = 100 c."),
        ("1 kg to km", "The converter could not do that: kg is mass and km is length."),
        ("what time is it", "It is 12:30:05 UTC on Friday, 20 November 2026."),
        ("days until 2026-12-24", "From 2026-11-20 to 2026-12-24 there are 34 days."),
        ("days from 2028-02-28 to 2028-02-29", "From 2028-02-28 to 2028-02-29 there are 1 day."),
        ("weekday of 2028-02-29", "2028-02-29 is a Tuesday."),
        ("weekday of 2027-02-29", "The weekday could not do that: 2027-02-29 is not a date of the calendar."),
        ("wait 3 seconds", "I waited 3.0 seconds."),
        ("wait 121 seconds", "The timer could not do that: the longest wait is 120 seconds."),
        ('count the words in "a; b then ü"', "That text has 4 words, 11 characters and 12 bytes in UTF-8."),
        ('sha256 of "hello"', f"The SHA-256 of that text is {hashlib.sha256(b'hello').hexdigest()}."),
    ],
)
def test_the_agent_answers(message: str, answer: str) -> None:
    """Each tool computes the right answer, step by step, and says why where there is none."""
    assert said(message) == answer


def test_every_example_of_a_tool_calls_that_tool() -> None:
    """What the agent suggests to try does what it says."""
    for tool in TOOLS:
        events = answered(tool.example)
        assert [event.data["name"] for event in events if event.name == "tool_start"] == [tool.name]
        assert [event.data["ok"] for event in events if event.name == "tool_end"] == [True]


def test_what_is_not_understood_is_said() -> None:
    """A message without a tool gets an honest answer, and no tool call."""
    events = answered("write me a poem")
    assert {event.name for event in events} == {"message", "done"}
    assert said("write me a poem").startswith("I did not understand that. I am a small agent without a language model")


def test_steps_are_bounded() -> None:
    """A message of a hundred steps is answered for the first eight."""
    assert sum(event.name == "tool_start" for event in answered("1+1;" * 100)) == agent.STEP_LIMIT


@given(st.text(min_size=1, max_size=400))
def test_the_agent_survives_any_text(message: str) -> None:
    """Whatever is written, the last event is `done`, tools end as they start, and all is JSON."""
    events = answered(message)
    assert events[-1].name == "done"
    calls = [event for event in events if event.name.startswith("tool")]
    assert [call.name for call in calls] == ["tool_start", "tool_end"] * (len(calls) // 2)
    assert all(sse.json_frame(event.name, event.data) for event in events)


@pytest.mark.parametrize("text", ["; " * 2000, '"' * 3999, " " * 4000, ", then " * 570, "how many words " + " " * 3900])
def test_planning_costs_little_for_any_message(text: str) -> None:
    """No message makes a pattern backtrack for long."""
    before = time.process_time()
    for step in agent.steps(text):
        agent.choose(step)
    assert time.process_time() - before < 0.2


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("9**9**9", "too large"),
        ("2**100000", "too large"),
        ("1e400", "too large"),
        ("1/0", "divides by zero"),
        ("0/0", "no defined result"),
        ("(-8)**0.5", "no defined result"),
        ("__import__('os')", "only numbers"),
        ("e", "only numbers"),
        ("E + 1", "only numbers"),
        ("1 if 1 else 0", "only numbers"),
        ("(1).real", "only numbers"),
        ("1 + ", "not a complete expression"),
        ("(" * 100 + "1" + ")" * 50, "not a complete expression"),
        ("(" * 100 + "1" + ")" * 101, "characters, the limit is 200"),
        ("1, 2", "only numbers"),
        ("", "only numbers"),
    ],
)
def test_the_calculator_refuses(expression: str, reason: str) -> None:
    """Names, calls, attributes and huge powers are refused with a reason, at once."""
    before = time.process_time()
    with pytest.raises(CalculationError, match=re.escape(reason)):
        calculate(expression)
    assert time.process_time() - before < 0.2


@given(st.text(alphabet="0123456789.eE+-*/%() ", max_size=60))
def test_the_calculator_has_an_answer_or_a_reason(expression: str) -> None:
    """Of anything that it lets in it makes a number or a CalculationError."""
    try:
        answer = str(calculate(expression))
    except CalculationError as reason:
        answer = str(reason)
    assert answer


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.sampled_from(["+", "-", "*"]))
def test_the_calculator_agrees_with_python(left: int, right: int, operator: str) -> None:
    """Integers come out exactly."""
    expected = {"+": left + right, "-": left - right, "*": left * right}[operator]
    assert str(calculate(f"{left} {operator} ({right})")) == str(expected)


# Framing


def test_a_frame_keeps_every_line() -> None:
    """Every kind of line end in the data begins a new data field."""
    assert sse.frame("message", "a\rb\r\nc\n") == b"event: message\ndata: a\ndata: b\ndata: c\ndata: \n\n"
    with pytest.raises(ValueError, match="one line"):
        sse.frame("message\ndata: forged", "x")


# The stream, over a socket


def test_chat_streams_events_in_order(client: httpx.Client) -> None:
    """A tool starts, ends, its words follow, and `done` is last and counts them."""
    answer = client.post("/chat", json={"message": "2 + 2 then that * 10"})
    events = frames(answer.text)
    names = [name for name, _ in events]
    assert answer.status_code == 200
    assert re.fullmatch(r"(tool_start tool_end (message )+){2}done", " ".join(names))
    assert "".join(str(data["text"]) for name, data in events if name == "message") == "2 + 2 = 4. 4 * 10 = 40."
    assert events[0] == ("tool_start", {"id": "call-1", "name": "calculator", "input": "2 + 2"})
    assert events[1][1] | {"ms": 0} == {"id": "call-1", "name": "calculator", "ok": True, "output": "4", "ms": 0}
    assert events[-1][1] | {"ms": 0} == {"tools": 2, "messages": names.count("message"), "ms": 0}


def test_chat_headers_are_those_of_a_stream(client: httpx.Client) -> None:
    """The type is exact, nothing may store or transform the stream, and no proxy's private header is sent."""
    with client.stream("POST", "/chat", json={"message": "2+2"}) as answer:
        assert answer.headers["content-type"].partition(";")[0] == "text/event-stream"
        assert answer.headers["cache-control"] == "no-store, no-transform"
        assert "content-length" not in answer.headers
        assert not [name for name in answer.headers if name.startswith("x-accel")]


def test_events_come_as_they_happen(client: httpx.Client) -> None:
    """The start of a tool arrives while the tool still runs: nothing holds it back."""
    with client.stream("POST", "/chat", json={"message": SILENT}) as answer:
        seen = ""
        for chunk in answer.iter_text():
            seen += chunk
            if "tool_start" in seen:
                break
        assert "tool_end" not in seen


def test_silence_is_filled_with_heartbeats(client: httpx.Client) -> None:
    """While a tool is silent, comments come, and they are no events."""
    with client.stream("POST", "/chat", json={"message": SILENT}) as answer:
        beats = 0
        for line in answer.iter_lines():
            beats += line == ": heartbeat"
            if beats == 3:
                break
    assert beats == 3


def test_heartbeats_cost_no_chunks() -> None:
    """A source that is slower than the heartbeat loses nothing, and its end is the end."""

    async def source() -> AsyncIterator[bytes]:
        for number in range(3):
            await asyncio.sleep(0.05)
            yield b"%d" % number

    async def collect() -> list[bytes]:
        return [chunk async for chunk in sse.with_heartbeat(source(), b"beat", 0.01)]

    sent = asyncio.run(collect())
    assert [chunk for chunk in sent if chunk != b"beat"] == [b"0", b"1", b"2"]
    assert sent[0] == b"beat"
    assert sent[-1] == b"2"


def test_the_end_of_a_stream_ends_its_source() -> None:
    """When nobody listens any more, what the source waits for is cancelled, and not left running."""
    ended = []

    async def source() -> AsyncIterator[bytes]:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)
        yield b""

    async def leave() -> None:
        stream = sse.with_heartbeat(source(), b"beat", 0.01)
        assert await anext(stream) == b"beat"
        await stream.aclose()
        await asyncio.sleep(0)
        assert ended == [True]

    asyncio.run(leave())


def test_the_agent_stops_when_the_client_leaves(client: httpx.Client) -> None:
    """A disconnect in the middle of a silent tool reaches the app, which ends its work and counts it."""
    before = streams(client, active_streams=0)
    with client.stream("POST", "/chat", json={"message": SILENT}) as answer:
        chunks = answer.iter_raw()
        assert next(chunks) == b": stream\n\n"
        assert streams(client, active_streams=1)["active_streams"] == 1
    after = streams(client, active_streams=0, cancelled_streams=before["cancelled_streams"] + 1)
    assert after["active_streams"] == 0
    assert after["cancelled_streams"] == before["cancelled_streams"] + 1
    assert after["finished_streams"] == before["finished_streams"]


def test_a_finished_stream_is_counted_as_finished(client: httpx.Client) -> None:
    """An answer that is read to its end is not taken for a disconnect."""
    before = streams(client, active_streams=0)
    client.post("/chat", json={"message": "2+2"})
    after = streams(client, finished_streams=before["finished_streams"] + 1)
    assert after["finished_streams"] == before["finished_streams"] + 1
    assert after["cancelled_streams"] == before["cancelled_streams"]


def test_unicode_comes_back_whole(client: httpx.Client) -> None:
    """Characters of every width survive the way in and out."""
    text = 'sha256 of "naïve 漢字 🦊 \u2028"'
    events = frames(client.post("/chat", json={"message": text}).text)
    assert events[0][1]["input"] == text.removeprefix("sha256 of ")
    assert events[1][1]["output"] == hashlib.sha256("naïve 漢字 🦊 \u2028".encode()).hexdigest()


# Without JavaScript


def test_a_form_gets_a_page_with_the_answer(client: httpx.Client) -> None:
    """A form's message is answered as HTML, with the tool call, the words, and nothing unescaped."""
    answer = client.post("/chat", data={"message": '2 + 2 then count the words in <script>alert("x")</script>'})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "2 + 2 = 4." in answer.text
    assert "<strong>calculator</strong> <code>2 + 2</code>" in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<script" not in answer.text
    assert answer.text.endswith("</html>\n")
    assert "script-src" not in answer.headers["content-security-policy"]


def test_a_form_may_ask_for_the_stream(client: httpx.Client) -> None:
    """`Accept: text/event-stream` wins over the form's usual answer."""
    answer = client.post("/chat", data={"message": "2+2"}, headers={"accept": "text/event-stream"})
    assert frames(answer.text)[-1][0] == "done"


def test_an_upload_form_gets_a_page(client: httpx.Client) -> None:
    """A browser that sends the upload form gets the digest as HTML, the file's name escaped."""
    files = {"file": ("<b>.bin", b"\x00\xff", "application/octet-stream")}
    answer = client.post("/upload", files=files, headers={"accept": "text/html,*/*"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert hashlib.sha256(b"\x00\xff").hexdigest() in answer.text
    assert "&lt;b&gt;.bin" in answer.text


def test_a_refused_form_gets_a_page(client: httpx.Client) -> None:
    """The reason comes as HTML where HTML was asked for, with the same status."""
    answer = client.post("/chat", content="message=", headers=FORM | {"accept": "text/html"})
    assert answer.status_code == 400
    assert "The message is empty" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


# Uploads


@pytest.mark.parametrize("size", [0, 1, 70_000, UPLOAD_BODY_LIMIT])
def test_a_raw_upload_is_hashed(client: httpx.Client, size: int) -> None:
    """A body of any bytes up to the limit is told by name, size and digest."""
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    headers = {"content-type": "application/octet-stream"}
    answer = client.post("/upload", params={"name": "größe +.bin"}, content=body, headers=headers)
    expected = {"name": "größe +.bin", "bytes": size, "sha256": hashlib.sha256(body).hexdigest()}
    assert answer.status_code == 200
    assert answer.json() == expected


def test_a_chunked_upload_is_hashed(client: httpx.Client) -> None:
    """A body without a length is taken as it comes."""
    pieces = [b"a" * 1000, b"b" * 70_000, b"c"]
    answer = client.post("/upload", content=iter(pieces), headers={"content-type": "image/png"})
    assert answer.json() == {"name": "unnamed", "bytes": 71_001, "sha256": hashlib.sha256(b"".join(pieces)).hexdigest()}


@given(body=st.binary(max_size=300), before=st.booleans())
def test_a_form_upload_is_hashed(client: httpx.Client, body: bytes, *, before: bool) -> None:
    """Of a multipart form the first file counts, whatever its bytes and whatever stands beside it."""
    fields = {"note": "x" * 50} if before else {}
    files = [("file", ("a.bin", body)), ("other", ("b.bin", b"second"))]
    answer = client.post("/upload", data=fields, files=files)
    assert answer.json() == {"name": "a.bin", "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}


# Refusals


@pytest.mark.parametrize(
    ("path", "content_type", "body", "status", "code"),
    [
        ("/chat", "application/json", b"{", 400, "bad_json"),
        ("/chat", "application/json", b'{"message":"\xff"}', 400, "bad_json"),
        ("/chat", "application/json", b"[" * 60_000, 400, "bad_json"),
        ("/chat", "application/json", b"", 400, "bad_json"),
        ("/chat", "application/json", b"[]", 400, "no_message"),
        ("/chat", "application/json", b'{"message":7}', 400, "no_message"),
        ("/chat", "application/json", b'{"message":" "}', 400, "no_message"),
        ("/chat", "application/json", b'{"message":"\\ud800"}', 400, "bad_text"),
        ("/chat", "application/json", b'{"message":"%s"}' % (b"a" * 4001), 413, "message_too_long"),
        ("/chat", "application/json", b" " * (CHAT_BODY_LIMIT + 1), 413, "body_too_large"),
        ("/chat", FORM["content-type"], b"message=%ff", 400, "bad_form"),
        ("/chat", FORM["content-type"], b"message=\xff", 400, "bad_form"),
        ("/chat", FORM["content-type"], b"a=1&" * 21, 400, "bad_form"),
        ("/chat", FORM["content-type"], b"message=a&message=b", 400, "no_message"),
        ("/chat", "text/plain", b"hello", 415, "unsupported_media_type"),
        ("/chat", "", b"hello", 415, "unsupported_media_type"),
        ("/upload", FORM["content-type"], b"file=a.bin", 415, "unsupported_media_type"),
        ("/upload", "multipart/form-data", b"--x--", 400, "bad_form"),
        ("/upload", "multipart/form-data; boundary=x", b"nothing of the kind", 400, "bad_form"),
        ("/upload", "multipart/form-data; boundary=x", b"--x\r\n", 400, "bad_form"),
        (
            "/upload",
            "multipart/form-data; boundary=x",
            b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
            400,
            "no_file",
        ),
    ],
)
def test_bad_input_is_refused(
    client: httpx.Client, path: str, content_type: str, body: bytes, *, status: int, code: str
) -> None:
    """Each kind of bad input gets its status and clear JSON that is not cached."""
    headers = {"content-type": content_type} if content_type else {}
    answer = client.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["message"].endswith(".")
    assert answer.headers["cache-control"] == "no-store"


def test_a_body_that_is_announced_too_large_is_not_read(address: str) -> None:
    """The 413 comes before the first byte of the body was sent, and names the limit."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=WAIT_S) as connection:
        head = f"POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: {UPLOAD_BODY_LIMIT + 1}\r\n\r\n"
        connection.sendall(head.encode())
        with connection.makefile("rb") as received:
            answer = received.read().decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert f'"limit_bytes":{UPLOAD_BODY_LIMIT}' in answer


def test_a_chunked_body_is_cut_at_the_limit(address: str) -> None:
    """A body without a length is refused when it passes the limit, not when it ends: this one never ends."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=WAIT_S) as connection:
        connection.sendall(b"POST /upload HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        for _ in range(UPLOAD_BODY_LIMIT // 0x10000):
            connection.sendall(chunk)
        connection.sendall(b"1\r\nx\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_unknown_paths_and_methods(client: httpx.Client) -> None:
    """404 and 405 are JSON as well, and 405 names the method that works."""
    assert client.get("/nothing").json()["error"] == "http_error"
    answer = client.get("/chat")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


# The page's files, and the program


def test_the_page_is_served(client: httpx.Client) -> None:
    """The page and what it names are there, each with its type, and asked for anew each time."""
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    named = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(named) >= 3
    for path in named:
        file = client.get(path)
        assert file.status_code == 200
        assert file.headers["cache-control"] == "no-cache"


def test_the_page_asks_nobody_else() -> None:
    """No file of the page names another site, runs text as code or makes markup of text."""
    for file in (EXAMPLE / "app" / "page").rglob("*.*"):
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//cdn|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text), (
            file
        )


@pytest.mark.parametrize("path", ["/chat", "/upload", "/health"])
def test_no_file_of_the_page_lies_under_an_api_path(path: str) -> None:
    """CloudFront sends /chat*, /upload* and /health to Lambda and the rest to S3, so no file's path may begin so."""
    folder = EXAMPLE / "app" / "page"
    assert not [file for file in folder.rglob("*") if f"/{file.relative_to(folder)}".startswith(path)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AGENT_TOKEN_DELAY_MS", "-1"),
        ("AGENT_TOKEN_DELAY_MS", "nan"),
        ("AGENT_HEARTBEAT_S", "0"),
        ("AGENT_HEARTBEAT_S", "10s"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    """The message says which variable, what it holds and what it may hold."""
    with pytest.raises(SettingsError, match=rf"^{name} is '{value}'; it must be a number from "):
        Settings.from_environment({name: value})


def test_settings_come_from_the_environment() -> None:
    """Milliseconds become seconds; what is not set, or empty, has its default."""
    found = Settings.from_environment({"AGENT_TOKEN_DELAY_MS": "5", "AGENT_HEARTBEAT_S": "1.5"})
    assert found == Settings(token_delay_s=0.005, heartbeat_s=1.5)
    assert Settings.from_environment({"AGENT_TOKEN_DELAY_MS": " "}) == Settings()


def test_the_program_ends_with_one_line_on_a_bad_setting() -> None:
    """Uvicorn with a bad setting says one clear line, without a trace."""
    command = [sys.executable, "-m", "uvicorn", "app.main:app", "--app-dir", str(EXAMPLE), "--port", "0"]
    environment = os.environ | {"AGENT_HEARTBEAT_S": "never"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)
    assert ended.returncode == 1
    assert ended.stderr.strip() == "streaming-agent: AGENT_HEARTBEAT_S is 'never'; it must be a number from 0.01 to 100"
