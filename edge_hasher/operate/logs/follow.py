"""Following the logs: new lines as they come in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge_hasher.aws.errors import CredentialsError, OperateError
from edge_hasher.operate.logs.collect import LogBatch, Position, collect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_hasher.aws.logs import Line
    from edge_hasher.operate.clock import Clock
    from edge_hasher.operate.logs.collect import LogQuery, LogSource, Place

EVERY_S = 5.0
# The function gets its first log group in a Region with the first viewer there.
ALL_REGIONS_EVERY_S = 60.0
# Lines reach CloudWatch out of order and late, by seconds (seen); each is shown once all the same.
OVERLAP_MS = 120_000


@dataclass(slots=True, kw_only=True)
class Follower:
    """Emits the lines that come in after a first look; `tell` is told of a Region that fails, and why."""

    source: LogSource
    regions: Sequence[str]
    wanted: LogQuery
    start_ms: int
    emit: Callable[[Sequence[Line]], None]
    tell: Callable[[str, str], None]
    clock: Clock
    has_failed: bool = field(init=False, default=False)
    _positions: dict[Place, Position] = field(init=False, default_factory=dict)

    def run(self, first: LogBatch) -> None:
        """Emit new lines for ever. A Region that fails is named once, and asked again.

        Raises CredentialsError once the credentials are not taken anywhere: they do not come right by themselves.
        """
        told = set(first.failed)
        active = {region for region, _ in first.read}
        all_asked_at_s = self.clock.now()
        found = first
        while True:
            self._advance(found)
            if not found.cut:  # else there is more to read at once
                self.clock.sleep(EVERY_S)
            asked = [region for region in self.regions if region in active]
            if self.clock.now() - all_asked_at_s >= ALL_REGIONS_EVERY_S:
                all_asked_at_s = self.clock.now()
                asked = [region for region in self.regions if region not in dict(first.not_enabled)]
            found = self._ask(asked)
            failed = {*found.failed, *found.not_enabled}
            for region, why in sorted(failed - told):
                self.tell(region, why)
                self.has_failed = True
            told |= failed
            active |= {region for region, _ in found.read}
            if found.lines:
                self.emit(found.lines)

    def _ask(self, regions: Sequence[str]) -> LogBatch:
        try:
            return collect(
                self.source,
                regions,
                self.wanted,
                start_ms=self.start_ms,
                progress=lambda _: None,
                positions=self._positions,
            )
        except CredentialsError:
            raise
        except OperateError as error:
            return LogBatch(failed=tuple((region, str(error)) for region in regions))

    def _advance(self, found: LogBatch) -> None:
        """Move each log group's position behind what was read of it. A line from the future moves nothing."""
        now_ms = int(self.clock.date().timestamp() * 1000)
        for place, lines in found.read.items():
            before = self._positions.get(place, Position(since_ms=self.start_ms, newest_ms=self.start_ms))
            newest_ms = max(before.newest_ms, *(line.timestamp_ms for line in lines if line.timestamp_ms <= now_ms), 0)
            known_from_ms = max(self.start_ms, newest_ms - OVERLAP_MS)
            seen = {**before.seen, **{line.event_id: line.timestamp_ms for line in lines}}
            self._positions[place] = Position(
                # What is behind a cut is newer (documented: FilterLogEvents sorts by time), so none is read twice.
                since_ms=newest_ms if place in found.cut else known_from_ms,
                newest_ms=newest_ms,
                seen={event: at_ms for event, at_ms in seen.items() if at_ms >= known_from_ms},
            )
