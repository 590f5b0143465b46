"""Build the folder that becomes the function's zip. `sam build` runs this file; `edge-hasher package` calls `build`.

Any Python from 3.11 with pip can build, on any system: pip only unpacks wheels, and takes those of the target below.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FUNCTION = Path(__file__).parents[1]

# The runtime python3.13 is Amazon Linux 2023, glibc 2.34 (documented: "Lambda runtimes"). Older pips take a tag
# literally, hence the list: manylinux2014 is 2.17; wheels with a newer tag than 2.34 would not load.
PLATFORMS = ("manylinux2014", "manylinux_2_24", "manylinux_2_26", "manylinux_2_27", "manylinux_2_28", "manylinux_2_34")
TARGET = ["--implementation=cp", "--python-version=3.13", *(f"--platform={name}_x86_64" for name in PLATFORMS)]

TASK_ROOT = "/var/task"  # where Lambda unpacks the zip: the path that tracebacks show
PIPS_NOTES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
FIRST_YEAR_OF_ZIP_S = 315_532_800  # 1980-01-01, UTC

_HAS_PIP = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
_IS_313 = "import sys; sys.exit(sys.implementation.cache_tag != 'cpython-313')"


class BuildError(Exception):
    """The artifact could not be built; the message says why and what to do."""


def build(folder: Path) -> bool:
    """Fill an empty folder with the function and its pinned packages; tell whether bytecode is in it."""
    _install(folder)
    package = folder / "edge_hasher" / "function"
    package.mkdir(parents=True)
    (folder / "edge_hasher" / "__init__.py").touch()
    # Laid out as in the source tree, so one import path holds in tests and in production.
    for source in FUNCTION.glob("*.py"):
        shutil.copyfile(source, package / source.name)
    compiled = _compile(folder)
    _level(folder)
    return compiled


def _install(folder: Path) -> None:
    python = _first_python(_HAS_PIP, sys.executable, "python3.13", "python3", "python3.14", "python3.12", "python3.11")
    if python is None:
        raise BuildError("the build needs pip, in this Python or in another one on PATH from 3.11 on")
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    exact = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile"]
    lock = FUNCTION / "requirements.txt"
    command = [python, "-m", "pip", "install", *quiet, *exact, *TARGET, f"--target={folder}", f"--requirement={lock}"]
    done = subprocess.run(command, stdout=sys.stderr, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BuildError(f"pip could not install {lock.name}:\n{done.stderr.strip()}")
    # What pip notes about its own work, and the commands it makes, differ from machine to machine. METADATA and the
    # licenses stay: scanners read the one, and the others must travel with the code.
    shutil.rmtree(folder / "bin", ignore_errors=True)
    for path in folder.glob("*.dist-info/*"):
        if path.name in PIPS_NOTES:
            path.unlink()


def _compile(folder: Path) -> bool:
    """Add bytecode: the folder is read-only at the edge, and without it every cold start compiles what it imports.

    That is 7 ms more of CPU for the handler and 60 ms more with the logger, measured on one machine. Only Python 3.13
    writes bytecode that Python 3.13 reads.
    """
    python = _first_python(_IS_313, sys.executable, "python3.13")
    if python is None:
        return False
    # Unchecked: the bytecode carries a hash of its source instead of a time, and is used without a look at the source.
    options = ["-qf", "--invalidation-mode=unchecked-hash", "-s", str(folder), "-p", TASK_ROOT]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    command = [python, "-m", "compileall", *options, str(folder)]
    subprocess.run(command, stdout=sys.stderr, env=environment, check=True)  # noqa: S603
    return True


def _level(folder: Path) -> None:
    """Give modes and times that do not depend on who builds and when."""
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (FIRST_YEAR_OF_ZIP_S, FIRST_YEAR_OF_ZIP_S))


def _first_python(condition: str, *candidates: str) -> str | None:
    """Name the first that meets the condition. Each is started: version managers leave commands that only say no."""
    for python in candidates:
        try:
            done = subprocess.run([python, "-c", condition], capture_output=True, check=False)  # noqa: S603
        except OSError:
            continue
        if done.returncode == 0:
            return python
    return None


if __name__ == "__main__":
    try:
        if not build(Path(sys.argv[1])):
            sys.stderr.write("No Python 3.13 here: built without bytecode, so cold starts at the edge take longer.\n")
    except BuildError as error:
        sys.exit(str(error))
