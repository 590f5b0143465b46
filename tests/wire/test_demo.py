"""`edge-hasher demo`: the story that the README opens with, on the real build."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from edge_hasher.local.own_function import python_note

COMMAND = [sys.executable, "-c", "from edge_hasher.cli import main; main()", "demo"]


def test_the_story_on_the_build(artifact: Path) -> None:
    """With the SAM build, every answer of the story is the expected one, and the command ends with 0."""
    done = subprocess.run(
        [*COMMAND, "--once", "--artifact", artifact], capture_output=True, text=True, timeout=120, check=False
    )
    note = python_note(artifact)  # where the tests run under another Python than the runtime's
    assert (done.returncode, done.stderr) == (0, f"note: {note}\n" if note else "")
    assert "UNEXPECTED" not in done.stdout
    chapters = [line for line in done.stdout.splitlines() if line.startswith("-- ")]
    assert len(chapters) == 5
    for words in (
        "403 InvalidSignatureException",
        "Why: ",
        "[converter: ",
        "413 The body is too large",
        "2000000 bytes",
    ):
        assert words in done.stdout


def test_the_page_is_served_until_ctrl_c() -> None:
    """Without --once the chat page and the inspector are served; Ctrl-C ends all of it, and no process stays."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        page = next(match[1] for line in lines if (match := re.search(r"with the function +(http://\S+/)", line)))
        assert "<!doctype html>" in httpx.get(page, timeout=20).text.lower()
        assert httpx.get(f"{page}__edge/", timeout=20).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert children_of_session(process.pid) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_story_is_not_a_story_that_went_wrong(number: int, code: int) -> None:
    """Ctrl-C before the story's end is 130 and SIGTERM 143, not 1; no trace, and no process stays."""
    with subprocess.Popen(
        COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    assert process.returncode == code
    assert "Traceback" not in said
    assert children_of_session(process.pid) == []


def children_of_session(leader: int) -> list[int]:
    """What still lives of the processes that a session's leader has started, once they had a moment to end."""
    deadline = time.monotonic() + 5
    while (alive := _living(leader)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return alive


def _living(leader: int) -> list[int]:
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if session_of(pid) == leader]


def session_of(pid: int) -> int | None:
    """The session of a process; None when it has gone."""
    try:
        return os.getsid(pid)
    except OSError:
        return None


def test_without_the_example_folder(tmp_path: Path) -> None:
    """Away from a clone there is no example app: one clear line and exit code 2."""
    package = tmp_path / "edge_hasher"
    package.symlink_to(Path(__file__).parents[2] / "edge_hasher")
    program = (
        "import edge_hasher; edge_hasher.__file__ = __import__('sys').argv.pop(1); "
        "from edge_hasher.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(package / "__init__.py"), "demo", "--once"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "run the demo from a clone of the repository" in done.stderr
    assert len(done.stderr.splitlines()) == 1
