"""Exit codes, and the one way to print and to stop."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from edge_hasher.aws.door import Aws
    from edge_hasher.screen import Screen

OK = 0
FINDINGS = 1  # the command ran, and something is not as it should be
COULD_NOT_RUN = 2  # nothing was done, or nothing could be found out
INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended


def echo(text: str, *, err: bool = False, newline: bool = True) -> None:
    """Print in color on a terminal, without color elsewhere and under NO_COLOR (no-color.org)."""
    click.echo(text, err=err, nl=newline, color=False if os.environ.get("NO_COLOR") else None)


def give_up(*lines: str) -> NoReturn:
    """Print what went wrong on standard error and exit with COULD_NOT_RUN. Control characters are escaped."""
    echo(printable("\n".join(("edge-hasher: " + lines[0], *lines[1:])), keep_lines=True), err=True)
    sys.exit(COULD_NOT_RUN)


def run_on_aws(work: Callable[[Aws, Screen], int], *, profile: str | None, region: str | None) -> NoReturn:
    """Do the work with an account and a progress line, then exit with the code that it returns."""
    from edge_hasher.aws.door import Aws
    from edge_hasher.aws.errors import OperateError
    from edge_hasher.screen import Screen

    screen = Screen(sys.stderr)
    try:
        code = work(Aws(profile=profile, region=region), screen)
    except OperateError as error:
        screen.clear()
        give_up(*map(printable, error.lines))
    except KeyboardInterrupt:
        code = INTERRUPTED
        screen.say("edge-hasher: interrupted; run the same command again to continue")
    screen.clear()
    sys.exit(code)
