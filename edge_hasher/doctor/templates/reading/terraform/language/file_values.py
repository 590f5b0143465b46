"""Files that Terraform's sources take in: `file` and `templatefile`, as far as they are in what is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading.source import ReadError, read_text
from edge_hasher.doctor.templates.reading.terraform.language.texts import MARK
from edge_hasher.doctor.templates.reading.values import Unknown

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileValues:
    """Reads the files that a module names: their paths lead from `root`, the folder where Terraform runs.

    Nothing outside of `allowed`, the folder that the user named and that of the module, is opened.
    """

    root: Path
    allowed: tuple[Path, ...]

    def value(self, function: str, name: object) -> str | Unknown:
        """Return what `file` or `templatefile` gives, or why that is not known."""
        if not isinstance(name, str):
            return Unknown(function, f"the file that {function} names is known in a plan")
        found = self._read(name)
        if isinstance(found, str) and function == "templatefile" and MARK.search(found):
            return Unknown(found, f"it is made from {name}, and known in a plan")
        return found

    def _read(self, name: str) -> str | Unknown:
        try:
            file = (self.root / name).resolve()
            if not any(file.is_relative_to(each.resolve()) for each in self.allowed):
                return Unknown(name, f"{name} is outside of the folder that is checked")
            return read_text(file)
        except ReadError as error:
            return Unknown(name, f"{name} cannot be read: {error}")
        except (OSError, ValueError, RuntimeError):  # a circle of links, or a name that no file can have
            return Unknown(name, f"{name} cannot be read: no file has this name")
