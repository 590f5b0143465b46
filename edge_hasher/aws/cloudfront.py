"""CloudFront: read, update, find and list distributions; read what their behaviors and origins name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from botocore import xform_name

from edge_hasher.aws import distribution_xml, raw_xml
from edge_hasher.aws.clients import Service
from edge_hasher.aws.errors import NotFoundError, OperateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from types_boto3_cloudfront import CloudFrontClient  # noqa: F401 (as a string, below)

    from edge_hasher.aws.configuration import Config

IN_PROGRESS = "InProgress"
DEPLOYED = "Deployed"
_ID = re.compile(r"[A-Za-z0-9]{1,64}")  # it becomes a part of a file's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One read of a distribution: its configuration, and the ETag that an update must match.

    `xml` is the configuration as CloudFront wrote it, and `config` as much of it as botocore knows.
    """

    id: str
    arn: str
    domain: str
    status: str
    etag: str
    modified_at: datetime
    config: Config = field(repr=False)
    xml: bytes = field(repr=False)


class CloudFront(Service["CloudFrontClient"]):
    """The calls on CloudFront, which is global."""

    NAME = "cloudfront"

    def distribution(self, distribution_id: str) -> Distribution:
        """Read a distribution, in one call."""
        with self._client() as client:
            answer = cast("dict[str, Any]", client.get_distribution(Id=distribution_id))
            found = answer["Distribution"]
            if not _ID.fullmatch(found["Id"]):
                raise ValueError("not an id")
            return Distribution(
                id=found["Id"],
                arn=found["ARN"],
                domain=found["DomainName"],
                status=found["Status"],
                etag=answer["ETag"],
                modified_at=found["LastModifiedTime"],
                config=distribution_xml.checked(found["DistributionConfig"]),
                xml=distribution_xml.within(answer[raw_xml.ANSWER]),
            )

    def update(self, distribution_id: str, xml: bytes, *, etag: str) -> str:
        """Update a distribution that has not changed since `etag`, and return its new ETag.

        It is sent once. Whatever is raised, ConflictError too, the update may have been made: read it back.
        """
        with self._client(for_update=True) as client:
            answer = client.update_distribution(Id=distribution_id, DistributionConfig=cast("Any", xml), IfMatch=etag)
            return answer["ETag"]

    def tags(self, arn: str) -> dict[str, str]:
        """Return a distribution's tags."""
        with self._client() as client:
            answer = client.list_tags_for_resource(Resource=arn)
            return {tag["Key"]: tag.get("Value", "") for tag in answer["Tags"]["Items"]}

    def summaries(self, progress: Callable[[str], None]) -> Iterator[dict[str, Any]]:
        """List all distributions, staging ones too; a summary holds the behaviors with their associations.

        A page that is not whole raises an OperateError: nobody may take a part of the list for all of it.
        """
        count = 0
        for page in self._pages():
            yield from page
            count += len(page)
            progress(f"distributions read: {count}")

    def _pages(self) -> Iterator[list[dict[str, Any]]]:
        sizes: list[tuple[int, int]] = []
        with self._client() as client:
            for answer in client.get_paginator("list_distributions").paginate():
                listing = cast("dict[str, Any]", answer["DistributionList"])
                page = [distribution_xml.checked(summary) for summary in listing.get("Items", [])]
                if listing["IsTruncated"] and not listing["NextMarker"]:
                    raise ValueError("no next page")
                if not all(_ID.fullmatch(summary["Id"]) and summary["DomainName"] for summary in page):
                    raise ValueError("not an id")
                sizes.append((listing["Quantity"], len(page)))
                yield page
            # Documented as the account's number of distributions. Stand-ins, and CloudFront's other lists, count the
            # page (seen). Either will do, and nothing else.
            total = sum(size for _, size in sizes)
            if any(quantity != size for quantity, size in sizes) and any(quantity != total for quantity, _ in sizes):
                raise ValueError("a list that is not whole")

    def id_of(self, name: str, progress: Callable[[str], None]) -> str:
        """Return the id for what a person typed: an id, an ARN, a URL, or a domain name of the distribution."""
        if name.startswith("arn:"):
            name = name.rpartition("/")[2]
        host = name.removeprefix("https://").removeprefix("http://").partition("/")[0].lower()
        if not host:
            raise OperateError("which distribution? Name it by its id, ARN or domain name")
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

    def function_code(self, name: str) -> str:
        """Return the source of a CloudFront Function, as it is published."""
        with self._client() as client:
            return client.get_function(Name=name, Stage="LIVE")["FunctionCode"].read().decode(errors="replace")

    def cache_policy(self, policy_id: str) -> Config:
        """Return the configuration of a cache policy."""
        return self._configuration("CachePolicy", policy_id)

    def request_policy(self, policy_id: str) -> Config:
        """Return the configuration of an origin request policy."""
        return self._configuration("OriginRequestPolicy", policy_id)

    def _configuration(self, kind: str, resource_id: str) -> Config:
        with self._client() as client:
            return cast("Config", getattr(client, f"get_{xform_name(kind)}")(Id=resource_id)[kind][f"{kind}Config"])
