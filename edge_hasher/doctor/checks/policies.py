"""EH4xx: what the cache policy and the origin request policy forward, and what is cached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.check import Fault, check, known
from edge_hasher.doctor.checks.self_signing import ask_only_cloudfront
from edge_hasher.doctor.facts import RequestPolicy
from edge_hasher.doctor.fixes import distribution as fixes
from edge_hasher.doctor.reading.managed_policies import ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext, Fix


@check("EH401", requires=("EH101",))
def _request_policy_keeps_host(context: CheckContext) -> Fault | None:
    policy = known(context.behavior.request)
    _must_lead_to_lambda(context)
    if policy is None or not policy.forwards_host:
        return None
    ask_only_cloudfront(context)
    return Fault(
        what=f"the origin request policy {policy.name} of {context.behavior.label} forwards the viewer's Host",
        fix=fixes.behavior_fix(
            context,
            f'.OriginRequestPolicyId = "{ALL_VIEWER_EXCEPT_HOST}"',
            sam=f"OriginRequestPolicyId: {ALL_VIEWER_EXCEPT_HOST}",
            terraform=f'origin_request_policy_id = "{ALL_VIEWER_EXCEPT_HOST}"',
        ),
    )


@check("EH402", requires=("EH101",))
def _cache_policy_keeps_host(context: CheckContext) -> Fault | None:
    policy = known(context.behavior.cache)
    _must_lead_to_lambda(context)
    if not policy.forwards_host:
        return None
    ask_only_cloudfront(context)
    return Fault(
        what=f"{policy.label} of {context.behavior.label} forwards the viewer's Host",
        fix=_caching_disabled(context),
    )


# Amplify's policy does both; one change fixes both. A read-only path may well be cached.
@check("EH403", requires=("EH102", "EH402"))
def _keeps_nothing(context: CheckContext) -> Fault | None:
    policy = known(context.behavior.cache)
    _must_lead_to_lambda(context)
    if not policy.caches:
        return None
    return Fault(
        what=(
            f"{policy.label} of {context.behavior.label} caches responses that do not forbid it: "
            f"at least {policy.min_ttl_s} s, {policy.default_ttl_s} s by default"
        ),
        fix=_caching_disabled(context),
    )


def _must_lead_to_lambda(context: CheckContext) -> None:
    """Raise CannotTellError where the origin is chosen at run time, and the function behind it was not named."""
    if context.behavior.origin.chosen_by:
        known(context.behavior.origin.url)


def _caching_disabled(context: CheckContext) -> Fix:
    """Return how to stop caching; what the cache policy forwarded must still arrive, so another policy forwards it."""
    request, program = context.behavior.request, f'.CachePolicyId = "{CACHING_DISABLED}"'
    sam, hcl = f"CachePolicyId: {CACHING_DISABLED}", f'cache_policy_id = "{CACHING_DISABLED}"'
    if known(context.behavior.cache).is_legacy:
        program += " | del(.ForwardedValues, .MinTTL, .DefaultTTL, .MaxTTL)"
        sam += " in place of ForwardedValues, MinTTL, DefaultTTL and MaxTTL"
        hcl += " in place of forwarded_values, min_ttl, default_ttl and max_ttl"
    if request is None or (isinstance(request, RequestPolicy) and not request.forwards_most_headers):
        program += f' | .OriginRequestPolicyId = "{ALL_VIEWER_EXCEPT_HOST}"'
        sam += f", OriginRequestPolicyId: {ALL_VIEWER_EXCEPT_HOST}"
        hcl += f', origin_request_policy_id = "{ALL_VIEWER_EXCEPT_HOST}"'
    return fixes.behavior_fix(context, f" |= ({program})", sam=sam, terraform=hcl)


CHECKS = (_request_policy_keeps_host, _cache_policy_keeps_host, _keeps_nothing)
