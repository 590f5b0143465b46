"""versions --prune: which versions are deleted, and what stops it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from edge_hasher.aws.errors import NotAllowedError, OperateError
from edge_hasher.operate.versions.published import listed
from edge_hasher.operate.versions.run import VersionsOptions, run
from edge_hasher.screen import Screen
from tests.support.aws.distribution_configs import FUNCTION, association, behavior, config
from tests.support.aws.stubbed_aws import StubbedAws, clock_at, deploy, unseen
from tests.support.aws.versions_account import (
    NOW,
    answer_distributions,
    arn,
    pages,
    prepared,
    put_alias,
    put_parameter,
    summary,
)
from tests.support.schemas import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

# Seen: Lambda's words.
REPLICATED = f"Lambda was unable to delete {arn(1)} because it is a replicated function. Please see our documentation."


class Stubborn(StubbedAws):
    """An account in which a test acts at each deletion, before it is made."""

    at_deletion: Callable[[int], object] = staticmethod(lambda _number: None)

    def __init__(self) -> None:
        super().__init__()
        delete = self.functions.delete_version

        def deletes(name: str, number: int) -> None:
            self.at_deletion(number)
            delete(name, number)

        self.functions.delete_version = deletes  # type: ignore[method-assign]


@pytest.fixture
def aws() -> Iterator[Stubborn]:
    """Give an AWS without answers."""
    with Stubborn() as stubbed:
        yield stubbed
        stubbed.all_used()


def prune(aws: StubbedAws, *, function: str | None = None, dry_run: bool = False) -> tuple[int, Any, str]:
    """Run the command; give its exit code, its JSON, and what it said on standard error."""
    out: list[str] = []
    said = io.StringIO()
    options = VersionsOptions(function=function, prune=True, dry_run=dry_run, as_json=True)
    code = run(options, aws, Screen(said), clock_at(NOW), out.append)
    return code, checked("versions", out[0]), said.getvalue()


def text_of_prune(aws: StubbedAws) -> str:
    """Run the command for a person."""
    out: list[str] = []
    run(VersionsOptions(prune=True), aws, Screen(io.StringIO()), clock_at(NOW), out.append)
    return out[0]


def numbers(aws: StubbedAws) -> list[int]:
    """Give the versions that there are."""
    return [version.number for version in aws.functions.versions(FUNCTION)]


def test_prune_deletes_the_unused_and_no_other(aws: Stubborn) -> None:
    """Versions 1 and 3 go; those that a distribution, an alias or the stack uses stay. A dry run deletes nothing."""
    prepared(aws, looks=4)
    code, planned, _ = prune(aws, dry_run=True)
    assert (code, planned["pruned"], planned["stopped"]) == (0, None, None)
    assert [each["number"] for each in planned["versions"] if each["prunable"]] == [1, 3]
    assert numbers(aws) == [1, 2, 3, 4, 5]

    text = text_of_prune(aws)

    assert numbers(aws) == [2, 4, 5]
    assert "deleted version 1\ndeleted version 3" in text


def test_prune_says_what_is_still_replicated(aws: Stubborn) -> None:
    """A version whose replicas are still there is named, with a time to try again, and the next one is tried."""
    prepared(aws, looks=3)
    aws.refuse("lambda:DeleteFunction", "InvalidParameterValueException", REPLICATED)
    code, found, _ = prune(aws)
    assert code == 1
    assert found["pruned"] == [
        {"number": 1, "deleted": False, "problem": "still replicated", "try_after": "2026-11-20T16:00+00:00"},
        {"number": 3, "deleted": True, "problem": None, "try_after": None},
    ]


def test_a_person_reads_when_to_try_again(aws: Stubborn) -> None:
    """In words: the replicas, and the time."""
    prepared(aws, looks=3)
    aws.refuse("lambda:DeleteFunction", "InvalidParameterValueException", REPLICATED)
    text = text_of_prune(aws)
    assert "version 1 is still replicated" in text
    assert "try again after 2026-11-20 16:00 UTC" in text


def test_prune_goes_on_after_another_refusal(aws: Stubborn) -> None:
    """What Lambda refuses for another reason is told in its words, and the next one is tried."""
    prepared(aws, looks=3)
    aws.refuse("lambda:DeleteFunction", "ResourceConflictException", "An update is in progress", 409)
    code, found, _ = prune(aws)
    assert code == 1
    assert "An update is in progress" in found["pruned"][0]["problem"]
    assert found["pruned"][1]["deleted"]


def test_a_version_that_is_gone_meanwhile_counts_as_deleted(aws: Stubborn) -> None:
    """Somebody else deletes version 3 while version 1 is deleted."""
    prepared(aws, looks=3)
    other = aws.client("lambda")

    def delete_three(number: int) -> None:
        if number == 1:
            other.delete_function(FunctionName=FUNCTION, Qualifier="3")

    aws.at_deletion = delete_three
    code, found, _ = prune(aws)
    assert (code, [each["deleted"] for each in found["pruned"]]) == (0, [True, True])


def denied(aws: StubbedAws) -> None:
    """Let the next deletion be denied."""
    message = "User: x is not authorized to perform: lambda:DeleteFunction"
    aws.refuse("lambda:DeleteFunction", "AccessDeniedException", message, 403)


def test_prune_without_permission_stops(aws: Stubborn) -> None:
    """A missing permission is told with its action; nothing was deleted, so it is an error."""
    prepared(aws, looks=2)
    denied(aws)
    with pytest.raises(NotAllowedError, match="lambda:DeleteFunction"):
        prune(aws)
    assert numbers(aws) == [1, 2, 3, 4, 5]


def test_prune_that_is_denied_midway_says_what_it_deleted(aws: Stubborn) -> None:
    """A policy that covers version 1 alone: it is reported as deleted, and the exit code is 1."""
    prepared(aws, looks=3)
    aws.at_deletion = lambda number: denied(aws) if number == 3 else None
    code, found, said = prune(aws)
    assert code == 1
    assert [(each["number"], each["deleted"]) for each in found["pruned"]] == [(1, True), (3, False)]
    assert "lambda:DeleteFunction" in found["stopped"]
    assert "lambda:DeleteFunction" in said


@pytest.mark.parametrize(("at", "deleted", "rest"), [(1, "none", "3"), (3, "1", "none")])
def test_ctrl_c_says_what_was_deleted(aws: Stubborn, at: int, deleted: str, rest: str) -> None:
    """Whether the version of the moment was deleted is not known, and the output says that too."""
    prepared(aws, looks=2 if at == 1 else 3)
    out: list[str] = []

    def interrupt(number: int) -> None:
        if number == at:
            raise KeyboardInterrupt

    aws.at_deletion = interrupt
    with pytest.raises(KeyboardInterrupt):
        run(VersionsOptions(prune=True), aws, Screen(io.StringIO()), clock_at(NOW), out.append)
    assert f"version {at} was not deleted: interrupted; whether it was deleted is not known" in out[0]
    assert f"deleted before that: {deleted}; not tried: {rest}" in out[0]


@pytest.mark.parametrize("change", ["distribution", "alias", "parameter"])
def test_what_uses_a_version_is_looked_at_again(aws: Stubborn, change: str) -> None:
    """Version 3 comes into use while version 1 is deleted, and stays."""
    prepared(aws, looks=2)
    used = pages()
    if change == "distribution":
        used[0].append(summary("E4", config(default=behavior(None, [association(arn(3))]))))
    answer_distributions(aws, *used)

    def use_three(_number: int) -> None:
        if change == "alias":
            put_alias(aws, "next", 3)
        if change == "parameter":
            aws.client("ssm").put_parameter(Name="/edge-hasher/version-arn", Value=arn(3), Overwrite=True)

    aws.at_deletion = use_three
    code, found, _ = prune(aws)
    assert code == 1
    assert "in use since it was listed" in found["pruned"][1]["problem"]
    assert numbers(aws) == [2, 3, 4, 5]


def test_distributions_that_cannot_be_listed_again_stop_it(aws: Stubborn) -> None:
    """The look before each deletion counts as much as the first."""
    prepared(aws, looks=2)
    aws.stub("cloudfront").add_client_error("list_distributions", "AccessDenied", "no", http_status_code=403)
    code, found, _ = prune(aws)
    assert (code, [each["number"] for each in found["pruned"]]) == (1, [1])
    assert "cloudfront:ListDistributions" in found["stopped"]
    assert numbers(aws) == [2, 3, 4, 5]


def test_the_version_of_the_parameter_stays_whoever_names_the_function(aws: Stubborn) -> None:
    """With --function, too, the version that the SSM parameter names is kept."""
    deploy(aws, versions=4)
    put_parameter(aws, arn(2))
    for _ in range(3):
        answer_distributions(aws, [])
    code, found, _ = prune(aws, function=FUNCTION)
    assert code == 0
    assert {each["number"]: each["kept"] for each in found["versions"]} == {
        1: None, 2: "the SSM parameter /edge-hasher/version-arn", 3: None, 4: "the newest, which attach takes"
    }  # fmt: skip
    assert numbers(aws) == [2, 4]


@pytest.mark.parametrize("fault", ["denied", "not an ARN"])
def test_a_parameter_that_cannot_be_read_stops_it(aws: Stubborn, fault: str) -> None:
    """What the parameter names must stay, so without it nothing is deleted; a listing says so in a note."""
    deploy(aws, versions=2)
    put_parameter(aws, "todo" if fault == "not an ARN" else arn(1))
    for _ in range(2):
        answer_distributions(aws, [])
        if fault == "denied":
            aws.refuse("ssm:GetParameter", "AccessDeniedException", "denied", 403)
    with pytest.raises(OperateError, match="nothing is deleted without knowing"):
        prune(aws, function=FUNCTION)
    assert "is not known" in listed(aws, FUNCTION, unseen).notes[0]
    assert numbers(aws) == [1, 2]


def test_a_deletion_without_an_answer_is_read_back(aws: Stubborn) -> None:
    """Where AWS does not answer, the list of versions says what became of it: 1 is there, 3 is gone."""
    prepared(aws, looks=3)

    def lose_the_answer(number: int) -> None:
        if number == 3:
            aws.client("lambda").delete_function(FunctionName=FUNCTION, Qualifier="3")
        aws.refuse("lambda:DeleteFunction", "ServiceException", "later", 500)

    aws.at_deletion = lose_the_answer
    code, found, _ = prune(aws)
    assert code == 1
    assert [each["deleted"] for each in found["pruned"]] == [False, True]
    assert numbers(aws) == [1, 2, 4, 5]
