"""The door's calls on CloudFront, on a Stubber: moto drops what matters here. tests/aws has them on MiniStack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.aws.errors import ConflictError, NoAnswerError, NotFoundError, OperateError
from tests.support.aws.distribution_configs import DISTRIBUTION_ID, ETAG, config
from tests.support.aws.stubbed_aws import StubbedAws, answer_distribution, answer_tags, unseen

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICY_ID = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    """Give an account without anything."""
    with StubbedAws() as stubbed:
        yield stubbed
        stubbed.all_used()


def test_a_distribution_comes_with_its_etag(aws: StubbedAws) -> None:
    """One read holds the configuration and the ETag that belongs to it."""
    answer_distribution(aws, config(), status="InProgress")

    found = aws.cloudfront.distribution(DISTRIBUTION_ID)

    assert (found.id, found.status, found.etag, found.config) == (DISTRIBUTION_ID, "InProgress", ETAG, config())


@pytest.mark.parametrize(
    ("code", "status", "raised"),
    [
        ("PreconditionFailed", 412, ConflictError),
        ("InvalidIfMatchVersion", 400, ConflictError),
        ("NoSuchDistribution", 404, NotFoundError),
        ("InternalError", 500, NoAnswerError),
    ],
)
def test_what_an_update_raises(code: str, status: int, raised: type[Exception], aws: StubbedAws) -> None:
    """A stale ETag, a distribution that is gone and a failure of AWS are told apart."""
    aws.stub("cloudfront").add_client_error("update_distribution", code, "no", http_status_code=status)

    with pytest.raises(raised):
        aws.cloudfront.update(DISTRIBUTION_ID, b"<DistributionConfig/>", etag=ETAG)


def test_tags_are_a_mapping(aws: StubbedAws) -> None:
    """A tag without a value is an empty one."""
    answer_tags(aws, team="edge", bare="")

    assert aws.cloudfront.tags("arn") == {"team": "edge", "bare": ""}


@pytest.mark.parametrize("name", [DISTRIBUTION_ID, f"arn:aws:cloudfront::123456789012:distribution/{DISTRIBUTION_ID}"])
def test_an_id_is_not_looked_up(name: str, aws: StubbedAws) -> None:
    """An id or an ARN needs no call."""
    assert aws.cloudfront.id_of(name, unseen) == DISTRIBUTION_ID


@pytest.mark.parametrize("name", ["", "arn:aws:cloudfront::123456789012:distribution/", "https://", "https:///chat"])
def test_a_name_without_an_id_is_refused(name: str, aws: StubbedAws) -> None:
    """Nothing, an ARN that ends with its slash, and a URL without a host name no distribution; AWS is not asked."""
    with pytest.raises(OperateError, match="which distribution"):
        aws.cloudfront.id_of(name, unseen)


@pytest.mark.parametrize(
    ("call", "operation", "answer"),
    [
        (
            "access_control",
            "get_origin_access_control",
            {
                "OriginAccessControl": {
                    "Id": "E1",
                    "OriginAccessControlConfig": {
                        "Name": "agent",
                        "SigningProtocol": "sigv4",
                        "SigningBehavior": "always",
                        "OriginAccessControlOriginType": "lambda",
                    },
                }
            },
        ),
        (
            "cache_policy",
            "get_cache_policy",
            {"CachePolicy": {"Id": "E1", "LastModifiedTime": 0, "CachePolicyConfig": {"Name": "agent", "MinTTL": 0}}},
        ),
        (
            "request_policy",
            "get_origin_request_policy",
            {
                "OriginRequestPolicy": {
                    "Id": "E1",
                    "LastModifiedTime": 0,
                    "OriginRequestPolicyConfig": {
                        "Name": "agent",
                        "HeadersConfig": {"HeaderBehavior": "none"},
                        "CookiesConfig": {"CookieBehavior": "none"},
                        "QueryStringsConfig": {"QueryStringBehavior": "none"},
                    },
                }
            },
        ),
    ],
)
def test_what_a_behavior_names_is_read_by_its_id(call: str, operation: str, answer: Any, aws: StubbedAws) -> None:
    """A policy or an access control is its configuration; one that is gone raises NotFoundError."""
    stub = aws.stub("cloudfront")
    stub.add_response(operation, answer, {"Id": POLICY_ID})
    stub.add_client_error(operation, "NoSuchThing", "gone", http_status_code=404)

    assert getattr(aws.cloudfront, call)(POLICY_ID)["Name"] == "agent"
    with pytest.raises(NotFoundError):
        getattr(aws.cloudfront, call)(POLICY_ID)
