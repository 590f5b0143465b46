"""Facts of which some are not known: a check that asks for one learns why, and is skipped."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from edge_hasher.doctor.check import CannotTellError
from edge_hasher.doctor.facts import Unread
from edge_hasher.doctor.templates.reading.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_T = TypeVar("_T")
_TEXT_LIMIT = 200  # of what stands for a value: a line, not a page
_TRUTHS = {"true": True, "false": False}


def partial(cls: type[_T], **known: object) -> _T:
    """Make a value of the facts; what is not given, and has no default, is Unread.

    Reading a field that is Unread raises CannotTellError, which the runner takes for an answer, unless the field's own
    type allows Unread.
    """
    absent = {
        each.name: Unread(what=each.name.replace("_", " "), why="this is not in a template")
        for each in fields(cls)  # type: ignore[arg-type]
        if each.name not in known and each.default is MISSING and each.default_factory is MISSING
    }
    make: Callable[..., _T] = raising(cls)  # type: ignore[arg-type]
    return make(**absent | known)


@cache
def raising(cls: type[Any]) -> type[Any]:
    """Return the class whose fields raise CannotTellError where they are Unread."""
    may_be_unread = {each.name for each in fields(cls) if "Unread" in str(each.type)}

    def get(self: object, name: str) -> object:
        value = object.__getattribute__(self, name)
        if isinstance(value, Unread) and name not in may_be_unread:
            raise CannotTellError(value)
        return value

    return type(cls.__name__, (cls,), {"__slots__": (), "__getattribute__": get})


def unread(what: str, value: Unknown) -> Unread:
    """Say that something is not known before the deployment."""
    first, *more = value.text.strip().splitlines() or [""]
    short = f"{first[:_TEXT_LIMIT]}…" if more or len(first) > _TEXT_LIMIT else first
    return Unread(what=f"{what} ({short})", why=value.why)


def text(config: Mapping[str, Any], key: str, default: str, what: str) -> Any:
    """Return a text, or Unread where it is not known."""
    value = config.get(key)
    if isinstance(value, Unknown):
        return unread(f"{key} of {what}", value)
    return default if value is None else str(value)


def flag(config: Mapping[str, Any], key: str, what: str) -> Any:
    """Return a truth, or Unread where it is not known; the text "true" counts."""
    value = config.get(key)
    if isinstance(value, Unknown):
        return unread(f"{key} of {what}", value)
    return _TRUTHS.get(value.lower(), False) if isinstance(value, str) else bool(value)


def number(config: Mapping[str, Any], key: str, default: int | None, what: str) -> Any:
    """Return a whole number, or Unread where it is not known, or not a number."""
    value = config.get(key)
    if isinstance(value, Unknown):
        return unread(f"{key} of {what}", value)
    if value is None:
        return default
    try:
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        return Unread(what=f"{key} of {what}", why=f"{str(value)[:40]!r} is not a number")


def names(config: Mapping[str, Any], key: str, what: str, *, lower: bool = False) -> Any:
    """Return a set of text, or Unread where one of it is not known."""
    value = config.get(key)
    for each in [value, *(value if isinstance(value, list) else ())]:
        if isinstance(each, Unknown):
            return unread(f"{key} of {what}", each)
    found = [str(each) for each in value] if isinstance(value, list) else []
    return frozenset(each.lower() if lower else each for each in found)


def part(config: object, key: str) -> Mapping[str, Any]:
    """Return a mapping within a mapping; an empty one where it is none."""
    value = config.get(key) if isinstance(config, dict) else None
    return value if isinstance(value, dict) else {}


def parts(config: object, key: str) -> list[Any]:
    """Return the mappings of a list within a mapping."""
    value = config.get(key) if isinstance(config, dict) else None
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
