"""Which files make a module: Terraform's and OpenTofu's, in their language and in JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Documented: "Files and Directories" of both, and OpenTofu's "Extension Precedence".
_SUFFIX = re.compile(r"\.(?P<tool>tf|tofu)(?P<json>\.json)?$")
_OVERRIDE = re.compile(r"(^|_)override\.(tf|tofu)(\.json)?$")
_IGNORED = re.compile(r"^[.#]|~$")
_VARIABLES = ("terraform.tfvars", "terraform.tfvars.json", "*.auto.tfvars", "*.auto.tfvars.json")


def is_source(name: str) -> bool:
    """Whether a file of this name belongs to a module."""
    return _SUFFIX.search(name) is not None and not _IGNORED.search(name)


def is_override(file: Path) -> bool:
    """Whether what a file says goes over what the others say (documented: "Override Files")."""
    return _OVERRIDE.search(file.name) is not None


def module_files(folder: Path) -> list[Path]:
    """Return the files of a module in the order in which they count; `a.tofu` is read in place of `a.tf`."""
    found = sorted(each for each in folder.iterdir() if is_source(each.name) and not each.is_dir())
    names = {each.name for each in found}
    used = [each for each in found if each.name.endswith((".tofu", ".tofu.json")) or _as_tofu(each.name) not in names]
    return sorted(used, key=lambda each: (is_override(each), each.name))


def variable_files(folder: Path) -> list[Path]:
    """Return the files that give variables their values without being named, the last of which counts."""
    return [file for pattern in _VARIABLES for file in sorted(folder.glob(pattern))]


def _as_tofu(name: str) -> str:
    return _SUFFIX.sub(lambda found: f".tofu{found['json'] or ''}", name)
