"""docs/checks.md explains every code, and nothing else has one."""

import json
import re
from pathlib import Path

import pytest

from edge_hasher.doctor import check_page, check_pages
from edge_hasher.doctor.checks import CHECKS
from edge_hasher.doctor.report_json import as_json
from edge_hasher.doctor.runner import run
from tests.support.aws.doctor_facts import FACTS

PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text()
SHIPPED = Path(check_pages.__file__).with_name("checks.md")
SECTIONS = dict(re.findall(r"^### (EH\d+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_every_code_has_a_heading_and_no_other() -> None:
    """The link of a finding leads somewhere."""
    assert list(SECTIONS) == [check.code for check in CHECKS]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_section_says_symptom_cause_fix_and_source(check: object) -> None:
    """Each section has its four parts, and the title and severity of its check."""
    text = SECTIONS[check.code]  # type: ignore[attr-defined]  # a Check; parametrize hides it
    title = check.title  # type: ignore[attr-defined]  # the same

    assert f"\n**Checks that {title}** (if not: {check.severity})\n" in text  # type: ignore[attr-defined]  # the same
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


def test_the_shipped_page_is_the_page_of_the_docs() -> None:
    """What `explain` prints is what the docs say: after a change, copy docs/checks.md to edge_hasher/doctor."""
    assert SHIPPED.read_text() == PAGE


def test_a_check_is_explained_by_its_code() -> None:
    """The section of a code, in any case, and no other; a code that no check has is one line that names the codes."""
    assert check_page("eh602").startswith(
        "### EH602\n\n**Checks that the behavior has an origin-request function** (if not: broken)\n"
    )
    assert check_page("EH602").count("### ") == 1
    with pytest.raises(LookupError, match=r"^there is no check EH999: edge-hasher doctor --list-checks lists them$"):
        check_page("EH999")


def test_words_of_a_page_are_clauses_of_a_report() -> None:
    """Titles and symptoms are sentences on the page, and parts of a line in a report; names keep their capital."""
    by_code = {check.code: check for check in CHECKS}

    assert by_code["EH201"].title == "the origin has an origin access control"
    assert by_code["EH302"].title == "CloudFront has a permission for lambda:InvokeFunctionUrl"
    assert by_code["EH602"].meaning == ("every POST, PUT and PATCH gets 403 InvalidSignatureException; GET works")
    assert by_code["EH105"].meaning.startswith("a 403 of OAC")
    assert not any("`" in check.meaning or "](" in check.meaning for check in CHECKS)
