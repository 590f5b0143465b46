"""The origins of a distribution: where they lead, and the access control that signs for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.aws import configuration
from edge_hasher.doctor.facts import AccessControl, Origin
from edge_hasher.doctor.reading.asking import ask
from edge_hasher.doctor.reading.lambda_host import kind_of
from edge_hasher.function.settings import HEADER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.aws.cloudfront import CloudFront
    from edge_hasher.aws.configuration import CacheBehavior, Config
    from edge_hasher.doctor.facts import FunctionUrlFacts, Unread

HTTPS_PORT = 443


class Origins:
    """The origins of one configuration, each read once; `urls` maps hosts in lower case to their Function URLs."""

    def __init__(self, cloudfront: CloudFront, config: Config, urls: Mapping[str, FunctionUrlFacts | Unread]) -> None:
        self._cloudfront = cloudfront
        self._items = by_id(config)
        self._with_bodies = [each for each in configuration.behaviors(config) if _takes_bodies(each)]
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
        host = item["DomainName"].lower()
        here = [each for each in self._with_bodies if self._host_of(each) == host]
        arns = [(each.path or "*", _function_arn(each)) for each in here]
        return Origin(
            id=item["Id"],
            host=item["DomainName"],
            kind=kind_of(item["DomainName"]),
            protocol=custom.get("OriginProtocolPolicy", ""),
            read_timeout_s=custom.get("OriginReadTimeout", 0),
            completion_timeout_s=item.get("ResponseCompletionTimeout") or None,
            settings=tuple(each["HeaderValue"] for each in headers if each["HeaderName"].lower() == HEADER),
            access_control=self._access_control(item.get("OriginAccessControlId") or ""),
            url=self._urls[host],
            https_port=custom.get("HTTPSPort") or HTTPS_PORT,
            ssl_protocols=frozenset((custom.get("OriginSslProtocols") or {}).get("Items") or ()),
            custom_headers=tuple((each["HeaderName"], each["HeaderValue"]) for each in headers),
            unhashed=tuple(pattern for pattern, arn in arns if arn is None),
            with_functions=tuple((pattern, arn) for pattern, arn in arns if arn is not None),
        )

    def is_group(self, origin_id: str) -> bool:
        """Whether an id is that of an origin group."""
        return bool(self._items[origin_id]["Id"] != origin_id)

    def _host_of(self, behavior: CacheBehavior) -> str:
        return str(self._items[behavior.settings["TargetOriginId"]]["DomainName"]).lower()

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
        protocol=config.get("SigningProtocol") or "",
    )


def _takes_bodies(behavior: CacheBehavior) -> bool:
    return "POST" in ((behavior.settings.get("AllowedMethods") or {}).get("Items") or ())


def _function_arn(behavior: CacheBehavior) -> str | None:
    """Return the ARN of a behavior's origin-request function, if it has one."""
    there = configuration.associations(behavior.settings)
    return next((each["LambdaFunctionARN"] for each in there if each["EventType"] == "origin-request"), None)


def by_id(config: Config) -> dict[str, Config]:
    """Map ids to origins; a group is its first member, which alone gets a POST (documented: origin failover).

    Where another member is Lambda's and the first is not, the group is that one: a GET may reach it.
    """
    origins = {item["Id"]: item for item in config["Origins"]["Items"]}
    found = dict(origins)
    for group in (config.get("OriginGroups") or {}).get("Items") or []:
        members = [origins[member["OriginId"]] for member in group["Members"]["Items"]]
        found[group["Id"]] = next((each for each in members if kind_of(each["DomainName"]) != "other"), members[0])
    return found
