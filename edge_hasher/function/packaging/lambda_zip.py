"""The artifact as the zip that SAM would upload, without SAM."""

from __future__ import annotations

import base64
import hashlib
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from edge_hasher.function.packaging.artifact import build

_UNIX = 3


@dataclass(frozen=True, slots=True)
class LambdaZip:
    """A zip that was written: `sha256` in hex, `code_sha256` as Lambda and Terraform spell it."""

    path: str
    bytes: int
    sha256: str
    code_sha256: str
    bytecode: bool
    handler: str = "edge_hasher.function.handler.lambda_handler"
    runtime: str = "python3.13"
    architecture: str = "x86_64"


def write_zip(out: Path) -> LambdaZip:
    """Build the function and write its zip, whole or not at all. Raises BuildError and OSError."""
    if not out.parent.is_dir():
        raise FileNotFoundError(f"the folder {out.parent} does not exist")
    if out.is_dir():
        raise IsADirectoryError(f"{out} is a folder; name the file to write, such as {out / 'edge-hasher.zip'}")
    with tempfile.TemporaryDirectory(prefix=".edge-hasher-", dir=out.parent) as scratch:
        artifact, draft = Path(scratch) / "artifact", Path(scratch) / "draft.zip"
        artifact.mkdir()
        bytecode = build(artifact)
        zip_folder(artifact, draft)
        content = draft.read_bytes()
        draft.replace(out)
    digest = hashlib.sha256(content)
    code_sha256 = base64.b64encode(digest.digest()).decode()
    return LambdaZip(str(out), len(content), digest.hexdigest(), code_sha256, bytecode)


def zip_folder(folder: Path, out: Path) -> None:
    """Zip a folder as SAM does, entry by entry, but sorted: SAM takes the order of the disk."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.create_system = _UNIX
            entry.external_attr = path.stat().st_mode << 16
            archive.writestr(entry, path.read_bytes(), compress_type=zipfile.ZIP_DEFLATED)
