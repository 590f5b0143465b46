"""`edge-hasher explain` on the lines that `edge-hasher local` prints: as on the answer that the viewer got."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.local.cloudfront.behavior.error_pages import parse
from edge_hasher.local.cloudfront.model import Policy
from edge_hasher.local.commands import local_report
from edge_hasher.probe.explain import as_json, as_text, explain
from edge_hasher.probe.paste.exchange import PasteError
from tests.support.edge.edge_fixtures import OWN, handler_spec, running_edge
from tests.support.edge.raw_http import connected, request
from tests.support.schemas import checked

if TYPE_CHECKING:
    from pathlib import Path

    from edge_hasher.probe.explain import Explained
    from tests.support.edge.edge_fixtures import Talk
    from tests.support.edge.raw_http import RawResponse

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
POST = request("POST", "/chat", b"hello")
LARGE = request("POST", "/chat", bytes(1_048_577))
BEHIND_OWN = {"function": OWN}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A situation of a viewer's, and the code that both its answer and its line mean first."""

    means: str
    message: bytes = POST
    options: dict[str, Any] = field(default_factory=dict)
    app: bytes = OK
    source: str = ""
    """Of another function than ours."""
    direct: bool = False


RAISES = "def answer(event, context):\n    raise ValueError('no')\n"
INVALID = "def answer(event, context):\n    return {'status': 'x'}\n"
ANSWERS = "def answer(event, context):\n    return {'status': '403', 'body': 'no'}\n"
HIDDEN = {"error_pages": (parse("403:/e.html:200"),)}
CASES = {
    "unsigned": Case(means="function-not-attached"),
    "through": Case(means="got-through", options=BEHIND_OWN),
    "get": Case(means="got-through", message=request("GET", "/chat?token=verysecret")),
    "permission": Case(
        means="permission-missing", options={"denied": frozenset({"InvokeFunction"})}, message=request("GET", "/")
    ),
    "no-oac": Case(means="permission-missing", options={"behavior": "never"}, message=request("GET", "/")),
    "host": Case(means="permission-missing", options={"policy": Policy(name="AllViewer")}),
    "too-large": Case(means="body-too-large", options=BEHIND_OWN, message=LARGE),
    "oversize": Case(means="body-over-1-mib", options={**BEHIND_OWN, "settings": ("oversize=forward",)}, message=LARGE),
    "include-body": Case(means="include-body-off", options={**BEHIND_OWN, "include_body": False}),
    "bad-digest": Case(
        means="digest-mismatch",
        options=BEHIND_OWN,
        message=request("POST", "/", b"x", f"x-amz-content-sha256: {'0' * 64}"),
    ),
    "function-raises": Case(means="function-fails", source=RAISES),
    "function-invalid": Case(means="function-result-invalid", source=INVALID),
    "function-answers": Case(means="answered-at-the-edge", source=ANSWERS),
    "method": Case(means="method-not-allowed", options={"policy": Policy(methods=frozenset({"GET", "HEAD"}))}),
    "other-method": Case(means="method-not-allowed", message=request("PROPFIND", "/")),
    "name": Case(means="alternate-domain-missing", message=b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"),
    "get-with-body": Case(means="get-with-body", message=request("GET", "/", b"x")),
    "malformed": Case(means="cloudfront-refuses", message=b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    "not-http": Case(means="cloudfront-refuses", message=b"\x16\x03\x01 hello\r\n\r\n"),
    "head-too-large": Case(means="cloudfront-refuses", message=request("GET", f"/?{'q' * 9000}")),
    "query": Case(means="query-string-refused", message=request("GET", "/?/login")),
    "over-6-mb": Case(means="lambda-too-large", message=request("POST", "/", bytes(6_291_457))),
    "app-401": Case(means="app-refuses", message=request("GET", "/"), app=OK.replace(b"200 OK", b"401 No")),
    "app-500": Case(means="app-fails", message=request("GET", "/"), app=OK.replace(b"200 OK", b"500 No")),
    "app-closes": Case(means="app-fails", message=request("GET", "/"), app=b""),
    "app-404": Case(means="got-through", message=request("GET", "/"), app=OK.replace(b"200 OK", b"404 No")),
    "headers": Case(
        means="origin-fails",
        message=request("GET", "/"),
        app=OK.replace(b"\r\n\r\n", b"\r\nX-A: " + b"a" * 21_000 + b"\r\n\r\n"),
    ),
    "late": Case(means="origin-times-out", message=request("GET", "/late"), options={"read_timeout_s": 1.0}),
    "hidden": Case(means="error-page-hides", options={**HIDDEN, "policy": Policy(methods=frozenset({"GET"}))}),
    "hidden-app": Case(
        means="error-page-hides", message=request("GET", "/"), options=HIDDEN, app=OK.replace(b"200", b"403")
    ),
    "direct": Case(means="public-url-closed", direct=True),
}


async def _silent(talk: Talk) -> None:
    await talk.reader.read()


def codes(found: Explained) -> list[str]:
    """What the answer that matters means."""
    return [each.code for each in found.main.advice]


def pasted(message: bytes, answer: RawResponse) -> str:
    """What curl -v prints of it."""
    head = message.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    lines = [*(f"> {line}" for line in head), "> ", f"< HTTP/1.1 {answer.status} X"]
    lines += [f"< {name}: {value}" for name, value in answer.headers]
    return "\n".join([*lines, "< ", answer.body.decode("latin-1")])


@pytest.mark.parametrize("name", CASES)
def test_a_line_means_what_its_answer_means(name: str, tmp_path: Path) -> None:
    """As text, as JSON and pasted from a chat, the line has the first meaning, and the exit code, of the answer."""
    case = CASES[name]
    options: dict[str, Any] = {"function": None, **case.options}
    if case.source:
        options["function"] = handler_spec(tmp_path, case.source)
    with running_edge(**options) as edge:
        edge.app.routes[b"/late"] = _silent
        target = case.message.split(b" ")[1].partition(b"?")[0]
        if target != b"/late":
            edge.app.routes[target] = lambda talk: talk.write(case.app)
        with connected(edge.direct_port if case.direct else edge.port) as connection:
            answer = connection.ask(case.message)
        edge.wait_for_ends(1)
        exchange = edge.ended[-1]
    said = explain(pasted(case.message, answer))
    text = local_report.as_text(exchange)
    forms = {
        "text": text,
        "json": local_report.as_json(exchange),
        "pretty": json.dumps(json.loads(local_report.as_json(exchange)), indent=2),
        "compose": "\n".join(f"edge-1  | {line}" for line in text.split("\n")),
        "chat": "\n".join(" ".join(line.split()) for line in text.split("\n")),
        "indented": "\n".join(f"    {line}" for line in text.split("\n")),
        "quoted": "\n".join(f"> {line}" for line in text.split("\n")),
    }
    found = explain(text)
    if name != "hidden":  # a trimmed page may be anybody's
        assert case.means in codes(said)
        assert said.has_findings is found.has_findings
    for form, paste in forms.items():
        found = explain(paste)
        assert (form, codes(found)[0]) == (form, case.means)
        assert found.has_findings is (case.means not in {"got-through", "app-refuses"})
        assert found.main.reading.status == exchange.status
        assert found.main.reading.error_type == said.main.reading.error_type
        printed = " ".join(as_text(found).split())
        assert "The local edge answered, not AWS." in printed
        assert " ".join(exchange.sentence.split()[:8]) in printed
        assert "verysecret" not in printed
        assert checked("explain", as_json(found))["local_edge"] is True


def test_a_whole_log(tmp_path: Path) -> None:
    """Of a log, those that failed are explained, in their order; what else is printed there is not read as answers."""
    source = "def answer(event, context):\n    print('status: 503')\n    return event['Records'][0]['cf']['request']\n"
    with running_edge(function=handler_spec(tmp_path, source)) as edge:
        for message in (request("GET", "/one"), POST, request("GET", "/two?$x"), request("GET", "/three")):
            with connected(edge.port) as connection:
                connection.ask(message)
        edge.wait_for_ends(4)
        ended, host = edge.ended, edge.url.removeprefix("http://")
        ready = local_report.ready_json(edge.addresses)
    lines = [f"ready      http://{host}  (CloudFront with mine.answer, in front of http://127.0.0.1:8000)"]
    documents = [ready]
    for exchange in ended:
        for said in ("status: 503", "edge POST /not 1 B digest admitted 502"):
            lines.append(local_report.function_log_text(said))
            documents.append(local_report.function_log_json(said))
        lines.append(local_report.as_text(exchange))
        documents.append(local_report.as_json(exchange))
    for log in ("\n".join(lines), "\n".join(documents), "\n".join([*documents[3:7], "[cut]", *documents[7:]])):
        found = explain(log)
        assert [each.advice[0].code for each in found.answers] == ["function-not-attached", "query-string-refused"]
        assert [each.exchange.path for each in found.answers] == ["/chat", "/two"]
    assert explain("\n".join(lines)).main.place.host == host
    assert explain("\n".join(documents)).main.place.host == host
    assert codes(explain("\n".join(lines[:4]))) == ["got-through"]
    assert "SECRET" not in as_text(explain("\n".join(documents)))


@pytest.mark.parametrize(
    "line",
    [
        "an edge GET / of 24 B was not found  403",
        '{"schema": "edge-hasher/local/1", "ready": "http://127.0.0.1:1"}',
        '{"schema": "edge-hasher/local/1", "verdict": {}, "status": [403], "sentence": 7, "body_bytes": "x", "id": 1}',
        '{"schema": "edge-hasher/local/1", "verdict": "admitted", "status": 99999, "target": null}',
        '{"schema": "edge-hasher/local/1", "verdict"',
        "edge POST /x 9.9.9 B digest admitted 200",
        f"edge POST /x {'9' * 400} KiB digest admitted 200",
    ],
)
def test_odd_lines_do_no_harm(line: str) -> None:
    """What only looks like a line is read as anything else is: no trace, and a code or one sentence."""
    with suppress(PasteError):
        assert as_text(explain(line))


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_answer_beside_its_line_tells_more(form: str) -> None:
    """A terminal with what curl -i printed and the edge's line: the answer itself is explained."""
    with running_edge(function=None) as edge, connected(edge.port) as connection:
        answer = connection.ask(POST)
        exchange = edge.last("/chat")
    line = local_report.as_text(exchange) if form == "text" else local_report.as_json(exchange)
    found = explain(f"{pasted(POST, answer)}\n{line}\n")
    assert codes(found)[0] == "function-not-attached"
    assert found.main.reading.said.startswith("The request signature we calculated")
