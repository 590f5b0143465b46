"""`edge-hasher invoke`: one request through the real function, under AWS's runtime client."""

import asyncio
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge_hasher.local.own_function import is_this_code, own_function, python_note
from edge_hasher.local.runtime import FunctionFailure, FunctionPool, FunctionSpec
from tests.support.golden import Case, cases
from tests.support.schemas import checked

BINARY = bytes(range(256)) * 40


def edge_hasher(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run `edge-hasher invoke` as a user does."""
    command = [sys.executable, "-c", "from edge_hasher.cli import main; main()", "invoke", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)


@pytest.fixture
def binary_file(tmp_path: Path) -> Path:
    """A file that is no text."""
    path = tmp_path / "body.bin"
    path.write_bytes(BINARY)
    return path


def test_prints_the_digest_of_a_file(binary_file: Path) -> None:
    """A binary file's digest is printed, with time and peak memory, and the exit code is 0."""
    done = edge_hasher("--method", "PUT", "--body", f"@{binary_file}")
    assert done.returncode == 0
    assert f"x-amz-content-sha256: {hashlib.sha256(BINARY).hexdigest()}" in done.stdout.decode()
    assert " ms" in done.stdout.decode()
    assert ("peak memory" in done.stdout.decode()) == sys.platform.startswith("linux")


def test_body_from_standard_input() -> None:
    """`--body -` reads the body from standard input, bytes as they are."""
    done = edge_hasher("--body", "-", "--json", stdin=BINARY)
    assert json.loads(done.stdout)["digest"] == hashlib.sha256(BINARY).hexdigest()


def test_body_over_one_mebibyte_is_cut_and_refused(tmp_path: Path) -> None:
    """A body over 1 MiB is cut as CloudFront cuts it, so that the function refuses it, with exit code 1."""
    path = tmp_path / "large.bin"
    path.write_bytes(b"x" * 1_048_577)
    done = edge_hasher("--body", f"@{path}", "--json")
    assert done.returncode == 1
    refusal = json.loads(done.stdout)["refusal"]
    assert (refusal["type"], refusal["body_bytes"]) == ("urn:edge-hasher:body-too-large", 1_048_577)


def test_body_over_one_mebibyte_goes_on_with_its_digest(tmp_path: Path) -> None:
    """A body over 1 MiB is forwarded with the digest that the client sends."""
    path = tmp_path / "large.bin"
    path.write_bytes(b"x" * 2_000_000)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    done = edge_hasher("--body", f"@{path}", "--header", f"X-Amz-Content-SHA256: {digest.upper()}", "--json")
    assert (done.returncode, json.loads(done.stdout)["digest"]) == (0, digest)


def test_settings_reach_the_function() -> None:
    """Settings ride on the origin, several of them in one header."""
    done = edge_hasher("--body", "hello", "--setting", "max-body=4", "--setting", "bodyless=hash")
    assert done.returncode == 1
    assert b"413 body-too-large" in done.stdout
    assert b"has 5 bytes; this site takes 4" in done.stdout


def test_truncate_marks_a_short_body_as_cut() -> None:
    """`--truncate` asks what happens to a cut body without sending a large one."""
    done = edge_hasher("--body", "hello", "--truncate", "--setting", "oversize=forward")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, b"forwarded  without a digest")


@pytest.mark.parametrize("host", ["www.example.com", "WWW.example.com:8443", "192.0.2.1"])
def test_any_host_may_be_asked_for(host: str) -> None:
    """The request is made for a distribution of that name: there is no other to refuse it."""
    assert edge_hasher("--body", "x", "--header", f"Host: {host}").returncode == 0


def test_json_report() -> None:
    """`--json` has the outcome, the digest, the cost, the log and the function's answer."""
    report = checked("invoke", edge_hasher("--body", "hello", "--json").stdout)
    assert (report["outcome"], report["row"]) == ("forwarded", "body-hashed")
    assert report["refusal"] is None
    assert report["duration_ms"] > 0
    assert report["answer"]["body"]["data"] == ""
    assert report["answer"]["headers"]["x-amz-content-sha256"][0]["value"] == report["digest"]


def test_event_file(tmp_path: Path) -> None:
    """`--event` runs an event as it is, from a file or standard input."""
    case = next(case for case in cases() if case.name == "14-post-not-delivered")
    path = tmp_path / "event.json"
    path.write_text(json.dumps(case.event))
    for argument, stdin in ((path, b""), (f"@{path}", b""), ("-", path.read_bytes())):
        done = edge_hasher("--event", argument, "--json", stdin=stdin)
        assert done.returncode == 1
        report = checked("invoke", done.stdout)
        assert report["refusal"]["type"] == "urn:edge-hasher:body-not-delivered"
        assert len(report["log"]) == 2
        assert json.loads(report["log"][0])["row"] == report["row"] == case.expected["row"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--body", "@nowhere.bin"], "cannot read nowhere.bin: No such file or directory"),
        (["--body", "@."], "cannot read .: Is a directory"),
        (["--event", "nowhere.json"], "cannot read nowhere.json: No such file or directory"),
        (["--event", "-"], "the event is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (["--body", "x", "--header", "no colon"], "--header takes 'Name: value', not 'no colon'"),
        (["--body", "x", "--header", ": x"], "--header takes 'Name: value', not ': x'"),
        (["--body", "x", "--header", "a b: x"], "400 before any function runs: a header name is not a token"),
        (["--body", "x", "--header", "a: \x01"], "400 before any function runs: the header a holds a control"),
        (["--method", "GET", "--body", "x"], "403 before any function runs: CloudFront refuses a GET with a body"),
        (["--method", "BREW", "--body", "x"], "403 before any function runs: CloudFront does not take the method"),
        (["--body", "x", "--setting", "a=b\nX: y"], "the value of Edge-Hasher holds a control character"),
        (["--path", "no-slash"], "400 before any function runs: the request target does not begin with /"),
        (["--artifact", "."], ". holds no build of Edge Hasher"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input(arguments: list[str], message: str, tmp_path: Path) -> None:
    """Bad input is one clear line, exit code 2 and no trace."""
    command = [sys.executable, "-c", "from edge_hasher.cli import main; main()", "invoke", *arguments]
    done = subprocess.run(command, input="", capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr
    assert not done.stdout


def test_event_not_an_object() -> None:
    """An event that is JSON and no object says what it is."""
    done = edge_hasher("--event", "-", stdin=b"[1]")
    assert (done.returncode, done.stderr) == (2, b"edge-hasher: the event is a JSON list, not an object\n")


@pytest.mark.parametrize(
    "option",
    ["--body x", "--path /x", "--method POST", "--header a:b", "--setting bodyless=hash", "--truncate"],
)
def test_event_beside_other_options(option: str) -> None:
    """`--event` brings a whole request: anything else of a request beside it is a mistake, not ignored."""
    done = edge_hasher("--event", "-", *option.split(), stdin=b"{}")
    assert done.returncode == 2
    assert f"cannot be combined with {option.split(maxsplit=1)[0]}" in done.stderr.decode()


def test_an_anomaly_is_shown() -> None:
    """What the function logged of a request that it forwarded is shown too."""
    done = edge_hasher("--header", "Content-Length: 5", "--body", "abc")
    assert (done.returncode, done.stdout.splitlines()[1]) == (0, b"logged     content-length-mismatch")


def test_this_code_is_known_again(artifact: Path, tmp_path: Path) -> None:
    """A build of this very code is explained by it; one that decides otherwise is not."""
    assert is_this_code(None)
    assert is_this_code(artifact)
    other = tmp_path / "other"
    shutil.copytree(artifact / "edge_hasher", other / "edge_hasher")
    with (other / "edge_hasher" / "function" / "decision.py").open("a") as decision:
        decision.write("# another version\n")
    assert not is_this_code(other)


def test_malformed_event_shows_the_functions_own_trace() -> None:
    """An event that the function raises on ends in exit code 2, with its message and its trace."""
    done = edge_hasher("--event", "-", stdin=b'{"Records": []}')
    assert done.returncode == 2
    assert b"EventError: expected a CloudFront origin-request event: Records[0] is missing" in done.stderr
    assert b"in lambda_handler" in done.stderr


async def answers_of(spec: FunctionSpec, golden: list[Case]) -> list[Any]:
    """What the function answers to every case under awslambdaric; a failure as its type and message."""
    answers: list[Any] = []
    async with FunctionPool(spec) as pool:
        for case in golden:
            try:
                answers.append((await pool.invoke(json.dumps(case.event).encode())).value())
            except FunctionFailure as failure:
                answers.append((failure.kind, failure.error_type, failure.message))
    return answers


def test_the_build_answers_as_the_source_tree_does(artifact: Path) -> None:
    """Every golden event gets the expected answer under AWS's runtime client, from the SAM build and from the tree."""
    golden = cases()
    built = asyncio.run(answers_of(own_function(artifact), golden))
    from_source = asyncio.run(answers_of(own_function(), golden))
    assert built == from_source
    for case, answer in zip(golden, built, strict=True):
        if "error" in case.expected:
            assert answer[:2] == ("threw", "EventError")
            assert answer[2].endswith(case.expected["error"])
        else:
            case.check_answer(answer)


def test_invoke_runs_a_build(artifact: Path, binary_file: Path) -> None:
    """`--artifact` runs the build's own files, under Python 3.13 without a note."""
    done = edge_hasher("--artifact", artifact, "--body", f"@{binary_file}")
    assert done.returncode == 0
    assert hashlib.sha256(BINARY).hexdigest() in done.stdout.decode()
    assert (b"note: the build is for Python 3.13" in done.stderr) == (python_note(artifact) is not None)


def test_a_build_runs_its_own_files(artifact: Path) -> None:
    """The trace of a build's failure names files of the build."""

    async def failing() -> None:
        async with FunctionPool(own_function(artifact)) as pool:
            await pool.invoke({})

    with pytest.raises(FunctionFailure) as raised:
        asyncio.run(failing())
    assert str(artifact) in "".join(raised.value.stack_trace)
