"""A distribution's configuration as CloudFront gives it: its behaviors, and whether two mean the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Config = dict[str, Any]

DEFAULT_LABEL = "default (*)"
_HIDDEN = "(hidden)"
# What tells the items of a list apart. Order means nothing in these lists, but in CacheBehaviors, asked in turn.
_KEYS = ("PathPattern", "Id", "EventType", "HeaderName", "ErrorCode")
_ORDERED_KEY = "PathPattern"


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheBehavior:
    """One behavior of a configuration; `path` is None for the default one. `settings` is a part of the whole."""

    path: str | None
    settings: Config

    @property
    def label(self) -> str:
        """What people call it: its path pattern, or default (*)."""
        return DEFAULT_LABEL if self.path is None else self.path

    @property
    def takes_grpc(self) -> bool:
        """Whether gRPC is on."""
        return bool((self.settings.get("GrpcConfig") or {}).get("Enabled"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where two configurations differ; the values are short texts, and secrets are hidden."""

    where: str
    before: str
    after: str


def behaviors(config: Config) -> list[CacheBehavior]:
    """Return the behaviors in the order in which CloudFront asks them, the default one last."""
    items = (config.get("CacheBehaviors") or {}).get("Items") or []
    found = [CacheBehavior(path=item["PathPattern"], settings=item) for item in items]
    return [*found, CacheBehavior(path=None, settings=config["DefaultCacheBehavior"])]


def associations(settings: Config) -> list[Config]:
    """Return a behavior's Lambda@Edge associations."""
    return list((settings.get("LambdaFunctionAssociations") or {}).get("Items") or [])


def canonical(value: Any) -> Any:  # noqa: ANN401 (whatever a configuration holds)
    """Return a form in which two configurations that mean the same are equal: sets sorted, empty lists left out."""
    if isinstance(value, dict):
        parts = {name: canonical(part) for name, part in value.items() if part is not None and part != []}
        return {name: part for name, part in sorted(parts.items()) if part != {"Quantity": 0}}
    if isinstance(value, list):
        items = [canonical(item) for item in value]
        key = _key_of(items)
        if key == _ORDERED_KEY:
            return items
        if key is not None:
            return sorted(items, key=lambda item: str(item[key]))
        return items if any(isinstance(item, dict) for item in items) else sorted(items, key=str)
    return value


def same(one: Config, other: Config) -> bool:
    """Whether two configurations mean the same to CloudFront."""
    return bool(canonical(one) == canonical(other))


def differences(before: Config, after: Config) -> tuple[Difference, ...]:
    """Return where two configurations differ, in the order of their names."""
    return tuple(_walk("", canonical(before), canonical(after)))


def _walk(where: str, before: Any, after: Any) -> Iterator[Difference]:  # noqa: ANN401 (as above)
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after} - {"Quantity"}):
            yield from _walk(f"{where}.{name}" if where else name, before.get(name), after.get(name))
    elif isinstance(before, list) and isinstance(after, list) and (key := _key_of([*before, *after])) is not None:
        yield from _walk_items(where.removesuffix(".Items"), before, after, key)
    else:
        yield Difference(where=where, before=_short(where, before), after=_short(where, after))


def _walk_items(where: str, before: list[Config], after: list[Config], key: str) -> Iterator[Difference]:
    old, new = ({str(item[key]): item for item in items} for items in (before, after))
    for name in [*old, *(name for name in new if name not in old)]:
        yield from _walk(f"{where}[{name}]", old.get(name), new.get(name))
    if list(old) != list(new) and sorted(old) == sorted(new):
        yield Difference(where=f"{where} (order)", before=", ".join(old), after=", ".join(new))


def _key_of(items: Sequence[Any]) -> str | None:
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    return next((key for key in _KEYS if all(key in item for item in items)), None)


def _short(where: str, value: Any) -> str:  # noqa: ANN401 (as above)
    """One line for a value. Origin headers hold shared secrets, so their values are never shown."""
    if value is None:
        return "(none)"
    if "CustomHeaders" in where:
        return _HIDDEN
    return json.dumps(_without_secrets(value), ensure_ascii=True)


def _without_secrets(value: Any) -> Any:  # noqa: ANN401 (as above)
    if isinstance(value, dict):
        return {name: _HIDDEN if name == "HeaderValue" else _without_secrets(part) for name, part in value.items()}
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value
