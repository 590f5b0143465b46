"""Waiting for a deployment, on a clock that moves only when the code sleeps."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_hasher.aws.errors import NoAnswerError, NotAllowedError, ThrottledError
from edge_hasher.operate.attach import report as attach_report
from edge_hasher.operate.attach.options import AttachOptions
from edge_hasher.operate.attach.prepare import prepare
from edge_hasher.operate.attach.run import run
from edge_hasher.operate.attach.wait import EVERY_S, TIMEOUT_S, until_deployed
from tests.support.aws.distribution_configs import ARN, DISTRIBUTION_ID, association, behavior, config
from tests.support.aws.stubbed_aws import FakeTime, StubbedAws, answer_distribution, screen, unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge_hasher.operate.attach.run import AttachResult

ATTACHED = config([behavior("/chat*", [association()])])
OPTIONS = AttachOptions(distribution=DISTRIBUTION_ID, paths=("/chat*",), function_arn=ARN, timeout_s=60)


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    """Give an AWS without answers."""
    with StubbedAws() as stubbed:
        yield stubbed


def attach(options: AttachOptions, aws: StubbedAws, time: FakeTime) -> AttachResult:
    """Run attach."""
    prepared = prepare("attach", options, aws, unseen)
    return run(prepared, options, aws.cloudfront, screen(), time.clock)


def statuses(*answers: str | Exception) -> Callable[[], str]:
    """Give the answers in turn, the last one for ever."""
    rest = list(answers)

    def status() -> str:
        answer = rest.pop(0) if len(rest) > 1 else rest[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return status


def test_it_ends_with_the_deployment() -> None:
    """The wait asks at its pace until the status is Deployed, and says how long it took."""
    time = FakeTime()
    shown: list[str] = []
    status = statuses("InProgress", "InProgress", "InProgress", "Deployed")
    waited = until_deployed(status, progress=shown.append, clock=time.clock)
    assert waited
    assert time.slept == [EVERY_S] * 3
    assert [text.rpartition(": ")[2] for text in shown] == ["0 s", "10 s", "20 s"]


def test_a_deployed_distribution_is_not_waited_for() -> None:
    """Nothing is slept where the first answer is Deployed."""
    time = FakeTime()
    assert until_deployed(statuses("Deployed"), progress=unseen, clock=time.clock)
    assert not time.slept


@pytest.mark.parametrize("timeout_s", [0.0, 25.0, float(TIMEOUT_S)])
def test_it_ends_with_the_time(timeout_s: float) -> None:
    """A time-out ends the wait at that very second."""
    time = FakeTime()
    waited = until_deployed(statuses("InProgress"), progress=unseen, timeout_s=timeout_s, clock=time.clock)
    assert not waited
    assert sum(time.slept) == timeout_s


def test_lost_answers_are_borne() -> None:
    """A network that is away for some seconds does not end the wait."""
    lost = [NoAnswerError("no answer")] * 5
    waited = until_deployed(statuses(*lost, "InProgress", *lost, "Deployed"), progress=unseen, clock=FakeTime().clock)
    assert waited


def test_throttling_is_waited_out() -> None:
    """However often AWS asks for fewer calls, the wait goes on, at a slower pace; an answer brings its pace back."""
    time = FakeTime()
    slower = [ThrottledError("fewer calls")] * 9
    status = statuses("InProgress", *slower, "InProgress", "Deployed")
    assert until_deployed(status, progress=unseen, clock=time.clock)
    assert time.slept == [10, 20, 40, 80, 120, 120, 120, 120, 120, 120, 10]


def test_throttling_to_the_end_of_the_time() -> None:
    """Throttled until the time is up, the wait ends as any other, at that very second."""
    time = FakeTime()
    status = statuses(ThrottledError("fewer calls"))
    assert not until_deployed(status, progress=unseen, timeout_s=300, clock=time.clock)
    assert sum(time.slept) == 300


def test_a_network_that_stays_away_ends_it() -> None:
    """After a minute without an answer the wait gives up."""
    time = FakeTime()
    with pytest.raises(NoAnswerError):
        until_deployed(statuses(NoAnswerError("no answer")), progress=unseen, clock=time.clock)
    assert sum(time.slept) <= 60


def test_a_refusal_ends_it_at_once() -> None:
    """Credentials that end meanwhile are not asked again."""
    time = FakeTime()
    with pytest.raises(NotAllowedError):
        until_deployed(statuses("InProgress", NotAllowedError("no")), progress=unseen, clock=time.clock)
    assert len(time.slept) == 1


def test_a_time_out_says_how_to_resume(aws: StubbedAws) -> None:
    """The last line holds the command that waits on; exit code 1, as the change is made but not seen everywhere."""
    for _ in range(8):
        answer_distribution(aws, ATTACHED, status="InProgress")
    outcome = attach(replace(OPTIONS, profile="my site"), aws, FakeTime())
    aws.all_used()
    assert outcome.exit_code == 1
    last = attach_report.as_text(outcome).splitlines()[-1]
    command = f"edge-hasher attach {DISTRIBUTION_ID} --path '/chat*' --function-arn {ARN} --profile 'my site'"
    assert last.endswith(f"To continue waiting: {command}")
    assert shlex.split(command)[-1] == "my site"
    assert "not deployed everywhere after 1 min 0 s" in attach_report.as_text(outcome)


def test_resuming_waits_and_changes_nothing(aws: StubbedAws) -> None:
    """The same command on a deployment under way is no refusal: there is nothing to change, so it waits."""
    for status in ("InProgress", "InProgress", "Deployed"):
        answer_distribution(aws, ATTACHED, status=status)
    outcome = attach(OPTIONS, aws, FakeTime())
    aws.all_used()
    assert outcome.exit_code == 0
    assert outcome.deployed is True
    assert outcome.applied.backup is None


def test_no_wait_does_not_ask_again(aws: StubbedAws) -> None:
    """With --no-wait the distribution is read once, and the last line says how to wait later."""
    answer_distribution(aws, ATTACHED, status="InProgress")
    outcome = attach(replace(OPTIONS, wait=False), aws, FakeTime())
    aws.all_used()
    assert outcome.exit_code == 0
    assert "To continue waiting: edge-hasher attach" in attach_report.as_text(outcome)


def test_what_goes_wrong_while_waiting_takes_nothing_back(aws: StubbedAws) -> None:
    """Credentials that end during the wait are a problem told with how to resume, and no failure of the change."""
    answer_distribution(aws, ATTACHED, status="InProgress")
    aws.stub("cloudfront").add_client_error("get_distribution", "ExpiredToken", "expired", http_status_code=403)
    outcome = attach(OPTIONS, aws, FakeTime())
    assert outcome.exit_code == 1
    assert "expired" in outcome.problems[0]
    assert "To continue waiting" in attach_report.as_text(outcome)


def test_ctrl_c_while_waiting(aws: StubbedAws) -> None:
    """Ctrl-C ends the wait alone, and says how to resume."""
    answer_distribution(aws, ATTACHED, status="InProgress")
    answer_distribution(aws, ATTACHED, status="InProgress")

    class Interrupted(FakeTime):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            raise KeyboardInterrupt

    outcome = attach(OPTIONS, aws, Interrupted())
    assert outcome.exit_code == 1
    assert "interrupted" in outcome.problems[0]
