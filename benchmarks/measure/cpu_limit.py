"""A CPU limit of the kernel for one process and its children, where this machine lets us set one."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CGROUPS = Path("/sys/fs/cgroup")
PERIOD_US = 20_000  # Lambda's own period (inferred, from what others measured)


class NoCpuLimitError(RuntimeError):
    """This machine lets us set no limit; the message says why."""


@contextmanager
def cpu_limit(share: float, cgroups: Path = CGROUPS) -> Iterator[Path]:
    """Give a file: a process that writes its id there gets `share` of one CPU. Raises NoCpuLimitError."""
    parent = cgroups / "cpu" if (cgroups / "cpu").is_dir() else cgroups  # version 1, else version 2
    group = parent / f"edge-hasher-bench-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        raise NoCpuLimitError(f"no control group can be made here ({error.strerror})") from error
    try:
        _set_quota(group, round(PERIOD_US * share), version_1=parent != cgroups)
        yield group / "cgroup.procs"
    finally:
        with suppress(OSError):  # a process may not quite be gone
            group.rmdir()


def _set_quota(group: Path, quota_us: int, *, version_1: bool) -> None:
    files = (
        {"cpu.cfs_period_us": f"{PERIOD_US}", "cpu.cfs_quota_us": f"{quota_us}"}
        if version_1
        else {"cpu.max": f"{quota_us} {PERIOD_US}"}
    )
    try:
        for name, value in files.items():
            (group / name).write_text(value)
    except OSError as error:
        raise NoCpuLimitError(f"the CPU quota cannot be set here ({error.strerror})") from error


def limited_python(path: Path, procs: Path) -> str:
    """Write a launcher that starts this Python under the limit from its first moment; return its path."""
    quoted_procs, python = shlex.quote(str(procs)), shlex.quote(sys.executable)
    path.write_text(f'#!/bin/sh\necho $$ > {quoted_procs}\nexec {python} "$@"\n')
    path.chmod(0o755)
    return str(path)
