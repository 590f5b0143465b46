"""The origins of a distribution: where they lead, and the access control that signs for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import AccessControl, Origin
from edge_hasher.doctor.reading.asking import ask
from edge_hasher.doctor.reading.lambda_host import kind_of
from edge_hasher.function.settings import HEADER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.aws.cloudfront import CloudFront
    from edge_hasher.aws.configuration import Config
    from edge_hasher.doctor.facts import FunctionUrlFacts, OriginKind, Unread


class Origins:
    """The origins of one configuration, each read once; `urls` maps hosts in lower case to their Function URLs."""

    def __init__(self, cloudfront: CloudFront, config: Config, urls: Mapping[str, FunctionUrlFacts | Unread]) -> None:
        self._cloudfront = cloudfront
        self._items = by_id(config)
        self._urls = urls
        self._read: dict[str, Origin] = {}

    def read(self, origin_id: str) -> Origin:
        """Return what there is to know of an origin."""
        if origin_id not in self._read:
            self._read[origin_id] = self._origin(self._items[origin_id])
        return self._read[origin_id]

    def _origin(self, item: Config) -> Origin:
        custom = item.get("CustomOriginConfig") or {}
        headers = (item.get("CustomHeaders") or {}).get("Items") or []
        return Origin(
            id=item["Id"],
            host=item["DomainName"],
            kind=kind_of(item["DomainName"]),
            protocol=custom.get("OriginProtocolPolicy", ""),
            read_timeout_s=custom.get("OriginReadTimeout", 0),
            completion_timeout_s=item.get("ResponseCompletionTimeout") or None,
            settings=tuple(each["HeaderValue"] for each in headers if each["HeaderName"].lower() == HEADER),
            access_control=self._access_control(item.get("OriginAccessControlId") or ""),
            url=self._urls[item["DomainName"].lower()],
        )

    def _access_control(self, oac_id: str) -> AccessControl | Unread | None:
        if not oac_id:
            return None
        return ask(f"the origin access control {oac_id}", lambda: _access_control(self._cloudfront, oac_id))


def _access_control(cloudfront: CloudFront, oac_id: str) -> AccessControl:
    config = cloudfront.access_control(oac_id)
    return AccessControl(
        id=oac_id,
        name=config["Name"],
        origin_type=config["OriginAccessControlOriginType"],
        behavior=config["SigningBehavior"],
    )


def kinds(config: Config) -> dict[str, OriginKind]:
    """Map the ids that a behavior may name, origin groups too, to the kind of origin that answers a POST."""
    return {name: kind_of(item["DomainName"]) for name, item in by_id(config).items()}


def by_id(config: Config) -> dict[str, Config]:
    """Map ids to origins; a group is its first member, which alone gets a POST (documented: origin failover)."""
    origins = {item["Id"]: item for item in config["Origins"]["Items"]}
    groups = (config.get("OriginGroups") or {}).get("Items") or []
    return origins | {group["Id"]: origins[group["Members"]["Items"][0]["OriginId"]] for group in groups}
