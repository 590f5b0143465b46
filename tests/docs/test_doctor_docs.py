"""docs/checks.md explains every code, and nothing else has one."""

import json
import re
from pathlib import Path

import pytest

from edge_hasher.doctor.checks import CHECKS
from edge_hasher.doctor.report_json import as_json
from edge_hasher.doctor.runner import run
from tests.support.aws.doctor_facts import FACTS

PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text()
SECTIONS = dict(re.findall(r"^### (EH\d+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_every_code_has_a_heading_and_no_other() -> None:
    """The link of a finding leads somewhere."""
    assert list(SECTIONS) == [check.code for check in CHECKS]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_section_says_symptom_cause_fix_and_source(check: object) -> None:
    """Each section has its four parts, and the title and severity of its check."""
    text = SECTIONS[check.code]  # type: ignore[attr-defined]  # a Check; parametrize hides it
    title = check.title  # type: ignore[attr-defined]  # the same

    assert f"**{title[0].upper()}{title[1:]}** ({check.severity})" in text  # type: ignore[attr-defined]  # the same
    assert re.findall(r"^- (\w+): ", text, re.MULTILINE) == ["Symptom", "Cause", "Fix", "Source"]


def test_sources_carry_their_mark() -> None:
    """What a cause stands on is marked as documented, seen, or this project's."""
    for text in SECTIONS.values():
        source = re.search(r"^- Source: (.*)", text, re.MULTILINE)
        assert source
        assert source[1].startswith(("documented: ", "seen: ", "this project: "))


def test_json_shape_is_documented() -> None:
    """Every member of the JSON is named in the page, with the schema's name."""
    shape = PAGE.split("## JSON")[1].split("\n## ")[0]

    assert f"| `schema` | `{json.loads(as_json(run(FACTS)))['schema']}` |" in shape
    for member in re.findall(r'^  "(\w+)":', as_json(run(FACTS)), re.MULTILINE):
        assert f"| `{member}` |" in shape
