"""Which behavior of a distribution a person means by a path pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.aws.configuration import behaviors
from edge_hasher.aws.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_hasher.aws.configuration import CacheBehavior, Config

# CloudFront shows the default behavior as Default (*).
DEFAULT_NAMES = ("*", "default", "default (*)")


def chosen(config: Config, paths: Sequence[str]) -> list[CacheBehavior]:
    """Return the behaviors that are named, each once; raises OperateError that lists the patterns that there are."""
    found = {path: _one(config, path) for path in paths}
    missing = [path for path, behavior in found.items() if behavior is None]
    if missing:
        names = " and ".join(repr(path) for path in missing)
        raise OperateError(f"no behavior has the path pattern {names}; this distribution has {existing(config)}")
    by_label = {behavior.label: behavior for behavior in found.values() if behavior is not None}
    return list(by_label.values())


def existing(config: Config) -> str:
    """Return the path patterns that a distribution has, as --path takes them."""
    return ", ".join("'*' (the default)" if each.path is None else repr(each.path) for each in behaviors(config))


def _one(config: Config, path: str) -> CacheBehavior | None:
    """Find one behavior; a pattern is the same with and without its leading slash (documented: "Path pattern")."""
    *others, default = behaviors(config)
    exact = [each for each in others if each.path == path]
    if path in DEFAULT_NAMES:
        return (exact or [default])[0]
    alike = [each for each in others if each.label.removeprefix("/") == path.removeprefix("/")]
    return next(iter([*exact, *alike, *([default] if path == "/*" else [])]), None)
