"""Which behaviour of a distribution a person means by a path pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.aws.configuration import behaviours
from edge_hasher.aws.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_hasher.aws.configuration import Behaviour, Config

DEFAULT_NAMES = ("*", "/*", "default", "default (*)")


def chosen(config: Config, paths: Sequence[str]) -> list[Behaviour]:
    """Return the behaviours that are named, each once; raises OperateError that lists the patterns that there are."""
    found = {path: _one(config, path) for path in paths}
    missing = [path for path, behaviour in found.items() if behaviour is None]
    if missing:
        names = " and ".join(repr(path) for path in missing)
        raise OperateError(f"no behaviour has the path pattern {names}; this distribution has {existing(config)}")
    by_label = {behaviour.label: behaviour for behaviour in found.values() if behaviour is not None}
    return list(by_label.values())


def existing(config: Config) -> str:
    """Return the path patterns that a distribution has, as --path takes them."""
    return ", ".join("'*' (the default)" if each.path is None else repr(each.path) for each in behaviours(config))


def _one(config: Config, path: str) -> Behaviour | None:
    """Find one behaviour; a pattern is the same with and without its leading slash (documented: "Path pattern")."""
    every = behaviours(config)
    for behaviour in every:
        if behaviour.path is not None and behaviour.path.removeprefix("/") == path.removeprefix("/"):
            return behaviour
    return every[-1] if path in DEFAULT_NAMES else None
