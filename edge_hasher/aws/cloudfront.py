"""CloudFront: read, update, find and list distributions; read what their behaviors and origins name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore import xform_name

from edge_hasher.aws.clients import Service
from edge_hasher.aws.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from types_boto3_cloudfront import CloudFrontClient  # noqa: F401 (as a string, below)

    from edge_hasher.aws.configuration import Config

IN_PROGRESS = "InProgress"
DEPLOYED = "Deployed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One read of a distribution: its configuration, and the ETag that an update must match."""

    id: str
    arn: str
    domain: str
    status: str
    etag: str
    modified_at: datetime
    config: Config


class CloudFront(Service["CloudFrontClient"]):
    """The calls on CloudFront, which is global."""

    NAME = "cloudfront"

    def distribution(self, distribution_id: str) -> Distribution:
        """Read a distribution, in one call."""
        with self._client() as client:
            answer = client.get_distribution(Id=distribution_id)
        found = answer["Distribution"]
        return Distribution(
            id=found["Id"],
            arn=found["ARN"],
            domain=found["DomainName"],
            status=found["Status"],
            etag=answer["ETag"],
            modified_at=found["LastModifiedTime"],
            config=cast("Config", found["DistributionConfig"]),
        )

    def update(self, distribution_id: str, config: Config, *, etag: str) -> str:
        """Update a distribution that has not changed since `etag`, and return its new ETag; raises ConflictError."""
        with self._client() as client:
            answer = client.update_distribution(
                Id=distribution_id, DistributionConfig=cast("Any", config), IfMatch=etag
            )
        return answer["ETag"]

    def tags(self, arn: str) -> dict[str, str]:
        """Return a distribution's tags."""
        with self._client() as client:
            answer = client.list_tags_for_resource(Resource=arn)
        return {tag["Key"]: tag.get("Value", "") for tag in answer["Tags"].get("Items", [])}

    def summaries(self, progress: Callable[[str], None]) -> Iterator[dict[str, Any]]:
        """List all distributions, staging ones too; a summary holds the behaviors with their associations."""
        count = 0
        with self._client() as client:
            for page in client.get_paginator("list_distributions").paginate():
                for summary in page.get("DistributionList", {}).get("Items", []):
                    count += 1
                    yield cast("dict[str, Any]", summary)
                progress(f"distributions read: {count}")

    def id_of(self, name: str, progress: Callable[[str], None]) -> str:
        """Return the id for what a person typed: an id, an ARN, a URL, or a domain name of the distribution."""
        if name.startswith("arn:"):
            return name.rpartition("/")[2]
        host = name.removeprefix("https://").removeprefix("http://").partition("/")[0].lower()
        if "." not in host:
            return name
        for summary in self.summaries(progress):
            aliases = (summary.get("Aliases") or {}).get("Items") or []
            if host in {summary["DomainName"].lower(), *(alias.lower() for alias in aliases)}:
                return str(summary["Id"])
        raise NotFoundError(f"no distribution of this account has the domain name {host!r}: name it by its id")

    def access_control(self, access_control_id: str) -> Config:
        """Return the configuration of an Origin Access Control."""
        return self._configuration("OriginAccessControl", access_control_id)

    def cache_policy(self, policy_id: str) -> Config:
        """Return the configuration of a cache policy."""
        return self._configuration("CachePolicy", policy_id)

    def request_policy(self, policy_id: str) -> Config:
        """Return the configuration of an origin request policy."""
        return self._configuration("OriginRequestPolicy", policy_id)

    def _configuration(self, kind: str, resource_id: str) -> Config:
        with self._client() as client:
            return cast("Config", getattr(client, f"get_{xform_name(kind)}")(Id=resource_id)[kind][f"{kind}Config"])
