"""doctor --compare: the deployed distribution beside its code."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge_hasher.aws.errors import OperateError
from edge_hasher.doctor.facts import Facts
from edge_hasher.doctor.templates.drift import compare
from tests.support.aws.doctor_facts import FACTS
from tests.support.check.check_cases import EXCEPT_HOST, HEALTHY, INVOKE_PERMISSION
from tests.support.check.check_run import line_of

if TYPE_CHECKING:
    from edge_hasher.doctor.facts import BehaviorFacts


def compared(folder: Path, text: str, facts: Facts = FACTS) -> tuple[list[str], bool]:
    """The lines that say what differs, and whether anything does."""
    file = folder / "t.yaml"
    file.write_text(text)
    report, differs = compare(facts, file)
    return [line for line in report.splitlines() if line.startswith("differs")], differs


def in_code(text: str) -> str:
    """The healthy template with the behavior that the facts have."""
    behavior: BehaviorFacts = FACTS.behaviors[0]
    return text.replace("PathPattern: /chat*", f"PathPattern: {behavior.pattern}")


def test_equal_is_equal(tmp_path: Path) -> None:
    """The healthy facts and the healthy template do not differ."""
    assert compared(tmp_path, in_code(HEALTHY)) == ([], False)


@pytest.mark.parametrize(
    ("old", "new", "name", "marker"),
    [
        (EXCEPT_HOST, "216adef6-5c7f-47e4-b989-5492eafa07d3", "origin request policy", "216adef6"),
        ("IncludeBody: true", "IncludeBody: false", "IncludeBody", "IncludeBody: false"),
        ("Compress: false", "Compress: true", "compression", "Compress: true"),
        ("SigningBehavior: always", "SigningBehavior: never", "origin access control", "SigningBehavior: never"),
        ("OriginReadTimeout: 60", "OriginReadTimeout: 61", "read timeout", "OriginReadTimeout: 61"),
        ("AuthType: AWS_IAM\n      Inv", "AuthType: NONE\n      Inv", "AuthType", "AuthType: NONE"),
        (INVOKE_PERMISSION, "", "permission for lambda:InvokeFunction", "  AgentUrl:"),
    ],
)
def test_what_differs_is_said_with_its_line(old: str, new: str, name: str, marker: str, tmp_path: Path) -> None:
    """What is deployed and what the code says, and the line."""
    assert HEALTHY.count(old) == 1
    text = in_code(HEALTHY.replace(old, new))
    lines, differs = compared(tmp_path, text)
    assert differs
    assert any(f": {name}" in line and f"t.yaml:{line_of(text, marker)} " in line for line in lines), lines


def test_a_behavior_on_one_side_only(tmp_path: Path) -> None:
    """A behavior that somebody added by hand, and one that is not deployed yet."""
    more = replace(FACTS.behaviors[0], pattern="/by-hand*", is_default=False)
    lines, _ = compared(tmp_path, in_code(HEALTHY), replace(FACTS, behaviors=(*FACTS.behaviors, more)))
    assert lines == ["differs  /by-hand*: it is there: deployed yes, Site no"]


def test_code_without_such_a_distribution(tmp_path: Path) -> None:
    """It is an error, and says which file."""
    with pytest.raises(OperateError, match="makes no distribution"):
        compared(tmp_path, "Resources: {A: {Type: AWS::S3::Bucket}}\n")
