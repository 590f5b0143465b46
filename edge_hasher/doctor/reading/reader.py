"""Reads a distribution, and all that it leads to, into one frozen value; the only part of doctor that asks AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.aws import configuration
from edge_hasher.aws.cloudfront import DEPLOYED
from edge_hasher.aws.errors import OperateError
from edge_hasher.doctor.facts import BehaviorFacts, Facts
from edge_hasher.doctor.path_matching import serving
from edge_hasher.doctor.reading.edge_function import EdgeFunctions
from edge_hasher.doctor.reading.function_url import find_urls
from edge_hasher.doctor.reading.origin import Origins, by_id, kinds
from edge_hasher.doctor.reading.policies import Policies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_hasher.aws.cloudfront import Distribution
    from edge_hasher.aws.configuration import Config
    from edge_hasher.aws.door import Aws


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to look at: a distribution by id, ARN, URL or domain; one path, or every Function URL; the owner's name."""

    distribution: str
    path: str | None = None
    function: str | None = None


def read(aws: Aws, question: Question, progress: Callable[[str], None]) -> Facts:
    """Read what doctor judges; raises OperateError when it cannot begin, or the question does not fit what is there."""
    cloudfront = aws.cloudfront
    found = cloudfront.distribution(cloudfront.id_of(question.distribution, progress))
    config, chosen, origins_by_id = found.config, _chosen(found, question.path), by_id(found.config)
    hosts = [origins_by_id[each.settings["TargetOriginId"]]["DomainName"] for each in chosen]
    urls = find_urls(aws, hosts, found.arn, function=question.function, progress=progress)
    origins, policies, functions = Origins(cloudfront, config, urls), Policies(cloudfront), EdgeFunctions(aws)
    return Facts(
        id=found.id,
        arn=found.arn,
        domain=found.domain,
        enabled=config["Enabled"],
        deployed=found.status == DEPLOYED,
        web_acl=config.get("WebACLId") or "",
        error_pages=_error_pages(config),
        path=question.path,
        behaviors=tuple(_behavior(each, origins, policies, functions) for each in chosen),
    )


def _chosen(found: Distribution, path: str | None) -> Sequence[configuration.CacheBehavior]:
    """Take the behavior that serves `path`, or without one all that lead to a Function URL."""
    every = configuration.behaviors(found.config)
    if path is not None:
        position = serving([each.path for each in every if each.path is not None], path)
        return [every[-1 if position is None else position]]
    there = kinds(found.config)
    chosen = [each for each in every if there.get(each.settings["TargetOriginId"]) != "other"]
    if not chosen:
        hosts = ", ".join(item["DomainName"] for item in found.config["Origins"]["Items"])
        raise OperateError(
            f"no behavior of {found.id} leads to a Lambda Function URL (its origins: {hosts}): "
            "name another distribution, or one path with --path"
        )
    return chosen


def _behavior(
    behavior: configuration.CacheBehavior, origins: Origins, policies: Policies, functions: EdgeFunctions
) -> BehaviorFacts:
    settings = behavior.settings
    methods = settings.get("AllowedMethods") or {}
    groups, signers = settings.get("TrustedKeyGroups") or {}, settings.get("TrustedSigners") or {}
    return BehaviorFacts(
        pattern=behavior.path or "*",
        is_default=behavior.path is None,
        methods=frozenset(methods.get("Items") or ("GET", "HEAD")),
        compresses=settings.get("Compress", False),
        wants_signed_viewers=bool(groups.get("Enabled") or signers.get("Enabled")),
        cache=policies.cache(settings),
        request=policies.request(settings),
        associations=functions.associations(behavior),
        origin=origins.read(settings["TargetOriginId"]),
    )


def _error_pages(config: Config) -> tuple[tuple[int, str, str], ...]:
    items = (config.get("CustomErrorResponses") or {}).get("Items") or []
    return tuple(
        (item["ErrorCode"], item.get("ResponsePagePath") or "", item.get("ResponseCode") or "") for item in items
    )
