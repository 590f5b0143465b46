"""A distribution's configuration in a file, before it is changed."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_hasher.aws.errors import OperateError

if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeGuard

    from edge_hasher.aws.cloudfront import Distribution
    from edge_hasher.aws.configuration import Config

FORMAT = "edge-hasher-backup/1"
_TEXTS, _CONFIGS = ("distribution_id", "etag"), ("config", "planned")
_LIMIT_BYTES = 8 << 20  # a configuration is some hundred KB at most; more is some other file


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup file: `config` is what was there, `planned` what the change then made of it."""

    path: Path
    distribution_id: str
    etag: str
    config: Config = field(repr=False)
    planned: Config = field(repr=False)


def default_folder() -> Path:
    """Return where backups go unless told otherwise: the user's state folder, as the XDG rules have it."""
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if Path(state).is_absolute() else Path.home() / ".local" / "state"
    return base / "edge-hasher" / "backups"


def write(distribution: Distribution, planned: Config, folder: Path, *, action: str, now: datetime) -> Path:
    """Write what a change would replace, and return the file. It is complete or absent, and only its owner may read it.

    Origins may carry secrets in custom headers, hence mode 0600. Raises OperateError when it cannot be written.
    """
    content = {
        "format": FORMAT,
        "distribution_id": distribution.id,
        "etag": distribution.etag,
        "saved_at": now.isoformat(timespec="seconds"),
        "action": action,
        "config": distribution.config,
        "planned": planned,
    }
    path = folder / f"{distribution.id}-{now:%Y%m%dT%H%M%S.%fZ}-{action}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_whole(path, json.dumps(content, indent=2) + "\n")
    except OSError as error:
        raise OperateError(
            f"cannot write the backup file {path} ({error.strerror}), so nothing changed: "
            "choose a folder with --backup-dir"
        ) from error
    return path


def read(path: Path) -> Backup:
    """Read a backup file; raises OperateError when it is none."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LIMIT_BYTES + 1)
    except OSError as error:
        raise OperateError(f"cannot read the backup file {path}: {error.strerror}") from error
    try:
        content = json.loads(raw) if len(raw) <= _LIMIT_BYTES else None
    except (ValueError, RecursionError):
        content = None
    if not _is_backup(content):
        raise OperateError(f"{path} is no backup file of `edge-hasher attach` or `detach` (format {FORMAT})")
    return Backup(path=path, **{name: content[name] for name in (*_TEXTS, *_CONFIGS)})


def _is_backup(content: Any) -> TypeGuard[dict[str, Any]]:  # noqa: ANN401 (whatever the file holds)
    return (
        isinstance(content, dict)
        and content.get("format") == FORMAT
        and all(isinstance(content.get(name), str) for name in _TEXTS)
        and all(isinstance(content.get(name), dict) for name in _CONFIGS)
        and all(isinstance(content[name].get("DefaultCacheBehavior"), dict) for name in _CONFIGS)
    )


def _write_whole(path: Path, text: str) -> None:
    """Write beside the place, sync, then rename: a crash leaves a whole file or none. mkstemp's mode is 0600."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".backup-", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
