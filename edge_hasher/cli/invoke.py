"""The command `edge-hasher invoke`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import FINDINGS, OK, echo, give_up

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@options.ARTIFACT
@click.option("--method", help="HTTP method.  [default: POST with a body, else GET]")
@click.option("--path", "target", help="Path and query.  [default: /]")
@click.option("--body", metavar="@FILE|TEXT|-", help="The body: a file, a text, or standard input.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A viewer's header; may be repeated.")
@options.SETTINGS
@click.option("--event", "event_file", metavar="@FILE|FILE|-", help="A whole event, instead of all the options above.")
@click.option("--truncate", is_flag=True, help="Mark the body as truncated, as CloudFront does above 1 MiB.")
@options.JSON
def invoke(
    artifact: Path | None,
    method: str | None,
    target: str | None,
    body: str | None,
    headers: tuple[str, ...],
    settings: tuple[str, ...],
    event_file: str | None,
    truncate: bool,
    as_json: bool,
) -> None:
    """Run one request through the function.

    It runs under AWS's own runtime client, and its answer is printed.

    A body over 1 MiB is truncated as CloudFront truncates it. Exit code 0: forwarded, 1: refused, 2: could not run.
    """
    import asyncio

    from edge_hasher.local.commands import arguments, invoke_report
    from edge_hasher.local.commands import invoke as local_invoke
    from edge_hasher.local.own_function import ArtifactError, is_this_code, own_function, python_note
    from edge_hasher.local.runtime import FunctionFailure

    if event_file is not None:
        others = {"method": method, "path": target, "body": body, "header": headers, "setting": settings}
        for name, value in (others | {"truncate": truncate}).items():
            if value:
                raise click.UsageError(f"--event cannot be combined with --{name}: the event is the whole request")
    try:
        function = own_function(artifact)
        if event_file is not None:
            event = local_invoke.parse_event(arguments.read_file(event_file.removeprefix("@")))
        else:
            spec = local_invoke.RequestSpec(
                method=method or ("GET" if body is None else "POST"),
                target=target or "/",
                headers=tuple(arguments.header(header, "--header") for header in headers),
                body=arguments.body(body),
                settings=settings,
                truncate=truncate,
            )
            event = local_invoke.event_for(spec)
        outcome = asyncio.run(local_invoke.invoke(event, function, is_own=is_this_code(artifact)))
    except FunctionFailure as failure:
        give_up(invoke_report.failure_text(failure))
    except (ArtifactError, ValueError) as error:
        give_up(str(error))
    if note := python_note(artifact):
        echo(f"note: {note}", err=True)
    echo(invoke_report.as_json(outcome) if as_json else invoke_report.as_text(outcome))
    sys.exit(OK if outcome.refusal is None else FINDINGS)
