"""What several test files share: the function as the real `sam build` makes it."""

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A shell that runs this in the background has SIGINT ignored, and so would have every program that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# An ordinary user starts with 1024 descriptors on many systems; some tests open more connections than that.
_DESCRIPTORS = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))

# Machines that run the tests are shared and slow at times: what a property says does not depend on how long it took.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

ROOT = Path(__file__).parents[1]
SAM_BIN = ROOT / ".venvs" / "sam" / "bin"
BUILD_INPUTS = ("edge_hasher", "template.yaml", "samconfig.toml")
_BUILD_TIMEOUT_S = 300

SamBuild = Callable[[Path], Path]


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def sam_bin() -> Path:
    """Give the folder of the SAM CLI's own environment, which holds `sam` and its `python`."""
    if not (SAM_BIN / "sam").exists():
        pytest.fail(f"No SAM CLI in {SAM_BIN.relative_to(ROOT)}: run `make setup`.")
    return SAM_BIN


@pytest.fixture(scope="session")
def no_aws() -> dict[str, str]:
    """Give an environment without credentials, profile or Region, in which nothing asks AWS."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    return environment | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
    }


@pytest.fixture(scope="session")
def sam_build(sam_bin: Path, no_aws: dict[str, str]) -> SamBuild:
    """Give a function that copies the sources to a folder, runs `sam build` there, and returns the artifact."""

    def build(folder: Path) -> Path:
        for name in BUILD_INPUTS:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, folder / name)
        result = subprocess.run(
            [str(sam_bin / "sam"), "build"],
            cwd=folder,
            env=no_aws | {"PYTHON": str(sam_bin / "python")},
            capture_output=True,
            text=True,
            check=False,
            timeout=_BUILD_TIMEOUT_S,
        )
        assert result.returncode == 0, f"sam build failed:\n{result.stdout}\n{result.stderr}"
        return folder / ".aws-sam" / "build" / "EdgeHasherFunction"

    return build


@pytest.fixture(scope="session")
def artifact(sam_build: SamBuild, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that would be zipped for Lambda@Edge; do not write to it."""
    return sam_build(tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="session")
def python313() -> str:
    """Give the command of a Python 3.13, the runtime's version, or skip."""
    probe = "import sys; sys.exit(sys.implementation.cache_tag != 'cpython-313')"
    for candidate in (str(ROOT / ".venv" / "bin" / "python"), "python3.13"):
        try:
            result = subprocess.run([candidate, "-c", probe], capture_output=True, check=False, timeout=30)
        except OSError:
            continue
        if result.returncode == 0:
            return candidate
    pytest.skip("there is no Python 3.13 on this machine, and the artifact is for no other")
