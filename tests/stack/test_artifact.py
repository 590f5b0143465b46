"""The artifact: the folder that `sam build` makes, and that becomes the zip of the Lambda@Edge function."""

import re
import struct
import subprocess
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

# Written by pip for itself: dropped by the build, and no part of what a distribution brings.
PIP_LEFTOVERS = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}

# CPython 3.13's magic number (Lib/importlib/_bootstrap_external.py), and PEP 552's flags: by hash, unchecked.
MAGIC_OF_313 = struct.pack("<H", 3571) + b"\r\n"
UNCHECKED_HASH = 0b01

# ELF header: 64-bit class at offset 4; e_machine, 62 for x86-64, at offset 18.
ELF_MAGIC = b"\x7fELF"
ELF_64_BIT = 2
ELF_X86_64 = 62

# Lambda@Edge takes 50 MB (documented: "Quotas on Lambda@Edge"). A small zip starts sooner: a tighter bound.
ZIP_LIMIT_BYTES = 3_000_000


def files_of(artifact: Path) -> dict[str, Path]:
    """Map each file of the artifact, by its path in the zip."""
    files = sorted(path for path in artifact.rglob("*") if path.is_file())
    return {path.relative_to(artifact).as_posix(): path for path in files}


def pins(root: Path) -> dict[str, str]:
    """Map the name of each pinned distribution to its version."""
    text = (root / "edge_hasher/function/requirements.txt").read_text()
    return dict(re.findall(r"^([a-z0-9_.-]+)==(\S+)", text, re.MULTILINE))


def without_platform(name: str) -> str:
    """Drop from an extension module's name what differs from system to system."""
    return re.sub(r"\.(cpython-\d+|abi3)[^/]*\.so$", ".so", name)


def is_pip_leftover(name: str) -> bool:
    """Tell whether a file is one of pip's own notes."""
    return ".dist-info/" in name and name.rpartition("/")[2] in PIP_LEFTOVERS


def shipped_by(distribution: str) -> set[str]:
    """Name the files that a distribution brings, as it is installed beside these tests."""
    names = {file.as_posix() for file in metadata.files(distribution) or []}
    return {
        without_platform(name)
        for name in names
        if not name.startswith("..") and "__pycache__" not in name and not is_pip_leftover(name)
    }


def test_artifact_holds_the_function_and_its_pins_and_nothing_else(artifact: Path, root: Path) -> None:
    """Each file, bytecode apart, is the function's own or comes from one of the pinned distributions."""
    function = {f"edge_hasher/function/{path.name}" for path in (root / "edge_hasher/function").glob("*.py")}
    expected = {"edge_hasher/__init__.py"} | function
    for name, version in pins(root).items():
        assert metadata.version(name) == version, f"{name} is not as pinned: run `make setup`"
        expected |= shipped_by(name)

    held = {without_platform(name) for name in files_of(artifact) if "__pycache__" not in name}

    assert held == expected


def test_artifact_has_no_pip_leftovers(artifact: Path) -> None:
    """Neither pip's notes nor the commands that it makes are in the zip."""
    names = files_of(artifact)

    assert not [name for name in names if name.startswith("bin/") or is_pip_leftover(name)]


def test_artifact_carries_metadata_and_licence_of_each_distribution(artifact: Path, root: Path) -> None:
    """Scanners read METADATA, and the licences must travel with the code."""
    names = files_of(artifact)
    for name, version in pins(root).items():
        folder = f"{name.replace('-', '_')}-{version}.dist-info/"
        assert f"{folder}METADATA" in names
        licences = [held for held in names if held.startswith(folder) and held.endswith("LICENSE")]
        assert licences, f"{name} comes without its licence"


def test_native_code_is_for_linux_x86_64_and_python_313(artifact: Path) -> None:
    """Whatever machine builds, extension modules are those of the runtime."""
    native = {name: path for name, path in files_of(artifact).items() if path.read_bytes()[:4] == ELF_MAGIC}
    assert native, "pybase64 without its extension module is several times slower"
    for name, path in native.items():
        header = path.read_bytes()[:20]
        assert header[4] == ELF_64_BIT
        assert struct.unpack_from("<H", header, 18) == (ELF_X86_64,)
        assert name.endswith((".cpython-313-x86_64-linux-gnu.so", ".abi3.so"))

    assert not [name for name in files_of(artifact) if name.endswith((".dylib", ".pyd", ".dll", ".exe"))]


def test_bytecode_is_of_python_313_and_independent_of_times(artifact: Path) -> None:
    """Bytecode is of the runtime's version, used unchecked, and there for every source or for none."""
    names = files_of(artifact)
    bytecode = {name: path for name, path in names.items() if name.endswith((".pyc", ".pyo"))}
    for name, path in bytecode.items():
        assert name.endswith(".cpython-313.pyc"), name
        magic, flags = struct.unpack_from("<4sI", path.read_bytes())
        assert (magic, flags) == (MAGIC_OF_313, UNCHECKED_HASH), name

    sources = {name.removesuffix(".py") for name in names if name.endswith(".py")}
    compiled = {name.replace("__pycache__/", "").removesuffix(".cpython-313.pyc") for name in bytecode}
    assert compiled in (sources, set())


@pytest.mark.usefixtures("python313")
def test_bytecode_is_there_where_python_313_builds(artifact: Path, root: Path, sam_bin: Path) -> None:
    """Cold starts at the edge compile nothing, and tracebacks show Lambda's paths, not the builder's."""
    version = subprocess.run(
        [sam_bin / "python", "-c", "import sys; print(sys.implementation.cache_tag)"],
        capture_output=True,
        text=True,
        check=True,
    )
    if version.stdout.strip() != "cpython-313":
        pytest.skip("the environment of the SAM CLI was not made with Python 3.13: run `make clean setup`")
    bytecode = artifact / "edge_hasher/function/__pycache__/handler.cpython-313.pyc"

    content = bytecode.read_bytes()

    assert b"/var/task/edge_hasher/function/handler.py" in content
    assert str(root).encode() not in content


def test_two_builds_are_the_same_byte_for_byte(
    artifact: Path, sam_build: Callable[[Path], Path], tmp_path: Path
) -> None:
    """A build from another folder has the same files with the same bytes, modes and times."""
    elsewhere = tmp_path / "a folder of another name"
    elsewhere.mkdir()
    again = sam_build(elsewhere)

    first, second = files_of(artifact), files_of(again)

    assert list(first) == list(second)
    for name, path in first.items():
        assert path.read_bytes() == second[name].read_bytes(), name
        here, there = path.stat(), second[name].stat()
        assert (here.st_mode, here.st_mtime) == (there.st_mode, there.st_mtime), name


def test_files_are_readable_by_everyone(artifact: Path) -> None:
    """Lambda runs the code as another user than its owner (documented: "Troubleshoot deployment")."""
    modes = {path.stat().st_mode & 0o777 for path in artifact.rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in artifact.rglob("*") if path.is_dir()}

    assert (modes, folders) == ({0o644}, {0o755})


def test_handler_imports_from_the_artifact_alone(artifact: Path, python313: str) -> None:
    """The artifact needs Python 3.13 alone: without site-packages, the handler and its logger import."""
    program = (
        f"import sys; sys.path.insert(0, {str(artifact)!r})\n"
        "from edge_hasher.function.handler import lambda_handler\n"
        "import edge_hasher.function.telemetry\n"
        "print(lambda_handler.__module__)"
    )
    command = [python313, "-I", "-S", "-B", "-c", program]

    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert result.stdout.strip() == "edge_hasher.function.handler", result.stderr


def test_zip_is_small(artifact: Path, tmp_path: Path) -> None:
    """The zip stays within the bound, far below what Lambda@Edge takes."""
    target = tmp_path / "function.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files_of(artifact).items():
            archive.write(path, name)

    assert target.stat().st_size <= ZIP_LIMIT_BYTES
