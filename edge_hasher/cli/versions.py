"""The command `edge-hasher versions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import echo, run_on_aws

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
def versions(profile: str | None, region: str | None, **choices: Any) -> None:  # noqa: ANN401 (click knows the types)
    """List the function's versions and who uses each.

    Names the distributions and behaviors that use each published version.

    Exit code 0: done, 1: some version could not be deleted yet, 2: could not look, and nothing was deleted.
    """
    from edge_hasher.operate.clock import Clock
    from edge_hasher.operate.versions.run import VersionsOptions, run

    def work(aws: Aws, screen: Screen) -> int:
        return run(VersionsOptions(**choices), aws, screen, Clock(), echo)

    run_on_aws(work, profile=profile, region=region, changes=choices["prune"])
