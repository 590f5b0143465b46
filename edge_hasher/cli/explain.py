"""The command `edge-hasher explain`."""

from __future__ import annotations

import re
import shutil
import sys

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import FINDINGS, OK, echo, give_up
from edge_hasher.terminal import page_text


@click.command()
@click.argument("source", default="-", metavar="[FILE | EHnnn]")
@options.JSON
def explain(source: str, as_json: bool) -> None:
    """Explain an error you have: an answer, a log line, a refused deployment, or a check of doctor's.

    For example: curl -i https://app.example.com/api | edge-hasher explain.

    Takes what curl, wget, HTTPie, browsers and HTTP libraries print, HAR files, lines of CloudFront's and Lambda's
    logs, and what CloudFormation, Terraform and CDK print when AWS refuses a deployment, from FILE or standard input.
    EH101 or another code of doctor's prints what that check is about. Exit code 0: the request got through, 1: it did
    not, or it is unclear, 2: there is nothing to explain.
    """
    from edge_hasher.probe import explain as explanation
    from edge_hasher.probe.paste.exchange import PasteError

    if re.fullmatch(r"EH\d{3}", source, re.IGNORECASE):
        _explain_check(source)
        return
    try:
        explained = explanation.explain(_read(source))
    except PasteError as error:
        give_up(str(error))
    except OSError as error:
        give_up(f"cannot read {source}: {error.strerror}")
    echo(explanation.as_json(explained) if as_json else explanation.as_text(explained))
    sys.exit(FINDINGS if explained.has_findings else OK)


def _read(source: str) -> bytes:
    from edge_hasher.probe.paste.read import INPUT_LIMIT_BYTES

    with click.open_file(source, "rb") as file:
        if file.isatty():
            click.echo("Paste what you have, then press Ctrl-D.", err=True)
        data: bytes = file.read(INPUT_LIMIT_BYTES)
        return data


def _explain_check(code: str) -> None:
    from edge_hasher.doctor import check_page

    try:
        page = check_page(code)
    except LookupError as error:
        give_up(error.args[0])
    _show_page(page)


def _show_page(markdown: str) -> None:
    """Print a section of docs as it is, or without its marks and wrapped on a terminal."""
    if not sys.stdout.isatty():
        echo(markdown)
        return
    as_sentence = re.sub(r"\A### (EH\d+)\n\n\*\*Checks", r"\1 checks", markdown)
    echo(page_text(as_sentence, width=shutil.get_terminal_size().columns))
