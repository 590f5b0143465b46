"""CloudWatch Logs: the log groups of a Region, and their lines."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.aws.errors import NotFoundError, translated

if TYPE_CHECKING:
    from types_boto3_logs import CloudWatchLogsClient

    from edge_hasher.aws.clients import Aws


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Line:
    """One log event; ordered by time, then by place."""

    timestamp_ms: int
    region: str
    group: str
    event_id: str
    message: str


class CloudWatchLogs:
    """A LogSource; keeps one client a Region, and may be asked from several threads."""

    def __init__(self, aws: Aws) -> None:
        with translated("logs"):
            self._make_client = aws.logs()
        self._clients: dict[str, CloudWatchLogsClient] = {}
        self._lock = threading.Lock()

    def groups(self, region: str, prefix: str) -> list[str]:
        """List the log groups of a Region whose names begin so."""
        with translated("logs"):
            pages = self._client(region).get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
            return [group["logGroupName"] for page in pages for group in page["logGroups"]]

    def lines(self, region: str, group: str, start_ms: int, limit: int) -> tuple[list[Line], bool]:
        """Return up to `limit` lines from `start_ms` on, oldest first, and whether there are more."""
        found: list[Line] = []
        try:
            with translated("logs"):
                pages = self._client(region).get_paginator("filter_log_events")
                for page in pages.paginate(logGroupName=group, startTime=start_ms):
                    found += [
                        Line(
                            timestamp_ms=event["timestamp"],
                            region=region,
                            group=group,
                            event_id=event["eventId"],
                            message=event["message"],
                        )
                        for event in page["events"]
                    ]
                    if len(found) > limit:
                        return found[:limit], True
        except NotFoundError:
            return [], False  # deleted since it was listed
        return found, False

    def _client(self, region: str) -> CloudWatchLogsClient:
        with self._lock:
            if region not in self._clients:
                self._clients[region] = self._make_client(region)
            return self._clients[region]
