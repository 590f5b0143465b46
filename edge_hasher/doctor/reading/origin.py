"""The origins of a distribution: where they lead, and the access control that signs for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import AccessControl, Origin, Unread
from edge_hasher.doctor.reading.asking import ask
from edge_hasher.doctor.reading.lambda_host import kind_of
from edge_hasher.function.settings import HEADER

if TYPE_CHECKING:
    from types_boto3_cloudfront import CloudFrontClient

    from edge_hasher.aws import configuration
    from edge_hasher.aws.configuration import Config
    from edge_hasher.doctor.facts import OriginKind
    from edge_hasher.doctor.reading.function_url import FunctionUrls


class Origins:
    """The origins of one configuration, each read once."""

    def __init__(self, cloudfront: CloudFrontClient, config: Config, urls: FunctionUrls) -> None:
        self._cloudfront = cloudfront
        self._items = _by_id(config)
        self._urls = urls
        self._read: dict[str, Origin] = {}

    @staticmethod
    def kinds(config: Config) -> dict[str, OriginKind]:
        """Map the ids that a behavior may name, origin groups too, to the kind of origin that answers a POST."""
        return {name: kind_of(item["DomainName"]) for name, item in _by_id(config).items()}

    def host(self, behavior: configuration.CacheBehavior) -> str:
        """Return the host that a behavior leads to."""
        return str(self._items[behavior.settings["TargetOriginId"]]["DomainName"])

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
            url=self._urls.url(item["DomainName"]),
        )

    def _access_control(self, oac_id: str) -> AccessControl | Unread | None:
        if not oac_id:
            return None
        answer = ask(
            f"the origin access control {oac_id}",
            "cloudfront:GetOriginAccessControl",
            lambda: self._cloudfront.get_origin_access_control(Id=oac_id),
        )
        if answer is None or isinstance(answer, Unread):
            return answer
        config = answer["OriginAccessControl"]["OriginAccessControlConfig"]
        return AccessControl(
            id=oac_id,
            name=config["Name"],
            origin_type=config["OriginAccessControlOriginType"],
            behavior=config["SigningBehavior"],
        )


def _by_id(config: Config) -> dict[str, Config]:
    """Map ids to origins; a group is its first member, which alone gets a POST (documented: origin failover)."""
    origins = {item["Id"]: item for item in config["Origins"]["Items"]}
    groups = (config.get("OriginGroups") or {}).get("Items") or []
    return origins | {group["Id"]: origins[group["Members"]["Items"][0]["OriginId"]] for group in groups}
