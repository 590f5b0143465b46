"""How one module of Terraform calls another: from which folder, with which inputs and providers."""

from __future__ import annotations

from dataclasses import dataclass, field
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.terraform.language.bodies import PLAN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.doctor.templates.reading.terraform.language.hcl_values import HclDocument, Scope

KNOWN_IN_A_PLAN = f"what a module makes is known in a plan: {PLAN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """How a module is called; as it stands here, the module where Terraform runs.

    `address` ends with a dot, `path` is its path.module, `inputs` are expressions in the words of the caller. `files`
    are those that were parsed already: a module may be called often.
    """

    root: Path
    path: str = "."
    address: str = ""
    inputs: Mapping[str, tuple[Scope, HclDocument, Any]] = field(default_factory=dict)
    providers: object = None
    depth: int = 0
    files: dict[Path, tuple[HclDocument, Any]] = field(default_factory=dict)

    @property
    def caller(self) -> str:
        """The address of the module that calls."""
        return self.address.removesuffix(".").rpartition("module.")[0]


def local_folder(folder: Path, source: object) -> Path | None:
    """Return the folder of a module; None where it is elsewhere (documented: "Module Sources", local paths)."""
    if not isinstance(source, str) or not source.startswith(("./", "../", "/")):
        return None
    found = Path(normpath(folder / source))
    return found if found.is_dir() else None


def is_none(found: Mapping[str, object]) -> bool:
    """Whether a resource, or a module, is not made: its count is 0, or for_each empty."""
    count, each = found.get("count", 1), found.get("for_each", [0])
    return count == 0 or (isinstance(each, dict | list) and not each)
