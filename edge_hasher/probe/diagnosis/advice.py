"""What a diagnosis means and what to do: the texts are the TOML files in `words`, a table for each code.

`{method}`, `{path}` and `{host}` are filled in. `fix` is a line to paste, or says what to change.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from urllib.parse import urlsplit

from edge_hasher.probe.sending.address import is_loopback
from edge_hasher.terminal import printable

Verdict = Literal["ok", "finding", "unclear"]

_SHOWN_CHARS = 300
# Commands that look for a distribution or a log in an account.
_AT_AWS = re.compile(r"\b(?:edge-hasher (?:attach|doctor|logs)|aws [a-z])")
_FIELD = re.compile(r"\{(method|path|host)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One diagnosis. `outcome` sets the exit code; `sure` is False where another cause would look the same.

    `doctor` are the checks that find the cause from inside, where doctor can.
    """

    code: str
    title: str
    meaning: str
    fix: str
    outcome: Verdict = "finding"
    sure: bool = True
    doctor: tuple[str, ...] = ()

    @property
    def link(self) -> str:
        """Where it is explained, in a checkout."""
        return f"docs/probe.md#{self.code}"

    @property
    def more(self) -> str:
        """The command that explains it."""
        return f"edge-hasher explain {self.code}"


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

    def fix(self, advice: Advice) -> str:
        """Return what to do here: on this machine, the local edge's options stand for what a distribution has."""
        if not self._is_local:
            return self.fill(advice.fix)
        local = _local_fixes()
        return self.fill(local.get(advice.code) or (local["any"] if _AT_AWS.search(advice.fix) else advice.fix))

    @property
    def _is_local(self) -> bool:
        try:
            return is_loopback(urlsplit(f"//{self.host}").hostname or "")
        except ValueError:  # pasted, and not a host
            return False


@cache
def _local_fixes() -> dict[str, str]:
    fixes: dict[str, str] = _tables("local")["local"]
    return fixes


def _quoted(text: str) -> str:
    return shlex.quote(printable(text[:_SHOWN_CHARS]))


def read_words(name: str) -> dict[str, Advice]:
    """Return the advice of one file of `words`, by code."""
    return {
        code: Advice(code=code, **members | {"doctor": tuple(members.get("doctor", ()))})
        for code, members in _tables(name).items()
    }


def _tables(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "words" / f"{name}.toml").read_text("utf-8"))
