"""Cache policies and origin request policies: AWS's own by their ids, others by reading them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import CachePolicy, RequestPolicy, Unread
from edge_hasher.doctor.reading.asking import ask
from edge_hasher.doctor.reading.managed_policies import CACHE_POLICIES, REQUEST_POLICIES

if TYPE_CHECKING:
    from edge_hasher.aws.cloudfront import CloudFront
    from edge_hasher.aws.configuration import Config

_GONE = "there is no such policy in this account"


class Policies:
    """The policies that behaviors name, each read once."""

    def __init__(self, cloudfront: CloudFront) -> None:
        self._cloudfront = cloudfront
        self._cache: dict[str, CachePolicy | Unread] = dict(CACHE_POLICIES)
        self._request: dict[str, RequestPolicy | Unread] = dict(REQUEST_POLICIES)

    def cache(self, settings: Config) -> CachePolicy | Unread:
        """Return a behavior's cache policy, or what its older settings amount to."""
        policy_id = settings.get("CachePolicyId")
        if not policy_id:
            return _legacy(settings)
        if policy_id not in self._cache:
            what = f"the cache policy {policy_id}"
            policy = ask(what, lambda: _cache_policy(self._cloudfront.cache_policy(policy_id)))
            self._cache[policy_id] = policy or Unread(what=what, why=_GONE)
        return self._cache[policy_id]

    def request(self, settings: Config) -> RequestPolicy | Unread | None:
        """Return a behavior's origin request policy, or None where it has none."""
        policy_id = settings.get("OriginRequestPolicyId")
        if not policy_id:
            return None
        if policy_id not in self._request:
            what = f"the origin request policy {policy_id}"
            policy = ask(what, lambda: _request_policy(self._cloudfront.request_policy(policy_id)))
            self._request[policy_id] = policy or Unread(what=what, why=_GONE)
        return self._request[policy_id]


def _cache_policy(config: Config) -> CachePolicy:
    parameters = config.get("ParametersInCacheKeyAndForwardedToOrigin") or {}
    return CachePolicy(
        name=config["Name"],
        headers=_names(parameters.get("HeadersConfig")),
        min_ttl_s=config.get("MinTTL", 0),
        default_ttl_s=config.get("DefaultTTL", 0),
        compresses=bool(parameters.get("EnableAcceptEncodingGzip") or parameters.get("EnableAcceptEncodingBrotli")),
    )


def _request_policy(config: Config) -> RequestPolicy:
    headers = config["HeadersConfig"]
    return RequestPolicy(
        name=config["Name"],
        mode=headers["HeaderBehavior"],
        headers=_names(headers),
        cookies=(config.get("CookiesConfig") or {}).get("CookieBehavior") or "",
        query=(config.get("QueryStringsConfig") or {}).get("QueryStringBehavior") or "",
    )


def _legacy(settings: Config) -> CachePolicy:
    forwarded = settings.get("ForwardedValues") or {}
    return CachePolicy(
        name="the behavior's own ForwardedValues",
        headers=_names(forwarded),
        min_ttl_s=settings.get("MinTTL") or 0,
        default_ttl_s=settings.get("DefaultTTL") or 0,
        compresses=True,
        is_legacy=True,
    )


def _names(config: Config | None) -> frozenset[str]:
    items = ((config or {}).get("Headers") or {}).get("Items") or []
    return frozenset(name.lower() for name in items)
