"""The package as pip installs it: the function as a library on pybase64 alone, and a command that needs its extra."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from importlib import metadata
from pathlib import Path

import pytest

import edge_hasher
from edge_hasher.cli import main
from tests.support.golden import cases

CASES = {case.name: case for case in cases()}
HANDLER = "import json, sys; from edge_hasher.function.handler import lambda_handler as f; "
DECIDE = "import json, sys; from edge_hasher.function import Decision, EventError, decide; "
MISSING_EXTRA = "edge-hasher needs the extra 'cli': pip install 'edge-hasher[cli]'\n"


pytest_plugins = ["tests.support.stack.wheel_fixtures"]


@pytest.fixture(scope="module")
def wheel_metadata(wheel: Path) -> Message:
    """The wheel's METADATA."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(archive.read(name).decode())


@pytest.fixture(scope="module")
def library(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pybase64 and the wheel; pip gets no index, so any other dependency fails the install."""
    folder = tmp_path_factory.mktemp("library")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for file in metadata.files("pybase64") or ():
        if ".." not in file.parts:
            (packages / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), packages / file)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python")]
    subprocess.run([*pip, "install", "--quiet", "--no-index", str(wheel)], check=True, capture_output=True)
    return folder / "bin"


def python(library: Path, program: str, value: object) -> subprocess.CompletedProcess[str]:
    """Run a program in the environment, with a JSON value on its standard input."""
    command = [str(library / "python"), "-I", "-c", program]
    return subprocess.run(command, input=json.dumps(value), capture_output=True, text=True, check=True)


def test_the_library_requires_pybase64_alone(wheel_metadata: Message) -> None:
    """Outside the extras, pip installs pybase64 and nothing else."""
    required = [line for line in wheel_metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert required == ["pybase64>=1.4.1"]
    assert set(wheel_metadata.get_all("Provides-Extra", [])) == {"cdk", "check", "cli", "demo", "log"}


def test_the_wheel_has_the_version_of_the_package(wheel_metadata: Message) -> None:
    """The version is `edge_hasher.__version__`."""
    assert wheel_metadata["Version"] == edge_hasher.__version__


def test_decide_works_on_pybase64_alone(library: Path) -> None:
    """The public surface hashes a body, and raises EventError for what is not a request."""
    case = CASES["11-post-json"]
    done = python(library, DECIDE + "print(json.dumps(decide(json.load(sys.stdin)).answer))", case.request)
    assert json.loads(done.stdout) == case.forwarded
    program = DECIDE + "\ntry: decide(json.load(sys.stdin))\nexcept EventError as error: print(error)"
    assert python(library, program, None).stdout.startswith("expected a CloudFront origin-request event: ")


def test_a_refusal_without_powertools_is_answered(library: Path) -> None:
    """Without the extra `log` nothing is logged, one line says so, and the answer is the same."""
    case = CASES["13-include-body-off"]
    done = python(library, HANDLER + "print(json.dumps(f(json.load(sys.stdin), None)))", case.event)
    case.check_answer(json.loads(done.stdout))
    assert done.stderr == "edge-hasher could not log: ModuleNotFoundError\n"


@pytest.mark.parametrize("command", [["edge-hasher", "local"], ["python", "-m", "edge_hasher", "--help"]])
def test_the_command_says_which_extra_is_missing(library: Path, tmp_path: Path, command: list[str]) -> None:
    """Without the extra `cli`, the command prints one line on standard error and exits with 2."""
    name, *arguments = command
    done = subprocess.run([str(library / name), *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", MISSING_EXTRA)


def test_a_missing_module_of_our_own_is_not_put_on_the_extra(library: Path, tmp_path: Path) -> None:
    """A broken import inside the package is a trace, not advice to install something."""
    (tmp_path / "click.py").write_text("import edge_hasher.nowhere\n")
    command = [str(library / "python"), "-m", "edge_hasher"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No module named 'edge_hasher.nowhere'" in done.stderr


def test_the_wheel_has_a_man_page_for_each_command(wheel: Path, root: Path, tmp_path: Path) -> None:
    """With the options as --help has them; two builds are the same to the byte."""
    with zipfile.ZipFile(wheel) as archive:
        pages = {
            Path(name).name: archive.read(name).decode() for name in archive.namelist() if "/share/man/man1/" in name
        }
    assert set(pages) == {"edge-hasher.1", *(f"edge-hasher-{name}.1" for name in main.commands)}
    for name, command in main.commands.items():
        options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
        text = pages[f"edge-hasher-{name}.1"].replace("\\-", "-")
        assert [option for option in options if option not in text] == []
    command_line = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command_line, cwd=root, check=True, capture_output=True)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes(shell: str) -> None:
    """The line of docs/cli.md prints the script, and the script's own question is answered."""
    command = [sys.executable, "-c", "from edge_hasher.__main__ import main; main()"]
    environment = os.environ | {"_EDGE_HASHER_COMPLETE": f"{shell}_source"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "_EDGE_HASHER_COMPLETE=" in done.stdout
    environment |= {"_EDGE_HASHER_COMPLETE": f"{shell}_complete", "COMP_WORDS": "edge-hasher doc"}
    environment["COMP_CWORD"] = "doc" if shell == "fish" else "1"  # each shell's own way
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "doctor" in done.stdout
