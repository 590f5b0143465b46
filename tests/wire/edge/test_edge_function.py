"""The local edge end to end: functions that throw, die or are late, and those that answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.local.cloudfront.model import Policy
from tests.support import aws_texts
from tests.support.edge.edge_fixtures import handler_spec, running_edge
from tests.support.edge.raw_http import ask, connected, request
from tests.support.edge.scripted_function import FUNCTION, do

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.edge.edge_fixtures import Running, Talk

FAILED = aws_texts.FUNCTION_FAILED.sentence.encode()
EDGE = {"function": FUNCTION, "processes": 2}


def test_a_result_that_is_no_json(edge: Running) -> None:
    """What AWS's runtime client cannot serialise is a failure of the function: 503."""
    assert ask(edge.port, request("GET", "/set", None, do("answer = {1}"))).status == 503


@pytest.mark.parametrize(
    ("code", "word", "says"),
    [
        ("raise ValueError('no such colour')", "threw", "no such colour"),
        ("os._exit(3)", "crashed", ""),
        ("os.kill(os.getpid(), 9)", "crashed", ""),
        ("sys.exit(0)", "crashed", ""),
        ("answer = 'a' * 7_000_000", "threw", ""),
    ],
)
def test_a_function_that_fails(edge: Running, code: str, word: str, says: str) -> None:
    """A function that throws or dies is 503 with CloudFront's text, and the next request is served."""
    answer = ask(edge.port, request("POST", f"/{word}", b"body", do(code)))
    assert (answer.status, answer.values("x-cache")) == (503, [aws_texts.X_CACHE_EXECUTION])
    assert FAILED in answer.body
    assert b"no such colour" not in answer.body
    exchange = edge.last(f"/{word}")
    assert exchange.decision in {word, "crashed"}
    assert says in exchange.sentence
    assert ask(edge.port, request("POST", "/next", b"body", do("h['x-amz-content-sha256'] = []"))).status == 403
    assert ask(edge.port, request("GET", "/next")).status == 200


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("(lambda f: f(f))(lambda f: f(f))", "RecursionError"),
        ("raise ValueError('x' * 9_000)", "ValueError"),
        ("raise ValueError('x' * 1_040_000)", "ValueError"),
        ("raise ValueError('x' * 2_000_000)", "ValueError"),
    ],
    ids=["long-trace", "over-8-kb", "under-1-mib", "over-1-mib"],
)
def test_a_function_that_throws_with_much_to_say(edge: Running, code: str, error: str) -> None:
    """The runtime client says it in a header too, of up to 1 MiB: it threw, and its process did not crash."""
    assert ask(edge.port, request("GET", "/much", None, do(code))).status == 503
    exchange = edge.last("/much")
    assert exchange.decision == "threw"
    assert exchange.sentence.startswith(f"The function threw: {error}: ")


def test_the_trace_is_in_the_log(edge: Running) -> None:
    """The trace of a function that throws is shown at the exchange, not to the viewer."""
    ask(edge.port, request("GET", "/trace", None, do("raise ValueError('no such colour')")))
    steps = edge.last("/trace").as_dict()["steps"]
    titles = {title for step in steps for title, _ in step["blocks"]}
    assert "Trace" in titles


def test_a_late_function(tmp_path: Path) -> None:
    """A function that takes longer than its timeout is 503, and its process is replaced."""
    spec = handler_spec(tmp_path, FUNCTION, timeout_s=0.3)
    with running_edge(function=spec) as running:
        answer = ask(running.port, request("GET", "/late", None, do("time.sleep(60)")))
        assert (answer.status, running.last("/late").decision) == (503, "timed out")
        assert FAILED in answer.body
        assert ask(running.port, request("GET", "/next")).status == 200


def test_a_function_killed_in_the_middle(edge: Running) -> None:
    """The process dies under a request: 503; the next request gets a new process."""
    with connected(edge.port) as connection:
        code = "print('pid', os.getpid(), flush=True); time.sleep(60)"
        connection.send(request("GET", "/killed", None, do(code)))
        os.kill(_pid_in_log(edge), signal.SIGKILL)
        assert connection.answer().status == 503
        assert edge.last("/killed").decision == "crashed"
        assert connection.ask(request("GET", "/next")).status == 200


def _pid_in_log(edge: Running) -> int:
    async def wait() -> int:
        async with asyncio.timeout(20):
            while True:
                for line in edge.log:
                    if line.startswith("pid "):
                        return int(line.split()[1])
                await asyncio.sleep(0.01)

    return edge.do(wait())


def test_a_generated_response(edge: Running) -> None:
    """A response of the function's own reaches the viewer: status, headers and their repeats, binary body."""
    code = (
        "answer = {'status': '418', 'statusDescription': 'Short And Stout', 'body': 'AP8=', 'bodyEncoding': 'base64',"
        "'headers': {'set-cookie': [{'value': 'a=1'}, {'value': 'b=2'}], 'content-type': [{'value': 'x/y'}]}}"
    )
    answer = ask(edge.port, request("GET", "/tea", None, do(code)))
    assert (answer.status, answer.body) == (418, b"\x00\xff")
    assert answer.values("set-cookie") == ["a=1", "b=2"]
    assert (answer.values("content-type"), answer.values("x-cache")) == (
        ["x/y"],
        [aws_texts.X_CACHE_GENERATED],
    )


@pytest.mark.parametrize("status", ["204", "304"])
def test_a_generated_response_without_a_body(edge: Running, status: str) -> None:
    """A 204 or 304 of the function's has no body, and the connection goes on."""
    with connected(edge.port) as connection:
        answer = connection.ask(request("GET", "/nothing", None, do(f"answer = {{'status': '{status}', 'body': 'x'}}")))
        assert (answer.status, answer.body) == (int(status), b"")
        assert connection.ask(request("GET", "/next")).status == 200


def test_a_rewritten_request(edge: Running) -> None:
    """What a function changes is what the app gets, and what was signed."""
    code = "r['uri'] = '/neu/ä'; r['querystring'] = 'x=1'; h['x-added'] = [{'value': 'yes'}]"
    assert ask(edge.port, request("GET", "/old?y=2", None, do(code))).status == 200
    seen = edge.app.seen[-1]
    assert (seen.target, seen.values("x-added")) == (b"/neu/%C3%A4?x=1", [b"yes"])


@pytest.mark.parametrize("length", [0, 5, 1_048_576])
def test_a_replaced_body(edge: Running, length: int) -> None:
    """A body that the function puts in place of the viewer's is the one that arrives."""
    digest = hashlib.sha256(b"a" * length).hexdigest()
    code = (
        f"r['body'] = {{'action': 'replace', 'encoding': 'text', 'data': 'a' * {length}}};"
        f"h['x-amz-content-sha256'] = [{{'value': '{digest}'}}]"
    )
    assert ask(edge.port, request("POST", "/replaced", b"viewer's own", do(code))).status == 200
    assert edge.app.seen[-1].body == b"a" * length


def test_what_the_function_is_given(edge: Running) -> None:
    """The event is CloudFront's: request id, configuration, body, headers as sent, the operator's apart."""
    code = "import json; answer = {'status': '200', 'body': json.dumps(event)}"
    answer = ask(edge.port, request("POST", "/a%20b?c=%2F", b"\x00\xff", do(code), "X-Case: Ä"))
    cf: dict[str, Any] = json.loads(answer.body)["Records"][0]["cf"]
    assert [cf["config"]["requestId"]] == answer.values("x-amz-cf-id")
    assert cf["config"]["eventType"] == "origin-request"
    sent = cf["request"]
    assert (sent["method"], sent["uri"], sent["querystring"]) == ("POST", "/a%20b", "c=%2F")
    assert sent["body"] == {"action": "read-only", "data": "AP8=", "encoding": "base64", "inputTruncated": False}
    assert sent["headers"]["x-case"] == [{"key": "X-Case", "value": "Ä"}]
    assert "connection" not in sent["headers"]
    assert "x-amz-cf-id" not in sent["headers"]


def test_an_oversized_sentence_is_cut(edge: Running) -> None:
    """What a function says in a problem document is kept and logged in reasonable length only."""
    code = (
        "import json; answer = {'status': '400', 'body': json.dumps("
        "{'type': 'urn:x:' + 'y' * 90000, 'title': 't' * 90000, 'detail': 'd' * 90000})}"
    )
    assert ask(edge.port, request("GET", "/wordy", None, do(code))).status == 400
    exchange = edge.last("/wordy")
    assert len(json.dumps(exchange.as_dict())) < 20_000
    assert len(exchange.decision) <= 100


def test_a_function_killed_while_others_wait(edge: Running) -> None:
    """Requests that wait for a process are served when one of those before them dies."""

    async def late(talk: Talk) -> None:
        await talk.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    edge.app.routes[b"/late"] = late
    with connected(edge.port) as one, connected(edge.port) as two, connected(edge.port) as three:
        one.send(request("GET", "/die", None, do("os._exit(1)")))
        two.send(request("GET", "/die", None, do("os._exit(1)")))
        three.send(request("GET", "/late"))
        assert [one.answer().status, two.answer().status, three.answer().status] == [503, 503, 200]


def test_without_include_body() -> None:
    """An association without IncludeBody is refused with the switch to change, and a GET goes on."""
    with running_edge(include_body=False) as running:
        answer = ask(running.port, request("POST", "/off", b"body"))
        assert answer.status == 500
        assert json.loads(answer.body)["type"] == "urn:edge-hasher:include-body-off"
        assert running.last("/off").decision == "include-body-off"
        assert ask(running.port, request("GET", "/on")).status == 200


def test_a_delete_whose_body_is_not_delivered() -> None:
    """A DELETE whose body CloudFront keeps to itself goes on without a digest, or with the client's own."""
    digest = f"X-Amz-Content-Sha256: {hashlib.sha256(b'body').hexdigest()}"
    with running_edge(policy=Policy(deliver_delete_body=False)) as running:
        assert ask(running.port, request("DELETE", "/without", b"body")).status != 501
        assert "body-not-delivered-forwarded" in running.last("/without").decision
        assert ask(running.port, request("DELETE", "/with", b"body", digest)).status == 200
