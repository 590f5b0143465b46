"""The door's calls on CloudWatch Logs, on moto."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from edge_hasher.aws.parallel import in_parallel
from tests.support.aws.stubbed_aws import StubbedAws

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GROUP = "/aws/lambda/us-east-1.edge-hasher"
REGION = "eu-west-1"
START_MS = int(time.time() - 3600) * 1000  # CloudWatch takes no lines of the distant past


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    """Give an account without anything."""
    with StubbedAws() as stubbed:
        yield stubbed
        stubbed.all_used()


def write(aws: StubbedAws, messages: Sequence[str], *, region: str = REGION, group: str = GROUP) -> None:
    """Write lines a second apart."""
    client = aws.client("logs", region)
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName="s")
    events = [{"timestamp": START_MS + 1000 * number, "message": text} for number, text in enumerate(messages)]
    client.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def test_lines_of_one_region(aws: StubbedAws) -> None:
    """Lines come oldest first, from the start on, with Region and log group."""
    write(aws, ["one", "two", "three"])
    write(aws, ["elsewhere"], region="us-east-1")

    lines, has_more = aws.logs.lines(REGION, GROUP, START_MS + 1000, 10)

    assert [(line.message, line.timestamp_ms, line.region, line.group) for line in lines] == [
        ("two", START_MS + 1000, REGION, GROUP),
        ("three", START_MS + 2000, REGION, GROUP),
    ]
    assert len({line.event_id for line in lines}) == 2
    assert not has_more


def test_lines_end_at_the_limit(aws: StubbedAws) -> None:
    """No more lines come than were asked for, and the caller learns that there are more."""
    write(aws, [str(number) for number in range(6)])

    lines, has_more = aws.logs.lines(REGION, GROUP, 0, 5)

    assert ([line.message for line in lines], has_more) == (["0", "1", "2", "3", "4"], True)
    assert aws.logs.lines(REGION, GROUP, 0, 6)[1] is False


def test_pages_are_read_only_up_to_the_limit(aws: StubbedAws) -> None:
    """CloudWatch gives lines page by page, empty ones too, and none is asked for past the limit."""
    stub = aws.stub("logs")
    for page, size in enumerate([3, 0, 3]):
        events = [{"timestamp": number, "eventId": f"{page}-{number}", "message": "m"} for number in range(size)]
        stub.add_response("filter_log_events", {"events": events, "nextToken": str(page)})

    lines, has_more = aws.logs.lines(REGION, GROUP, 0, 5)

    assert (len(lines), has_more) == (5, True)


def test_a_group_deleted_meanwhile_has_no_lines(aws: StubbedAws) -> None:
    """A log group that is gone is not an error."""
    assert aws.logs.lines(REGION, GROUP, 0, 5) == ([], False)


def test_groups_by_their_beginning(aws: StubbedAws) -> None:
    """All log groups whose names begin so are listed, from every page."""
    names = [f"{GROUP}-{number:02}" for number in range(60)]  # 50 a page
    for name in [*names, "/aws/lambda/other"]:
        aws.client("logs", REGION).create_log_group(logGroupName=name)

    assert aws.logs.groups(REGION, GROUP) == names


def test_regions_are_those_of_botocore(aws: StubbedAws) -> None:
    """Every Region with CloudWatch Logs is known without a call."""
    assert {"us-east-1", "eu-west-1", "ap-south-1"} <= set(aws.logs.regions())


def test_several_threads_share_the_door(aws: StubbedAws) -> None:
    """Many threads may ask at once: a client is made once, and by one thread at a time."""
    made: list[str] = []
    at_once = threading.Semaphore(1)
    make = aws.clients.make

    def watched(service: str, region: str) -> object:
        assert at_once.acquire(blocking=False), "two clients were being made at once"
        made.append(region)
        try:
            return make(service, region)
        finally:
            at_once.release()

    aws.clients.make = watched  # type: ignore[method-assign]  # watched, not replaced
    regions = [REGION, "us-east-1", "eu-central-1"] * 20

    assert list(in_parallel(lambda region: aws.logs.groups(region, GROUP), regions)) == [[]] * 60
    assert sorted(made) == ["eu-central-1", REGION, "us-east-1"]
