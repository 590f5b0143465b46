"""CloudWatch Logs: the log groups of a Region, and their lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.aws.clients import Service
from edge_hasher.aws.errors import NotFoundError
from edge_hasher.aws.translation import translated

if TYPE_CHECKING:
    from collections.abc import Collection

    from types_boto3_logs import CloudWatchLogsClient  # noqa: F401 (as a string, below)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Line:
    """One log event; ordered by time, then by place."""

    timestamp_ms: int
    region: str
    group: str
    event_id: str
    message: str


class Logs(Service["CloudWatchLogsClient"]):
    """The calls on log groups, Region by Region."""

    NAME = "logs"

    def regions(self) -> list[str]:
        """List every Region with CloudWatch Logs that botocore knows; the account may not have enabled all."""
        with translated(self.NAME):
            return self._clients.session.get_available_regions(self.NAME)

    def groups(self, region: str, prefix: str) -> list[str]:
        """List the log groups of a Region whose names begin so."""
        with self._client(region) as client:
            pages = client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
            return [group["logGroupName"] for page in pages for group in page["logGroups"]]

    def lines(
        self, region: str, group: str, start_ms: int, limit: int, seen: Collection[str] = ()
    ) -> tuple[list[Line], bool]:
        """Return up to `limit` lines from `start_ms` on, oldest first, but not those `seen`; and if there are more."""
        found: list[Line] = []
        try:
            with self._client(region) as client:
                for page in client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=start_ms):
                    found += [
                        Line(
                            timestamp_ms=int(event["timestamp"]),
                            region=region,
                            group=group,
                            event_id=event["eventId"],
                            message=str(event["message"]),
                        )
                        for event in page["events"]
                        if event["eventId"] not in seen
                    ]
                    if len(found) > limit:
                        return found[:limit], True
        except NotFoundError:
            return [], False  # deleted since it was listed
        return found, False
