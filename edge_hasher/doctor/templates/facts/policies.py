"""Cache policies, origin request policies and access controls: AWS's own by id, others as the code makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import AccessControl, CachePolicy, RequestPolicy, Unread
from edge_hasher.doctor.reading.managed_policies import CACHE_POLICIES, REQUEST_POLICIES
from edge_hasher.doctor.templates.facts.partial import flag, names, number, part, partial, text, unread
from edge_hasher.doctor.templates.reading.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from edge_hasher.doctor.templates.reading.values import World

CACHE, REQUEST = "AWS::CloudFront::CachePolicy", "AWS::CloudFront::OriginRequestPolicy"
ACCESS_CONTROL = "AWS::CloudFront::OriginAccessControl"
_DAY_S = 86_400  # documented: DefaultTTL of CachePolicyConfig and of CacheBehavior
_ELSEWHERE = "it is not AWS's own, and not made in the same code"


def cache_policy(world: World, behavior: Mapping[str, Any], what: str) -> CachePolicy | Unread:
    """Return a behavior's cache policy, or what its older settings amount to."""
    value = behavior.get("CachePolicyId")
    if not value:
        return _legacy(behavior, what)
    resource = world.referred(value, CACHE)
    if resource is not None:
        config = part(resource.config, "CachePolicyConfig")
        forwarded = part(config, "ParametersInCacheKeyAndForwardedToOrigin")
        gzip, brotli = (flag(forwarded, f"EnableAcceptEncoding{each}", resource.label) for each in ("Gzip", "Brotli"))
        return partial(
            CachePolicy,
            name=text(config, "Name", resource.label, resource.label),
            headers=names(part(forwarded, "HeadersConfig"), "Headers", resource.label, lower=True),
            min_ttl_s=number(config, "MinTTL", 0, resource.label),
            default_ttl_s=number(config, "DefaultTTL", _DAY_S, resource.label),
            compresses=next((each for each in (gzip, brotli) if each is True), gzip or brotli),
            is_legacy=False,
        )
    return CACHE_POLICIES.get(str(value)) or _elsewhere("the cache policy", value)


def request_policy(world: World, behavior: Mapping[str, Any]) -> RequestPolicy | Unread | None:
    """Return a behavior's origin request policy, or None where it has none."""
    value = behavior.get("OriginRequestPolicyId")
    if not value:
        return None
    resource = world.referred(value, REQUEST)
    if resource is not None:
        config = part(resource.config, "OriginRequestPolicyConfig")
        headers = part(config, "HeadersConfig")
        return partial(
            RequestPolicy,
            name=text(config, "Name", resource.label, resource.label),
            mode=text(headers, "HeaderBehavior", "none", resource.label),
            headers=names(headers, "Headers", resource.label, lower=True),
            cookies=text(part(config, "CookiesConfig"), "CookieBehavior", "", resource.label),
            query=text(part(config, "QueryStringsConfig"), "QueryStringBehavior", "", resource.label),
        )
    return REQUEST_POLICIES.get(str(value)) or _elsewhere("the origin request policy", value)


def access_control(world: World, origin: Mapping[str, Any]) -> AccessControl | Unread | None:
    """Return the origin access control of an origin, or None where it has none."""
    value = origin.get("OriginAccessControlId")
    if not value:
        return None
    resource = world.referred(value, ACCESS_CONTROL)
    if resource is None:
        return _elsewhere("the origin access control", value)
    config = part(resource.config, "OriginAccessControlConfig")
    return partial(
        AccessControl,
        id=resource.address,
        name=text(config, "Name", resource.label, resource.label),
        origin_type=text(config, "OriginAccessControlOriginType", "not set", resource.label),
        behavior=text(config, "SigningBehavior", "not set", resource.label),
        protocol=text(config, "SigningProtocol", "", resource.label),
    )


def _legacy(behavior: Mapping[str, Any], what: str) -> CachePolicy | Unread:
    forwarded = behavior.get("ForwardedValues")
    if isinstance(forwarded, Unknown):
        return unread(f"ForwardedValues of {what}", forwarded)
    return partial(
        CachePolicy,
        name="the behavior's own ForwardedValues",
        headers=names(part(behavior, "ForwardedValues"), "Headers", what, lower=True),
        min_ttl_s=number(behavior, "MinTTL", 0, what),
        default_ttl_s=number(behavior, "DefaultTTL", _DAY_S, what),
        compresses=True,
        is_legacy=True,
    )


def _elsewhere(what: str, value: object) -> Unread:
    if isinstance(value, Unknown):
        return unread(what, value)
    return Unread(what=f"{what} {value}", why=_ELSEWHERE)
