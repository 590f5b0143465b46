"""An account with a function, its versions, and distributions that use some of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.support.aws.distribution_configs import ACCOUNT, FUNCTION, OTHER_ARN, association, behavior, config
from tests.support.aws.stubbed_aws import deploy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.aws.distribution_configs import Config
    from tests.support.aws.stubbed_aws import StubbedAws

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def arn(number: int | str) -> str:
    """Give the ARN of one version."""
    return f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}:{number}"


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


def pages() -> list[list[dict[str, Any]]]:
    """Give two pages of distributions; version 2 is used on the second."""
    used = config([behavior("/chat*", [association(arn(2))])], default=behavior(None, [association(OTHER_ARN)]))
    staging = config(default=behavior(None, [association(arn(2), "viewer-request")]), staging=True)
    return [[summary("E1", config())], [summary("E2", used, ["a.example.com"]), summary("E3", staging)]]


def prepared(aws: StubbedAws, *, looks: int = 1) -> None:
    """Make five versions: 1 and 3 unused, 2 used, 4 by an alias, 5 the newest. CloudFront answers so many looks."""
    deploy(aws, versions=5)
    put_parameter(aws, arn(5))
    put_alias(aws, "live", 4)
    for _ in range(looks):
        answer_distributions(aws, *pages())
