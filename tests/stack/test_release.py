"""What a release carries, and the workflows that make it."""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import edge_hasher


@pytest.fixture(scope="module")
def dist(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what `make dist` makes."""
    folder = tmp_path_factory.mktemp("release") / "dist"
    command = ["make", "--no-print-directory", "dist", f"DIST={folder}"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_release_has_these_files(dist: Path) -> None:
    """Named for people who look for them."""
    version = edge_hasher.__version__
    assert {path.name for path in dist.iterdir()} == {
        f"edge_hasher-{version}-py3-none-any.whl",
        f"edge_hasher-{version}.tar.gz",
        "edge-hasher-function.zip",
        "edge-hasher-function.cdx.json",
        "SHA256SUMS",
    }


def test_the_checksums_are_those_of_the_files(dist: Path) -> None:
    """Every other file is listed, as sha256sum -c reads it."""
    lines = (dist / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    others = [path for path in dist.iterdir() if path.name != "SHA256SUMS"]
    assert listed == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in others}


def test_the_sbom_lists_what_the_zip_holds(dist: Path, root: Path) -> None:
    """Every pinned distribution with its version, and no other."""
    sbom = json.loads((dist / "edge-hasher-function.cdx.json").read_text())
    listed = {component["name"]: component["version"] for component in sbom["components"]}
    pins = dict(
        re.findall(r"^([\w.-]+)==(\S+)", (root / "edge_hasher/function/requirements.txt").read_text(), re.MULTILINE)
    )

    assert sbom["bomFormat"] == "CycloneDX"
    assert listed == pins
    with zipfile.ZipFile(dist / "edge-hasher-function.zip") as archive:
        held = {name.split(".dist-info/")[0] for name in archive.namelist() if ".dist-info/" in name}
    assert held == {f"{name.replace('-', '_')}-{version}" for name, version in pins.items()}


def test_workflows_are_as_github_takes_them(root: Path) -> None:
    """By GitHub's published schema, which the tool carries. None of them has run here."""
    paths = [str(path) for path in (root / ".github/workflows").glob("*.yml")]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    dependabot = str(root / ".github/dependabot.yml")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.dependabot", dependabot]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_nothing_is_published_before_it_is_switched_on(root: Path) -> None:
    """Both uploads wait for a variable of the repository, and neither has a stored secret."""
    text = (root / ".github/workflows/release.yml").read_text()
    assert "if: vars.PUBLISH_TO_PYPI == 'true'" in text
    assert "if: vars.PUBLISH_TO_SAR == 'true'" in text
    assert "secrets." not in text
