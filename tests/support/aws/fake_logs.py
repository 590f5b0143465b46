"""CloudWatch Logs in memory: log groups by Region and name."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge_hasher.aws.logs import Line
from edge_hasher.operate.logs.collect import LogQuery
from tests.support.aws.distribution_configs import FUNCTION

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from edge_hasher.aws.errors import OperateError

GROUP = f"/aws/lambda/us-east-1.{FUNCTION}"
VALIDATION = "/aws/cloudfront/LambdaEdge/E1EXAMPLE"
OTHER_VALIDATION = "/aws/cloudfront/LambdaEdge/E2EXAMPLE"
WANTED = LogQuery(function=FUNCTION)


@dataclass
class FakeLogs:
    """Log groups by Region and name; a Region may fail. Counts who asks at once."""

    events: dict[tuple[str, str], list[Line]] = field(default_factory=dict)
    failing: dict[str, OperateError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, region: str, group: str, timestamp_ms: int, message: str) -> Line:
        """Write a line."""
        there = self.events.setdefault((region, group), [])
        event_id = f"{group}{len(there):06}"
        line = Line(timestamp_ms=timestamp_ms, region=region, group=group, event_id=event_id, message=message)
        there.append(line)
        return line

    def groups(self, region: str, prefix: str) -> list[str]:
        """List log groups as CloudWatch does: by the beginning of the name."""
        with self._lock:
            self.asked.append(region)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            if region in self.failing:
                raise self.failing[region]
            return [group for there, group in self.events if there == region and group.startswith(prefix)]
        finally:
            with self._lock:
                self._now -= 1

    def lines(
        self, region: str, group: str, start_ms: int, limit: int, seen: Collection[str]
    ) -> tuple[list[Line], bool]:
        """Give the lines from a time on."""
        there = sorted(self.events[region, group])
        found = [line for line in there if line.timestamp_ms >= start_ms and line.event_id not in seen]
        return found[:limit], len(found) > limit


def three_regions() -> FakeLogs:
    """Give lines in three Regions."""
    fake = FakeLogs()
    fake.add("us-east-1", GROUP, 3000, "three")
    fake.add("eu-west-1", GROUP, 1000, "one")
    fake.add("eu-west-1", GROUP, 4000, "four")
    fake.add("ap-south-1", VALIDATION, 2000, "two")
    return fake


REGIONS = ("us-east-1", "eu-west-1", "ap-south-1", "sa-east-1")


def messages(lines: Sequence[Line]) -> list[str]:
    """Give what the lines say."""
    return [line.message for line in lines]
