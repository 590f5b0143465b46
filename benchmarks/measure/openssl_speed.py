"""What OpenSSL's own benchmark says of SHA-256: no Python, one buffer over and over."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from benchmarks.subjects.payloads import HASHING_SIZES_BYTES

if TYPE_CHECKING:
    from benchmarks.progress import Progress
    from benchmarks.scale import Scale

_TIMEOUT_S = 30


def measure(scale: Scale, progress: Progress) -> dict[str, Any]:
    """Return bytes per second by size, and the version of the command; nothing if the command is missing."""
    command = shutil.which("openssl")
    if command is None or scale.openssl_s == 0:
        return {"version": None, "bytes_per_s": {}}
    rates = {}
    for size in HASHING_SIZES_BYTES[1:]:
        progress.step(f"openssl speed, {size} bytes")
        options = ("speed", "-mr", "-evp", "sha256", "-bytes", str(size), "-seconds", str(scale.openssl_s))
        rates[str(size)] = parse(_output(command, *options))
    return {"version": _output(command, "version").strip(), "bytes_per_s": rates}


def parse(output: str) -> float:
    """Return bytes per second from the machine-readable line `+F:22:sha256:1826000000.00`."""
    line = next(line for line in output.splitlines() if line.startswith("+F:"))
    return float(line.rpartition(":")[2])


def _output(command: str, *options: str) -> str:
    run = subprocess.run([command, *options], capture_output=True, text=True, check=True, timeout=_TIMEOUT_S)
    return run.stdout
