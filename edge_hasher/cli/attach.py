"""The commands `edge-hasher attach` and `edge-hasher detach`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import echo, run_on_aws

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from edge_hasher.aws.door import Aws
    from edge_hasher.operate.attach.prepare import Action
    from edge_hasher.screen import Screen


def _change_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that attach and detach share."""
    shared = (
        click.argument("distribution", metavar="DISTRIBUTION"),
        click.option(
            "--path",
            "paths",
            multiple=True,
            metavar="PATTERN",
            help="A behavior's path pattern, '*' is the default one; may be repeated.",
        ),
        click.option("--function-arn", metavar="ARN", help="One published version."),
        options.FUNCTION,
        click.option(
            "--restore",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Put back the configuration of a backup file, instead.",
        ),
        click.option(
            "--replace",
            is_flag=True,
            help="Replace another origin-request function. With --restore: also overwrite later changes.",
        ),
        click.option("--dry-run", is_flag=True, help="Print the plan and change nothing."),
        click.option(
            "--backup-dir",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder of the backup file.  [default: ~/.local/state/edge-hasher/backups]",
        ),
        click.option("--while-deploying", is_flag=True, help="Do not wait for an earlier change to be deployed."),
        click.option("--wait/--no-wait", default=True, help="Wait until it is deployed everywhere.  [default: wait]"),
        click.option(
            "--timeout",
            "timeout_s",
            type=click.FloatRange(min=0),
            default=2100.0,
            show_default=True,
            help="Seconds to wait.",
        ),
        options.JSON,
        options.PROFILE,
        options.REGION,
    )
    for option in reversed(shared):
        command = option(command)
    return command


@click.command()
@_change_options
def attach(dry_run: bool, as_json: bool, **choices: Any) -> None:  # noqa: ANN401 (click knows the types)
    """Add the function to behaviors of a distribution.

    The distribution is named by id or domain. Waits until the change is deployed.

    Exit code 0: done, or nothing to do, 1: changed, but not as asked or not yet deployed, 2: nothing changed.
    """
    _change("attach", dry_run=dry_run, as_json=as_json, choices=choices)


@click.command()
@_change_options
def detach(dry_run: bool, as_json: bool, **choices: Any) -> None:  # noqa: ANN401 (click knows the types)
    """Take the function off behaviors of a distribution.

    Without --path, off all that have it.

    Exit code 0: done, or nothing to do, 1: changed, but not as asked or not yet deployed, 2: nothing changed.
    """
    _change("detach", dry_run=dry_run, as_json=as_json, choices=choices)


def _change(action: Action, *, dry_run: bool, as_json: bool, choices: dict[str, Any]) -> None:
    from edge_hasher.operate.attach import report, run
    from edge_hasher.operate.attach.options import AttachOptions
    from edge_hasher.operate.attach.prepare import prepare
    from edge_hasher.operate.clock import Clock

    if choices["restore"] is not None and (choices["paths"] or choices["function"] or choices["function_arn"]):
        raise click.UsageError("--restore puts back a whole configuration: leave --path and the function out")
    attach_options = AttachOptions(**choices)

    def work(aws: Aws, screen: Screen) -> int:
        prepared = prepare(action, attach_options, aws, screen.progress)
        outcome = (
            run.dry_run(prepared) if dry_run else run.run(prepared, attach_options, aws.cloudfront, screen, Clock())
        )
        echo(report.as_json(outcome) if as_json else report.as_text(outcome))
        return outcome.exit_code

    run_on_aws(work, profile=choices["profile"], region=choices["region"], changes=True)
