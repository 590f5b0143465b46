"""versions: who uses each published version, and which are deleted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.aws.errors import NotAllowedError, OperateError
from edge_hasher.operate.function_choice import function_named, newest_version
from edge_hasher.operate.versions import prune as pruning
from edge_hasher.operate.versions.published import listed
from edge_hasher.operate.versions.report import as_json, as_text
from tests.support.aws.distribution_configs import ACCOUNT, FUNCTION, OTHER_ARN, association, behavior, config
from tests.support.aws.stubbed_aws import StubbedAws, clock_at, deploy, unseen
from tests.support.schemas import checked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge_hasher.operate.versions.prune import PruneResult
    from edge_hasher.operate.versions.published import Versions
    from tests.support.aws.distribution_configs import Config

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def arn(number: int | str) -> str:
    """Give the ARN of one version."""
    return f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}:{number}"


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    """Give an AWS without answers."""
    with StubbedAws() as stubbed:
        yield stubbed
        stubbed.all_used()


def put_parameter(aws: StubbedAws, value: str) -> None:
    """Let the SSM parameter hold this value."""
    aws.client("ssm").put_parameter(Name="/edge-hasher/version-arn", Value=value, Type="String")


def put_alias(aws: StubbedAws, name: str, version: int, **more: Any) -> None:
    """Give the function an alias."""
    aws.client("lambda").create_alias(FunctionName=FUNCTION, Name=name, FunctionVersion=str(version), **more)


def summary(distribution: str, settings: Config, aliases: Sequence[str] = ()) -> dict[str, Any]:
    """Give a distribution as ListDistributions does."""
    members = (
        *("Origins", "OriginGroups", "DefaultCacheBehavior", "CacheBehaviors", "CustomErrorResponses", "Comment"),
        *("PriceClass", "Enabled", "ViewerCertificate", "Restrictions", "WebACLId", "HttpVersion", "IsIPV6Enabled"),
        "Staging",
    )
    rest = {name: settings[name] for name in members}
    return rest | {
        "Id": distribution,
        "ARN": f"arn:aws:cloudfront::{ACCOUNT}:distribution/{distribution}",
        "Status": "Deployed",
        "LastModifiedTime": NOW,
        "DomainName": f"{distribution.lower()}.cloudfront.net",
        "Aliases": {"Quantity": len(aliases), "Items": list(aliases)},
    }


def answer_distributions(aws: StubbedAws, *pages: Sequence[dict[str, Any]]) -> None:
    """Let CloudFront list these distributions, page by page."""
    for number, page in enumerate(pages, 1):
        is_last = number == len(pages)
        listing = {
            "Marker": "" if number == 1 else str(number - 1),
            "MaxItems": 100,
            "IsTruncated": not is_last,
            "Quantity": len(page),
            "Items": list(page),
        }
        asked = {"Marker": str(number - 1)} if number > 1 else {}
        more = {} if is_last else {"NextMarker": str(number)}
        aws.stub("cloudfront").add_response("list_distributions", {"DistributionList": listing | more}, asked)


def prepared(aws: StubbedAws) -> None:
    """Make five versions: 1 and 3 unused, 2 used on the second page, 4 by an alias, 5 the newest."""
    deploy(aws, versions=5)
    put_parameter(aws, arn(5))
    put_alias(aws, "live", 4)
    used = config([behavior("/chat*", [association(arn(2))])], default=behavior(None, [association(OTHER_ARN)]))
    staging = config(default=behavior(None, [association(arn(2), "viewer-request")]), staging=True)
    answer_distributions(
        aws, [summary("E1", config())], [summary("E2", used, ["a.example.com"]), summary("E3", staging)]
    )


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


def found_versions(aws: StubbedAws) -> Versions:
    """List the prepared versions."""
    prepared(aws)
    return listed(aws, None, unseen)


def prune(aws: StubbedAws, found: Versions) -> list[PruneResult]:
    """Delete what the plan says."""
    return pruning.prune(aws.functions, found, clock=clock_at(NOW), progress=unseen)


def numbers(aws: StubbedAws) -> list[int]:
    """Give the versions that there are."""
    return [version.number for version in aws.functions.versions(FUNCTION)]


def test_prune_deletes_the_unused_and_no_other(aws: StubbedAws) -> None:
    """Versions 1 and 3 go; those that a distribution, an alias or the stack uses stay."""
    found = found_versions(aws)
    assert found.prunable == [1, 3]
    assert numbers(aws) == [1, 2, 3, 4, 5]
    pruned = prune(aws, found)
    assert numbers(aws) == [2, 4, 5]
    assert [(each.number, each.problem) for each in pruned] == [(1, None), (3, None)]
    assert "deleted version 1" in as_text(found, pruned)


def test_prune_says_what_is_still_replicated(aws: StubbedAws) -> None:
    """A version whose replicas are still there is named, with a time to try again, and the next one is tried."""
    found = found_versions(aws)
    # Seen: Lambda's words.
    message = f"Lambda was unable to delete {arn(1)} because it is a replicated function. Please see our documentation."
    aws.refuse("lambda:DeleteFunction", "InvalidParameterValueException", message)
    pruned = prune(aws, found)
    text = as_text(found, pruned)
    assert "version 1 is still replicated" in text
    assert "try again after 2026-11-20 16:00 UTC" in text
    assert "deleted version 3" in text
    report = checked("versions", as_json(found, pruned))["pruned"]
    assert report[0] == {
        "number": 1, "deleted": False, "problem": "still replicated", "try_after": "2026-11-20T16:00+00:00"
    }  # fmt: skip


def test_prune_goes_on_after_another_refusal(aws: StubbedAws) -> None:
    """What Lambda refuses for another reason is told in its words; one that is gone already counts as deleted."""
    found = found_versions(aws)
    aws.functions.delete_version(FUNCTION, 3)
    aws.refuse("lambda:DeleteFunction", "ResourceConflictException", "An update is in progress", 409)
    pruned = prune(aws, found)
    assert "An update is in progress" in str(pruned[0].problem)
    assert pruned[1].problem is None


def test_prune_without_permission_stops(aws: StubbedAws) -> None:
    """A missing permission is told with its action."""
    found = found_versions(aws)
    message = "User: x is not authorized to perform: lambda:DeleteFunction"
    aws.refuse("lambda:DeleteFunction", "AccessDeniedException", message, 403)
    with pytest.raises(NotAllowedError, match="lambda:DeleteFunction"):
        prune(aws, found)


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
