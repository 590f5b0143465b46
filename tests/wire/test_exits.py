"""Exit codes of whole commands, as processes: whatever happens to what they print, and whenever they are stopped."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge_hasher.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
# A harmless call of every command, and its exit code. Without credentials nothing is asked of AWS.
CALLS = {
    "attach": (["EDFDVBD6EXAMPLE", "--path", "/chat*"], 2),
    "demo": (["--artifact", "nowhere"], 2),
    "detach": (["EDFDVBD6EXAMPLE"], 2),
    "doctor": (["EDFDVBD6EXAMPLE"], 2),
    "check": (["nowhere"], 2),
    "explain": (["answer.txt"], 1),
    "invoke": (["--body", "text"], 0),
    "local": (["--origin", "nowhere"], 2),
    "logs": ([], 2),
    "package": (["nowhere/out.zip"], 2),
    "probe": (["http://127.0.0.1:9/é"], 2),
    "schema": (["logs"], 0),
    "versions": ([], 2),
}
Done = subprocess.CompletedProcess[bytes]
ANSWER = "HTTP/1.1 403 Forbidden\r\nserver: CloudFront\r\n\r\n…"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder in which the commands run; Python finds the modules in it first."""
    (tmp_path / "answer.txt").write_text(ANSWER)
    return tmp_path


@pytest.fixture
def run(folder: Path, no_aws: dict[str, str]) -> Callable[..., Done]:
    """Give a function that runs a call of the command behind a shell's redirections, with variables of a test's own."""

    def run(name: str, redirections: str = "", **variables: str) -> Done:
        words = [sys.executable, "-m", "edge_hasher", name, *CALLS[name][0]]
        return subprocess.run(
            ["bash", "-c", f"{shlex.join(words)} {redirections}; exit ${{PIPESTATUS[0]}}"],
            cwd=folder,
            env=no_aws | {"PYTHONPATH": str(folder)} | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )

    return run


def test_every_command_has_a_call() -> None:
    """A new command needs a call above."""
    assert set(main.commands) == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_what_happens_to_the_output_is_not_the_exit_code(name: str, run: Callable[..., Done]) -> None:
    """A reader that is gone, a closed stream, a full standard error: the exit code is what it is without."""
    for redirections in ("2>&1 | true", "2>&-", ">&- 2>/dev/full"):
        done = run(name, redirections)
        assert (redirections, done.returncode) == (redirections, CALLS[name][1]), done.stderr
        assert b"Traceback" not in done.stderr
        assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("name", CALLS)
def test_a_full_disk_loses_no_result(name: str, run: Callable[..., Done]) -> None:
    """What standard output does not take goes to standard error, which says so; the exit code is not 1."""
    done = run(name, "> /dev/full")
    assert done.returncode == 2
    if CALLS[name][1] != 2:
        assert b"No space left on device" in done.stderr
        assert len(done.stderr.splitlines()) > 1


@pytest.mark.parametrize("redirections", ["2>&-", ">&- 2>&-", "<&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_connection(redirections: str, folder: Path) -> None:
    """What opens next does not get the number of a stream that is closed: what is printed would go there."""
    program = (
        "import os, sys; from edge_hasher import streams; streams.guard(); "
        "number = os.open('opened', os.O_CREAT | os.O_WRONLY); print('out'); print('err', file=sys.stderr); "
        "os.write(number, str(number > 2).encode())"
    )
    command = f"{shlex.quote(sys.executable)} -c {shlex.quote(program)} {redirections}"
    subprocess.run(["bash", "-c", command], cwd=folder, env={"PYTHONPATH": str(ROOT)}, check=True)
    assert (folder / "opened").read_text() == "True"


STOPPED = """
import os, signal, time
os.kill(os.getpid(), signal.{signal})
time.sleep(30)
"""


@pytest.mark.parametrize(("module", "name"), [("click", "schema"), ("boto3", "versions"), ("aiohttp", "local")])
def test_ctrl_c_while_it_starts(module: str, name: str, folder: Path, run: Callable[..., Done]) -> None:
    """Ctrl-C in the middle of an import is 130 and one line, not 1 and a trace."""
    (folder / f"{module}.py").write_text(STOPPED.format(signal="SIGINT"))
    done = run(name)
    assert (done.returncode, done.stdout) == (130, b"")
    assert len(done.stderr.splitlines()) == 1
    assert b"edge-hasher: interrupted" in done.stderr


def test_sigterm_ends_it_with_its_own_code(folder: Path, run: Callable[..., Done]) -> None:
    """SIGTERM is 143, and one line."""
    (folder / "boto3.py").write_text(STOPPED.format(signal="SIGTERM"))
    done = run("versions")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (143, b"", 1)


FAULT = """
def broken(answer):
    raise RuntimeError(f"cannot parse {answer}")
try:
    broken("<HeaderValue>secret</HeaderValue>")
except RuntimeError as error:
    raise KeyError("other secret") from error
"""


@pytest.mark.parametrize("name", ["attach", "detach", "doctor", "logs", "versions"])
def test_a_fault_is_one_line_and_with_debug_a_trace(name: str, folder: Path, run: Callable[..., Done]) -> None:
    """What nobody foresaw is one line and exit code 2, and a variable brings the trace; neither holds an answer."""
    (folder / "boto3.py").write_text(FAULT)
    done, debugged = run(name), run(name, EDGE_HASHER_DEBUG="1")
    assert (done.returncode, debugged.returncode) == (2, 2)
    (line,) = done.stderr.splitlines()
    assert b"KeyError in boto3.py, line 7" in line
    assert b"EDGE_HASHER_DEBUG=1" in line
    assert debugged.stderr.index(b"builtins.RuntimeError") < debugged.stderr.index(b"builtins.KeyError")
    assert b"in broken" in debugged.stderr
    assert b"<HeaderValue>" not in done.stderr
    assert b"cannot parse <" not in debugged.stderr


def test_debug_brings_the_trace_of_a_refusal(run: Callable[..., Done]) -> None:
    """A refusal in one line has its trace on demand, too."""
    done = run("versions", EDGE_HASHER_DEBUG="1")
    assert done.returncode == 2
    assert b"botocore.exceptions.NoCredentialsError" in done.stderr
    assert done.stderr.splitlines()[-1].startswith(b"edge-hasher: no AWS credentials")


@pytest.mark.parametrize(
    ("package", "advice"),
    [("boto3", "pip install 'edge-hasher[cli]'"), ("urllib3_of_tomorrow", "pip install urllib3_of_tomorrow")],
)
def test_a_missing_package_is_named(package: str, advice: str, folder: Path, run: Callable[..., Done]) -> None:
    """Only what the extra brings is put on the extra."""
    (folder / "boto3.py").write_text(f"raise ModuleNotFoundError('No module', name='{package}')")
    done = run("versions")
    assert done.returncode == 2
    assert done.stderr.decode() == f"edge-hasher: the Python package {package} is not installed: {advice}\n"


def test_the_demo_names_what_its_app_lacks(folder: Path, run: Callable[..., Done]) -> None:
    """The example app runs beside the command; a package that it lacks is named before it starts."""
    (folder / "sitecustomize.py").write_text("import sys; sys.modules['starlette'] = None\n")
    done = run("demo")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert b"needs starlette: pip install -r examples/streaming-agent/app/requirements.txt" in line
