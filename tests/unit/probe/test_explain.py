"""`edge-hasher explain`: answers as people paste them, read as the probe reads them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.cli.explain import explain
from edge_hasher.probe.explain import ALL_ADVICE, as_json, as_text
from edge_hasher.probe.explain import explain as explained_as
from edge_hasher.probe.pages import pages
from edge_hasher.probe.paste.exchange import PasteError
from edge_hasher.probe.paste.read import INPUT_LIMIT_BYTES, read_paste
from tests.support.probe_causes import AT_THE_EDGE, LAMBDA, response
from tests.support.schemas import checked

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

HEADERS = "x-cache: Error from cloudfront\nvia: 1.1 a.cloudfront.net (CloudFront)\nx-amz-cf-id: AbCd==\n"
SIGNATURE_BODY = '{"message":"The request signature we calculated does not match the signature you provided. …"}'
SIGNATURE = f"HTTP/2 403 \nx-amzn-errortype: InvalidSignatureException\n{HEADERS}\n{SIGNATURE_BODY}"
SIGNATURE_CODES = ["function-not-attached", "wrong-digest-signed"]
NOISE = """* Host d111.cloudfront.net:443 was resolved.
* using HTTP/2
> POST /chat?x=1 HTTP/2
> Host: d111.cloudfront.net
> content-type: application/json
{}>
}} [24 bytes data]
* upload completely sent off: 24 bytes
< HTTP/2 403
< content-type: application/json
< x-amzn-errortype: InvalidSignatureException
< via: 1.1 a.cloudfront.net (CloudFront)
< x-amz-cf-id: AbCd==
<
{{ [192 bytes data]
{body}* Connection #0 to host d111.cloudfront.net left intact
"""


def run(text: str | bytes, *arguments: str) -> Result:
    """One run of the command with this on standard input."""
    return CliRunner().invoke(explain, list(arguments), input=text)


def codes(text: str) -> list[str]:
    """What a paste can mean, the likeliest first."""
    return [advice.code for advice in explained_as(text).main.advice]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SIGNATURE, SIGNATURE_CODES),
        (SIGNATURE.replace("\n", "\r\n"), SIGNATURE_CODES),
        (f"HTTP/1.1 100 Continue\n\n{SIGNATURE}", SIGNATURE_CODES),
        (f"HTTP/1.1 200 Connection established\n\nHTTP/2 100\n\n{SIGNATURE}", SIGNATURE_CODES),
        (f"HTTP/2 301 \nlocation: https://x/\n{HEADERS}\n{SIGNATURE}", SIGNATURE_CODES),
        (f"HTTP/2 200 \n{HEADERS}\n<html>first</html>\n{SIGNATURE}", SIGNATURE_CODES),
        (SIGNATURE.partition("\n\n")[0], SIGNATURE_CODES),
        (f"$ curl -i https://x/chat\n{SIGNATURE}", SIGNATURE_CODES),
        (SIGNATURE_BODY, SIGNATURE_CODES),
        (NOISE.format("", body=SIGNATURE_BODY), SIGNATURE_CODES),
        (
            NOISE.format(f"> X-Amz-Content-Sha256: {'0' * 64}\n", body=SIGNATURE_BODY),
            ["wrong-digest-signed", "client-digest-wrong"],
        ),
        (NOISE.format("", body="").replace("> POST", "> GET"), ["every-signature-wrong"]),
        (SIGNATURE.replace(HEADERS, "date: x\nconnection: keep-alive\nx-amzn-requestid: 1\n"), ["function-url-itself"]),
        (SIGNATURE.replace(HEADERS, ""), SIGNATURE_CODES),
        ("HTTP/1.1 200 OK\nserver: nginx\n\nhi", ["not-cloudfront"]),
    ],
    ids=[
        "http-2", "crlf", "100-continue", "through-a-proxy", "redirect", "two-answers", "no-body", "with-the-command",
        "body-alone", "verbose", "verbose-with-digest", "verbose-get", "function-url", "trimmed",
        "elsewhere",
    ],
)  # fmt: skip
def test_pastes_are_understood(text: str, expected: list[str]) -> None:
    """The same answer is read the same, however it was pasted."""
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("code", "status"), [("digest-mismatch", 400), ("body-too-large", 413), ("include-body-off", 500)]
)
def test_refusals_keep_their_own_words(code: str, status: int) -> None:
    """Edge Hasher's refusals are explained under their code, with the detail from the answer."""
    body = json.dumps({"type": f"urn:edge-hasher:{code}", "detail": "the numbers 1 and 2"})
    found = explained_as(response(status, AT_THE_EDGE, body).decode())
    assert [advice.code for advice in found.main.advice] == [code]
    assert "the numbers 1 and 2" in as_text(found)


def test_an_unknown_refusal_is_not_guessed() -> None:
    """A refusal of a version to come is not explained by another."""
    assert codes(response(400, AT_THE_EDGE, '{"type": "urn:edge-hasher:new"}').decode()) == ["cannot-tell"]


def test_the_functions_size_limit_is_explained() -> None:
    """Lambda's own 413 is told apart from Edge Hasher's."""
    headers = (*LAMBDA, ("x-amzn-ErrorType", "RequestEntityTooLargeException"))
    assert codes(response(413, headers, "{}").decode()) == ["lambda-too-large"]


def test_method_and_path_come_from_the_paste() -> None:
    """With curl -v, the line to paste names the path, quoted and without its query."""
    text = as_text(explained_as(NOISE.format("", body=SIGNATURE_BODY).replace("/chat?x=1", "/a;b?x=1")))
    assert "'/a;b'" in text
    assert "x=1" not in text


def test_exit_codes() -> None:
    """0: it got through, 1: it did not, 2: nothing to read."""
    assert run(response(200, LAMBDA, "ok")).exit_code == 0
    assert run(SIGNATURE).exit_code == 1
    done = run("hello\n")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "edge-hasher: no HTTP answer in the pasted text: run curl with -i, which prints the status line and the "
        "headers\n"
    )
    assert run("").exit_code == 2


def test_a_file_is_read_too(tmp_path: Path) -> None:
    """FILE stands in for standard input, and one that is not there ends with 2."""
    (tmp_path / "answer.txt").write_text(SIGNATURE)
    assert run("", str(tmp_path / "answer.txt")).exit_code == 1
    assert run("", str(tmp_path / "none.txt")).exit_code == 2


def test_a_check_of_doctors_is_explained_by_its_code(root: Path) -> None:
    """A code prints the section of its check, in either case; one that no check has ends with 2."""
    done = run("", "eh101")
    assert done.exit_code == 0
    assert done.stdout.startswith("### EH101\n")
    assert done.stdout.strip() in (root / "docs" / "checks.md").read_text()
    assert run("", "EH999").exit_code == 2


def test_diagnoses_are_explained_by_their_codes(root: Path) -> None:
    """A diagnosis prints its section, and several codes of both kinds print one after the other."""
    done = run("", "function-not-attached")
    assert done.exit_code == 0
    assert done.stdout.startswith("### function-not-attached\n")
    assert done.stdout.strip() in (root / "docs" / "probe.md").read_text()
    assert re.findall(r"^### (.+)", run("", "EH602", "healthy", "EH101,").stdout, re.MULTILINE) == [
        "EH602",
        "healthy",
        "EH101",
    ]
    assert run("", "EH602", "--json").exit_code == 2
    near = run("", "function-not-atached")
    assert near.exit_code == 2
    assert near.stderr.rstrip().endswith("or did you mean function-not-attached?")


def test_the_shipped_page_is_the_page_of_the_docs(root: Path) -> None:
    """What a diagnosis prints is what the docs say: after a change, copy docs/probe.md to edge_hasher/probe."""
    assert (root / "edge_hasher" / "probe" / "probe.md").read_text() == (root / "docs" / "probe.md").read_text()
    assert set(pages()) == set(ALL_ADVICE)


def test_each_meaning_names_the_command_that_explains_it() -> None:
    """Where to read on is a command that works wherever the tool is installed, and so are the checks of doctor's."""
    text = run(SIGNATURE).stdout
    assert "More: edge-hasher explain function-not-attached\n" in text
    assert "(edge-hasher explain EH602)" in text
    assert "docs/" not in text


@pytest.mark.parametrize(
    "arguments",
    [["InvalidSignatureException"], ["403"], [SIGNATURE], ["HTTP/2", "403"], ['{"message":"Forbidden"}'], ["502"]],
    ids=["error type", "status", "paste", "words", "JSON", "another status"],
)
def test_an_error_as_an_argument_is_explained(arguments: list[str]) -> None:
    """An error type, a status or a whole answer, given as an argument, is explained as if it had been pasted."""
    done = run("", *arguments)
    assert done.exit_code == 1
    assert done.stdout == run(" ".join(arguments)).stdout


@pytest.mark.parametrize("argument", ["403.txt", "NoSuchError", "./an answer", "what is this"])
def test_what_is_neither_file_nor_error_says_how_to_paste(argument: str) -> None:
    """A file that does not exist, or a word that nobody knows, is answered with the command to paste with."""
    done = run("", argument)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "there is no such file" in done.stderr
    assert "paste the answer on standard input: curl -i … | edge-hasher explain" in done.stderr


def test_doctors_codes_exist(root: Path) -> None:
    """Each check that an explanation names is one of doctor's."""
    text = (root / "docs" / "checks.md").read_text()
    named = {code for advice in ALL_ADVICE.values() for code in advice.doctor}
    assert named
    assert not {code for code in named if f"\n### {code}\n" not in text}


def test_the_summary_is_the_last_line() -> None:
    """The last line names what it can be, and what tells the two apart."""
    last = run(SIGNATURE).stdout.splitlines()[-1]
    assert last == (
        "1 answer; function-not-attached or wrong-digest-signed: `edge-hasher probe URL` sends what tells them apart"
    )


def test_json_has_its_schema(root: Path) -> None:
    """--json is versioned, and each field is documented."""
    document = checked("explain", run(SIGNATURE, "--json").stdout)
    assert document["schema"] == "edge-hasher/explain/1"
    assert [each["code"] for each in document["meanings"]] == ["function-not-attached", "wrong-digest-signed"]
    text = (root / "docs" / "probe.md").read_text()
    assert not {name for name in {*document, *document["meanings"][0]} if f"`{name}`" not in text}


def test_input_is_read_with_a_bound() -> None:
    """Of endless input no more than the bound is read."""
    endless = "printf 'HTTP/2 403 \\nvia: 1.1 a (CloudFront)\\n\\n'; exec cat /dev/zero"
    with subprocess.Popen(["sh", "-c", endless], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as source:
        program = [sys.executable, "-c", "from edge_hasher.cli.explain import explain; explain()"]
        done = subprocess.run(program, stdin=source.stdout, capture_output=True, timeout=30, check=False)
        source.kill()
    assert done.returncode == 1
    assert 0 < len(done.stdout) < INPUT_LIMIT_BYTES / 100


@given(st.one_of(st.text(max_size=500), st.text(max_size=500).map(lambda text: f"HTTP/2 403 \n{HEADERS}{text}")))
def test_any_paste_is_read_or_refused(text: str) -> None:
    """Whatever is pasted, there is a printable reading, or a refusal."""
    try:
        found = explained_as(text)
    except PasteError:
        return  # its texts are constants, tested above
    assert not [char for char in as_text(found).replace("\x1b[", "") if not char.isprintable() and char != "\n"]
    checked("explain", as_json(found))


def test_html_is_no_noise() -> None:
    """A body's own lines stay, also those that look like curl's marks."""
    body = "<p>\n<\n* a list\n{ [ }"
    (found,) = read_paste(f"HTTP/1.1 200 OK\nvia: x (CloudFront)\n\n{body}")
    assert found.answer.text == body
