"""One behavior as it is in production, as plain values: what the local edge sets itself up by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from edge_hasher.doctor.check import CannotTellError
from edge_hasher.doctor.facts import EdgeFunctionFacts, Unread
from edge_hasher.doctor.fixes.distribution import OWN_HANDLER
from edge_hasher.doctor.resource_policy import INVOKE, INVOKE_URL, Caller, decide

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.doctor.facts import (
        AccessControl,
        BehaviorFacts,
        CachePolicy,
        Facts,
        FunctionUrlFacts,
        RequestPolicy,
    )

T = TypeVar("T")
Permission = Literal["InvokeFunctionUrl", "InvokeFunction"]
_PERMISSIONS: tuple[tuple[Permission, str], ...] = (("InvokeFunctionUrl", INVOKE_URL), ("InvokeFunction", INVOKE))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociatedFunction:
    """The origin-request function; `is_own` is None where nothing says whether it is Edge Hasher's."""

    name: str
    is_own: bool | None
    includes_body: bool | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorSetup:
    """A behavior that leads to a Function URL; what could not be read is Unread.

    `source` is the file or distribution, `label` the behavior, `denied` the permissions that CloudFront does not have.
    `other_functions` name functions on other events, `is_public` is AuthType NONE, `aliases` are the distribution's.
    """

    source: str
    label: str
    methods: frozenset[str] | Unread
    request: RequestPolicy | Unread | None
    cache: CachePolicy | Unread
    access_control: AccessControl | Unread | None
    signing: str | Unread
    denied: frozenset[Permission] | Unread
    custom_headers: tuple[tuple[str, str | Unread], ...] | Unread
    read_timeout_s: int | Unread
    streams: bool | Unread
    is_public: bool
    function: AssociatedFunction | Unread | None
    error_pages: tuple[tuple[int, str, str], ...] | Unread
    aliases: tuple[str | Unread, ...] | Unread = ()
    other_functions: tuple[str, ...] = ()


def setup_of(facts: Facts, behavior: BehaviorFacts, source: str) -> BehaviorSetup:
    """Return what is known of a behavior."""
    origin, url = behavior.origin, behavior.origin.url
    return BehaviorSetup(
        source=source,
        label=behavior.label,
        methods=_told(lambda: behavior.methods),
        request=_told(lambda: behavior.request),
        cache=behavior.cache,
        access_control=origin.access_control,
        signing=_told(lambda: _signing(origin.access_control)),
        denied=_told(lambda: _denied(facts, url)),
        custom_headers=origin.custom_headers,
        read_timeout_s=_told(lambda: origin.read_timeout_s),
        streams=_told(lambda: _known(url).streams),
        is_public=_told(lambda: _known(url).is_public) is True,
        function=_told(lambda: _function(behavior)),
        error_pages=_told(lambda: facts.error_pages),
        aliases=facts.aliases,
        other_functions=_others(behavior),
    )


def _told(look: Callable[[], T]) -> T | Unread:
    """Return what a look gives, or why it cannot be told."""
    try:
        return look()
    except CannotTellError as error:
        return error.unread


def _known(value: T | Unread) -> T:
    if isinstance(value, Unread):
        raise CannotTellError(value)
    return value


def _signing(control: AccessControl | Unread | None) -> str:
    """Return the signing behavior; an access control for another kind of origin, or none, does not sign for Lambda."""
    found = _known(control)
    return found.behavior if found is not None and found.origin_type == "lambda" else "never"


def _denied(facts: Facts, url: FunctionUrlFacts | Unread) -> frozenset[Permission]:
    """Return the permissions that the function's resource policy does not give to CloudFront, or takes away."""
    found = _known(url)
    caller = Caller(distribution_arn=facts.arn, auth_type=found.auth_type)
    verdicts = {name: decide(_known(found.policy), action, caller)[0] for name, action in _PERMISSIONS}
    unsure = [name for name, verdict in verdicts.items() if verdict == "unsure"]
    if unsure:
        why = "a statement has a condition that is not known"
        raise CannotTellError(Unread(what=f"whether CloudFront has lambda:{unsure[0]} on {found.label}", why=why))
    return frozenset(name for name, verdict in verdicts.items() if verdict != "granted")


def _function(behavior: BehaviorFacts) -> AssociatedFunction | None:
    association = behavior.origin_request
    if association is None:
        return None
    function = association.function
    handler = _told(lambda: function.handler) if isinstance(function, EdgeFunctionFacts) else None
    arn = _told(lambda: association.arn)
    return AssociatedFunction(
        name=handler if isinstance(handler, str) else arn if isinstance(arn, str) else "made elsewhere",
        is_own=handler == OWN_HANDLER if isinstance(handler, str) else None,
        includes_body=_told(lambda: association.includes_body),
    )


def _others(behavior: BehaviorFacts) -> tuple[str, ...]:
    lambdas = _told(lambda: [each.event for each in behavior.associations])
    events = [] if isinstance(lambdas, Unread) else [each for each in lambdas if each != "origin-request"]
    return (
        *(f"the {event} function" for event in events),
        *(f"the CloudFront Function {each.name}" for each in behavior.functions),
    )
