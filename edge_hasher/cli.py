"""The command line: parse, call, print, exit code. Each command imports what it needs, so that --help stays fast."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import edge_hasher
from edge_hasher import cli_doctor, cli_operate, cli_probe

if TYPE_CHECKING:
    from typing import NoReturn

COULD_NOT_RUN = 2

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_CONTEXT)
@click.version_option(edge_hasher.__version__, prog_name="edge-hasher")
def main() -> None:
    """Make POST, PUT, PATCH and DELETE work through CloudFront OAC to a private Lambda Function URL."""


for _command in (
    *(cli_doctor.doctor, cli_probe.probe, cli_probe.explain),
    *(cli_operate.attach, cli_operate.detach, cli_operate.versions, cli_operate.logs),
):
    main.add_command(_command)


@main.command()
@click.option("--artifact", type=click.Path(path_type=Path), help="A SAM build to run, instead of the source tree.")
@click.option("--method", help="HTTP method.  [default: POST with a body, else GET]")
@click.option("--path", "target", help="Path and query.  [default: /]")
@click.option("--body", metavar="@FILE|TEXT|-", help="The body: a file, a text, or standard input.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A viewer's header; may be repeated.")
@click.option(
    "--setting",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="An Edge-Hasher setting, such as oversize=forward; may be repeated.",
)
@click.option("--event", "event_file", metavar="@FILE|FILE|-", help="A whole event, instead of all the options above.")
@click.option("--truncate", is_flag=True, help="Mark the body as cut, as CloudFront does with one over 1 MiB.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
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

    A body over 1 MiB is cut as CloudFront cuts it. Exit code 0: forwarded, 1: refused, 2: could not run.
    """
    import asyncio

    from edge_hasher.local import invoke as local_invoke
    from edge_hasher.local import invoke_report
    from edge_hasher.local.own_function import ArtifactError, own_function
    from edge_hasher.local.runtime import FunctionFailure

    try:
        function = own_function(artifact)
        if event_file is not None:
            _refuse_beside_event(
                method=method, path=target, body=body, header=headers, setting=settings, truncate=truncate
            )
            event = local_invoke.parse_event(_read(event_file.removeprefix("@")))
        else:
            spec = local_invoke.RequestSpec(
                method=method or ("GET" if body is None else "POST"),
                target=target or "/",
                headers=tuple(_header(header, "--header") for header in headers),
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
    _note_python(artifact)
    click.echo(invoke_report.as_json(outcome) if as_json else invoke_report.as_text(outcome))
    sys.exit(0 if outcome.refusal is None else 1)


class _WithLimits(click.Command):
    """A command whose help ends with what the local edge does not model."""

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write it line by line; click would make one paragraph of it."""
        from edge_hasher.local.limits import MEMORY_BOUND, NOT_MODELLED

        with formatter.section("Not modelled"):
            formatter.write_dl([("-", line) for line in NOT_MODELLED])
        formatter.write_paragraph()
        formatter.write_text(MEMORY_BOUND)


@main.command(cls=_WithLimits)
@click.option("--origin", metavar="URL", help="Your app, as it already runs, such as http://127.0.0.1:8000.")
@click.option("--app", metavar="MODULE:FUNCTION", help="Or: a Python Lambda handler, found from this folder.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 picks one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the edge listens.")
@click.option("--artifact", type=click.Path(path_type=Path), help="A SAM build to run, instead of the source tree.")
@click.option("--handler", metavar="MODULE:FUNCTION", help="Another Python origin-request handler, from this folder.")
@click.option("--no-function", is_flag=True, help="CloudFront as it is without a function.")
@click.option(
    "--setting", "settings", multiple=True, metavar="NAME=VALUE", help="An Edge-Hasher setting, such as max-body=4096."
)
@click.option(
    "--origin-header", "origin_headers", multiple=True, metavar="'NAME: VALUE'", help="An origin custom header."
)
@click.option(
    "--oac",
    "behaviour",
    type=click.Choice(["always", "never", "no-override"]),
    default="always",
    show_default=True,
    help="OAC's signing behaviour.",
)
@click.option(
    "--deny-permission",
    "denied",
    multiple=True,
    type=click.Choice(["InvokeFunctionUrl", "InvokeFunction"]),
    help="Take a permission away from CloudFront.",
)
@click.option("--forward-host", is_flag=True, help="Forward the viewer's Host, as a wrong policy does.")
@click.option("--no-include-body", is_flag=True, help="Associate the function without IncludeBody.")
@click.option("--no-delete-body", is_flag=True, help="Hand no body of a DELETE to the function.")
@click.option(
    "--read-timeout", "read_timeout_s", type=float, default=30, show_default=True, help="Of the origin, seconds."
)
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Of each line."
)
def local(
    origin: str | None,
    app: str | None,
    port: int,
    host: str,
    artifact: Path | None,
    handler: str | None,
    no_function: bool,
    settings: tuple[str, ...],
    origin_headers: tuple[str, ...],
    behaviour: str,
    denied: tuple[str, ...],
    forward_host: bool,
    no_include_body: bool,
    no_delete_body: bool,
    read_timeout_s: float,
    log_format: str,
) -> None:
    """Put a local CloudFront in front of your app.

    CloudFront, the function, OAC and a private Function URL, on one loopback port.

    Each request gets the answer that it would get in production: 403 without a digest, 413 over 6 MB, 502, 503 and 504
    in their cases. What happened, and why, is shown at /__edge/.
    """
    import asyncio

    from edge_hasher.local import config as local_config
    from edge_hasher.local.own_function import ArtifactError, function_for, is_this_code
    from edge_hasher.local.serve import serve

    try:
        function = function_for(artifact=artifact, handler=handler, no_function=no_function)
        config = local_config.checked(
            local_config.EdgeConfig(
                app=local_config.app_of(origin=origin, handler=app),
                function=function,
                is_own_function=handler is None and is_this_code(artifact),
                host=host,
                port=port,
                settings=settings,
                origin_headers=tuple(_header(header, "--origin-header") for header in origin_headers),
                behaviour=behaviour,  # type: ignore[arg-type]  # click.Choice holds it to the three
                denied=frozenset(denied),  # type: ignore[arg-type]  # and to the two
                read_timeout_s=read_timeout_s,
                policy=local_config.policy(forward_host=forward_host, delete_body=not no_delete_body),
                include_body=not no_include_body,
            )
        )
        _note_python(artifact)
        asyncio.run(serve(config, log_format=log_format, echo=click.echo))
    except (local_config.ConfigError, ArtifactError) as error:
        _give_up(str(error))


@main.command()
@click.option("--artifact", type=click.Path(path_type=Path), help="A SAM build to run, instead of the source tree.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Of the edge with the function.  [default: a free one]"
)
@click.option("--once", is_flag=True, help="End after the story, instead of serving the chat page.")
def demo(artifact: Path | None, port: int, once: bool) -> None:
    """See the same POST with and without the function.

    Two local edges stand in front of the example agent.

    Exit code 0: all went as it should, 1: it did not, 2: could not run.
    """
    import asyncio

    from edge_hasher.local.config import ConfigError
    from edge_hasher.local.demo import DemoOptions
    from edge_hasher.local.demo import demo as run_demo
    from edge_hasher.local.own_function import ArtifactError, own_function

    try:
        options = DemoOptions(function=own_function(artifact), port=port, once=once)
        _note_python(artifact)
        went_well = asyncio.run(run_demo(options, echo=lambda text: click.echo(text, nl=False)))
    except (ConfigError, ArtifactError) as error:
        _give_up(str(error))
    sys.exit(0 if went_well else 1)


def _note_python(artifact: Path | None) -> None:
    """Say on standard error where a build runs under another Python than its own."""
    from edge_hasher.local.own_function import python_note

    note = python_note(artifact)
    if note:
        click.echo(f"note: {note}", err=True)


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


def _header(text: str, option: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        _give_up(f"{option} takes 'Name: value', not {text!r}")
    return name.strip(), value.strip()


def _give_up(message: str) -> NoReturn:
    click.echo(f"edge-hasher: {message}", err=True)
    sys.exit(COULD_NOT_RUN)
