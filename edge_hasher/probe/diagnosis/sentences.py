"""AWS's fixed sentences, error types and result types, read from the TOML files in `sentences`."""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_hasher.probe.diagnosis.kinds import Kind

_FILES = ("cloudfront", "deploy", "app", "lambda", "general")
# The log groups of functions at the edge ("Edge function logs"), and what CloudFront calls them.
_AT_THE_EDGE = ("/aws/lambda/us-east-1.", "lambdaedge", "lambda@edge", "['cf']", ".records[0].cf")
_COMMON_WORDS = frozenset({"InvalidRequest", "LimitExceeded", "CapacityExceeded"})
_UNICODE = re.compile(r"\\+u00([2-7][0-9a-f])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What AWS says and what it means: `means` are codes of advice, the likeliest first.

    `wording` are variants of which one must be there, or all if `together`; `says` are the same as `plain` makes them.
    `edge` replaces `means` where the text is about a function at the edge. `mark` is how the wording is known, `source`
    where.
    """

    says: tuple[str, ...] = ()
    wording: tuple[str, ...] = ()
    kind: Kind
    means: tuple[str, ...] = ()
    edge: str = ""
    together: bool = False
    mark: str = ""
    source: str = ""

    def is_in(self, text: str) -> bool:
        """Whether a text, made by `plain`, has the sentence."""
        return (all if self.together else any)(each in text for each in self.says)

    def quoted(self, text: str) -> str:
        """Return where a text says it, as it stands there, to the end of the paragraph."""
        for each in self.wording:
            found = re.search(r"\s+".join(map(re.escape, each.split())) + r"[^\n]*", text, re.IGNORECASE)
            if found:
                return " ".join(found[0].split())
        return ""

    def codes(self, text: str) -> tuple[str, ...]:
        """Return what it means in this text."""
        return (self.edge,) if self.edge and any(each in text for each in _AT_THE_EDGE) else self.means


def plain(text: str) -> str:
    """Return a text for comparing: lower case, single blanks, JSON inside JSON and HTML unescaped."""
    text = _UNICODE.sub(lambda match: chr(int(match[1], 16)), html.unescape(text).lower())
    text = re.sub(r"\\+([\"'/`])", r"\1", re.sub(r"\\+[rnt]", " ", text))
    return " ".join(text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}).split())


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "sentences" / f"{name}.toml").read_text("utf-8"))


@cache
def sentences() -> tuple[Sentence, ...]:
    """Return the table, in the order of asking: the more specific sentence stands first."""
    return tuple(_sentences())


def _sentences() -> Iterator[Sentence]:
    for name in _FILES:
        for entry in _read(name)["sentence"]:
            wording = tuple(entry["says"])
            default = {"kind": "deploy-refused"} if name == "deploy" else {}
            own = {"says": tuple(map(plain, wording)), "wording": wording, "means": tuple(entry.get("means", ()))}
            yield Sentence(**default | entry | own)


def find(text: str) -> Sentence | None:
    """Return the first sentence of the table that a text, made by `plain`, has."""
    return next((each for each in sentences() if each.is_in(text)), None)


@cache
def named(table: str, name: str) -> Sentence | None:
    """Return what a name means: an error type of Lambda's (`types`), or a result type of CloudFront's (`results`)."""
    entry = _read({"types": "lambda", "results": "cloudfront"}[table])[table].get(name)
    return Sentence(kind=entry["kind"], means=tuple(entry.get("means", ()))) if entry else None


@cache
def _names(table: str) -> dict[str, str]:
    """Map the names of a table in lower case to AWS's spelling. Words that mean something elsewhere are left out."""
    entries = _read({"types": "lambda", "results": "cloudfront"}[table])[table]
    return {name.lower(): name for name in entries if name not in _COMMON_WORDS}


@cache
def _any_name(table: str) -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(_names(table))})\b")


def named_in(table: str, text: str) -> Sentence | None:
    """Return what the first name of a table in a text, made by `plain`, means."""
    found = _any_name(table).search(text)
    return named(table, _names(table)[found[1]]) if found else None
