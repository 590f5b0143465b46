"""Exit codes, and the one way to print and to stop."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge_hasher import streams
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import NoReturn

    from edge_hasher.aws.door import Aws
    from edge_hasher.screen import Screen

OK = 0
FINDINGS = 1  # the command ran, and something is not as it should be
COULD_NOT_RUN = 2  # nothing was done, or nothing could be found out
INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended
TERMINATED = 143  # the same for SIGTERM

DEBUG = "EDGE_HASHER_DEBUG"
_CHANGES = "edge_hasher.changes"  # in click's context: the exit code says what became of the account, printed or not


class CommandLine(click.Group):
    """All commands under one rule: every end is an exit code of those above, and none is a trace."""

    def main(self, *args: Any, **extra: Any) -> Any:  # noqa: ANN401 (as click has it)
        """Parse, run and exit, with standard streams that cannot fail."""
        streams.guard()
        return super().main(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 (as click has it)
        """Run the command."""
        code: Any = OK
        try:
            with _ended():
                super().invoke(ctx)
        except SystemExit as ended:
            code = ended.code
        if (problem := streams.output_problem()) and not isinstance(problem, BrokenPipeError):
            echo(f"edge-hasher: standard output could not be written ({problem.strerror}): it is above", err=True)
            code = code if ctx.meta.get(_CHANGES) else COULD_NOT_RUN
        sys.exit(code)


@contextmanager
def _ended() -> Iterator[None]:
    """End the command in one line and an exit code, whatever is raised inside, but for what click shows by itself."""
    try:
        yield
    except (click.exceptions.Exit, click.UsageError, ModuleNotFoundError):
        raise
    except (KeyboardInterrupt, click.Abort) as error:
        echo("edge-hasher: interrupted; run the same command again to continue", err=True)
        sys.exit(code_of(error))
    except Exception as error:  # noqa: BLE001 (whatever it is)
        if error is streams.output_problem():
            sys.exit(OK)
        give_up(error.format_message() if isinstance(error, click.ClickException) else _fault(error))


def code_of(interruption: BaseException) -> int:
    """Return the exit code for Ctrl-C or SIGTERM; at a question, click raises an Abort of its own from it."""
    ended = (interruption, interruption.__context__)
    return TERMINATED if any(isinstance(each, streams.TerminatedError) for each in ended) else INTERRUPTED


def echo(text: str, *, err: bool = False, newline: bool = True) -> None:
    """Print in color on a terminal, without color elsewhere, on a dumb one, and under NO_COLOR (no-color.org)."""
    is_plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    # The stream by name: click would write UTF-8 to one that is ASCII.
    click.echo(text, file=sys.stderr if err else sys.stdout, nl=newline, color=False if is_plain else None)


def stream(text: str, *, newline: bool = True) -> None:
    """Print a part of an output that may go on for ever; raises OSError once nobody reads it, or it has no room."""
    echo(text, newline=newline)
    if problem := streams.output_problem():
        raise problem


def give_up(*lines: str) -> NoReturn:
    """Print what went wrong on standard error and exit with COULD_NOT_RUN. Control characters are escaped.

    With EDGE_HASHER_DEBUG set, the trace comes first.
    """
    error = sys.exception()
    trace = _trace(error) if error and os.environ.get(DEBUG) else ""
    text = "\n".join(("edge-hasher: " + lines[0], *lines[1:]))
    echo(printable(trace + text, keep_lines=True), err=True)
    sys.exit(COULD_NOT_RUN)


def run_on_aws(
    work: Callable[[Aws, Screen], int], *, profile: str | None, region: str | None, changes: bool = False
) -> NoReturn:
    """Do the work with an account and a progress line, then exit with the code that it returns.

    Work that `changes` the account keeps its exit code when nothing can be printed.
    """
    from edge_hasher.aws.door import Aws
    from edge_hasher.aws.errors import OperateError
    from edge_hasher.screen import Screen

    click.get_current_context().meta[_CHANGES] = changes
    screen = Screen(sys.stderr)
    with _ended():
        try:
            code = work(Aws(profile=profile, region=region), screen)
        except OperateError as error:
            screen.clear()
            give_up(*map(printable, error.lines))
        finally:
            screen.clear()
    sys.exit(code)


def _fault(error: Exception) -> str:
    """Return one line without the error's own words, which may hold a part of an answer or of a body."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"
    return f"stopped by what looks like a fault of its own ({where}); {DEBUG}=1 shows the trace"


def _trace(error: BaseException | None) -> str:
    """Return the trace, the first cause first, without the errors' own words."""
    parts: list[str] = []
    while error is not None:
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.insert(0, f"{frames}{type(error).__module__}.{type(error).__qualname__}\n")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nfrom which came\n\n".join(parts)
