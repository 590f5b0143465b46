"""The command `edge-hasher local`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from edge_hasher.cli import options
from edge_hasher.cli.exits import echo, give_up, stream
from edge_hasher.cli.local_from import setup_from, source_options
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from pathlib import Path


_SIGNING = ("always", "never", "no-override")
_PERMISSIONS = ("InvokeFunctionUrl", "InvokeFunction", "none")
_METHOD_SETS = ("all", "GET,HEAD,OPTIONS", "GET,HEAD")  # the three that CloudFront takes (documented: AllowedMethods)
_REQUEST_POLICIES = (
    "AllViewerExceptHostHeader",
    "AllViewer",
    "AllViewerAndCloudFrontHeaders-2022-06",
    "CORS-CustomOrigin",
    "CORS-S3Origin",
    "HostHeaderOnly",
    "UserAgentRefererHeaders",
    "none",
)


def _error_pages(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Any, ...]:
    """Read custom error responses; `none` is there to say that there are none."""
    from edge_hasher.local.cloudfront.behavior.error_pages import parse

    try:
        return tuple(parse(value) for value in values if value != "none")
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


class _CommandWithLimits(click.Command):
    """A command whose help ends with what the local edge does not model."""

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write it line by line; click would make one paragraph of it."""
        from edge_hasher.local.commands.limits import MEMORY_BOUND, NOT_MODELLED

        with formatter.section("Not modelled"):
            formatter.write_dl([("-", line) for line in NOT_MODELLED])
        formatter.write_paragraph()
        formatter.write_text(MEMORY_BOUND)


@click.command(cls=_CommandWithLimits, context_settings={"show_default": True})
@click.option("--origin", metavar="URL", help="Your app, as it already runs, such as http://127.0.0.1:8000.")
@click.option("--app", metavar="MODULE:FUNCTION", help="Or: a Python Lambda handler, found from this folder.")
@source_options
@click.option("--port", type=click.IntRange(0, 65535), default=8080, help="0 picks one.")
@click.option("--host", default="127.0.0.1", help="Where the edge listens.")
@click.option(
    "--alias",
    "aliases",
    multiple=True,
    metavar="NAME",
    help="A name of the distribution beside loopback ones, such as www.example.com or *.example.com; repeatable.",
)
@options.ARTIFACT
@click.option("--handler", metavar="MODULE:FUNCTION", help="Another Python origin-request handler, from this folder.")
@click.option("--no-function", is_flag=True, help="CloudFront as it is without a function.")
@options.SETTINGS
@click.option(
    "--origin-header", "origin_headers", multiple=True, metavar="'NAME: VALUE'", help="An origin custom header."
)
@click.option(
    "--methods",
    type=click.Choice(_METHOD_SETS, case_sensitive=False),
    default="all",
    help="The methods that the behavior allows: all seven, or one of CloudFront's smaller sets.",
)
@click.option("--oac", "behavior", type=click.Choice(_SIGNING), default="always", help="The OAC's signing behavior.")
@click.option(
    "--deny-permission",
    multiple=True,
    type=click.Choice(_PERMISSIONS),
    help="Take a permission away from CloudFront; none leaves it both.",
)
@click.option(
    "--request-policy",
    metavar="NAME",
    type=click.Choice(_REQUEST_POLICIES, case_sensitive=False),
    default="AllViewerExceptHostHeader",
    help=f"The managed origin request policy: {', '.join(_REQUEST_POLICIES)}.",
)
@click.option("--forward-host", is_flag=True, help="Forward the viewer's Host: short for --request-policy AllViewer.")
@click.option("--include-body/--no-include-body", default=True, help="Associate the function with IncludeBody.")
@click.option("--no-delete-body", is_flag=True, help="Do not pass the body of a DELETE to the function.")
@click.option(
    "--invoke-mode",
    type=click.Choice(["BUFFERED", "RESPONSE_STREAM"], case_sensitive=False),
    default="BUFFERED",
    help="The Function URL's invoke mode, behind --origin; server-sent events need RESPONSE_STREAM.",
)
@click.option("--read-timeout", type=float, default=30, help="Origin response timeout in seconds.")
@click.option(
    "--error-page",
    multiple=True,
    metavar="STATUS:/PAGE:STATUS",
    callback=_error_pages,
    help="A custom error response, such as 403:/index.html:200, which hides every 403; repeatable, or none.",
)
@click.option("--no-reload", is_flag=True, help="Do not restart --handler and --app when their Python files change.")
@click.option(
    "--python",
    metavar="COMMAND",
    default=sys.executable,
    show_default="the tool's own",
    help="Python for --app and --handler, with their packages and awslambdaric in its environment.",
)
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", help="Format of each log line.")
def local(
    origin: str | None,
    app: str | None,
    port: int,
    host: str,
    aliases: tuple[str, ...],
    artifact: Path | None,
    handler: str | None,
    no_function: bool,
    settings: tuple[str, ...],
    origin_headers: tuple[str, ...],
    methods: str,
    behavior: str,
    deny_permission: tuple[str, ...],
    request_policy: str,
    forward_host: bool,
    include_body: bool,
    no_delete_body: bool,
    invoke_mode: str,
    read_timeout: float,
    error_page: tuple[Any, ...],
    no_reload: bool,
    python: str,
    log_format: str,
    **source: Any,  # noqa: ANN401 (those of source_options)
) -> None:
    """Put a local CloudFront in front of your app.

    CloudFront, the function, OAC and a private Function URL, on one loopback port.

    Each request gets the answer that it would get in production: 403 without a digest, 413 over 6 MB, 502, 503 and 504
    in their cases. What happened, and why, is shown at /__edge/.
    """
    from edge_hasher.local import config as local_config
    from edge_hasher.local.commands import arguments
    from edge_hasher.local.commands.local import serve
    from edge_hasher.local.event_loop import run
    from edge_hasher.local.own_function import ArtifactError, function_for, is_this_code, python_note
    from edge_hasher.local.production.options import BehaviorOptions, method_set
    from edge_hasher.local.production.taking import taken_over

    setup = setup_from(**source)
    try:
        function = function_for(artifact=artifact, handler=handler, no_function=no_function, python=python)
        edge_app = local_config.app_of(
            origin=origin, handler=app, streams=invoke_mode == "RESPONSE_STREAM", python=python
        )
        chosen = BehaviorOptions(
            methods=method_set(methods),
            request_policy=request_policy,
            forward_host=forward_host,
            delete_body=not no_delete_body,
            signing=behavior,  # type: ignore[arg-type]  # click.Choice holds it to the three
            denied=frozenset(deny_permission) - {"none"},  # type: ignore[arg-type]  # and to the two
            origin_headers=tuple(arguments.header(header, "--origin-header") for header in origin_headers),
            settings=settings,
            read_timeout_s=read_timeout,
            invoke_mode=invoke_mode,  # type: ignore[arg-type]  # likewise
            has_function=function is not None,
            include_body=include_body,
            error_pages=error_page,
            aliases=aliases,
        )
        if setup is not None:
            production = taken_over(setup, chosen, _given())
            chosen = production.options
            for line in production.lines:
                echo(printable(line), err=True)
        config = local_config.checked(
            local_config.EdgeConfig(
                app=edge_app,
                function=function if chosen.has_function else None,
                is_own_function=handler is None and is_this_code(artifact),
                host=host,
                port=port,
                aliases=chosen.aliases,
                settings=chosen.settings,
                origin_headers=chosen.origin_headers,
                behavior=chosen.signing,
                denied=chosen.denied,
                invoke_mode=chosen.invoke_mode,
                read_timeout_s=chosen.read_timeout_s,
                policy=chosen.policy,
                include_body=chosen.include_body,
                reload=not no_reload and (handler is not None or app is not None),
                error_pages=chosen.error_pages,
            )
        )
        if note := python_note(artifact):
            echo(f"note: {note}", err=True)
        run(serve(config, log_format=log_format, echo=stream))
    except (local_config.ConfigError, ArtifactError, arguments.ArgumentError) as error:
        give_up(str(error))


def _given() -> frozenset[str]:
    """Return the names of the options that are on the command line."""
    context = click.get_current_context()
    return frozenset(
        name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    )
