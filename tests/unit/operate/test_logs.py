"""logs: every Region with a log group, in one order, and nothing in a line that acts on the terminal."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from edge_hasher.aws.errors import CredentialsError, NotAllowedError, OperateError
from edge_hasher.aws.logs import Line
from edge_hasher.operate.logs.collect import LogQuery, collect
from edge_hasher.operate.logs.report import as_text, notes, problems
from edge_hasher.operate.logs.run import LogOptions, run, since_ms
from edge_hasher.screen import Screen
from tests.support.aws.distribution_configs import FUNCTION
from tests.support.aws.fake_logs import GROUP, REGIONS, VALIDATION, WANTED, FakeLogs, messages, three_regions
from tests.support.aws.stubbed_aws import FakeTime, StubbedAws, deploy, unseen
from tests.support.schemas import checked

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OTHER_VALIDATION = "/aws/cloudfront/LambdaEdge/E2EXAMPLE"


@pytest.fixture
def source() -> FakeLogs:
    """Give lines in three Regions."""
    return three_regions()


def test_regions_are_merged_by_time(source: FakeLogs) -> None:
    """Lines of the function and validation errors come in one order, from every Region that has a log group."""
    shown: list[str] = []
    found = collect(source, REGIONS, WANTED, start_ms=0, progress=shown.append)
    assert messages(found.lines) == ["one", "two", "three", "four"]
    assert not found.failed
    assert shown == [f"asked {number} of 4 Regions" for number in (1, 2, 3, 4)]
    assert source.most_at_once <= 8


def test_since(source: FakeLogs) -> None:
    """Only lines from the start on are asked for."""
    assert messages(collect(source, REGIONS, WANTED, start_ms=3000, progress=unseen).lines) == ["three", "four"]


def test_a_region_that_fails_is_named_and_the_others_shown(source: FakeLogs) -> None:
    """One Region without permission, and one that is not enabled, hide nothing of the others."""
    source.failing = {
        "eu-west-1": NotAllowedError("not allowed: logs:FilterLogEvents"),
        "sa-east-1": CredentialsError("AWS does not take the credentials", code="UnrecognizedClientException"),
    }
    found = collect(source, REGIONS, WANTED, start_ms=0, progress=unseen)
    assert messages(found.lines) == ["two", "three"]
    assert found.failed == (("eu-west-1", "not allowed: logs:FilterLogEvents"),)
    assert found.not_enabled == (("sa-east-1", "AWS does not take the credentials"),)
    assert problems(found, follows=False) == [("eu-west-1", "not allowed: logs:FilterLogEvents")]
    assert "do not know these credentials: sa-east-1" in notes(found, WANTED)[0]


def test_when_all_regions_fail_that_is_the_answer(source: FakeLogs) -> None:
    """Wrong credentials everywhere are no Regions that are not enabled."""
    source.failing = dict.fromkeys(REGIONS, CredentialsError("AWS does not take the credentials"))
    with pytest.raises(CredentialsError):
        collect(source, REGIONS, WANTED, start_ms=0, progress=unseen)


def test_functions_and_distributions_whose_names_go_on_are_others(source: FakeLogs) -> None:
    """A log group that only begins as ours is not ours."""
    source.add("us-east-1", f"{GROUP}-staging", 5000, "not ours")
    source.add("us-east-1", f"{VALIDATION}2", 5000, "not this distribution's")
    wanted = LogQuery(function=FUNCTION, distribution="E1EXAMPLE")
    found = collect(source, REGIONS, wanted, start_ms=0, progress=unseen)
    assert messages(found.lines) == ["one", "two", "three", "four"]


def test_one_distribution(source: FakeLogs) -> None:
    """Lines and validation errors of another distribution are left out; lines that name none stay."""
    source.add("us-east-1", GROUP, 5000, '{"code":"body-too-large","distribution":"E2EXAMPLE"}')
    source.add("us-east-1", GROUP, 6000, '{"code":"body-too-large","distribution":"E1EXAMPLE"}')
    source.add("us-east-1", GROUP, 7000, '["distribution"]')
    source.add("us-east-1", OTHER_VALIDATION, 8000, "another's")
    wanted = LogQuery(function=FUNCTION, distribution="E1EXAMPLE")
    found = collect(source, REGIONS, wanted, start_ms=5000, progress=unseen)
    assert [line.timestamp_ms for line in found.lines] == [6000, 7000]
    assert len(collect(source, REGIONS, WANTED, start_ms=5000, progress=unseen).lines) == 4


def test_a_log_group_of_its_own(source: FakeLogs) -> None:
    """A function that was given another log group is read there too."""
    source.add("us-east-1", "/site/edge", 5000, "five")
    wanted = LogQuery(function=FUNCTION, custom_group="/site/edge")
    assert messages(collect(source, REGIONS, wanted, start_ms=5000, progress=unseen).lines) == ["five"]


def test_more_lines_than_anyone_reads_are_cut_and_told(source: FakeLogs) -> None:
    """A log group gives a bounded number of lines, and a note says that there are more."""
    source.events["sa-east-1", GROUP] = [
        Line(timestamp_ms=number, region="sa-east-1", group=GROUP, event_id=str(number), message="x")
        for number in range(10_001)
    ]
    found = collect(source, ["sa-east-1"], WANTED, start_ms=0, progress=unseen)
    assert len(found.lines) == 10_000
    ((region, problem),) = problems(found, follows=False)
    assert region == "sa-east-1"
    assert "a later --since shows the rest" in problem
    assert problems(found, follows=True) == []


@pytest.mark.parametrize(
    ("text", "seconds_ago"),
    [("90s", 90), ("15m", 900), ("1h", 3600), ("2d", 172_800), ("1w", 604_800), ("2026-11-20T11:59:30Z", 30)],
)
def test_what_since_takes(text: str, seconds_ago: int) -> None:
    """Ages and ISO times are understood."""
    assert since_ms(text, NOW) == (int(NOW.timestamp()) - seconds_ago) * 1000


@pytest.mark.parametrize("text", ["", "1", "h", "-1h", "yesterday", "1.5h", "٣h", "9999999d"])
def test_what_since_does_not_take(text: str) -> None:
    """Anything else is one line that says what it takes."""
    with pytest.raises(OperateError, match="--since takes 90s, 15m"):
        since_ms(text, NOW)


def test_an_age_before_1970_is_everything() -> None:
    """A very long time ago is the beginning."""
    assert since_ms("999999d", NOW) == 0


def line(message: str, group: str = GROUP) -> Line:
    """Give one line."""
    return Line(timestamp_ms=1_763_640_000_123, region="eu-west-1", group=group, event_id="1", message=message)


def test_a_line_in_text() -> None:
    """Time, Region, message; a validation error carries its distribution."""
    assert as_text(line("hello\n")) == "2025-11-20T12:00:00.123Z eu-west-1 hello"
    assert "[CloudFront E1EXAMPLE] bad" in as_text(line("bad", VALIDATION))


def test_a_line_cannot_act_on_the_terminal_or_pass_for_another() -> None:
    """Control characters are shown, and further lines of one event are indented."""
    text = as_text(line("a\x1b[2J\x07\u202e\r\n2026-11-20T12:00:00.000Z eu-west-1 forged"))
    first, second = text.split("\n")
    assert first.isprintable()
    assert "\\x1b[2J\\x07\\u202e\\r" in first
    assert second.startswith("    2026")


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    """Give an account with the function."""
    with StubbedAws() as stubbed:
        deploy(stubbed)
        yield stubbed
        stubbed.all_used()


def test_the_command(aws: StubbedAws, source: FakeLogs) -> None:
    """Lines go to standard output, notes to standard error; a Region that failed makes the exit code 1."""
    source.failing = {"us-east-1": NotAllowedError("not allowed: logs:DescribeLogGroups")}
    out: list[str] = []
    stream = io.StringIO()
    options = LogOptions(since="1970-01-01T00:00:00Z", function=FUNCTION, as_json=True, regions=REGIONS[:2])
    code = run(options, aws, source, Screen(stream), FakeTime().clock, out.append)
    assert code == 1
    assert [json.loads(text)["message"] for text in out[:-1]] == ["one", "four"]
    assert checked("logs", out[-1]) == {
        "schema": "edge-hasher/logs/1",
        "region": "us-east-1",
        "problem": "not allowed: logs:DescribeLogGroups",
    }
    assert checked("logs", out[0]) == {
        "schema": "edge-hasher/logs/1",
        "time": "1970-01-01T00:00:01.000+00:00",
        "region": "eu-west-1",
        "log_group": GROUP,
        "message": "one",
    }
    assert "us-east-1: not allowed: logs:DescribeLogGroups" in stream.getvalue()


def test_nothing_anywhere_is_explained(aws: StubbedAws) -> None:
    """Where no Region has a log group, the line says what that means."""
    aws.refuse("lambda:GetFunctionConfiguration", "AccessDeniedException", "denied")
    stream = io.StringIO()
    code = run(LogOptions(function=FUNCTION), aws, FakeLogs(), Screen(stream), FakeTime().clock, print)
    assert code == 0
    assert "no Region has a log group" in stream.getvalue()
    assert "lambda:GetFunctionConfiguration" in stream.getvalue()


@pytest.mark.parametrize("code", ["ExpiredTokenException", "InvalidSignatureException", "SignatureDoesNotMatch", ""])
def test_credentials_that_fail_are_not_a_region_that_is_not_enabled(source: FakeLogs, code: str) -> None:
    """A token that expires in between, or a wrong clock, leaves no Region out in silence."""
    source.failing = {"sa-east-1": CredentialsError(f"AWS does not take the credentials ({code})", code=code)}
    found = collect(source, REGIONS, WANTED, start_ms=0, progress=unseen)
    assert found.failed == (("sa-east-1", f"AWS does not take the credentials ({code})"),)


def test_a_region_that_someone_names_must_answer(aws: StubbedAws, source: FakeLogs) -> None:
    """Even one that is not enabled is an error where it was asked for, in the exit code, in words and in JSON."""
    source.failing = {"sa-east-1": CredentialsError("not known", code="UnrecognizedClientException")}
    codes: list[int] = []
    out: list[str] = []
    stream = io.StringIO()
    for regions in ((), ("sa-east-1", "eu-west-1")):
        options = LogOptions(since="1970-01-01T00:00Z", function=FUNCTION, as_json=True, regions=regions)
        codes.append(run(options, aws, source, Screen(stream), FakeTime().clock, out.append))
    assert codes == [0, 1]
    assert json.loads(out[-1]) == {"schema": "edge-hasher/logs/1", "region": "sa-east-1", "problem": "not known"}
    assert "do not know these credentials: sa-east-1 " in stream.getvalue()
    assert "\nsa-east-1: not known\n" in stream.getvalue()


def test_regions_that_all_fail_differently_are_all_named(source: FakeLogs) -> None:
    """Each Region has its own reason."""
    source.failing = {"us-east-1": NotAllowedError("denied"), "eu-west-1": OperateError("throttled")}
    with pytest.raises(OperateError) as raised:
        collect(source, ["us-east-1", "eu-west-1"], WANTED, start_ms=0, progress=unseen)
    assert raised.value.lines == ("us-east-1: denied", "eu-west-1: throttled")


def test_an_empty_distribution_is_not_every_distribution(aws: StubbedAws) -> None:
    """A shell variable that is not set does not show the lines of all distributions."""
    for name in ("", "arn:aws:cloudfront::123456789012:distribution/"):
        options = LogOptions(function=FUNCTION, distribution=name)
        with pytest.raises(OperateError, match="which distribution"):
            run(options, aws, FakeLogs(), Screen(io.StringIO()), FakeTime().clock, print)
