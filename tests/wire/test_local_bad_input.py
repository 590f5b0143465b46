"""`edge-hasher local` with what cannot work: one clear line, exit code 2, no trace."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from tests.support.edge.edge_fixtures import running_edge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.edge.edge_fixtures import Running


@pytest.fixture(scope="module")
def behind() -> Iterator[Running]:
    """Run an app (and an edge that nobody uses)."""
    with running_edge(function=None) as running:
        yield running


BAD = {
    "neither": ([], "pass exactly one of --origin and --app"),
    "both": (["--origin", "{app}", "--app", "a:b"], "pass exactly one of --origin and --app"),
    "origin not there": (["--origin", "http://127.0.0.1:1"], "no app answers at http://127.0.0.1:1"),
    "origin no address": (["--origin", "nonsense"], "'nonsense' is not http://HOST:PORT"),
    "origin without host": (["--origin", "http://:80"], "is not http://HOST:PORT"),
    "origin ftp": (["--origin", "ftp://127.0.0.1"], "is not http://HOST:PORT"),
    "origin with a user": (["--origin", "http://me:pw@127.0.0.1:80"], "is not http://HOST:PORT"),
    "origin with a query": (["--origin", "http://127.0.0.1:80/?a"], "is not http://HOST:PORT"),
    "origin with a blank": (["--origin", "http://127.0.0.1:80/a b"], "is not http://HOST:PORT"),
    "origin with a line end": (["--origin", "http://127.0.0.1:80/a\r\nX: y"], "is not http://HOST:PORT"),
    "origin port 0": (["--origin", "http://127.0.0.1:0"], "is not http://HOST:PORT"),
    "origin port too high": (["--origin", "http://127.0.0.1:65536"], "is not a URL"),
    "origin half an address": (["--origin", "http://[::1"], "is not a URL"),
    "origin no name": (["--origin", "http://a..b:80"], "no app answers at http://a..b:80"),
    "app not module:function": (["--app", "handler"], "--app takes module:function"),
    "app a path": (["--app", "a/b:c"], "--app takes module:function"),
    "app not there": (["--app", "nope:handler"], "Unable to import module 'nope'"),
    "app without the function": (["--app", "fine:nope"], "Handler 'nope' missing on module 'fine'"),
    "app that raises": (["--app", "raises:f"], "the handler raises.f did not start: first second"),
    "app with a syntax error": (["--app", "syntax:f"], "Syntax error in module 'syntax'"),
    "handler not there": (["--origin", "{app}", "--handler", "nope:f"], "Unable to import module 'nope'"),
    "handler that raises": (["--origin", "{app}", "--handler", "raises:f"], "raises.py"),
    "handler beside no function": (
        ["--origin", "{app}", "--handler", "fine:f", "--no-function"],
        "pass at most one of",
    ),
    "artifact without a build": (["--origin", "{app}", "--artifact", "."], "holds no build of Edge Hasher"),
    "artifact not there": (["--origin", "{app}", "--artifact", "nowhere"], "holds no build of Edge Hasher"),
    "taken port": (["--origin", "{app}", "--no-function", "--port", "{taken}"], "is taken: name another with --port"),
    "host no name": (["--origin", "{app}", "--no-function", "--host", "a..b"], "not a host name"),
    "host not ours": (["--origin", "{app}", "--no-function", "--host", "192.0.2.1"], "cannot listen on"),
    "setting unknown": (["--origin", "{app}", "--setting", "colour=red"], "setting 1 is none of: oversize"),
    "setting value": (["--origin", "{app}", "--setting", "oversize=maybe"], "oversize takes one of: reject, forward"),
    "setting twice": (
        ["--origin", "{app}", "--setting", "oversize=reject", "--setting", "oversize=forward"],
        "Edge-Hasher",
    ),
    "setting in a header": (["--origin", "{app}", "--origin-header", "edge-hasher: x"], "setting 1 is none of"),
    "settings in two places": (
        ["--origin", "{app}", "--origin-header", "Edge-Hasher: oversize=reject", "--setting", "bodyless=hash"],
        "there 2 times",
    ),
    "setting without a function": (
        ["--origin", "{app}", "--no-function", "--setting", "oversize=reject"],
        "--setting is for the function",
    ),
    "header without a colon": (["--origin", "{app}", "--origin-header", "nonsense"], "takes 'Name: value'"),
    "header not allowed": (["--origin", "{app}", "--origin-header", "X-Amz-A: b"], "CloudFront refuses X-Amz-A"),
    "header of two lines": (["--origin", "{app}", "--origin-header", "X-A: b\r\nX-B: c"], "control character"),
    "two policies": (
        ["--origin", "{app}", "--forward-host", "--request-policy", "none"],
        "--forward-host is --request-policy AllViewer, and none is asked for",
    ),
    "eleven headers": (
        ["--origin", "{app}", *(part for number in range(11) for part in ("--origin-header", f"X-{number}: b"))],
        "there are 11 origin custom headers; CloudFront takes 10",
    ),
    "ten headers and a setting": (
        [
            *("--origin", "{app}", "--setting", "oversize=forward"),
            *(part for number in range(10) for part in ("--origin-header", f"X-{number}: b")),
        ],
        "there are 11 origin custom headers",
    ),
    "long headers": (
        ["--origin", "{app}", *(part for n in range(6) for part in ("--origin-header", f"X-{n}: {'b' * 1_705}"))],
        "have 10248 characters in all; CloudFront takes 10240",
    ),
    "alias in upper case": (["--origin", "{app}", "--alias", "WWW.example.com"], "--alias takes a domain name"),
    "alias with a wildcard inside": (["--origin", "{app}", "--alias", "www.*.com"], "--alias takes a domain name"),
    "alias of a wildcard alone": (["--origin", "{app}", "--alias", "*"], "--alias takes a domain name"),
    "alias with a port": (["--origin", "{app}", "--alias", "www.example.com:80"], "--alias takes a domain name"),
    "no app at an IPv6 address": (["--origin", "http://[::1]:9"], "no app answers at http://[::1]:9 ("),
    "handler that streams": (["--app", "fine:f", "--invoke-mode", "RESPONSE_STREAM"], "a Python Lambda handler cannot"),
    "timeout 0": (["--origin", "{app}", "--read-timeout", "0"], "--read-timeout takes 1 to 120 seconds"),
    "timeout too long": (["--origin", "{app}", "--read-timeout", "121"], "--read-timeout takes 1 to 120 seconds"),
    "timeout nan": (["--origin", "{app}", "--read-timeout", "nan"], "--read-timeout takes 1 to 120 seconds"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(behind: Running, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot work ends with exit code 2 and one line that says what to change: no trace."""
    (tmp_path / "fine.py").write_text("def f(event, context): ...\n")
    (tmp_path / "raises.py").write_text("raise RuntimeError('first\\nsecond')\n")
    (tmp_path / "syntax.py").write_text("def f(:\n")
    monkeypatch.chdir(tmp_path)
    arguments, says = BAD[name]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        given = [
            argument.format(app=behind.app.address, taken=taken.getsockname()[1]) if "{" in argument else argument
            for argument in arguments
        ]
        given = given if "--port" in given else ["--port", "0", *given]
        result = CliRunner().invoke(main, ["local", *given])
    assert result.exit_code == 2
    assert (result.stdout, len(result.stderr.splitlines())) == ("", 1)
    assert result.stderr.startswith("edge-hasher: ")
    assert says in result.stderr


@pytest.mark.parametrize(
    "option",
    [
        *(["--port", "-1"], ["--port", "65536"], ["--oac", "maybe"], ["--read-timeout", "soon"]),
        *(["--request-policy", "Mine"], ["--invoke-mode", "stream"]),
    ],
)
def test_options_that_are_no_options(option: list[str]) -> None:
    """What the option parser itself refuses is exit code 2 too."""
    result = CliRunner().invoke(main, ["local", "--origin", "http://127.0.0.1:1", *option])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
