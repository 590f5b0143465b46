"""The commands that work on an AWS account: parse, call, print, exit. They import on use, so that --help stays fast."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from edge_hasher.operate.aws import Aws
    from edge_hasher.operate.screen import Screen

COULD_NOT = 2
INTERRUPTED = 130

_FUNCTION = click.option(
    "--function",
    metavar="NAME",
    help="The function.  [default: that of the SSM parameter /edge-hasher/version-arn, then of the stack edge-hasher]",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_PROFILE = click.option("--profile", help="An AWS profile, as for the AWS CLI.")
_REGION = click.option(
    "--region", help="A Region, as for the AWS CLI; CloudFront is global, and its functions are in us-east-1."
)


def _changes(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that attach and detach share."""
    options = (
        click.argument("distribution", metavar="DISTRIBUTION"),
        click.option(
            "--path",
            "paths",
            multiple=True,
            metavar="PATTERN",
            help="A behaviour's path pattern, '*' is the default one; may be repeated.",
        ),
        click.option("--function-arn", metavar="ARN", help="One published version."),
        _FUNCTION,
        click.option(
            "--restore",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Put back what a backup file holds, instead.",
        ),
        click.option(
            "--replace", is_flag=True, help="Displace another function; with --restore, undo later changes too."
        ),
        click.option("--dry-run", is_flag=True, help="Print the plan and change nothing."),
        click.option(
            "--backup-dir",
            type=click.Path(path_type=Path, file_okay=False),
            help="Where the backup goes.  [default: ~/.local/state/edge-hasher/backups]",
        ),
        click.option("--while-deploying", is_flag=True, help="Go ahead though another change is still being deployed."),
        click.option("--wait/--no-wait", default=True, help="Wait until all edge locations have it.  [default: wait]"),
        click.option(
            "--timeout",
            "timeout_s",
            type=click.FloatRange(min=0),
            default=2100.0,
            show_default=True,
            help="Seconds to wait.",
        ),
        _JSON,
        _PROFILE,
        _REGION,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_changes
def attach(as_json: bool, **options: Any) -> None:  # noqa: ANN401 (click knows the types)
    """Add the function to behaviours of a distribution, named by id or domain, and wait until it is deployed.

    Exit code 0: done, or nothing to do, 1: changed, but not as asked or not yet deployed, 2: nothing changed.
    """
    _change("attach", as_json, options)


@click.command()
@_changes
def detach(as_json: bool, **options: Any) -> None:  # noqa: ANN401 (click knows the types)
    """Take the function off behaviours of a distribution; without --path, off all that have it.

    Exit code 0: done, or nothing to do, 1: changed, but not as asked or not yet deployed, 2: nothing changed.
    """
    _change("detach", as_json, options)


def _change(action: str, as_json: bool, options: dict[str, Any]) -> None:
    from edge_hasher.operate import attach_report, attach_run
    from edge_hasher.operate.attach_options import Options
    from edge_hasher.operate.wait import Clock

    if options["restore"] is not None and (options["paths"] or options["function"] or options["function_arn"]):
        raise click.UsageError("--restore puts back a whole configuration: leave --path and the function out")
    run = attach_run.attach if action == "attach" else attach_run.detach

    def work(aws: Aws, screen: Screen) -> int:
        outcome = run(Options(**options), aws, screen, Clock())
        click.echo(attach_report.as_json(outcome) if as_json else attach_report.as_text(outcome))
        return outcome.exit_code

    _run(work, options["profile"], options["region"])


@click.command()
@_FUNCTION
@click.option("--prune", is_flag=True, help="Delete the versions that nothing uses.")
@click.option("--dry-run", is_flag=True, help="With --prune: delete nothing.")
@_JSON
@_PROFILE
@_REGION
def versions(
    function: str | None, prune: bool, dry_run: bool, as_json: bool, profile: str | None, region: str | None
) -> None:
    """List the function's published versions, and the distributions and behaviours that use each.

    Exit code 0: done, 1: some version could not be deleted yet, 2: could not look.
    """
    from datetime import UTC, datetime

    from edge_hasher.operate import versions as operate_versions
    from edge_hasher.operate import versions_report

    def work(aws: Aws, screen: Screen) -> int:
        found = operate_versions.listed(aws, function, screen.progress)
        pruned = None
        if prune and not dry_run:
            pruned = operate_versions.prune(aws, found, now=datetime.now(tz=UTC), progress=screen.progress)
        screen.clear()
        click.echo(versions_report.as_json(found, pruned) if as_json else versions_report.as_text(found, pruned))
        return 1 if any(each.problem for each in pruned or ()) else 0

    _run(work, profile, region)


@click.command()
@click.option("--since", default="1h", show_default=True, metavar="AGO|TIME", help="90s, 15m, 1h, 2d, or an ISO time.")
@click.option("--distribution", metavar="ID|DOMAIN", help="Lines of this distribution only.")
@click.option("--follow", is_flag=True, help="Go on with new lines until Ctrl-C.")
@_FUNCTION
@click.option("--region", "regions", multiple=True, help="Ask this Region only; may be repeated.  [default: all]")
@_JSON
@_PROFILE
def logs(profile: str | None, **options: Any) -> None:  # noqa: ANN401 (click knows the types)
    """Print the function's log lines from every Region where it ran, and CloudFront's validation errors, by time.

    Exit code 0: done, 1: some Region could not be asked, the others are shown, 2: could not look.
    """
    from edge_hasher.operate import logs_run
    from edge_hasher.operate.wait import Clock

    asked = logs_run.Options(**options)

    def work(aws: Aws, screen: Screen) -> int:
        try:
            return logs_run.run(asked, aws, screen, Clock(), click.echo)
        except KeyboardInterrupt:
            if asked.follow:
                return 0
            raise

    _run(work, profile, None)


def _run(work: Callable[[Aws, Screen], int], profile: str | None, region: str | None) -> NoReturn:
    """Do the work and exit; what could not be done is told in lines on standard error."""
    from edge_hasher.operate.aws import Aws
    from edge_hasher.operate.errors import OperateError
    from edge_hasher.operate.screen import Screen

    screen = Screen(sys.stderr)
    try:
        code = work(Aws(profile=profile, region=region), screen)
    except OperateError as error:
        for number, line in enumerate(error.lines):
            screen.say(line if number else f"edge-hasher: {line}")
        code = COULD_NOT
    except KeyboardInterrupt:
        screen.say("edge-hasher: interrupted; the same command goes on from here")
        code = INTERRUPTED
    screen.clear()
    sys.exit(code)
