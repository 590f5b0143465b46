"""The command `edge-hasher versions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import FINDINGS, OK, echo, run_on_aws

if TYPE_CHECKING:
    from edge_hasher.aws.door import Aws
    from edge_hasher.screen import Screen


@click.command()
@options.FUNCTION
@click.option("--prune", is_flag=True, help="Delete the versions that nothing uses.")
@click.option("--dry-run", is_flag=True, help="With --prune: delete nothing.")
@options.JSON
@options.PROFILE
@options.REGION
def versions(
    function: str | None, prune: bool, dry_run: bool, as_json: bool, profile: str | None, region: str | None
) -> None:
    """List the function's versions and who uses each.

    Names the distributions and behaviors that use each published version.

    Exit code 0: done, 1: some version could not be deleted yet, 2: could not look.
    """
    from edge_hasher.operate.clock import Clock
    from edge_hasher.operate.versions import prune as pruning
    from edge_hasher.operate.versions import published, report

    def work(aws: Aws, screen: Screen) -> int:
        pruned = None
        found = published.listed(aws, function, screen.progress)
        if prune and not dry_run:
            pruned = pruning.prune(aws.functions, found, clock=Clock(), progress=screen.progress)
        screen.clear()
        echo(report.as_json(found, pruned) if as_json else report.as_text(found, pruned))
        return FINDINGS if any(each.problem for each in pruned or ()) else OK

    run_on_aws(work, profile=profile, region=region)
