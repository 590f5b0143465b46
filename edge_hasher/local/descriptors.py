"""File descriptors: a viewer's connection takes one, and one to the app; many systems start a process with 1,024."""

from __future__ import annotations

import contextlib
import errno
import sys

if sys.platform != "win32":
    import resource

_MACOS_LIMIT = 10_240  # macOS says "unlimited" and takes no more than OPEN_MAX
_LAMBDA_LIMIT = 1024  # "Lambda quotas" (documented)


def raise_limit() -> None:
    """Raise the soft limit to the hard one, as far as the system lets us."""
    if sys.platform == "win32":
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (hard, _MACOS_LIMIT):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            return


def limit_as_on_lambda(pid: int) -> None:
    """Give a function's process as many as Lambda does, and not our own; Linux only."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, ValueError):  # it may have died already
            _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(_LAMBDA_LIMIT, hard), hard))


def exhausted(error: BaseException | None) -> str:
    """Return what to say when it was our own limit that an error met, or ""."""
    if sys.platform == "win32" or not isinstance(error, OSError) or error.errno not in {errno.EMFILE, errno.ENFILE}:
        return ""
    if error.errno == errno.ENFILE:
        return "The system has no file descriptor left for anybody."
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    more = f"raise the hard limit of {hard} (ulimit -Hn)" if soft >= hard else "raise it with ulimit -n"
    return f"The local edge has used up its {soft} file descriptors: {more}, or open fewer connections at once."
