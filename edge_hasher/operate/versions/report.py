"""The versions, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from edge_hasher import schemas
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge_hasher.operate.versions.prune import PruneResult
    from edge_hasher.operate.versions.published import Version, Versions


def as_text(versions: Versions, pruned: Sequence[PruneResult] | None = None, stopped: str | None = None) -> str:
    """Return the versions in lines; `pruned` is None without --prune, `stopped` says what ended it early."""
    return "\n".join(printable(line) for line in _lines(versions, pruned, stopped))


def as_json(versions: Versions, pruned: Sequence[PruneResult] | None = None, stopped: str | None = None) -> str:
    """Return the versions as one JSON object, described in docs/attach.md."""
    results = None if pruned is None else [asdict(each) for each in pruned]
    return schemas.document("versions", asdict(versions) | {"pruned": results, "stopped": stopped})


def _lines(versions: Versions, pruned: Sequence[PruneResult] | None, stopped: str | None) -> Iterator[str]:
    yield f"{versions.function}: {len(versions.versions)} published"
    for version in versions.versions:
        yield f"  {version.number}  {version.modified[:19]}  {_state(version)}"
        for use in version.uses:
            yield f"       {use.distribution} ({use.domain})  {use.path}  {use.event}"
    for note in versions.notes:
        yield f"note: {note}"
    for each in pruned or ():
        yield _pruned_line(each)
    if stopped:
        deleted = [str(each.number) for each in pruned or () if each.deleted]
        rest = [str(number) for number in versions.prunable if number not in {each.number for each in pruned or ()}]
        yield f"stopped: {stopped}"
        yield f"deleted before that: {', '.join(deleted) or 'none'}; not tried: {', '.join(rest) or 'none'}"
    elif pruned is not None and not pruned:
        yield "nothing to delete"


def _state(version: Version) -> str:
    if version.uses:
        count = len(version.uses)
        return f"used by {count} behavior{'s' if count > 1 else ''}"
    return f"kept: {version.kept}" if version.kept else "unused: --prune deletes it"


def _pruned_line(pruned: PruneResult) -> str:
    if pruned.deleted:
        return f"deleted version {pruned.number}"
    if pruned.try_after is None:
        return f"version {pruned.number} was not deleted: {pruned.problem}"
    return (
        f"version {pruned.number} is still replicated: CloudFront deletes the replicas a few hours after the last "
        f"distribution stops using it; try again after {datetime.fromisoformat(pruned.try_after):%Y-%m-%d %H:%M %Z}"
    )
