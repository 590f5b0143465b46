"""Reads a distribution, and all that it leads to, into one frozen value; the only part of doctor that asks AWS."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edge_hasher.aws import configuration
from edge_hasher.aws.cloudfront import DEPLOYED
from edge_hasher.aws.errors import OperateError
from edge_hasher.aws.function_arn import EDGE_REGION
from edge_hasher.doctor.facts import BehaviorFacts, Facts
from edge_hasher.doctor.path_matching import path_of, serving
from edge_hasher.doctor.reading.cloudfront_function import CHOSEN_AT_RUN_TIME, CloudFrontFunctions
from edge_hasher.doctor.reading.edge_function import EdgeFunctions
from edge_hasher.doctor.reading.function_url import find_urls, url_of, with_limits
from edge_hasher.doctor.reading.lambda_host import kind_of
from edge_hasher.doctor.reading.origin import Origins, by_id
from edge_hasher.doctor.reading.policies import Policies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_hasher.aws.cloudfront import Distribution
    from edge_hasher.aws.configuration import Config
    from edge_hasher.aws.door import Aws
    from edge_hasher.doctor.facts import FunctionUrlFacts, Pages, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to look at: a distribution by id, ARN, URL or domain; one path, or every Function URL; the owner's name.

    The path of a URL is the path to look at. `clients_hash`: every client sends its own digest. `region` is where the
    owner is, where no host says so.
    """

    distribution: str
    path: str | None = None
    function: str | None = None
    clients_hash: bool = False
    region: str | None = None

    @property
    def name(self) -> str:
        """The distribution, without what surrounds its name in a URL."""
        return self._parts[0]

    @property
    def wanted_path(self) -> str | None:
        """The path: the one that was named, else that of the URL if it is more than a slash."""
        return self.path or self._parts[1]

    @property
    def _parts(self) -> tuple[str, str | None]:
        text = self.distribution.strip()
        if text.startswith("arn:"):
            return text, None
        if re.match(r"https?://", text, re.IGNORECASE) is None:
            host, slash, rest = text.partition("/")
            return host, f"{slash}{rest}" if path_of(rest) != "/" else None
        url = urlsplit(text)
        return url.hostname or text, url.path if url.path.strip("/") else None


def read(aws: Aws, question: Question, progress: Callable[[str], None]) -> Facts:
    """Read what doctor judges; raises OperateError when it cannot begin, or the question does not fit what is there."""
    cloudfront, path = aws.cloudfront, question.wanted_path
    found = cloudfront.distribution(cloudfront.id_of(question.name, progress))
    config, origins_by_id = found.config, by_id(found.config)
    routers = CloudFrontFunctions(cloudfront)
    chosen = _chosen(found, path, origins_by_id, lambda each, host: _chooser(routers, each, host, question))
    hosts = [origins_by_id[each.settings["TargetOriginId"]]["DomainName"] for each in chosen]
    at_run_time = [
        host.lower() for host, each in zip(hosts, chosen, strict=True) if _chooser(routers, each, host, question)
    ]
    owner = None if at_run_time else question.function
    urls = find_urls(aws, hosts, found.arn, function=owner, progress=progress)
    urls |= dict.fromkeys(at_run_time, _named(aws, question, found.arn)) if at_run_time else {}
    urls = {host: with_limits(aws, url) for host, url in urls.items()}
    origins, policies, functions = (
        Origins(cloudfront, config, urls),
        Policies(cloudfront),
        EdgeFunctions(aws, found.arn),
    )
    return Facts(
        id=found.id,
        arn=found.arn,
        domain=found.domain,
        enabled=config["Enabled"],
        deployed=found.status == DEPLOYED,
        web_acl=config.get("WebACLId") or "",
        error_pages=_error_pages(config),
        aliases=tuple((config.get("Aliases") or {}).get("Items") or ()),
        path=path,
        behaviors=tuple(
            _behavior(each, origins, policies, functions, routers, _chooser(routers, each, host, question))
            for each, host in zip(chosen, hosts, strict=True)
        ),
        clients_hash=question.clients_hash,
        lambda_origins=tuple(
            item["Id"] for item in config["Origins"]["Items"] if kind_of(item["DomainName"]) != "other"
        ),
        lambda_patterns=tuple(
            each.label
            for each in configuration.behaviors(config)
            if kind_of(origins_by_id[each.settings["TargetOriginId"]]["DomainName"]) != "other"
        ),
        geo_restriction=_geo_restriction(config),
        pages=_pages(configuration.behaviors(config)[-1], origins_by_id, routers),
    )


def _chosen(
    found: Distribution,
    path: str | None,
    origins: dict[str, Config],
    chooser: Callable[[configuration.CacheBehavior, str], str],
) -> Sequence[configuration.CacheBehavior]:
    """Take the behavior that serves `path`, or without one all that lead to a Function URL, or may at run time."""
    every = configuration.behaviors(found.config)
    if path is not None:
        position = serving([each.path for each in every if each.path is not None], path)
        return [every[-1 if position is None else position]]
    hosts = {id(each): origins[each.settings["TargetOriginId"]]["DomainName"] for each in every}
    if chosen := [each for each in every if kind_of(hosts[id(each)]) != "other"]:
        return chosen
    if chosen := [each for each in every if chooser(each, hosts[id(each)])]:
        return chosen
    listed = ", ".join(item["DomainName"] for item in found.config["Origins"]["Items"])
    raise OperateError(
        f"no behavior of {found.id} leads to a Lambda Function URL (its origins: {listed}): "
        "name another distribution, or one path with --path"
    )


def _chooser(routers: CloudFrontFunctions, behavior: configuration.CacheBehavior, host: str, question: Question) -> str:
    return routers.chooser(behavior, host, named=question.function is not None)


def _named(aws: Aws, question: Question, distribution_arn: str) -> FunctionUrlFacts | Unread:
    """Return the Function URL of the function that the user named, for an origin that is chosen at run time."""
    if question.function is None:
        return CHOSEN_AT_RUN_TIME
    found = url_of(aws, question.function, distribution_arn, question.region or EDGE_REGION)
    if found is None:
        raise OperateError(
            f"the function {question.function!r} has no Function URL in {question.region or EDGE_REGION}: "
            "name its Region with --region"
        )
    return found[1]


def _behavior(
    behavior: configuration.CacheBehavior,
    origins: Origins,
    policies: Policies,
    functions: EdgeFunctions,
    routers: CloudFrontFunctions,
    chooser: str,
) -> BehaviorFacts:
    settings = behavior.settings
    methods, target = settings.get("AllowedMethods") or {}, settings["TargetOriginId"]
    trusted, signers = settings.get("TrustedKeyGroups") or {}, settings.get("TrustedSigners") or {}
    return BehaviorFacts(
        pattern=behavior.path or "*",
        is_default=behavior.path is None,
        methods=frozenset(methods.get("Items") or ("GET", "HEAD")),
        compresses=settings.get("Compress", False),
        wants_signed_viewers=bool(trusted.get("Enabled") or signers.get("Enabled")),
        cache=policies.cache(settings),
        request=policies.request(settings),
        associations=functions.associations(behavior),
        origin=replace(origins.read(target), chosen_by=chooser),
        functions=routers.of(behavior),
        origin_group=target if origins.is_group(target) else None,
    )


def _pages(default: configuration.CacheBehavior, origins: dict[str, Config], routers: CloudFrontFunctions) -> Pages:
    if kind_of(origins[default.settings["TargetOriginId"]]["DomainName"]) != "other":
        return ""
    # A behavior takes one function for viewer requests, of either kind (documented: "Restrictions on edge functions").
    edge = [each for each in configuration.associations(default.settings) if each["EventType"] == "viewer-request"]
    return "elsewhere, function taken" if edge or routers.viewer_request(default) else "elsewhere, function possible"


def _geo_restriction(config: Config) -> str:
    restriction = (config.get("Restrictions") or {}).get("GeoRestriction") or {}
    kind, countries = restriction.get("RestrictionType") or "none", restriction.get("Items") or []
    return "" if kind == "none" else f"{kind} {', '.join(countries)}"


def _error_pages(config: Config) -> tuple[tuple[int, str, str], ...]:
    items = (config.get("CustomErrorResponses") or {}).get("Items") or []
    return tuple(
        (item["ErrorCode"], item.get("ResponsePagePath") or "", item.get("ResponseCode") or "") for item in items
    )
