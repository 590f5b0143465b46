"""The command `edge-hasher probe`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import FINDINGS, OK, code_of, echo, give_up

if TYPE_CHECKING:
    from edge_hasher.probe.diagnosis.pattern import Result

# CloudFront gives an origin 30 s by default: with a little more, its own 504 is seen before ours.
_TIMEOUT_S = 35.0


@click.command()
@click.argument("url")
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice(["POST", "PUT", "PATCH", "DELETE"], case_sensitive=False),
    help="A method to try next to GET; may be repeated.  [default: POST]",
)
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Sent with every request.")
@click.option("--path", metavar="/PATH", help="Instead of the path in URL.")
@click.option("--allow-writes", is_flag=True, help="Also send DELETE, and bodies of 1 MiB and a byte more.")
@click.option("--yes", "-y", is_flag=True, help="Send without asking.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write a dated report (.md or .json).")
@options.JSON
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(0.1, 600),
    default=_TIMEOUT_S,
    show_default=True,
    help="Seconds to wait for each answer.",
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
    """Diagnose a 403 from outside, without AWS credentials.

    Shows what it will send and asks first. Eight requests: three GETs, plain, with a wrong x-amz-content-sha256 and
    with a forged AWS signature in Authorization (left out beside your own), and five POSTs: a few bytes of JSON without
    x-amz-content-sha256, with the right one, with a wrong one, and without Content-Length (chunked); and a few bytes
    that are not text. Another --method gets the same bodies. The application sees those that get through.

    Exit code 0: all is well, 1: something is wrong or unclear, 2: could not ask.
    """
    import asyncio

    from edge_hasher.probe import report_file, report_json, report_text
    from edge_hasher.probe.run import probe_over_http
    from edge_hasher.probe.sending.address import ProbeError, parse_address, parse_header
    from edge_hasher.probe.sending.requests import plan

    said: set[str] = set()

    def show(result: Result) -> None:
        if not as_json:
            echo(report_text.result_text(result, said))

    try:
        address = parse_address(url, path=path)
        pairs = tuple(parse_header(header) for header in headers)
        names = tuple(name for name, _ in pairs)
        requests = plan(
            methods=methods, allow_writes=allow_writes, own_authorization="authorization" in map(str.lower, names)
        )
        if report is not None:
            report_file.require_folder(report)
        echo(report_text.plan_text(address, requests, names), err=as_json)
        if not yes:
            _ask_for_consent()
        result = asyncio.run(probe_over_http(address, requests, pairs, timeout_s=timeout_s, on_result=show))
        echo(report_json.as_json(result) if as_json else report_text.conclusion_text(result))
        if report is not None:
            report_file.write(report, result)
    except ProbeError as error:
        give_up(str(error))
    except (KeyboardInterrupt, click.Abort) as error:
        sys.exit(code_of(error))
    sys.exit(FINDINGS if result.has_findings else OK)


def _ask_for_consent() -> None:
    if not sys.stdin.isatty():
        give_up("nothing was sent: there is no terminal to ask; --yes sends the requests above")
    if not click.confirm("Send them?", err=True):
        give_up("nothing was sent")
