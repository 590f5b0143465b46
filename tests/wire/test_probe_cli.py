"""The commands `probe`: what they ask first, what they print, their exit codes and files."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from edge_hasher.cli.exits import code_of
from edge_hasher.cli.probe import probe
from edge_hasher.probe.sending.address import Address, ProbeError, parse_address, parse_header
from edge_hasher.probe.sending.requests import METHODS, WRITE_METHODS, plan
from edge_hasher.streams import TerminatedError
from tests.support.edge.edge_fixtures import running_edge
from tests.support.probe_causes import LAMBDA, always, response, stub
from tests.support.schemas import checked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from edge_hasher.local.exchange import Exchange
    from tests.support.edge.edge_fixtures import RecordedRequest, Running

PROGRAM = "from edge_hasher.cli.probe import probe; probe()"
MIB = 1_048_576


def run(*arguments: str, given: str | None = None) -> Result:
    """One run of the command."""
    return CliRunner().invoke(probe, list(arguments), input=given)


@pytest.fixture(scope="module")
def healthy() -> Iterator[Running]:
    """Give one edge on which all is well."""
    with running_edge() as running:
        yield running


def exchanges_of(running: Running) -> list[Exchange]:
    """What has arrived at the edge, in order."""
    return running.local_edge.exchanges.all()


def test_nothing_is_sent_without_consent() -> None:
    """Without a terminal and without --yes, the plan is shown, nothing is sent, and the exit code is 2."""
    seen: list[RecordedRequest] = []

    def respond(request: RecordedRequest) -> bytes:
        seen.append(request)
        return response(200)

    with stub(respond) as url:
        done = run(url)
    assert (done.exit_code, seen) == (2, [])
    assert "Will send 8 requests" in done.stdout
    assert done.stderr == (
        "edge-hasher: nothing was sent: there is no terminal to ask; --yes sends the requests above\n"
    )


def at_a_terminal(url: str, answer: bytes, **environment: str) -> tuple[int, str]:
    """Run the command at a pseudo-terminal, type an answer, and give exit code and what the screen got."""
    main, side = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url], stdin=side, stdout=side, stderr=side, env=clean | environment
    )
    os.close(side)
    watch = threading.Timer(20, process.kill)
    watch.start()
    os.write(main, answer)
    screen = b""
    try:
        while chunk := os.read(main, 65_536):
            screen += chunk
    except OSError:
        pass  # the other side has closed: Linux says so with EIO
    watch.cancel()
    os.close(main)
    return process.wait(30), screen.decode()


def test_the_terminal_is_asked(healthy: Running) -> None:
    """At a terminal the question comes first; a no sends nothing."""
    before = len(exchanges_of(healthy))
    code, screen = at_a_terminal(healthy.url, b"n\n")
    assert code == 2
    assert "Send them?" in screen
    assert "nothing was sent" in screen
    assert len(exchanges_of(healthy)) == before


def interrupted(process: subprocess.Popen[str]) -> str:
    """Press Ctrl-C until it is heard, and give what is left on standard error.

    Python loses a signal that comes between its last look and the read that waits for the answer; a user presses again.
    """
    while True:
        process.send_signal(signal.SIGINT)
        try:
            return process.communicate(timeout=2)[1]
        except subprocess.TimeoutExpired:
            continue


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_an_answer_is_awaited(number: signal.Signals, code: int) -> None:
    """Ctrl-C ends a probe with 130 and SIGTERM with 143, as they end every command, and without a trace."""
    asked, answered = threading.Event(), threading.Event()

    def respond(_: RecordedRequest) -> bytes:
        asked.set()
        answered.wait(60)
        return response(200)

    with stub(respond) as url:
        program = [sys.executable, "-m", "edge_hasher", "probe", url, "--yes"]
        with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            watch = threading.Timer(60, process.kill)
            watch.start()
            assert asked.wait(60)
            process.send_signal(number)
            rest = process.communicate()[1]
            watch.cancel()
        answered.set()
    assert process.returncode == code
    assert "Traceback" not in rest


def aborted_by(signalled: KeyboardInterrupt) -> None:
    """What click does at a question."""
    try:
        raise signalled
    except KeyboardInterrupt:
        raise click.Abort from None


@pytest.mark.parametrize(("signalled", "code"), [(TerminatedError(), 143), (KeyboardInterrupt(), 130)])
def test_a_signal_at_the_question(signalled: KeyboardInterrupt, code: int) -> None:
    """At its question click has an exception of its own, which keeps what it was raised from."""
    with pytest.raises(click.Abort) as aborted:
        aborted_by(signalled)
    assert code_of(aborted.value) == code


def test_ctrl_c_is_no_finding(healthy: Running) -> None:
    """SIGINT at the question ends with 130, without a trace, and nothing is sent."""
    before = len(exchanges_of(healthy))
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, healthy.url], stdin=side, stdout=side, stderr=subprocess.PIPE, text=True
    )
    os.close(side)
    watch = threading.Timer(30, process.kill)
    watch.start()
    with process:
        assert process.stderr is not None
        os.read(main, 65_536)  # the plan is on the screen: the question comes next
        assert "Send" in process.stderr.read(4)
        rest = interrupted(process)
    watch.cancel()
    os.close(main)
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert len(exchanges_of(healthy)) == before


def test_colour_where_there_is_a_terminal(healthy: Running) -> None:
    """A terminal gets colour, and NO_COLOR takes it away."""
    code, screen = at_a_terminal(healthy.url, b"y\n")
    assert code == 0
    assert "\x1b[32m" in screen
    code, screen = at_a_terminal(healthy.url, b"y\n", NO_COLOR="1")
    assert code == 0
    assert "\x1b[" not in screen


def test_a_healthy_distribution_exits_0(healthy: Running) -> None:
    """All well: exit code 0, each request on a line, and a summary at the end."""
    done = run(healthy.url, "--yes")
    assert done.exit_code == 0
    assert "post-wrong-digest          400  Edge Hasher refused (digest-mismatch)" in done.stdout
    assert done.stdout.splitlines()[-1] == "8 requests; POST healthy; 5 of 12 facts settled"


def test_a_finding_exits_1_with_its_evidence() -> None:
    """A finding shows status, error type and the cf-id of each refused request, and a line to paste."""
    with running_edge(function=None) as running:
        done = run(running.url, "--path", "/chat it", "--yes")
        assert done.exit_code == 2
        done = run(running.url, "--path", "/chat%20it;id", "--yes")
        known = {exchange.request_id for exchange in running.local_edge.exchanges.all()}
    assert done.exit_code == 1
    shown = re.findall(r"cf-id (\S+)", done.stdout)
    assert len(shown) == 5
    assert set(shown) <= known
    assert "FINDING  function-not-attached" in done.stdout
    assert "# of the behavior that serves '/chat%20it;id'" in done.stdout
    assert "Do: Restart edge-hasher local without --no-function." in done.stdout
    assert "attach 127" not in done.stdout
    assert done.stdout.count("The request signature we calculated does not match the signature you provided") == 1


def test_the_help_names_all_that_is_sent() -> None:
    """Before anything is sent, --help says how many requests there are, and which of them are out of the ordinary."""
    text = " ".join(run("--help").stdout.split())
    assert len(plan()) == 8
    assert "Eight requests" in text
    assert all(each in text for each in ("not text", "chunked", "forged AWS signature in Authorization"))


def test_loopback_is_called_so(healthy: Running) -> None:
    """What a local edge does is never printed as a fact about AWS."""
    done = run(healthy.url, "--yes")
    assert "is this machine" in done.stdout
    assert "Facts, " in done.stdout
    assert ", of the local edge" in done.stdout


def test_harmless_requests_only(healthy: Running) -> None:
    """Without --allow-writes there is no DELETE, and no body over 1 MB."""
    before = len(exchanges_of(healthy))
    assert run(healthy.url, "--yes").exit_code == 0
    exchanges = exchanges_of(healthy)[before:]
    assert {exchange.method for exchange in exchanges} == {"GET", "POST"}
    assert max(exchange.body_bytes for exchange in exchanges) < 100


@pytest.mark.parametrize("methods", [(), *((method,) for method in METHODS), METHODS])
def test_the_plan_keeps_its_promise(methods: tuple[str, ...]) -> None:
    """Whatever methods are chosen, a plan without writes has none, but for those that the command refuses."""
    wanted = tuple(method for method in methods if method not in WRITE_METHODS)
    requests = plan(methods=wanted)
    assert not [request for request in requests if request.method == "DELETE" or (request.body_bytes or 0) > MIB]
    names = [request.name for request in plan(methods=methods, allow_writes=True)]
    assert len(names) == len(set(names))


def test_delete_needs_leave() -> None:
    """--method DELETE alone is refused before anything is sent."""
    done = run("http://127.0.0.1:1/", "--method", "DELETE", "--yes")
    assert done.exit_code == 2
    assert done.stderr == "edge-hasher: --method DELETE may change something: it needs --allow-writes\n"


def test_secrets_are_not_shown(healthy: Running, tmp_path: Path) -> None:
    """Values of headers and the query are sent, and appear in no output and no report."""
    report = tmp_path / "report.json"
    url = f"{healthy.url}/chat?token=s3cret"
    done = run(url, "--yes", "--header", "Cookie: id=s3cret", "--report", str(report))
    assert done.exit_code == 0
    assert healthy.app.seen[-1].target == b"/chat?token=s3cret"
    assert healthy.app.seen[-1].values("cookie") == [b"id=s3cret"]
    assert "Cookie" in done.output
    assert "s3cret" not in done.output + report.read_text()


def test_no_forged_signature_beside_the_users_own(healthy: Running) -> None:
    """With an Authorization header of the user's, none is forged."""
    before = len(exchanges_of(healthy))
    assert run(healthy.url, "--yes", "--header", "authorization: Bearer x").exit_code == 0
    assert len(exchanges_of(healthy)) - before == 7


def test_json_has_its_schema(healthy: Running) -> None:
    """--json prints one object on standard output, with the documented, versioned fields."""
    done = run(healthy.url, "--yes", "--json")
    document = checked("probe", done.stdout)
    assert document["schema"] == "edge-hasher/probe/1"
    assert set(document) == {
        "schema", "edge_hasher", "address", "is_loopback", "date", "requests", "diagnoses", "facts"
    }  # fmt: skip
    assert document["is_loopback"] is True
    assert document["requests"][0]["reading"]["cf_id"]
    assert document["facts"][0]["settled"] is True


def test_json_fields_are_documented(healthy: Running, root: Path) -> None:
    """Each field of --json is named in docs/probe.md."""
    document = json.loads(run(healthy.url, "--yes", "--json").stdout)
    request, diagnosis = document["requests"][0], document["diagnoses"][0]
    fields = {*document, *request, *request["reading"], *diagnosis, *document["facts"][0]}
    text = (root / "docs" / "probe.md").read_text()
    assert not {name for name in fields if f"`{name}`" not in text}


def test_the_report_is_written(healthy: Running, tmp_path: Path) -> None:
    """--report writes a dated page with each request, each fact and what is still open."""
    report = tmp_path / "probe.md"
    done = run(healthy.url, "--yes", "--report", str(report))
    assert done.exit_code == 0
    text = report.read_text()
    date = json.loads(run(healthy.url, "--yes", "--json").stdout)["date"]
    assert text.startswith(f"# Probe of {healthy.url.removeprefix('http://')}, {date}\n")
    assert "| post-wrong-digest | 400 | Edge Hasher refused | digest-mismatch |" in text
    assert "| Is a body of exactly 1,048,576 bytes truncated? | not settled: needs --allow-writes |" in text


def test_a_report_without_a_place_is_said_first(tmp_path: Path) -> None:
    """A folder that is not there is named before anything is sent."""
    done = run("http://127.0.0.1:1/", "--yes", "--report", str(tmp_path / "no" / "report.md"))
    assert done.exit_code == 2
    assert "does not exist" in done.stderr


def test_hostile_texts_do_not_break_the_report(tmp_path: Path) -> None:
    """What the other side sends cannot add a row, a link or a tag to the page."""
    report = tmp_path / "probe.md"
    headers = (*LAMBDA, ("x-amzn-errortype", "a|b<img src=x>`"))
    with always(response(403, headers, "{}"))(tmp_path) as url:
        run(url, "--yes", "--report", str(report))
    assert "a\\|b&lt;img src=x>'" in report.read_text()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense://",
        "ftp://host/",
        "http://",
        "http://a b/",
        "http://[::1",
        "http://host:99999/",
        "http://user:pw@host/",
        "https://host/#part",
        "http://-x-/",
        "http://host/a\x1b[2Jb",
        "http://ho\x1bst/",
        "javascript:alert(1)",
    ],
)
def test_nonsense_is_one_line_and_2(url: str) -> None:
    """What is no address ends with one printable line and exit code 2."""
    done = run(url, "--yes")
    assert done.exit_code == 2
    assert done.stderr.startswith("edge-hasher: ")
    assert done.stderr.count("\n") == 1
    assert done.stderr.rstrip("\n").isprintable()


def test_nobody_there_is_one_line_and_2() -> None:
    """An address that does not answer ends with one line and exit code 2, and no trace."""
    done = run("http://127.0.0.1:1/", "--yes")
    assert done.exit_code == 2
    assert done.stderr == "edge-hasher: cannot connect to 127.0.0.1:1: Connection refused\n"


def test_a_later_request_without_an_answer_is_a_result() -> None:
    """When only POST is cut off, the probe goes on and says so."""
    with stub(lambda seen: response(200, LAMBDA) if seen.method == "GET" else b"") as url:
        done = run(url, "--yes")
    assert done.exit_code == 1
    assert "closed the connection without an answer" in done.stdout
    assert "POST cannot-tell" in done.stdout


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("d111.cloudfront.net", "https://d111.cloudfront.net/"),
        ("d111.cloudfront.net/chat?a=b", "https://d111.cloudfront.net/chat?a=b"),
        ("http://[::1]:8080/%2F//x", "http://[::1]:8080/%2F//x"),
        ("https://host/é", "https://host/%C3%A9"),
    ],
)
def test_addresses_go_out_as_typed(text: str, url: str) -> None:
    """A bare host means https; escapes stay as they are, and other characters are escaped once."""
    assert parse_address(text).url == url


def test_path_takes_the_place_of_the_urls() -> None:
    """--path replaces path and query."""
    assert parse_address("https://host/a?b", path="/c") == Address("https", "host", None, "/c")


@pytest.mark.parametrize("path", ["chat", "/a b", "/a#b", "/a\nb"])
def test_bad_paths_are_refused(path: str) -> None:
    """A path that cannot be sent is refused, not changed."""
    with pytest.raises(ProbeError):
        parse_address("https://host", path=path)


@pytest.mark.parametrize(
    "header", ["nocolon", ": x", "a b: c", "X: a\r\nY: b", "Host: x", "x-amz-content-sha256: 0", "Content-Length: 1"]
)
def test_bad_headers_are_refused(header: str) -> None:
    """A header that would break the request, or that the probe sets, is refused."""
    with pytest.raises(ProbeError):
        parse_header(header)


def test_the_command_imports_nothing_heavy() -> None:
    """Importing the module for --help loads neither aiohttp nor boto3."""
    program = "import sys, edge_hasher.cli.probe; print(sorted({'aiohttp', 'boto3', 'asyncio'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
