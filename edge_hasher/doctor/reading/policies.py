"""Cache policies and origin request policies: AWS's own by their ids, others by reading them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import CachePolicy, RequestPolicy, Unread
from edge_hasher.doctor.reading.asking import ask
from edge_hasher.doctor.reading.managed_policies import CACHE_POLICIES, REQUEST_POLICIES

if TYPE_CHECKING:
    from types_boto3_cloudfront import CloudFrontClient

    from edge_hasher.aws.configuration import Config


class Policies:
    """The policies that behaviors name, each read once."""

    def __init__(self, cloudfront: CloudFrontClient) -> None:
        self._cloudfront = cloudfront
        self._cache: dict[str, CachePolicy | Unread] = dict(CACHE_POLICIES)
        self._request: dict[str, RequestPolicy | Unread] = dict(REQUEST_POLICIES)

    def cache(self, settings: Config) -> CachePolicy | Unread:
        """Return a behavior's cache policy, or what its older settings amount to."""
        policy_id = settings.get("CachePolicyId")
        if not policy_id:
            return _legacy(settings)
        if policy_id not in self._cache:
            self._cache[policy_id] = self._read_cache(policy_id)
        return self._cache[policy_id]

    def request(self, settings: Config) -> RequestPolicy | Unread | None:
        """Return a behavior's origin request policy, or None where it has none."""
        policy_id = settings.get("OriginRequestPolicyId")
        if not policy_id:
            return None
        if policy_id not in self._request:
            self._request[policy_id] = self._read_request(policy_id)
        return self._request[policy_id]

    def _read_cache(self, policy_id: str) -> CachePolicy | Unread:
        what = f"the cache policy {policy_id}"
        answer = ask(what, "cloudfront:GetCachePolicy", lambda: self._cloudfront.get_cache_policy(Id=policy_id))
        if answer is None:
            return Unread(what=what, why="there is no such policy in this account")
        if isinstance(answer, Unread):
            return answer
        config = answer["CachePolicy"]["CachePolicyConfig"]
        parameters = config.get("ParametersInCacheKeyAndForwardedToOrigin") or {}
        return CachePolicy(
            name=config["Name"],
            headers=_names(parameters.get("HeadersConfig")),
            min_ttl_s=config.get("MinTTL", 0),
            default_ttl_s=config.get("DefaultTTL", 0),
            max_ttl_s=config.get("MaxTTL", 0),
            compresses=bool(parameters.get("EnableAcceptEncodingGzip") or parameters.get("EnableAcceptEncodingBrotli")),
        )

    def _read_request(self, policy_id: str) -> RequestPolicy | Unread:
        what, action = f"the origin request policy {policy_id}", "cloudfront:GetOriginRequestPolicy"
        answer = ask(what, action, lambda: self._cloudfront.get_origin_request_policy(Id=policy_id))
        if answer is None:
            return Unread(what=what, why="there is no such policy in this account")
        if isinstance(answer, Unread):
            return answer
        config = answer["OriginRequestPolicy"]["OriginRequestPolicyConfig"]
        headers = config["HeadersConfig"]
        return RequestPolicy(name=config["Name"], mode=headers["HeaderBehavior"], headers=_names(headers))


def _legacy(settings: Config) -> CachePolicy:
    forwarded = settings.get("ForwardedValues") or {}
    return CachePolicy(
        name="the behavior's own ForwardedValues",
        headers=_names(forwarded),
        min_ttl_s=settings.get("MinTTL") or 0,
        default_ttl_s=settings.get("DefaultTTL") or 0,
        max_ttl_s=settings.get("MaxTTL") or 0,
        compresses=True,
        is_legacy=True,
    )


def _names(config: Config | None) -> frozenset[str]:
    items = ((config or {}).get("Headers") or {}).get("Items") or []
    return frozenset(name.lower() for name in items)
