"""The command `edge-hasher logs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import OK, run_on_aws, stream

if TYPE_CHECKING:
    from edge_hasher.aws.door import Aws
    from edge_hasher.screen import Screen


@click.command()
@click.option("--since", default="1h", show_default=True, metavar="AGO|TIME", help="90s, 15m, 1h, 2d, or an ISO time.")
@click.option("--distribution", metavar="ID|DOMAIN", help="Lines of this distribution only.")
@click.option("--follow", is_flag=True, help="Continue with new lines until Ctrl-C.")
@options.FUNCTION
@click.option("--region", "regions", multiple=True, help="Ask this Region only; may be repeated.  [default: all]")
@options.JSON
@options.PROFILE
def logs(profile: str | None, **choices: Any) -> None:  # noqa: ANN401 (click knows the types)
    """Print the function's log lines from every Region.

    Lines come from wherever the function ran, with CloudFront's validation errors, in order of time.

    Exit code 0: done, 1: some Region could not be asked, the others are shown, 2: could not look.
    """
    from edge_hasher.operate.clock import Clock
    from edge_hasher.operate.logs import run as logs_run

    log_options = logs_run.LogOptions(**choices)

    def work(aws: Aws, screen: Screen) -> int:
        try:
            return logs_run.run(log_options, aws, aws.logs, screen, Clock(), stream)
        except KeyboardInterrupt:
            if log_options.follow:
                return OK
            raise

    run_on_aws(work, profile=profile, region=None)
