"""What a process has used, asked of the system: CPU time and peak memory."""

from __future__ import annotations

import sys
import time
from pathlib import Path

# The number of the clock "CPU time of process pid" is ~pid << 3, with 2 for the scheduler's own, exact count.
# Source: the kernel's posix-timers; glibc's clock_getcpuclockid() makes the same number.
_SCHEDULER_CLOCK = 2


def cpu_s(pid: int) -> float | None:
    """Return the CPU time of all threads of a process, with its fractions; None if unknown (not Linux)."""
    if sys.platform != "linux":
        return None
    try:
        return time.clock_gettime_ns((~pid << 3) | _SCHEDULER_CLOCK) / 1e9
    except OSError:  # the process is gone
        return None


def peak_rss_bytes(pid: int) -> int | None:
    """Return the peak resident memory of a process since it started; None if unknown (not Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_bytes()
    except OSError:
        return None
    _, found, rest = status.partition(b"VmHWM:")
    return int(rest.split(maxsplit=1)[0]) * 1024 if found else None  # the kernel's "kB" are KiB
