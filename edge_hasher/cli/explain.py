"""The command `edge-hasher explain`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import FINDINGS, OK, echo, give_up

if TYPE_CHECKING:
    from typing import BinaryIO


@click.command()
@click.argument("file", type=click.File("rb"), default="-", metavar="[FILE]")
@options.JSON
def explain(file: BinaryIO, as_json: bool) -> None:
    """Explain a response you already have.

    For example: curl -i https://app.example.com/api | edge-hasher explain.

    Takes what curl -i or curl -v prints, from FILE or standard input. Exit code 0: the request got through, 1: it did
    not, or it is unclear, 2: there is no answer to read.
    """
    from edge_hasher.probe import explain as explanation
    from edge_hasher.probe.pasted import INPUT_LIMIT_BYTES, PasteError

    if file.isatty():
        click.echo("Paste the answer as curl -i prints it, then press Ctrl-D.", err=True)
    try:
        text = file.read(INPUT_LIMIT_BYTES).decode("utf-8", "replace")
        explained = explanation.explain(text)
    except (PasteError, OSError) as error:
        give_up(str(error))
    echo(explanation.as_json(explained) if as_json else explanation.as_text(explained))
    sys.exit(FINDINGS if explained.has_findings else OK)
