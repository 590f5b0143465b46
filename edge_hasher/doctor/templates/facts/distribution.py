"""A distribution in code as the checks judge it, and where each thing that they judge is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.facts import BehaviorFacts, Facts, Unread
from edge_hasher.doctor.path_matching import serving
from edge_hasher.doctor.templates.facts.cloudfront_functions import choosing, functions, made_here
from edge_hasher.doctor.templates.facts.edge_function import association, unsettled
from edge_hasher.doctor.templates.facts.function_names import function_name
from edge_hasher.doctor.templates.facts.origin import find, origin_facts
from edge_hasher.doctor.templates.facts.partial import flag, names, number, part, partial, parts, text, unread
from edge_hasher.doctor.templates.facts.permissions import DISTRIBUTION, distribution_arn
from edge_hasher.doctor.templates.facts.policies import ACCESS_CONTROL, cache_policy, request_policy
from edge_hasher.doctor.templates.reading.values import Map, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge_hasher.doctor.templates.facts.origin import FoundOrigin
    from edge_hasher.doctor.templates.reading.values import Resource, World

_GET_HEAD = frozenset({"GET", "HEAD"})  # documented: AllowedMethods, the default


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Written:
    """Where a behavior, and what it leads to, is written."""

    distribution: Resource
    behavior: Map
    origin: Map
    url: Resource | None
    access_control: Resource | None
    association: Map | None
    edge_function: Resource | None
    function: Resource | None
    cloudfront_functions: tuple[tuple[str, Resource], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StaticFacts:
    """A distribution's facts, the places behind them by the behaviors' labels, and what could not be told.

    `unsettled` are checks that cannot be told though their facts seem known, `open_questions` what no check asks.
    """

    facts: Facts
    written: dict[str, Written]
    unsettled: Mapping[str, Unread]
    open_questions: tuple[Unread, ...] = field(default=())


def distributions(world: World, path: str | None = None, *, clients_hash: bool = False) -> Iterator[StaticFacts]:
    """Return the facts of each distribution of which a behavior leads to a Function URL, or may."""
    for resource in world.of(DISTRIBUTION):
        config = resource.config.get("DistributionConfig")
        if isinstance(config, Map):
            yield _facts(world, resource, config, path, clients_hash=clients_hash)
        else:
            yield _unreadable(resource, config)


def _facts(world: World, resource: Resource, config: Map, path: str | None, *, clients_hash: bool) -> StaticFacts:
    origins = find(world, config)
    found = [*parts(config, "CacheBehaviors"), *parts({"": [config.get("DefaultCacheBehavior")]}, "")]
    if path is not None:
        patterns = [str(each.get("PathPattern")) for each in found if "PathPattern" in each]
        position = serving(patterns, path)
        found = [found[-1 if position is None else position]]
    questions: list[Unread | None] = [_listed(config, key, resource) for key in ("Origins", "CacheBehaviors")]
    behaviors: list[BehaviorFacts] = []
    written: dict[str, Written] = {}
    open_checks: dict[str, Unread] = {}
    others: list[tuple[Map, FoundOrigin, str]] = []
    chosen: list[tuple[Map, FoundOrigin, str]] = []
    for each in found:
        origin = origins.get(str(each.get("TargetOriginId")))
        if origin is None:
            questions.append(_no_origin(each, config, resource))
        elif origin.kind is None and origin.why is not None:
            questions.append(origin.why)
        else:
            is_chosen = origin.kind != "other" or path is not None
            (chosen if is_chosen else others).append((each, origin, _chooser(world, each, origin, path)))
    # As doctor does: where no behavior leads to a Function URL, those count that may at run time.
    for each, origin, chooser in chosen or [one for one in others if one[2]]:
        behavior = _behavior(world, each, origin, resource, chooser)
        behaviors.append(behavior)
        written[behavior.label] = _written(world, each, origin, resource)
        for one in parts(each, "LambdaFunctionAssociations"):
            open_checks |= unsettled(world, one, resource)
    facts = partial(
        Facts,
        id=resource.label,
        arn=distribution_arn(resource),
        domain=resource.label,
        enabled=flag({"Enabled": True, **config}, "Enabled", resource.label),
        deployed=True,
        web_acl=_web_acl(config, resource),
        error_pages=_error_pages(config, resource),
        aliases=_aliases(config, resource),
        geo_restriction=_geo_restriction(config, resource),
        path=path,
        behaviors=tuple(behaviors),
        clients_hash=clients_hash,
    )
    open_questions = tuple(dict.fromkeys(each for each in questions if each is not None))
    return StaticFacts(facts=facts, written=written, unsettled=open_checks, open_questions=open_questions)


def _chooser(world: World, config: Map, origin: FoundOrigin, path: str | None) -> str:
    return (
        choosing(world, config, origin.config.get("DomainName"), is_asked=path is not None)
        if origin.kind == "other"
        else ""
    )


def _behavior(world: World, config: Map, origin: FoundOrigin, resource: Resource, chosen_by: str) -> BehaviorFacts:
    pattern = config.get("PathPattern")
    what = f"the behavior {'default (*)' if pattern is None else _shown(pattern)}"
    methods = names(config, "AllowedMethods", what)
    associations = config.get("LambdaFunctionAssociations")
    return partial(
        BehaviorFacts,
        pattern="*" if pattern is None else _shown(pattern),
        is_default=pattern is None,
        methods=methods if isinstance(methods, Unread) else methods or _GET_HEAD,
        compresses=flag(config, "Compress", what),
        wants_signed_viewers=_signed(config, what),
        cache=cache_policy(world, config, what),
        request=request_policy(world, config),
        associations=unread(f"the associations of {what}", associations)
        if isinstance(associations, Unknown)
        else tuple(
            association(world, each, config, resource, what) for each in parts(config, "LambdaFunctionAssociations")
        ),
        origin=origin_facts(world, origin, resource, chosen_by),
        functions=functions(world, config, what),
        origin_group=origin.group,
    )


def _written(world: World, config: Map, origin: FoundOrigin, resource: Resource) -> Written:
    found = parts(config, "LambdaFunctionAssociations")
    chosen = next((each for each in found if each.get("EventType") == "origin-request"), found[0] if found else None)
    name = function_name(world, chosen.get("LambdaFunctionARN")) if chosen is not None else None
    behind = function_name(world, origin.url.config.get("TargetFunctionArn")) if origin.url is not None else None
    return Written(
        distribution=resource,
        behavior=config,
        origin=origin.config,
        url=origin.url,
        access_control=world.referred(origin.config.get("OriginAccessControlId"), ACCESS_CONTROL),
        association=chosen,
        edge_function=name.resource if name else None,
        function=behind.resource if behind else None,
        cloudfront_functions=tuple(made_here(world, config)),
    )


def _signed(config: Map, what: str) -> Any:
    for key in ("TrustedKeyGroups", "TrustedSigners"):
        value = config.get(key)
        if isinstance(value, Unknown):
            return unread(f"{key} of {what}", value)
        if value:
            return True
    return False


def _web_acl(config: Map, resource: Resource) -> Any:
    value = config.get("WebACLId")
    return (
        value.text if isinstance(value, Unknown) and value.references else text(config, "WebACLId", "", resource.label)
    )


def _error_pages(config: Map, resource: Resource) -> Any:
    pages = config.get("CustomErrorResponses")
    if isinstance(pages, Unknown):
        return unread(f"CustomErrorResponses of {resource.label}", pages)
    found = []
    for each in parts(config, "CustomErrorResponses"):
        code = number(each, "ErrorCode", 0, resource.label)
        if isinstance(code, Unread):
            return code
        page, status = _shown(each.get("ResponsePagePath")), each.get("ResponseCode")
        found.append((code, page, "" if status is None else str(status)))
    return tuple(found)


def _aliases(config: Map, resource: Resource) -> tuple[str | Unread, ...] | Unread:
    """Return the alternate domain names; CNAMEs is what CloudFormation called them before Aliases (seen)."""
    found: list[str | Unread] = []
    for key in ("Aliases", "CNAMEs"):
        value, what = config.get(key), f"{key} of {resource.label}"
        if isinstance(value, Unknown):
            return unread(what, value)
        if value is not None and not isinstance(value, list):
            return Unread(what=what, why="it is not a list")
        found += (
            unread(f"an alias of {resource.label}", each) if isinstance(each, Unknown) else str(each)
            for each in value or ()
        )
    return tuple(found)


def _geo_restriction(config: Map, resource: Resource) -> Any:
    outer = config.get("Restrictions")
    inner = part(config, "Restrictions").get("GeoRestriction")
    for each in (outer, inner):
        if isinstance(each, Unknown):
            return unread(f"Restrictions of {resource.label}", each)
    restriction = part(part(config, "Restrictions"), "GeoRestriction")
    kind = text(restriction, "RestrictionType", "none", resource.label)
    countries = names(restriction, "Locations", resource.label)
    if isinstance(kind, Unread) or kind == "none":
        return kind if isinstance(kind, Unread) else ""
    return kind if isinstance(countries, Unread) else f"{kind} {', '.join(sorted(countries))}"


def _listed(config: Map, key: str, resource: Resource) -> Any:
    value = config.get(key)
    inner = [value, *(value if isinstance(value, list) else ())]
    unknown = next((each for each in inner if isinstance(each, Unknown)), None)
    return unread(f"{key} of {resource.label}", unknown) if unknown else None


def _no_origin(behavior: Map, config: Map, resource: Resource) -> Unread:
    target = behavior.get("TargetOriginId")
    if isinstance(target, Unknown):
        return unread(f"TargetOriginId in {resource.label}", target)
    listed: Unread | None = _listed(config, "Origins", resource)
    if listed is not None:
        return listed
    ids = [each.get("Id") for each in parts(config, "Origins")]
    unknown = next((each for each in ids if isinstance(each, Unknown)), None)
    why = f"an origin's id is {unknown}: {unknown.why}" if unknown else "no origin has this id"
    return Unread(what=f"the origin {target!r} of {resource.label}", why=why)


def _unreadable(resource: Resource, config: object) -> StaticFacts:
    why = (
        unread(f"DistributionConfig of {resource.label}", config)
        if isinstance(config, Unknown)
        else Unread(what=f"the distribution {resource.label}", why="it has no DistributionConfig")
    )
    facts = partial(
        Facts, id=resource.label, arn=distribution_arn(resource), domain=resource.label, path=None, behaviors=()
    )
    return StaticFacts(facts=facts, written={}, unsettled={}, open_questions=(why,))


def _shown(value: object) -> str:
    return value.text if isinstance(value, Unknown) else "" if value is None else str(value)
