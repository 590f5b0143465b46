"""What a result was measured on and with: models and versions, never names of hosts, users or paths."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import ssl
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pybase64

import edge_hasher

_PACKAGES = ("awslambdaric", "aws-lambda-powertools", "pyperf", "aiohttp")
# What decides the speed of SHA-256 and of base64.
_CPU_FLAGS = ("sha_ni", "avx2", "avx512vbmi")
_VERSION_TIMEOUT_S = 10
ROOT = Path(edge_hasher.__file__).parent.parent


def library_versions() -> dict[str, str]:
    """Return the versions of what hashes and decodes."""
    return {
        "openssl": ssl.OPENSSL_VERSION,
        "pybase64": pybase64.get_version(),
        "function_sha256": function_sha256(ROOT),
    }


def machine() -> dict[str, Any]:
    """Return the machine and the versions, as they go into every results file that pyperf does not write."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu_model": cpu_model(),
        "cpu_count": os.cpu_count(),
        "cpu_flags": [flag for flag in _CPU_FLAGS if flag in _cpu_info("flags").split()],
        "load_average_1min": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}, {' '.join(platform.libc_ver())}",
        "python": platform.python_version(),
        "packages": {name: _package_version(name) for name in _PACKAGES},
        **library_versions(),
    }


def cpu_model() -> str:
    """Return the processor's name, and where it hides its own, its family and model."""
    name = _cpu_info("model name") or platform.processor() or "unknown"
    family, model = _cpu_info("cpu family"), _cpu_info("model")
    return f"{name} (family {family}, model {model})" if family else name


def node_version() -> str | None:
    """Return the version of Node.js, None where there is none."""
    node = shutil.which("node")
    if node is None:
        return None
    run = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=_VERSION_TIMEOUT_S)
    return run.stdout.strip()


def function_sha256(root: Path) -> str:
    """Return a digest of the function's sources below `root`, and of nothing else there."""
    sha = hashlib.sha256()
    for source in sorted((root / "edge_hasher" / "function").glob("*.py")):
        sha.update(source.name.encode() + b"\0" + source.read_bytes())
    return sha.hexdigest()[:16]


def _package_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _cpu_info(field: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == field), "")
