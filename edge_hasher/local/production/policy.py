"""An origin request policy and a cache policy, as doctor reads them, in the local edge's terms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import Unread
from edge_hasher.local.cloudfront.behavior.request_policy import REQUEST_POLICIES, RequestPolicy

if TYPE_CHECKING:
    from edge_hasher.doctor import facts

_ALL = {"allViewer", "allViewerAndWhitelistCloudFront", "allExcept"}
_GOES_ON = {"all": True, "none": False}


class UnmodelledError(ValueError):
    """A policy that the local edge cannot follow; the message says why."""


def modelled(request: facts.RequestPolicy | None, cache: facts.CachePolicy | Unread) -> RequestPolicy:
    """Return what the two policies forward together (documented: a request has what either of them names).

    Raises UnmodelledError where cookies or query strings are chosen by name.
    """
    policy = RequestPolicy() if request is None else _managed(request) or _own(request)
    if isinstance(cache, Unread) or not cache.headers:
        return policy
    return replace(
        policy,
        host=policy.host or cache.forwards_host,
        all_viewer=policy.all_viewer or "*" in cache.headers,
        headers=policy.headers | cache.headers,
        excluded=policy.excluded - cache.headers,
    )


def _managed(policy: facts.RequestPolicy) -> RequestPolicy | None:
    """Return AWS's own policy, of which doctor knows the headers alone; another may bear the same name."""
    return None if policy.cookies or policy.query else REQUEST_POLICIES.get(policy.name)


def _own(policy: facts.RequestPolicy) -> RequestPolicy:
    all_viewer = policy.mode in _ALL
    headers = frozenset() if policy.mode == "none" else policy.headers
    return RequestPolicy(
        all_viewer=all_viewer,
        host=policy.forwards_host,
        headers=frozenset() if all_viewer else headers,
        excluded=headers if policy.mode == "allExcept" else frozenset(),
        cloudfront_headers=any(name.startswith("cloudfront-") for name in headers) and policy.mode != "allExcept",
        cookies=_goes_on(policy, "cookies", policy.cookies),
        query=_goes_on(policy, "query strings", policy.query),
    )


def _goes_on(policy: facts.RequestPolicy, what: str, behavior: str) -> bool:
    if behavior not in _GOES_ON:
        how = f"chosen by name ({behavior})" if behavior else "not known"
        raise UnmodelledError(f"which {what} the origin request policy {policy.name} forwards is {how}")
    return _GOES_ON[behavior]
