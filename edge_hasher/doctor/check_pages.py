"""What is written about each check, once: in checks.md beside this file, which docs/checks.md equals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import click

_GROUP = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^### (EH\d+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_PARTS = re.compile(
    r"\*\*Checks that (.+?)\*\* \(if not: (\w+)\)\n.*^- Symptom: (.+?)(?=\n- )", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPage:
    """The section of one check: `title` says what is checked, `meaning` what a viewer gets if it is not so.

    `group` is the heading above it.
    """

    group: str
    title: str
    severity: str
    meaning: str
    text: str


def check_page(code: str) -> str:
    """Return the section that explains a check, as Markdown; raises LookupError for a code that no check has."""
    try:
        return pages()[code.upper()].text
    except KeyError:
        raise LookupError(f"there is no check {code.upper()}: edge-hasher doctor --list-checks lists them") from None


def page_of(code: str) -> CheckPage:
    """Return what is written about one of our own checks; raises ClickException if nothing is."""
    if (page := pages().get(code)) is None:
        raise _fault(f"has no section {code}")
    return page


@cache
def pages() -> dict[str, CheckPage]:
    """Map the codes to their sections, in the order of the page."""
    text = files(__package__).joinpath("checks.md").read_text(encoding="utf-8")
    return {
        code: _page(group, code, section)
        for group, sections in _GROUP.findall(text)
        for code, section in _SECTION.findall(sections)
    }


def _page(group: str, code: str, section: str) -> CheckPage:
    parts = _PARTS.search(section)
    if parts is None:
        raise _fault(f"lacks what {code} checks, or its symptom")
    symptom = " ".join(parts[3].replace("`", "").split())
    return CheckPage(
        group=_as_clause(group),
        title=" ".join(parts[1].split()),
        severity=parts[2],
        meaning=_as_clause(re.split(r'(?<=[.])"? ', symptom)[0]).rstrip("."),
        text=f"### {code}\n{section.rstrip()}\n",
    )


def _fault(what: str) -> click.ClickException:
    return click.ClickException(f"edge_hasher/doctor/checks.md {what}: write it in docs/checks.md, and copy that page")


def _as_clause(sentence: str) -> str:
    """Write a sentence as a part of another: its first word in lower case, unless it is a name or an abbreviation."""
    first = sentence.split(maxsplit=1)[0]
    is_a_word = first == "A" or first[1:].islower()
    return sentence[0].lower() + sentence[1:] if is_a_word else sentence
