"""The commands `probe` and `explain`: parse, call, print, exit code."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from typing import BinaryIO, NoReturn

    from edge_hasher.operate.probe.address import Address
    from edge_hasher.operate.probe.pattern import Result
    from edge_hasher.operate.probe.requests import PlannedRequest
    from edge_hasher.operate.probe.run import ProbeResult

_COULD_NOT_RUN = 2
_INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended
# CloudFront gives an origin 30 s by default: a little longer, and its 504 is seen, not ours.
_TIMEOUT_S = 35.0


@click.command()
@click.argument("url")
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice(["POST", "PUT", "PATCH", "DELETE"], case_sensitive=False),
    help="A method to try beside GET; may be repeated.  [default: POST]",
)
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Sent with every request.")
@click.option("--path", metavar="/PATH", help="In place of the path in URL.")
@click.option("--allow-writes", is_flag=True, help="Also send DELETE, and bodies of 1 MiB and a byte more.")
@click.option("--yes", "-y", is_flag=True, help="Send without asking.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write a dated report (.md or .json).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--timeout", "timeout_s", type=click.FloatRange(0.1, 600), default=_TIMEOUT_S, show_default=True, help="Seconds."
)
def probe(
    url: str,
    methods: tuple[str, ...],
    headers: tuple[str, ...],
    path: str | None,
    allow_writes: bool,
    yes: bool,
    report: Path | None,
    as_json: bool,
    timeout_s: float,
) -> None:
    """Ask a distribution from outside why its POST gets 403; no AWS credentials needed.

    Shows what it will send first: GET, and POST with a small JSON body, without a digest, with the right one and with
    a wrong one. Exit code 0: all is well, 1: something is not, or could not be told, 2: could not ask.
    """
    import asyncio

    from edge_hasher.operate.probe import document
    from edge_hasher.operate.probe import report as words
    from edge_hasher.operate.probe.address import ProbeError, parse_address, parse_header
    from edge_hasher.operate.probe.requests import plan

    try:
        address = parse_address(url, path=path)
        pairs = tuple(parse_header(header) for header in headers)
        names = tuple(name for name, _ in pairs)
        _require_allowed(methods, allow_writes=allow_writes)
        requests = plan(
            methods=methods, allow_writes=allow_writes, own_authorization="authorization" in map(str.lower, names)
        )
        _require_writable(report)
        _echo(words.plan_text(address, requests, names), err=as_json)
        _require_consent(yes=yes)
        result = asyncio.run(_probe(address, requests, pairs, timeout_s, quiet=as_json))
    except ProbeError as error:
        _give_up(str(error))
    except (KeyboardInterrupt, click.Abort):
        sys.exit(_INTERRUPTED)
    _echo(document.as_json(result) if as_json else words.conclusion_text(result))
    if report is not None:
        text = document.as_json(result) if report.suffix == ".json" else document.as_markdown(result)
        _write(report, text)
    sys.exit(1 if result.has_findings else 0)


async def _probe(
    address: Address,
    requests: tuple[PlannedRequest, ...],
    headers: tuple[tuple[str, str], ...],
    timeout_s: float,
    *,
    quiet: bool,
) -> ProbeResult:
    from datetime import UTC, datetime

    from edge_hasher.operate.probe.report import result_text
    from edge_hasher.operate.probe.run import probe as run_probe
    from edge_hasher.operate.probe.send import HttpSend, client

    def show(result: Result) -> None:
        if not quiet:
            _echo(result_text(result))

    async with client(timeout_s) as session:
        send = HttpSend(session, address, headers=headers, timeout_s=timeout_s)
        return await run_probe(address, requests, send, date=datetime.now(UTC).date().isoformat(), on_result=show)


@click.command()
@click.argument("file", type=click.File("rb"), default="-", metavar="[FILE]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(file: BinaryIO, as_json: bool) -> None:
    """Say what an answer means that you have already: curl -i … | edge-hasher explain.

    Takes what curl -i or curl -v prints, from FILE or standard input. Exit code 0: the request got through, 1: it did
    not, or it cannot be told, 2: there is no answer to read.
    """
    from edge_hasher.operate import explain as explaining
    from edge_hasher.operate.pasted import INPUT_LIMIT_BYTES, PasteError

    if file.isatty():
        click.echo("Paste the answer as curl -i prints it, then press Ctrl-D.", err=True)
    try:
        text = file.read(INPUT_LIMIT_BYTES).decode("utf-8", "replace")
        explained = explaining.explain(text)
    except (PasteError, OSError) as error:
        _give_up(str(error))
    _echo(explaining.as_json(explained) if as_json else explaining.as_text(explained))
    sys.exit(1 if explained.has_findings else 0)


def _require_allowed(methods: tuple[str, ...], *, allow_writes: bool) -> None:
    from edge_hasher.operate.probe.address import ProbeError
    from edge_hasher.operate.probe.requests import WRITE_METHODS

    for method in WRITE_METHODS.intersection(methods):
        if not allow_writes:
            raise ProbeError(f"--method {method} may change something: it needs --allow-writes")


def _require_consent(*, yes: bool) -> None:
    from edge_hasher.operate.probe.address import ProbeError

    if yes:
        return
    if not sys.stdin.isatty():
        raise ProbeError("nothing was sent: there is no terminal to ask; --yes sends the requests above")
    if not click.confirm("Send them?", err=True):
        raise ProbeError("nothing was sent")


def _require_writable(report: Path | None) -> None:
    """See before anything is sent that the report has a place."""
    from edge_hasher.operate.probe.address import ProbeError

    if report is not None and not report.parent.is_dir():
        raise ProbeError(f"--report {report}: the folder {report.parent} is not there")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        _give_up(f"cannot write {path}: {error.strerror}")


def _echo(text: str, *, err: bool = False) -> None:
    """Print with colour where there is a terminal; NO_COLOR takes it away (no-color.org)."""
    click.echo(text, err=err, color=False if os.environ.get("NO_COLOR") else None)


def _give_up(message: str) -> NoReturn:
    from edge_hasher.terminal import printable

    click.echo(f"edge-hasher: {printable(message)}", err=True)
    sys.exit(_COULD_NOT_RUN)
