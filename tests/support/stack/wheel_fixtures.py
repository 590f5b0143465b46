"""The project's wheel, and environments that hold it with nothing but what it declares; in `pytest_plugins`.

The environments are what `pip install 'WHEEL[extras]'` makes, in the locked versions: the packages are links to those
of the environment that the tests run in, found by following Requires-Dist. What is needed and not declared is missing.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@pytest.fixture(scope="session")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with hatchling from the lock."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Give what installs the wheel with extras into an empty environment, and tells that environment's bin."""

    def install(*extras: str) -> Path:
        folder = tmp_path_factory.mktemp("-".join(["environment", *extras]))
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        (packages,) = folder.glob("lib/python*/site-packages")
        pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "install", "--quiet"]
        subprocess.run([*pip, "--no-index", "--no-deps", str(wheel)], check=True, capture_output=True)
        (info,) = packages.glob("edge_hasher-*.dist-info")
        for name in _needed(metadata.PathDistribution(info), extras):
            _link(name, packages)
        return folder / "bin"

    return install


def _needed(wheel: metadata.Distribution, extras: Iterable[str]) -> set[str]:
    """Follow Requires-Dist from the wheel; gives canonical names."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting: list[tuple[metadata.Distribution, str]] = [(wheel, extra) for extra in ("", *extras)]
    while waiting:
        distribution, extra = waiting.pop()
        name = canonicalize_name(distribution.name)
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        own = name == canonicalize_name(wheel.name)
        if not own:
            found.add(name)
        for requirement in map(Requirement, distribution.requires or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                itself = canonicalize_name(requirement.name) == canonicalize_name(wheel.name)
                needed = wheel if itself else metadata.distribution(requirement.name)
                assert requirement.specifier.contains(needed.version, prereleases=True), requirement
                waiting += [(needed, one) for one in ("", *requirement.extras)]
    return found


def _link(name: str, packages: Path) -> None:
    """Link what one distribution installed."""
    distribution = metadata.distribution(name)
    tops = {file.parts[0] for file in distribution.files or () if file.parts[0] not in {"..", "__pycache__"}}
    for top in tops:
        place = packages / top
        if not place.exists():
            place.symlink_to(Path(str(distribution.locate_file(top))))
