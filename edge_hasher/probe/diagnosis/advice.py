"""One piece of advice: what a diagnosis means and what to do. The tables are `advice_signing` and `advice_edge`.

`{method}`, `{path}` and `{host}` are filled in. `fix` is a line to paste, or says what to change.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Literal

from edge_hasher.terminal import printable

Verdict = Literal["ok", "finding", "unclear"]

_SHOWN_CHARS = 300
_FIELD = re.compile(r"\{(method|path|host)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One diagnosis. `outcome` sets the exit code; `sure` is False where another cause would look the same."""

    code: str
    title: str
    meaning: str
    fix: str
    outcome: Verdict = "finding"
    sure: bool = True

    def fix_for(self, place: Place) -> str:
        """Return what to do; values are quoted for a shell."""
        return place.fill(self.fix)

    @property
    def link(self) -> str:
        """Where it is explained."""
        return f"docs/probe.md#{self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the advice is about."""

    method: str = "POST"
    path: str = "/"
    host: str = "DISTRIBUTION"

    def fill(self, text: str) -> str:
        """Put method, path and host into a text in one pass; the last two are quoted for a shell where it needs it."""
        values = {"method": self.method, "path": _quoted(self.path), "host": _quoted(self.host)}
        return _FIELD.sub(lambda match: values[match[1]], text)


def _quoted(text: str) -> str:
    return shlex.quote(printable(text[:_SHOWN_CHARS]))


DOCTOR = "edge-hasher doctor {host} --path {path}"
"""The command that looks from inside."""
