"""The wheel alone: `demo` and `local` with what the extras declare and nothing else, in an empty folder."""

import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

pytest_plugins = ["tests.support.stack.wheel_fixtures"]

EXAMPLE = "edge_hasher/local/example/app/"
TIMEOUT_S = 120
HANDLER = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["headers"].get("x-amz-content-sha256"))}
"""
DIGEST_OF_HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


@pytest.fixture(scope="module")
def demo_bin(installed: Callable[..., Path]) -> Path:
    """An environment with the extra `demo`."""
    return installed("demo")


@pytest.fixture(scope="module")
def cli_bin(installed: Callable[..., Path]) -> Path:
    """An environment with the extra `cli`."""
    return installed("cli")


def clean() -> dict[str, str]:
    """Give an environment in which nothing leads back to the checkout."""
    return {"PATH": os.defpath, "HOME": os.sep}


def run(command: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder."""
    return subprocess.run(
        [str(command / "edge-hasher"), *arguments],
        cwd=folder,
        env=clean(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def test_the_wheel_holds_the_example_as_it_is_in_the_source(wheel: Path, root: Path) -> None:
    """Every file of the app and its page, the same to the byte, and no bytecode."""
    source = root / "examples/streaming-agent/app"
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith(EXAMPLE)]
        held = {name.removeprefix(EXAMPLE): archive.read(name) for name in names}
    assert held == files


def test_an_editable_install_has_no_copy_of_the_example(root: Path, tmp_path: Path) -> None:
    """There the app is the one in the checkout; a copy would be stale after the first edit."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel:editable", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    (wheel,) = tmp_path.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        assert [name for name in archive.namelist() if name.startswith(EXAMPLE)] == []


def test_the_environment_is_the_wheels(demo_bin: Path, root: Path, tmp_path: Path) -> None:
    """What is imported there comes from the wheel, not from the checkout."""
    program = "import edge_hasher; print(edge_hasher.__file__)"
    command = [str(demo_bin / "python"), "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=clean(), capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).is_relative_to(demo_bin.parent)
    assert not Path(done.stdout.strip()).is_relative_to(root)


def test_the_demo_runs_from_the_wheel(demo_bin: Path, tmp_path: Path) -> None:
    """The whole story, and nothing is left in the folder."""
    done = run(demo_bin, "demo", "--once", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "UNEXPECTED" not in done.stdout
    assert len([line for line in done.stdout.splitlines() if line.startswith("-- ")]) == 5
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_the_demo_says_what_to_install(cli_bin: Path, tmp_path: Path) -> None:
    """One line and exit code 2; no trace, and no server that fails to start."""
    done = run(cli_bin, "demo", "--once", folder=tmp_path)
    needed = "the example app needs python_multipart, starlette, uvicorn: pip install 'edge-hasher[demo]'"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"edge-hasher: {needed}\n")


def test_local_runs_from_the_wheel(cli_bin: Path, tmp_path: Path) -> None:
    """A handler of the folder behind the local edge: the function of the wheel hashes its POST."""
    (tmp_path / "app.py").write_text(HANDLER)
    with local(cli_bin, tmp_path) as address:
        answer = httpx.post(f"{address}/", content=b"hello", trust_env=False, timeout=TIMEOUT_S)
    assert (answer.status_code, answer.json()) == (200, DIGEST_OF_HELLO)


@contextmanager
def local(command: Path, folder: Path) -> Iterator[str]:
    """Run `edge-hasher local` over the folder's app.handler; gives the edge's address."""
    program = [str(command / "edge-hasher"), "local", "--app", "app:handler", "--port", "0"]
    with subprocess.Popen(program, cwd=folder, env=clean(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            lines = iter(process.stdout.readline, "")
            yield next(match[0] for line in lines if (match := re.search(r"http://127\.0\.0\.1:\d+", line)))
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=TIMEOUT_S)


def test_every_command_has_its_help(cli_bin: Path, tmp_path: Path) -> None:
    """No command needs a clone to say what it does."""
    commands = re.findall(
        r"^  ([a-z]+) ", run(cli_bin, "--help", folder=tmp_path).stdout.split("Commands:")[1], re.MULTILINE
    )
    assert {"demo", "doctor", "local", "probe"} <= set(commands)
    for name in commands:
        assert run(cli_bin, name, "--help", folder=tmp_path).returncode == 0, name
