"""logs --follow: each line once, whatever its time says and however many there are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from edge_hasher.aws.errors import CredentialsError, NoAnswerError, NotAllowedError
from edge_hasher.operate.clock import Clock
from edge_hasher.operate.logs.collect import LogQuery, collect
from edge_hasher.operate.logs.follow import ALL_REGIONS_EVERY_S, Follower
from tests.support.aws.distribution_configs import FUNCTION
from tests.support.aws.fake_logs import GROUP, REGIONS, WANTED, FakeLogs, messages, three_regions
from tests.support.aws.stubbed_aws import FakeTime, unseen

if TYPE_CHECKING:
    from collections.abc import Callable

NOW_MS = 1_000_000_000


class Stop(Exception):  # noqa: N818 (it ends a loop, and is no error)
    """Ends following in a test."""


class Following:
    """What came of following: lines, what was told of Regions, and how often it paused."""

    def __init__(
        self, source: FakeLogs, wanted: LogQuery, at_pause: Callable[[int], object], *, until_s: float, start_ms: int
    ) -> None:
        self.shown: list[str] = []
        self.told: list[str] = []
        time = FakeTime()

        def sleep(seconds: float) -> None:
            time.sleep(seconds)
            at_pause(len(time.slept))
            if time.now_s > 1000 + until_s:
                raise Stop

        first = collect(source, REGIONS, wanted, start_ms=start_ms, progress=unseen)
        self.shown += messages(first.lines)
        follower = Follower(
            source=source,
            regions=REGIONS,
            wanted=wanted,
            start_ms=start_ms,
            emit=lambda lines: self.shown.extend(messages(lines)),
            tell=lambda region, why: self.told.append(f"{region}: {why}"),
            clock=Clock(
                now=lambda: time.now_s, sleep=sleep, date=lambda: datetime.fromtimestamp(NOW_MS / 1000, tz=UTC)
            ),
        )
        with pytest.raises(Stop):
            follower.run(first)
        self.pauses = len(time.slept)


def follow(
    source: FakeLogs,
    at_pause: Callable[[int], object] = lambda _: None,
    *,
    wanted: LogQuery = WANTED,
    until_s: float = 20,
    start_ms: int = 0,
) -> Following:
    """Follow, with something happening at each pause, numbered from 1."""
    return Following(source, wanted, at_pause, until_s=until_s, start_ms=start_ms)


def test_each_line_comes_once() -> None:
    """New lines, late ones too, come once each; a Region gets its first log group, another fails and is named once."""
    source = three_regions()

    def at_pause(number: int) -> None:
        if number == 1:
            source.add("eu-west-1", GROUP, 5000, "five")
            source.add("eu-west-1", GROUP, 3500, "late")
        if number == 2:
            source.add("sa-east-1", GROUP, 6000, "a Region's first")
            source.failing["us-east-1"] = NotAllowedError("not allowed")

    found = follow(source, at_pause, until_s=2 * ALL_REGIONS_EVERY_S)
    assert found.shown == ["one", "two", "three", "four", "late", "five", "a Region's first"]
    assert found.told == ["us-east-1: not allowed"]


def test_regions_without_a_log_group_are_not_asked_each_time() -> None:
    """They are asked once a minute, not every few seconds."""
    source = three_regions()
    follow(source, lambda number: source.asked.clear() if number == 1 else None)
    assert "eu-west-1" in source.asked
    assert "sa-east-1" not in source.asked


def test_more_lines_than_one_look_takes() -> None:
    """35,000 lines of one log group within a second: all are shown, in order, and none twice, without a pause."""
    source = FakeLogs()
    for number in range(35_000):
        source.add("us-east-1", GROUP, 1000 + number // 35, f"{number}")

    def burst(number: int) -> None:
        if number == 1:
            assert source.events["us-east-1", GROUP][-1].message == "34999"
            for more in range(35_000, 60_000):
                source.add("us-east-1", GROUP, 2000, f"{more}")

    found = follow(source, burst, until_s=10)
    assert found.shown == [str(number) for number in range(60_000)]
    assert found.pauses == 3


def test_lines_that_are_not_wanted_do_not_stop_it_either() -> None:
    """11,000 lines about another distribution stand before the one that is wanted."""
    source = FakeLogs()
    for number in range(11_000):
        source.add("us-east-1", GROUP, 1000 + number, '{"distribution": "E2EXAMPLE"}')
    source.add("us-east-1", GROUP, 20_000, "wanted")
    assert follow(source, wanted=LogQuery(function=FUNCTION, distribution="E1EXAMPLE")).shown == ["wanted"]


def test_a_line_from_the_future_hides_no_other() -> None:
    """A line whose time is in an hour comes once, and those of now still come, in every Region."""
    source = FakeLogs()
    source.add("us-east-1", GROUP, NOW_MS - 10_000, "before")
    source.add("us-east-1", GROUP, NOW_MS + 3_600_000, "from the future")

    def at_pause(number: int) -> None:
        source.add("us-east-1", GROUP, NOW_MS - 9_000 + number, f"here {number}")
        if number == 1:
            source.add("eu-west-1", GROUP, NOW_MS - 500_000, "there, and late")

    found = follow(source, at_pause, until_s=2 * ALL_REGIONS_EVERY_S)
    assert found.shown[:2] == ["before", "from the future"]
    assert sorted(found.shown) == sorted(set(found.shown))
    assert [line for line in found.shown if line.startswith("here")] == [f"here {n}" for n in range(1, found.pauses)]
    assert "there, and late" in found.shown


def test_a_log_group_that_is_behind_loses_nothing_to_one_that_is_not() -> None:
    """Each log group is read on from its own last line."""
    source = FakeLogs()
    source.add("eu-west-1", GROUP, NOW_MS - 1, "new")
    for number in range(10_001):
        source.add("us-east-1", GROUP, 1000 + number, f"old {number}")
    assert "old 10000" in follow(source).shown


def test_an_outage_is_told_and_waited_for() -> None:
    """While no Region answers it goes on, and says so once."""
    source = three_regions()

    def at_pause(number: int) -> None:
        source.failing = dict.fromkeys(REGIONS, NoAnswerError("AWS did not answer")) if number < 3 else {}
        if number == 3:
            source.add("eu-west-1", GROUP, 5000, "after it")

    found = follow(source, at_pause)
    assert found.told == [f"{region}: AWS did not answer" for region in ("ap-south-1", "eu-west-1", "us-east-1")]
    assert found.shown[-1] == "after it"


def test_credentials_that_expire_end_it() -> None:
    """Credentials that no Region takes any more do not come right by themselves."""
    source = three_regions()

    def at_pause(_number: int) -> None:
        source.failing = dict.fromkeys(REGIONS, CredentialsError("expired", code="ExpiredTokenException"))

    with pytest.raises(CredentialsError, match="expired"):
        follow(source, at_pause)
