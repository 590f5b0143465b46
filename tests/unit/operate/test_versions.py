"""versions: who uses each published version, and which are deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from edge_hasher.aws.errors import NotAllowedError, OperateError
from edge_hasher.operate.function_choice import function_named, newest_version
from edge_hasher.operate.versions.published import listed
from edge_hasher.operate.versions.report import as_text
from edge_hasher.operate.versions.uses import uses_of
from tests.support.aws.distribution_configs import ACCOUNT, FUNCTION
from tests.support.aws.stubbed_aws import StubbedAws, deploy, unseen
from tests.support.aws.versions_account import answer_distributions, arn, pages, prepared, put_alias, put_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    """Give an AWS without answers."""
    with StubbedAws() as stubbed:
        yield stubbed
        stubbed.all_used()


def test_who_uses_each_version(aws: StubbedAws) -> None:
    """Every page of versions and distributions counts, staging ones and every event type too."""
    prepared(aws)
    shown: list[str] = []
    found = listed(aws, None, shown.append)
    uses = {
        version.number: [(use.distribution, use.domain, use.path) for use in version.uses] for version in found.versions
    }
    assert uses == {
        1: [],
        2: [("E2", "a.example.com", "/chat*"), ("E3", "e3.cloudfront.net", "default (*)")],
        3: [],
        4: [],
        5: [],
    }
    assert {version.number: version.kept for version in found.versions if version.kept} == {
        4: "the alias live",
        5: "the SSM parameter /edge-hasher/version-arn",
    }
    assert shown == ["distributions read: 1", "distributions read: 3"]
    assert "E2 (a.example.com)  /chat*  origin-request" in as_text(found)


def test_distributions_that_cannot_be_listed_stop_it(aws: StubbedAws) -> None:
    """Without every distribution no version is called unused."""
    deploy(aws, versions=2)
    answer_page = {"Marker": "", "MaxItems": 100, "IsTruncated": True, "Quantity": 0, "NextMarker": "1"}
    aws.stub("cloudfront").add_response("list_distributions", {"DistributionList": answer_page})
    aws.stub("cloudfront").add_client_error(
        "list_distributions", "AccessDenied", "Access denied.", http_status_code=403
    )
    with pytest.raises(NotAllowedError, match="cloudfront:ListDistributions"):
        listed(aws, FUNCTION, unseen)


def test_aliases_that_cannot_be_listed_are_a_note(aws: StubbedAws) -> None:
    """Lambda deletes no version that has an alias, so a missing lambda:ListAliases is a note; the newest is kept."""
    deploy(aws, versions=10)
    answer_distributions(aws, [])
    aws.refuse("lambda:ListAliases", "AccessDeniedException", "denied", 403)
    found = listed(aws, FUNCTION, unseen)
    assert [version.number for version in found.versions] == list(range(1, 11))
    assert found.prunable == list(range(1, 10))
    assert "lambda:ListAliases" in found.notes[0]


def test_nothing_is_deleted_where_aliases_cannot_be_listed(aws: StubbedAws) -> None:
    """To prune, a missing lambda:ListAliases ends it before the first deletion."""
    deploy(aws, versions=10)
    answer_distributions(aws, [])
    aws.refuse("lambda:ListAliases", "AccessDeniedException", "denied", 403)
    with pytest.raises(OperateError, match=r"nothing is deleted.*lambda:ListAliases"):
        listed(aws, FUNCTION, unseen, to_prune=True)


def test_an_alias_that_shifts_traffic_keeps_two(aws: StubbedAws) -> None:
    """Both versions of a weighted alias are kept."""
    deploy(aws, versions=3)
    answer_distributions(aws, [])
    put_alias(aws, "live", 1, RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})
    assert not listed(aws, FUNCTION, unseen).prunable


def test_the_newest_version_is_by_number(aws: StubbedAws) -> None:
    """Version 10 is newer than 9; when the stack names another, a note says so."""
    deploy(aws, versions=10)
    put_parameter(aws, arn(9))
    chosen = newest_version(aws, None)
    assert chosen.arn.text == arn(10)
    assert "--function-arn takes the older" in chosen.notes[0]


def test_a_function_without_versions(aws: StubbedAws) -> None:
    """A function that was never published is told, with the command that publishes it."""
    deploy(aws, versions=0)
    with pytest.raises(OperateError, match="aws lambda publish-version"):
        newest_version(aws, FUNCTION)


def put_stack(aws: StubbedAws, **outputs: str) -> None:
    """Make a stack with these outputs."""
    template = {
        "Resources": {
            "Any": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/any", "Type": "String", "Value": "x"}}
        },
        "Outputs": {key: {"Value": value} for key, value in outputs.items()},
    }
    aws.client("cloudformation").create_stack(StackName="edge-hasher", TemplateBody=json.dumps(template))


def stack_is_asked(aws: StubbedAws) -> None:
    """Assert that the stack names the function."""
    put_stack(aws, FunctionName=FUNCTION, VersionArn=arn(4))
    named = function_named(aws, None)
    assert (named.name, named.version_arn, named.source) == (FUNCTION, arn(4), "the stack edge-hasher")


def test_the_stack_is_asked_after_the_parameter(aws: StubbedAws) -> None:
    """Where the SSM parameter does not exist, the stack names the function."""
    stack_is_asked(aws)


def test_a_parameter_that_may_not_be_read_is_skipped(aws: StubbedAws) -> None:
    """Where the SSM parameter may not be read, the stack names the function."""
    put_parameter(aws, arn(3))
    aws.refuse("ssm:GetParameter", "AccessDeniedException")
    stack_is_asked(aws)


def test_no_function_anywhere(aws: StubbedAws) -> None:
    """Where nothing names the function, the line says what was looked at."""
    with pytest.raises(OperateError, match=r"--function.*ParameterNotFound.*there is no stack edge-hasher"):
        function_named(aws, None)


def test_a_parameter_of_something_else(aws: StubbedAws) -> None:
    """A parameter that holds no ARN does not name a function, nor does a stack without its outputs."""
    put_parameter(aws, "todo")
    put_stack(aws, Other="x")
    with pytest.raises(OperateError, match=r"'todo'.*no output VersionArn or FunctionName"):
        function_named(aws, None)


def test_a_parameter_of_another_region(aws: StubbedAws) -> None:
    """A function elsewhere is not taken for the one of that name in us-east-1."""
    put_parameter(aws, f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{FUNCTION}:1")
    with pytest.raises(OperateError, match=r"version-arn names a function in eu-west-1"):
        function_named(aws, None)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (f"{FUNCTION}:$LATEST", "without a version or an alias"),
        (f"{FUNCTION}:3", "without a version or an alias"),
        (f"{ACCOUNT}:function:{FUNCTION}", "without a version or an alias"),
        (arn(3), "without a version or an alias"),
        (arn("live"), "without a version or an alias"),
        (arn("$LATEST"), "without a version or an alias"),
        ("", "the name or the ARN of a function"),
        (f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{FUNCTION}", "in eu-west-1"),
        (f"arn:aws:lambda:us-east-1:111122223333:function:{FUNCTION}", f"111122223333.*account {ACCOUNT}"),
    ],
)
def test_a_function_that_is_named_otherwise_is_refused(aws: StubbedAws, name: str, sentence: str) -> None:
    """The name alone goes into the calls: what says more than it is refused, and never taken for our own function."""
    with pytest.raises(OperateError, match=sentence):
        function_named(aws, name)


def test_a_function_is_named_by_its_arn(aws: StubbedAws) -> None:
    """The ARN of a function of this account is as good as its name."""
    assert function_named(aws, f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}").name == FUNCTION


@pytest.mark.parametrize(
    "harm",
    [
        lambda page: page[0].pop("Id"),
        lambda page: page[0].pop("DomainName"),
        lambda page: page[0].pop("Origins"),
        lambda page: page[0].update(Origins={"Quantity": 0}),
        lambda page: page[0].pop("DefaultCacheBehavior"),
        lambda page: page[0].pop("CacheBehaviors"),
        lambda page: page[0]["CacheBehaviors"].pop("Items"),
        lambda page: page[0]["CacheBehaviors"]["Items"][0]["LambdaFunctionAssociations"].pop("Items"),
        lambda page: page[0]["CacheBehaviors"]["Items"][0].pop("PathPattern"),
        lambda page: page[0]["DefaultCacheBehavior"]["LambdaFunctionAssociations"]["Items"].clear(),
        lambda page: page.append({}),
    ],
)
def test_a_distribution_that_is_not_whole_stops_it(harm: Callable[[Any], object]) -> None:
    """A summary that lacks a part could have used any version."""
    (*_, page) = pages()
    uses_of(page, [arn(2)])
    harm(page)
    with pytest.raises(OperateError, match="could not be read whole"):
        uses_of(page, [arn(2)])
