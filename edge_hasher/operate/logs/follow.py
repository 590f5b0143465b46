"""Following the logs: new lines as they come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.aws.errors import OperateError
from edge_hasher.operate.logs.collect import LogBatch, collect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_hasher.aws.logs import Line
    from edge_hasher.operate.clock import Clock
    from edge_hasher.operate.logs.collect import LogQuery, LogSource

EVERY_S = 5.0
# The function gets its first log group in a Region with the first viewer there.
ALL_REGIONS_EVERY_S = 60.0
# Lines reach CloudWatch out of order and late, by seconds (seen); each is shown once all the same.
OVERLAP_MS = 120_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Emits the lines that come in after a first look; `say` is told of Regions that fail."""

    source: LogSource
    regions: Sequence[str]
    wanted: LogQuery
    start_ms: int
    emit: Callable[[Sequence[Line]], None]
    say: Callable[[str], None]
    clock: Clock

    def run(self, first: LogBatch) -> None:
        """Emit new lines for ever. A Region that fails is named once, and asked again."""
        seen = {_key(line): line.timestamp_ms for line in first.lines}
        active = {region for region, _ in first.places}
        named = set(first.failed)
        all_asked_at_s = self.clock.now()
        newest_ms = self.start_ms
        while True:
            self.clock.sleep(EVERY_S)
            newest_ms = max([newest_ms, *seen.values()])
            since_ms = max(self.start_ms, newest_ms - OVERLAP_MS)
            asked = [region for region in self.regions if region in active]
            if self.clock.now() - all_asked_at_s >= ALL_REGIONS_EVERY_S:
                all_asked_at_s = self.clock.now()
                asked = [region for region in self.regions if region not in first.not_enabled]
            found = self._ask(asked, since_ms)
            for region, why in sorted(set(found.failed) - named):
                self.say(f"{region}: {why}")
            named |= set(found.failed)
            active |= {region for region, _ in found.places}
            new = [line for line in found.lines if _key(line) not in seen]
            if new:
                self.emit(new)
            seen |= {_key(line): line.timestamp_ms for line in new}
            seen = {key: at_ms for key, at_ms in seen.items() if at_ms >= since_ms}

    def _ask(self, regions: Sequence[str], start_ms: int) -> LogBatch:
        try:
            return collect(self.source, regions, self.wanted, start_ms=start_ms, progress=lambda _: None)
        except OperateError as error:
            return LogBatch(failed=tuple((region, str(error)) for region in regions))


def _key(line: Line) -> tuple[str, str]:
    return line.region, line.event_id
