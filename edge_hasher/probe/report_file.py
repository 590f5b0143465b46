"""The dated report that `probe --report FILE` writes: Markdown, or JSON for a name that ends in .json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.probe import report_json
from edge_hasher.probe.sending.address import ProbeError

if TYPE_CHECKING:
    from pathlib import Path

    from edge_hasher.probe.run import ProbeResult


def require_folder(path: Path) -> None:
    """Raise ProbeError unless the report's folder exists: asked before anything is sent."""
    if not path.parent.is_dir():
        raise ProbeError(f"--report {path}: the folder {path.parent} does not exist")


def write(path: Path, result: ProbeResult) -> None:
    """Write the report; raises ProbeError when the file cannot be written."""
    text = report_json.as_json(result) if path.suffix == ".json" else report_json.as_markdown(result)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProbeError(f"cannot write {path}: {error.strerror}") from error
