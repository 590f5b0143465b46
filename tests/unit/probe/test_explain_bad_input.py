"""Pastes that are huge, broken, binary or full of secrets."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.cli.explain import explain as command
from edge_hasher.probe.explain import as_json, as_text, explain
from edge_hasher.probe.paste.exchange import PasteError

REFUSED = (
    "HTTP/2 403\nx-amzn-errortype: InvalidSignatureException\nx-cache: Error from cloudfront\n"
    'via: 1.1 a.cloudfront.net (CloudFront)\n\n{"message":"The request signature we calculated does not match"}\n'
)
MIB = 1 << 20


def entry(status: int, **more: str) -> dict[str, object]:
    """An entry of a HAR file."""
    return {
        "request": {"method": "POST", "url": "https://app.example.com/api", "headers": []},
        "response": {
            "status": status,
            "headers": [{"name": name.replace("_", "-"), "value": value} for name, value in more.items()],
            "content": {"mimeType": "text/plain", "text": "x" * 1000},
        },
    }


def test_a_har_of_50_mb_is_read_whole() -> None:
    """The one request that failed is found at the end of a huge HAR file."""
    failed = entry(403, x_amzn_errortype="InvalidSignatureException", x_cache="Error from cloudfront")
    entries = [*(entry(200) for _ in range(45_000)), failed]
    text = json.dumps({"log": {"entries": entries}})
    assert len(text) > 50 * MIB
    found = explain(text.encode())
    assert [each.advice[0].code for each in found.answers] == ["function-not-attached"]


def test_50_mb_of_text_behind_an_answer() -> None:
    """A huge paste is read from its beginning, and its output stays small."""
    found = explain((REFUSED + "a line of something else\n" * (2 * MIB)).encode())
    assert found.main.advice[0].code == "function-not-attached"
    assert len(as_text(found)) < 4000


def test_half_a_har_is_read() -> None:
    """A HAR file that was cut in the middle still shows the answer in it."""
    failed = entry(403, x_amzn_errortype="InvalidSignatureException", x_cache="Error from cloudfront")
    text = json.dumps({"log": {"entries": [failed, entry(200)]}}, indent=2)
    found = explain(text[: int(len(text) * 0.6)])
    assert found.main.advice[0].code == "function-not-attached"


@pytest.mark.parametrize(
    "data",
    [hashlib.shake_128(b"seed").digest(20_000), b"\x00" * 5000, b"\xff\xfe" + b"\xd8\x00" * 500, b"\x89PNG\r\n\x1a\n"],
)
def test_binary_is_refused_in_one_line(data: bytes) -> None:
    """What is no text ends with exit code 2 and one line, or is read as far as it can be."""
    done = CliRunner().invoke(command, [], input=data)
    assert done.exit_code in {1, 2}
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert all(char.isprintable() or char == "\n" for char in done.output)


def test_half_a_surrogate_is_read() -> None:
    """JSON can hold what is no character; it is read all the same."""
    found = explain(
        '{"status": 403, "url": "https://x/\\ud800", "headers": {"x-cache": "\\ud800"}, "body": "\\ud800 no"}'
    )
    assert "\ud800" not in as_text(found)


def test_several_answers_are_explained_in_their_order() -> None:
    """Each answer has its own explanation, and the exit code is that of the worst."""
    good = "HTTP/2 200\nx-amzn-requestid: 1\nx-cache: Miss from cloudfront\nvia: 1.1 a (CloudFront)\n\nok\n"
    found = explain(good + REFUSED + good)
    assert [each.advice[0].code for each in found.answers] == ["got-through", "function-not-attached", "got-through"]
    assert found.main is found.answers[1]
    text = as_text(found)
    assert text.index("Answer 1 of 3") < text.index("Answer 2 of 3") < text.index("Answer 3 of 3")
    assert CliRunner().invoke(command, [], input=good + REFUSED + good).exit_code == 1


def test_an_error_matters_more_than_what_came_after_it() -> None:
    """A static file that was fetched after the refused POST does not take its place."""
    static = "HTTP/2 200\nserver: AmazonS3\nx-cache: Hit from cloudfront\nvia: 1.1 a (CloudFront)\n\nok\n"
    assert explain(REFUSED + static).main.advice[0].code == "function-not-attached"


def test_secrets_are_never_repeated() -> None:
    """Authorization, cookies, tokens, passwords in the query and long ids in the path are not in any output."""
    paste = (
        "> POST /reset/Zx81kk2kk3kk4kk5kk6kk7kk8secret?token=q-secret&x=1 HTTP/2\n> Host: app.example.com\n"
        "> Authorization: Bearer a-secret\n> Cookie: session=c-secret\n> X-Api-Key: k-secret\n>\n"
        "< HTTP/2 403\n< x-amzn-errortype: IncompleteSignatureException\n< x-cache: Error from cloudfront\n"
        "< set-cookie: id=s-secret\n<\n"
        '{"message":"\'m-secret\' not a valid key=value pair (missing equal-sign) in Authorization header: '
        "'Bearer m-secret'.\"}\n"
    )
    found = explain(paste)
    for shown in (as_text(found), as_json(found)):
        assert "secret" not in shown
        assert "app.example.com" in shown


@given(method=st.text(max_size=12), url=st.text(max_size=40), name=st.text(max_size=20), value=st.text(max_size=40))
def test_what_json_holds_cannot_act_on_a_terminal(method: str, url: str, name: str, value: str) -> None:
    """Method, address and headers of a JSON document are printed without control characters, whatever they hold."""
    node = {
        "status": 403,
        "method": method,
        "url": f"https://{url}",
        "headers": {name: value, "x-amzn-errortype": value},
    }
    found = explain(json.dumps(node))
    assert all(char.isprintable() or char == "\n" for char in re.sub(r"\x1b\[\d*m", "", as_text(found)))


@given(st.lists(st.sampled_from([*REFUSED.splitlines(), "", "{", '"status": 403,', "> x", "403 {", "\t", "\x1b[31m"])))
def test_any_mixture_of_lines_is_read_or_refused(lines: list[str]) -> None:
    """Whatever order the lines of an answer come in, there is a reading or a refusal."""
    try:
        found = explain("\n".join(lines))
    except PasteError:
        return  # its texts are constants
    assert not re.search(r"[\x00-\x09\x0b-\x1a]", as_text(found))


@pytest.mark.parametrize("begin", ["hello", REFUSED, '{"schema":"edge-hasher/local/1"}', "Error: AccessDenied\n"])
def test_blank_lines_are_read_in_no_time(begin: str) -> None:
    """A terminal's copy may hold thousands: each is looked at once. Looked at from each other, it would take a day."""
    found = explain(f"{begin}{chr(10) * MIB}{REFUSED}")
    assert "function-not-attached" in {each.code for answer in found.answers for each in answer.advice}


@pytest.mark.parametrize("size", ["abc", "1 XB", "", " ", 3, [1], {}, "1 B B", "9" * 400 + " B"])
def test_an_odd_size_in_a_line_of_the_local_edge(size: object) -> None:
    """A member that the local edge does not write is no reason to stop."""
    record = {"schema": "edge-hasher/local/1", "decision": "-", "verdict": "InvalidSignatureException", "status": 403}
    found = explain(json.dumps({**record, "method": "POST", "target": "/a", "source": "edge", "size": size}))
    assert found.main.advice[0].code == "function-not-attached"


@pytest.mark.parametrize("verdict", ["gets a", "is", "returned status", "foo-bar"])
def test_a_sentence_is_no_line_of_the_local_edge(verdict: str) -> None:
    """What people write about an edge has no verdict of a Function URL's in its place."""
    said = f"Our edge POST /api 12 KiB body {verdict} 404"
    found = explain(f"{said}\n{REFUSED.replace('HTTP/2 403', 'Status: 403')}")
    assert not any(answer.exchange.local_edge for answer in found.answers)
