"""A distribution's configuration in a file, before it is changed."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_hasher.aws import distribution_xml
from edge_hasher.aws.errors import OperateError

if TYPE_CHECKING:
    from datetime import datetime

    from edge_hasher.aws.cloudfront import Distribution

FORMAT = "edge-hasher-backup/2"
_TEXTS = ("distribution_id", "etag", "xml", "planned_xml")
_LIMIT_BYTES = 8 << 20  # a configuration is some hundred KB at most; more is some other file


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup file: `xml` is what was there, to the byte, and `planned_xml` what the change then made of it."""

    path: Path
    distribution_id: str
    etag: str
    xml: bytes = field(repr=False)
    planned_xml: bytes = field(repr=False)


def default_folder() -> Path:
    """Return where backups go unless told otherwise: the user's state folder, as the XDG rules have it."""
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if Path(state).is_absolute() else Path.home() / ".local" / "state"
    return base / "edge-hasher" / "backups"


def write(distribution: Distribution, planned: bytes, folder: Path, *, action: str, now: datetime) -> Path:
    """Write what a change would replace, and return the file. It is complete or absent, and only its owner may read it.

    Origins may carry secrets in custom headers, hence mode 0600. Raises OperateError when it cannot be written.
    """
    content = {
        "format": FORMAT,
        "distribution_id": distribution.id,
        "etag": distribution.etag,
        "saved_at": now.isoformat(timespec="seconds"),
        "action": action,
        "config": distribution_xml.read(distribution.xml),  # for people; what is put back is the XML
        "xml": distribution.xml.decode(),
        "planned_xml": planned.decode(),
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
    """Read a backup file; raises OperateError, which quotes nothing of it, when it is not one."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LIMIT_BYTES + 1)
    except OSError as error:
        raise OperateError(f"cannot read the backup file {path}: {error.strerror}") from error
    try:
        content = json.loads(raw) if len(raw) <= _LIMIT_BYTES else None
        return _parsed(path, content)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise OperateError(
            f"{path} is not a backup file of `edge-hasher attach` or `detach` (format {FORMAT}), or was edited since"
        ) from error


def _parsed(path: Path, content: Any) -> Backup:  # noqa: ANN401 (whatever the file holds)
    """Return the backup in a file's content; raises any error that a wrong type or a missing member makes."""
    if content["format"] != FORMAT or not all(isinstance(content[name], str) for name in _TEXTS):
        raise ValueError("not a backup")
    xml, planned_xml = content["xml"].encode(), content["planned_xml"].encode()
    for document in (xml, planned_xml):
        distribution_xml.checked(distribution_xml.read(document))
    if content["config"] != distribution_xml.read(xml):
        raise ValueError("not the configuration of its XML")
    return Backup(
        path=path,
        distribution_id=content["distribution_id"],
        etag=content["etag"],
        xml=xml,
        planned_xml=planned_xml,
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
