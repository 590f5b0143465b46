"""Each thing that is taken from a behavior in production: what it changes, how it is told, and who else may set it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.facts import Unread
from edge_hasher.local.cloudfront.behavior.error_pages import ErrorPage
from edge_hasher.local.cloudfront.behavior.host_names import alias_problem
from edge_hasher.local.cloudfront.model import METHODS
from edge_hasher.local.production.policy import UnmodelledError, modelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge_hasher.doctor.setup.behavior import BehaviorSetup

_SIGNING = {"always", "never", "no-override"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read: `shown` to people, and the fields of BehaviorOptions that it sets."""

    shown: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing: `options` are the names of those that win over it, the first as it is asked for.

    `settling` are options that win only where it is not known: they would make no sense without it. `assumed` is what
    holds where it is not known; empty where nothing may be assumed. `adds_to` is a field of BehaviorOptions to which it
    adds: what an option set there stays beside what was read.
    """

    what: str
    options: tuple[str, ...]
    read: Callable[[BehaviorSetup], Reading | Unread]
    asked_for: str
    settling: tuple[str, ...] = ()
    assumed: str = ""
    adds_to: str = ""


def _methods(setup: BehaviorSetup) -> Reading | Unread:
    if isinstance(setup.methods, Unread):
        return setup.methods
    shown = "all" if setup.methods == METHODS else ", ".join(sorted(setup.methods))
    return Reading(shown=shown, changes={"methods": setup.methods})


def _request_policy(setup: BehaviorSetup) -> Reading | Unread:
    request = setup.request
    if isinstance(request, Unread):
        return request
    name = "none" if request is None else request.name
    try:
        own = modelled(request, setup.cache)
    except UnmodelledError as error:
        return Unread(what=f"the origin request policy {name}", why=str(error))
    host = ", forwards Host" if own.host else ""
    return Reading(shown=f"{name}{host}", changes={"request_policy": name, "own_policy": own})


def _signing(setup: BehaviorSetup) -> Reading | Unread:
    if isinstance(setup.signing, Unread):
        return setup.signing
    if setup.signing not in _SIGNING:
        return Unread(what=f"the OAC's signing behavior {setup.signing}", why="it is not modelled")
    control = setup.access_control
    if control is None:
        why = ": the origin has no OAC"
    elif not isinstance(control, Unread) and control.origin_type != "lambda":
        why = f": the OAC is for the origin type {control.origin_type}"
    else:
        why = ""
    return Reading(shown=f"{setup.signing}{why}", changes={"signing": setup.signing})


def _denied(setup: BehaviorSetup) -> Reading | Unread:
    if isinstance(setup.denied, Unread):
        return setup.denied
    missing = [f"lambda:{name}" for name in sorted(setup.denied, reverse=True)]
    shown = f"CloudFront does not have {' and '.join(missing)}: 403" if missing else "both"
    return Reading(shown=shown, changes={"denied": setup.denied})


def _timeout(setup: BehaviorSetup) -> Reading | Unread:
    if isinstance(setup.read_timeout_s, Unread):
        return setup.read_timeout_s
    if not setup.read_timeout_s:
        return Unread(what="the origin's read timeout", why="it is not set")
    return Reading(shown=f"{setup.read_timeout_s} s", changes={"read_timeout_s": float(setup.read_timeout_s)})


def _invoke_mode(setup: BehaviorSetup) -> Reading | Unread:
    if isinstance(setup.streams, Unread):
        return setup.streams
    mode = "RESPONSE_STREAM" if setup.streams else "BUFFERED"
    return Reading(shown=mode, changes={"invoke_mode": mode})


def _function(setup: BehaviorSetup) -> Reading | Unread:
    function = setup.function
    if isinstance(function, Unread):
        return function
    if function is None:
        return Reading(shown="none on the origin request", changes={"has_function": False})
    if function.is_own is False:
        return Unread(what=f"the origin-request function {function.name}", why="it is not Edge Hasher's")
    shown = "Edge Hasher's" if function.is_own else f"{function.name}, taken for Edge Hasher's"
    return Reading(shown=shown, changes={"has_function": True})


def _include_body(setup: BehaviorSetup) -> Reading | Unread:
    if setup.function is None or isinstance(setup.function, Unread):
        return Reading(shown="")
    value = setup.function.includes_body
    return (
        value if isinstance(value, Unread) else Reading(shown="on" if value else "off", changes={"include_body": value})
    )


def _error_pages(setup: BehaviorSetup) -> Reading | Unread:
    if isinstance(setup.error_pages, Unread):
        return setup.error_pages
    # Without a page, a custom error response only says how long the error is cached.
    pages = tuple(
        ErrorPage(status=status, path=path, shown_status=int(shown) if shown.isdecimal() else status)
        for status, path, shown in setup.error_pages
        if path
    )
    return Reading(shown=", ".join(map(str, pages)) or "none", changes={"error_pages": pages})


def _aliases(setup: BehaviorSetup) -> Reading | Unread:
    if isinstance(setup.aliases, Unread):
        return setup.aliases
    known = [each for each in setup.aliases if isinstance(each, str)]
    names = tuple(each for each in known if alias_problem(each) is None)
    ignored = [f"{each!r} ignored: CloudFront takes domain names in lower case" for each in known if each not in names]
    unknown = [
        f"{each.what} is not known ({each.why}); --alias adds it" for each in setup.aliases if isinstance(each, Unread)
    ]
    shown = "; ".join(filter(None, (", ".join(names), *ignored, *unknown)))
    return Reading(shown=shown, changes={"aliases": names})


TOPICS = (
    Topic(what="methods", options=("methods",), read=_methods, asked_for="--methods"),
    Topic(
        what="request policy",
        options=("request_policy", "forward_host"),
        read=_request_policy,
        asked_for="--request-policy",
    ),
    Topic(what="OAC", options=("behavior",), read=_signing, asked_for="--oac"),
    Topic(
        what="permissions",
        options=("deny_permission",),
        read=_denied,
        asked_for="--deny-permission (none, if CloudFront has both)",
    ),
    Topic(
        what="read timeout",
        options=("read_timeout",),
        read=_timeout,
        asked_for="--read-timeout",
        assumed="30 s, CloudFront's own default",
    ),
    Topic(what="invoke mode", options=("invoke_mode", "app"), read=_invoke_mode, asked_for="--invoke-mode"),
    Topic(
        what="function",
        options=("handler", "artifact", "no_function"),
        read=_function,
        settling=("include_body",),
        asked_for="--include-body for Edge Hasher's, --handler for another, or --no-function",
    ),
    Topic(
        what="IncludeBody",
        options=("include_body",),
        read=_include_body,
        asked_for="--include-body or --no-include-body",
    ),
    Topic(
        what="error pages",
        options=("error_page",),
        read=_error_pages,
        asked_for="--error-page",
        assumed="none, so each error is seen",
    ),
    Topic(
        what="aliases",
        options=(),
        read=_aliases,
        asked_for="--alias",
        assumed="none",
        adds_to="aliases",
    ),
)
