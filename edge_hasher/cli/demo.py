"""The command `edge-hasher demo`."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import FINDINGS, OK, echo, give_up, stream

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@options.ARTIFACT
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port of the edge with the function.  [default: a free one]",
)
@click.option("--once", is_flag=True, help="Exit after the comparison, instead of serving the chat page.")
def demo(artifact: Path | None, port: int, once: bool) -> None:
    """See the same POST with and without the function.

    Two local edges stand in front of the example agent.

    Exit code 0: all went as it should, 1: it did not, 2: could not run.
    """
    from edge_hasher.local.commands.demo import DemoOptions, example_folder
    from edge_hasher.local.commands.demo import demo as run_demo
    from edge_hasher.local.config import ConfigError
    from edge_hasher.local.event_loop import run
    from edge_hasher.local.own_function import ArtifactError, own_function, python_note
    from edge_hasher.streams import TerminatedError

    try:
        demo_options = DemoOptions(example=example_folder(), function=own_function(artifact), port=port, once=once)
        if note := python_note(artifact):
            echo(f"note: {note}", err=True)
        went_well = run(run_demo(demo_options, echo=lambda text: stream(text, newline=False)))
    except (ConfigError, ArtifactError) as error:
        give_up(str(error))
    if isinstance(went_well, signal.Signals):
        raise TerminatedError if went_well == signal.SIGTERM else KeyboardInterrupt
    sys.exit(OK if went_well else FINDINGS)
