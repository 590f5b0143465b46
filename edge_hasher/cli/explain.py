"""The command `edge-hasher explain`."""

from __future__ import annotations

import difflib
import re
import shutil
import sys
from pathlib import Path

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import FINDINGS, OK, echo, give_up
from edge_hasher.terminal import page_text

_CHECK = re.compile(r"EH\d+", re.IGNORECASE)
# A name of AWS's, a status, or what looks like a paste: any other argument is the name of a file.
_PASTE = re.compile(r"[A-Za-z]+|[1-5]\d\d|[{<].*|.*\n.*|(?![~./\\]).*\s.*", re.DOTALL)
_HOW = "paste the answer on standard input: curl -i … | edge-hasher explain"
_SHOWN_CHARS = 80


@click.command(short_help="Explain an error, an answer, a log line or a code.")
@click.argument("sources", nargs=-1, metavar="[FILE | CODE | ERROR]")
@options.JSON
def explain(sources: tuple[str, ...], as_json: bool) -> None:
    """Explain an error you have: an answer, a log line, a refused deployment, or a code of probe's or doctor's.

    For example: curl -i https://app.example.com/api | edge-hasher explain.

    Takes what curl, wget, HTTPie, browsers and HTTP libraries print, HAR files, lines of CloudFront's, Lambda's and
    edge-hasher local's logs, and what CloudFormation, Terraform and CDK print when AWS refuses a deployment, from FILE
    or standard input.
    EH101 or function-not-attached, or several such codes, print what is written about them, and
    InvalidSignatureException or 403 what it can mean. Exit code 0: the request got through, 1: it did not, or it is
    unclear, 2: there is nothing to explain.
    """
    from edge_hasher.probe import explain as explanation
    from edge_hasher.probe.paste.exchange import PasteError

    if sources and (sections := _sections(sources)):
        if as_json:
            raise click.UsageError("what is written about a code has no JSON: leave --json out")
        _show("\n".join(sections))
        return
    source = " ".join(sources) or "-"
    is_paste = not _is_there(source) and _PASTE.fullmatch(source) is not None
    try:
        explained = explanation.explain(source if is_paste else _read(source))
    except PasteError as error:
        give_up(_nothing_in(source, sources) if is_paste else str(error))
    except FileNotFoundError:
        give_up(_nothing_in(source, sources))
    except OSError as error:
        give_up(f"cannot read {source}: {error.strerror}")
    echo(explanation.as_json(explained) if as_json else explanation.as_text(explained))
    sys.exit(FINDINGS if explained.has_findings else OK)


def _is_there(name: str) -> bool:
    """Whether there is such a file; a paste is too long for a name, and one with a zero byte is none."""
    try:
        return name == "-" or Path(name).exists()
    except (OSError, ValueError):
        return False


def _read(source: str) -> bytes:
    from edge_hasher.probe.paste.read import INPUT_LIMIT_BYTES

    with click.open_file(source, "rb") as file:
        if file.isatty():
            click.echo("Paste what you have, then press Ctrl-D.", err=True)
        data: bytes = file.read(INPUT_LIMIT_BYTES)
        return data


def _sections(sources: tuple[str, ...]) -> list[str]:
    """Return what is written about each code, or nothing if not all are codes; gives up at an unknown check."""
    from edge_hasher.doctor import check_page
    from edge_hasher.probe.pages import pages

    found = []
    for source in sources:
        code = source.strip(",").lower()
        if not _CHECK.fullmatch(code) and code not in pages():
            return []
        try:
            found.append(check_page(code) if _CHECK.fullmatch(code) else pages()[code])
        except LookupError as error:
            give_up(error.args[0])
    return found


def _show(markdown: str) -> None:
    """Print sections of docs: plain and wrapped on a terminal, as they are in a file or a pipe."""
    if not sys.stdout.isatty():
        echo(markdown.rstrip("\n"))
        return
    as_sentences = re.sub(r"^### (EH\d+)\n\n\*\*Checks", r"\1 checks", markdown, flags=re.MULTILINE)
    echo(page_text(as_sentences, width=shutil.get_terminal_size().columns), newline=False)


def _nothing_in(source: str, sources: tuple[str, ...]) -> str:
    """Say that an argument is neither a file nor anything known, with the code that it may have been meant to be."""
    from edge_hasher.probe.pages import pages

    near = difflib.get_close_matches(source, pages(), n=1) if len(sources) == 1 else []
    shown = source if len(source) <= _SHOWN_CHARS else f"{source[:_SHOWN_CHARS]}…"
    meant = f", or did you mean {near[0]}?" if near else ""
    return f"there is no such file, error or code: {' '.join(shown.split())}; {_HOW}{meant}"
