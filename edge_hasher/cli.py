"""The command line: parse, call, print, exit code. Each command imports what it needs, so that --help stays fast."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import edge_hasher

if TYPE_CHECKING:
    from typing import NoReturn

COULD_NOT_RUN = 2

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_CONTEXT)
@click.version_option(edge_hasher.__version__, prog_name="edge-hasher")
def main() -> None:
    """Make POST, PUT, PATCH and DELETE work through CloudFront OAC to a private Lambda Function URL."""


@main.command()
@click.option("--artifact", type=click.Path(path_type=Path), help="A SAM build to run, instead of the source tree.")
@click.option("--method", help="HTTP method.  [default: POST with a body, else GET]")
@click.option("--path", "target", default="/", show_default=True, help="Path and query.")
@click.option("--body", metavar="@FILE|TEXT|-", help="The body: a file, a text, or standard input.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A viewer's header; may be repeated.")
@click.option("--setting", "settings", multiple=True, metavar="NAME=VALUE", help="An Edge-Hasher setting, as above.")
@click.option("--event", "event_file", metavar="@FILE|FILE|-", help="A whole event, instead of all the options above.")
@click.option("--truncate", is_flag=True, help="Mark the body as cut, as CloudFront does with one over 1 MiB.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def invoke(
    artifact: Path | None,
    method: str | None,
    target: str,
    body: str | None,
    headers: tuple[str, ...],
    settings: tuple[str, ...],
    event_file: str | None,
    truncate: bool,
    as_json: bool,
) -> None:
    """Run one request through the function, under AWS's own runtime client, and print its answer.

    A body over 1 MiB is cut as CloudFront cuts it. Exit code 0: forwarded, 1: refused, 2: could not run.
    """
    import asyncio

    from edge_hasher.local import invoke as local_invoke
    from edge_hasher.local import invoke_report
    from edge_hasher.local.own_function import ArtifactError, own_function, python_note
    from edge_hasher.local.runtime import FunctionFailure

    try:
        function = own_function(artifact)
        if event_file is not None:
            _refuse_beside_event(method=method, body=body, header=headers, setting=settings, truncate=truncate)
            event = local_invoke.parse_event(_read(event_file.removeprefix("@")))
        else:
            spec = local_invoke.RequestSpec(
                method=method or ("GET" if body is None else "POST"),
                target=target,
                headers=tuple(_header(header) for header in headers),
                body=_body(body),
                settings=settings,
                truncate=truncate,
            )
            event = local_invoke.event_for(spec)
        outcome = asyncio.run(local_invoke.invoke(event, function))
    except FunctionFailure as failure:
        _give_up(invoke_report.failure_text(failure))
    except (ArtifactError, ValueError) as error:
        _give_up(str(error))
    note = python_note(artifact)
    if note:
        click.echo(f"note: {note}", err=True)
    click.echo(invoke_report.as_json(outcome) if as_json else invoke_report.as_text(outcome))
    sys.exit(0 if outcome.refusal is None else 1)


def _refuse_beside_event(**options: object) -> None:
    for name, value in options.items():
        if value:
            raise click.UsageError(f"--event brings a whole request: leave --{name} out")


def _body(text: str | None) -> bytes:
    if text is None:
        return b""
    if text == "-" or text.startswith("@"):
        return _read(text.removeprefix("@"))
    return text.encode()


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        _give_up(f"cannot read {name}: {error.strerror}")


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        _give_up(f"--header takes 'Name: value', not {text!r}")
    return name.strip(), value.strip()


def _give_up(message: str) -> NoReturn:
    click.echo(f"edge-hasher: {message}", err=True)
    sys.exit(COULD_NOT_RUN)
