"""`edge-hasher local` as a program: its ready line, its log and its end."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.edge.edge_fixtures import running_edge
from tests.support.edge.raw_http import ask, connected, request
from tests.support.schemas import checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.edge.edge_fixtures import Running, Talk

PROGRAM = [sys.executable, "-c", "from edge_hasher.cli import main; main()", "local"]
END_TIMEOUT_S = 15
CLOCK = r"\d\d:\d\d:\d\d"
LOG_FIELDS = {
    "schema": str,
    "time": str,
    "id": str,
    "source": str,
    "method": str,
    "target": str,
    "body_bytes": int,
    "decision": str,
    "verdict": str,
    "status": int,
    "answer_bytes": int,
    "first_byte_ms": float,
    "total_ms": float,
    "broken": bool,
    "sentence": str,
}


@pytest.fixture(scope="module")
def behind() -> Iterator[Running]:
    """Run an app (and an edge that nobody uses)."""
    with running_edge(function=None) as running:
        yield running


@dataclass(frozen=True)
class Program:
    """A running `edge-hasher local`."""

    process: subprocess.Popen[str]

    def line(self) -> str:
        """Read one line of its output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def children(self) -> list[int]:
        """Give the process ids of the functions that it started."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        if not tasks.exists():
            pytest.skip("only Linux tells the children of a process")
        return [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]

    def end(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        """Send a signal; gives the exit code and what else was printed."""
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=END_TIMEOUT_S)
        return self.process.returncode, output, errors


@contextmanager
def running(*arguments: str) -> Iterator[Program]:
    """Start the program and make sure that it does not stay."""
    process = subprocess.Popen(
        [*PROGRAM, "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ) | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        with process:
            try:
                yield Program(process)
            finally:
                if process.poll() is None:
                    process.kill()
    finally:
        process.wait(END_TIMEOUT_S)


def port_of(address: str) -> int:
    """Give the port of an address."""
    return int(address.rstrip("/").rpartition(":")[2])


def test_text_output(behind: Running) -> None:
    """The ready lines name every address and the keys; a request is one line with all there is to say."""
    with running("--origin", behind.app.address) as program:
        ready = [program.line() for _ in range(7)]
        words = [line.split() for line in ready]
        assert [line[0] for line in words] == [
            *("ready", "inspector", "direct"),
            *(line[0] for line in words[3:6]),
            "Ctrl-C",
        ]
        assert behind.app.address in ready[0]
        assert [line[0].partition("=")[0] for line in words[3:6]] == [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
        ]
        port = port_of(words[0][1])
        assert ask(port, request("POST", "/a%20b?c", b"hello")).status == 200
        line = program.line()
        while line.split()[1] == "function":  # its own log line
            line = program.line()
        for part in ("edge", "POST", "/a%20b?c", "5 B", "digest (row", "admitted", "200", "first byte", "total"):
            assert part in line
        assert ask(port, b"GET /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx").status == 403
        assert " 403 " in program.line()
        assert "CloudFront refuses a GET with a body" in program.line()
        assert ask(port_of(words[2][1]), request("GET", "/direct")).status == 403
        assert program.line().split()[1] == "direct"
        code, _, errors = program.end()
        assert (code, errors) == (0, "")


def test_json_output(behind: Running) -> None:
    """With --log-format json each line is an object: the ready one, and one per request with every field."""
    with running("--origin", behind.app.address, "--log-format", "json", "--no-function") as program:
        ready = checked("local", program.line())
        assert set(ready) == {
            "schema",
            *("ready", "inspector", "function_url"),
            *("access_key_id", "secret_access_key", "session_token"),
        }
        assert ask(port_of(ready["ready"]), request("POST", "/\x7f".replace("\x7f", "%7f"), b"hello")).status == 403
        line = checked("local", program.line())
        assert {name: type(value) for name, value in line.items()} == LOG_FIELDS
        assert (line["verdict"], line["status"], line["body_bytes"]) == ("InvalidSignatureException", 403, 5)
        assert program.end(signal.SIGTERM)[0] == 0


def test_each_line_has_its_time(behind: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As text the time of day here, as JSON the instant in UTC: a request's arrival, another line's coming."""
    source = (
        "print('at the start', flush=True)\n"
        "import time\n"
        "time.sleep(2)\n"
        "def answer(event, context):\n    print('in a call')\n    return event['Records'][0]['cf']['request']\n"
    )
    (tmp_path / "loud.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "XYZ-05:30")  # POSIX: east of Greenwich
    behind.app.routes[b"/slow"] = _slowly
    arguments = ("--origin", behind.app.address, "--handler", "loud:answer", "--no-reload")
    began = datetime.now(UTC)
    with running(*arguments, "--log-format", "json") as program:
        port = port_of(checked("local", program.line())["ready"])
        assert ask(port, request("GET", "/slow")).status == 200
        documents = [checked("local", program.line())]
        while "id" not in documents[-1]:
            documents.append(checked("local", program.line()))
        ended = datetime.now(UTC)
    times = [datetime.fromisoformat(each["time"]) for each in documents]
    assert all(began - timedelta(milliseconds=1) <= each <= ended for each in times)
    assert all(each["time"].endswith("Z") for each in documents)
    at_start = [each for each, line in zip(times, documents, strict=True) if line.get("function_log") == "at the start"]
    assert times[-1] - max(at_start) > timedelta(seconds=1.9)
    assert ended - times[-1] >= timedelta(milliseconds=documents[-1]["total_ms"] - 1)
    with running(*arguments) as program:
        port = port_of(program.line().split()[1])
        before = datetime.now(UTC)
        assert ask(port, request("GET", "/slow")).status == 200
        while "/slow" not in (line := program.line()):
            assert line
    here = {before + timedelta(hours=5, minutes=30, seconds=late) for late in range(3)}
    assert line.split()[:2] in [[f"{each:%H:%M:%S}", "edge"] for each in here]


async def _slowly(talk: Talk) -> None:
    await asyncio.sleep(0.3)
    await talk.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_the_middle_of_everything(behind: Running, number: int) -> None:
    """A signal ends it with 0 within seconds, with a stream, an inspector and an upload open; no process stays."""

    async def stream(talk: Talk) -> None:
        await talk.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await talk.reader.read()

    behind.app.routes[b"/open"] = stream
    with running("--origin", behind.app.address, "--invoke-mode", "RESPONSE_STREAM", "--log-format", "json") as program:
        port = port_of(json.loads(program.line())["ready"])
        children = program.children()
        assert len(children) >= 1
        with connected(port) as viewer, connected(port) as page, connected(port) as upload:
            viewer.send(request("GET", "/open"))
            viewer.head()
            assert viewer.chunk() == b"hello"
            page.send(b"GET /__edge/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert page.head()[0] == 200
            upload.send(request("POST", "/upload", None, "Content-Length: 100") + b"half")
            code, _, errors = program.end(number)
        assert (code, errors) == (0, "")
        assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_it_ends_while_it_starts(behind: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal ends it with 0 while a handler is still being imported."""
    os.mkfifo(tmp_path / "started")
    source = "import time\nwith open('started', 'w') as pipe:\n    pipe.write('x')\ntime.sleep(60)\n"
    (tmp_path / "sleeps.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    with running("--origin", behind.app.address, "--handler", "sleeps:answer") as program:
        (tmp_path / "started").read_text()  # blocks until one has opened it
        assert program.end() == (0, "", "")


def test_the_behavior_is_what_the_options_say(behind: Running) -> None:
    """Policy, names and invoke mode reach the edge; a token in the query does not reach its log."""
    behind.app.routes[b"/zip"] = lambda talk: talk.write(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx"
    )
    options = ("--request-policy", "userAgentRefererHeaders", "--alias", "*.example.com")
    with running("--origin", behind.app.address, "--no-function", "--log-format", "json", *options) as program:
        port = port_of(json.loads(program.line())["ready"])
        message = "GET /zip?token=0123456789abcdef HTTP/1.1\r\nHost: {}\r\nUser-Agent: me\r\nX-Own: 1\r\n\r\n"
        answer = ask(port, message.format("chat.example.com").encode())
        assert (answer.status, answer.body, answer.values("content-encoding")) == (200, b"xx", ["gzip"])
        seen = behind.app.seen[-1]
        assert (seen.target, seen.values("user-agent"), seen.values("x-own")) == (b"/zip", [b"me"], [])
        assert json.loads(program.line())["target"] == "/zip?token=0123…"
        assert ask(port, message.format("example.org").encode()).status == 403


def test_it_ends_when_nobody_reads_its_log(behind: Running) -> None:
    """When the reader of its output has gone, as with `| head`, it ends at the next line."""
    with running("--origin", behind.app.address, "--no-function", "--log-format", "json") as program:
        port = port_of(json.loads(program.line())["ready"])
        assert program.process.stdout is not None
        program.process.stdout.close()
        assert ask(port, request("GET", "/unread")).status == 200
        program.process.wait(END_TIMEOUT_S)
        assert program.process.stderr is not None
        assert program.process.stderr.read() == ""


def test_what_the_function_writes_is_shown(behind: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A custom handler's own lines come out, those of its start after the ready line."""
    (tmp_path / "loud.py").write_text(
        "print('hello from the start')\n"
        "def answer(event, context):\n"
        "    print('hello\\tfrom\\x1b[31m a call')\n"
        "    return event['Records'][0]['cf']['request']\n"
    )
    monkeypatch.chdir(tmp_path)
    with running("--origin", behind.app.address, "--handler", "loud:answer") as program:
        first = program.line()
        assert first.startswith("ready ")
        lines = [program.line() for _ in range(7)]
        assert [line for line in lines if re.fullmatch(rf"{CLOCK} function hello from the start\n", line)]
        ask(port_of(first.split()[1]), request("GET", "/loud"))
        while "a call" not in (line := program.line()):
            assert line
        assert re.fullmatch(rf"{CLOCK} function hello from\\x1b\[31m a call\n", line)
        assert program.end()[0] == 0


def test_a_refusal_is_told_once(behind: Running) -> None:
    """As text, a refusal of the function has its line and its reason: the function's own log is not printed as well."""
    with running("--origin", behind.app.address) as program:
        ready = [program.line() for _ in range(7)]
        port = port_of(ready[0].split()[1])
        assert ask(port, request("POST", "/large", bytes(1_048_577))).status == 413
        line, reason = program.line(), program.line()
        assert " 413 " in line
        assert reason.startswith("         The body is too large")
        code, rest, errors = program.end()
        assert (code, rest, errors) == (0, "", "")


@pytest.mark.parametrize(("option", "words"), [((), "with edge_hasher"), (("--no-function",), "without a function")])
def test_the_ready_line_names_the_function(behind: Running, option: tuple[str, ...], words: str) -> None:
    """Two edges, with and without the function, can be told apart."""
    with running("--origin", behind.app.address, *option) as program:
        assert f"(CloudFront {words}" in program.line()


def test_another_python(tmp_path: Path, behind: Running) -> None:
    """--python runs the handler under another interpreter; one that is not there is one clear line."""
    python = tmp_path / "other-python"
    python.write_text(f'#!/bin/sh\nOTHER_PYTHON=yes exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    source = (
        'import os\n\ndef answer(event, context):\n    return {"status": "200", "body": os.environ["OTHER_PYTHON"]}\n'
    )
    (tmp_path / "mine.py").write_text(source)
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        arguments = ("--origin", behind.app.address, "--handler", "mine:answer", "--python")
        with running(*arguments, str(python)) as program:
            port = port_of(program.line().split()[1])
            assert ask(port, request("GET", "/")).body == b"yes"
        with running(*arguments, "no-such-python") as program:
            output, errors = program.process.communicate(timeout=END_TIMEOUT_S)
            assert (program.process.returncode, output) == (2, "")
            assert "there is no Python interpreter 'no-such-python'" in errors
    finally:
        os.chdir(before)
