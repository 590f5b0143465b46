"""The command versions: list them, and with --prune delete those that nothing uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.aws.errors import OperateError
from edge_hasher.operate.versions import report
from edge_hasher.operate.versions.prune import prune
from edge_hasher.operate.versions.published import listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.aws.door import Aws
    from edge_hasher.operate.clock import Clock
    from edge_hasher.operate.versions.prune import PruneResult
    from edge_hasher.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsOptions:
    """Options of versions."""

    function: str | None = None
    prune: bool = False
    dry_run: bool = False
    as_json: bool = False


def run(options: VersionsOptions, aws: Aws, screen: Screen, clock: Clock, echo: Callable[[str], None]) -> int:
    """List and prune, and return the exit code: 1 where a version that should go is there, or where it stopped midway.

    What was deleted is printed whatever stops it: Ctrl-C, a call that fails, or what nobody foresaw.
    """
    found = listed(aws, options.function, screen.progress, to_prune=options.prune)
    pruned: list[PruneResult] = []

    def tell(stopped: str | None = None) -> None:
        screen.clear()
        as_written = report.as_json if options.as_json else report.as_text
        echo(as_written(found, pruned if options.prune and not options.dry_run else None, stopped))

    try:
        if options.prune and not options.dry_run:
            for result in prune(aws, found, clock=clock, progress=screen.progress):
                pruned.append(result)  # noqa: PERF402 (what was deleted must be known when it stops)
    except KeyboardInterrupt:
        tell("interrupted")
        raise
    except Exception as error:
        why = str(error) if isinstance(error, OperateError) else type(error).__name__
        tell(why)
        if not any(each.deleted for each in pruned):
            raise
        screen.say(f"edge-hasher: stopped: {why}")
        return 1
    tell()
    return 1 if any(each.problem for each in pruned) else 0
