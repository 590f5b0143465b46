"""Takes over what a behavior is in production; options win, and each line says what is from where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.facts import Unread
from edge_hasher.local.config import ConfigError
from edge_hasher.local.production.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from edge_hasher.doctor.setup.behavior import BehaviorSetup
    from edge_hasher.local.cloudfront.model import HeaderPairs
    from edge_hasher.local.production.options import BehaviorOptions
    from edge_hasher.local.production.topics import Topic

_SETTINGS_HEADER = "edge-hasher"
_LABEL_CHARS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """The behavior's options, and the lines that say where each is from."""

    options: BehaviorOptions
    lines: tuple[str, ...]


def taken_over(setup: BehaviorSetup, options: BehaviorOptions, given: frozenset[str]) -> Production:
    """Return `options` with what was read in place of those that are not `given`.

    Raises ConfigError, with the name of the option, for what is not known and must not be assumed.
    """
    lines = [f"from       {setup.source}, behavior {setup.label}"]
    for topic in TOPICS:
        changes, shown = _topic(topic, setup, options, given)
        if topic.adds_to:
            changes, shown = _added(topic, options, changes, shown)
        options = replace(options, **changes)
        lines += [_line(topic.what, shown)] if shown else []
    headers, settings = _headers(setup, options, given)
    ours = {name for name, _ in options.origin_headers}
    names = [f"{name} (--origin-header)" if name in ours else name for name, _ in headers]
    lines.append(_line("origin headers", ", ".join(names) or "none"))
    if settings:
        lines.append(_line("settings", ", ".join(settings) + (" (--setting)" if options.settings else "")))
    if settings and not options.has_function:  # nobody reads them, and the app gets the header
        headers, settings = (*headers, ("Edge-Hasher", ", ".join(settings))), ()
    options = replace(options, origin_headers=headers, settings=settings)
    return Production(options=options, lines=(*lines, *(_line("note", each) for each in _notes(setup))))


def _typed(name: str, options: BehaviorOptions) -> str:
    """Return an option as it was typed."""
    if name == "include_body" and not options.include_body:
        return "--no-include-body"
    return "--oac" if name == "behavior" else f"--{name.replace('_', '-')}"


def _topic(
    topic: Topic, setup: BehaviorSetup, options: BehaviorOptions, given: frozenset[str]
) -> tuple[dict[str, Any], str]:
    read = topic.read(setup)
    winning = (*topic.options, *(topic.settling if isinstance(read, Unread) else ()))
    if set(winning) & given:
        used = ", ".join(_typed(name, options) for name in winning if name in given)
        was = "what is not known there" if isinstance(read, Unread) else read.shown or "nothing"
        return {}, f"as {used} says, in place of {was}"
    if isinstance(read, Unread):
        if topic.assumed:
            return {}, f"{topic.assumed}: {read.what} is not known ({read.why}); {topic.asked_for} sets it"
        raise _unknown(setup, topic.what, read, topic.asked_for)
    return dict(read.changes), read.shown


def _added(
    topic: Topic, options: BehaviorOptions, changes: Mapping[str, Any], shown: str
) -> tuple[dict[str, Any], str]:
    """Keep what was given by an option beside what was read, and say it."""
    name, own = topic.adds_to, getattr(options, topic.adds_to)
    both = tuple(dict.fromkeys((*changes.get(name, ()), *own)))
    added = f"{', '.join(own)} ({topic.asked_for})" if own else ""
    return {**changes, name: both}, ", beside ".join(filter(None, (added, shown))) or "none"


def _headers(
    setup: BehaviorSetup, options: BehaviorOptions, given: frozenset[str]
) -> tuple[HeaderPairs, tuple[str, ...]]:
    """Return the origin's headers and settings: what is given by name wins, the others stay."""
    own = {name.lower() for name, _ in options.origin_headers}
    if options.settings:
        own.add(_SETTINGS_HEADER)
    if isinstance(setup.custom_headers, Unread):
        if given & {"origin_headers", "settings"}:
            return options.origin_headers, options.settings
        raise _unknown(setup, "origin headers", setup.custom_headers, "--origin-header or --setting")
    kept: list[tuple[str, str]] = []
    for name, value in setup.custom_headers:
        if name.lower() in own:
            continue
        if isinstance(value, Unread):
            option = "--setting" if name.lower() == _SETTINGS_HEADER else f"--origin-header '{name}: …'"
            raise _unknown(setup, f"the origin header {name}", value, option)
        kept.append((name, value))
    ours = [value for name, value in kept if name.lower() == _SETTINGS_HEADER]
    read = tuple(part.strip() for value in ours for part in value.split(",") if part.strip())
    others = tuple((name, value) for name, value in kept if name.lower() != _SETTINGS_HEADER)
    return (*others, *options.origin_headers), options.settings or read


def _unknown(setup: BehaviorSetup, what: str, why: Unread, option: str) -> ConfigError:
    return ConfigError(f"{what} of {setup.label} in {setup.source} is not known: {why.what}: {why.why}; pass {option}")


def _notes(setup: BehaviorSetup) -> Iterator[str]:
    """Say what is there in production and not modelled here."""
    if setup.is_public:
        yield "the Function URL has AuthType NONE; here it verifies signatures, as AWS_IAM does"
    if isinstance(setup.cache, Unread):
        yield f"the cache policy is not known ({setup.cache.why}); here it is CachingDisabled"
    elif setup.cache.caches:
        yield f"the cache policy {setup.cache.name} caches; here nothing is cached"
    yield from _not_run(setup.other_functions)


def _not_run(functions: Iterable[str]) -> Iterator[str]:
    for each in functions:
        yield f"{each} does not run here"


def _line(what: str, shown: str) -> str:
    return f"  {what:{_LABEL_CHARS}} {shown}"
