"""CloudFormation: each fault is found on its line, and the healthy twin is clean."""

import json
from pathlib import Path

import pytest

from edge_hasher.doctor.templates.reading.document import YamlDocument
from edge_hasher.doctor.templates.static_checks import STATIC_CHECKS
from tests.support.check.check_cases import CASES, HEALTHY, NOT_HERE, Case
from tests.support.check.check_run import check_text, found, is_near, line_of


def test_a_healthy_template_is_clean(tmp_path: Path) -> None:
    """Nothing is found in a template in which everything is right, and only its Region is not known."""
    outcome = check_text(tmp_path, HEALTHY)
    assert found(outcome) == {}
    assert {why.what for _, _, why in outcome.unread} == {"the stack's Region"}
    assert outcome.exit_code == 0
    assert check_text(tmp_path, HEALTHY, parameters={"AWS::Region": "us-east-1"}).unread == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_each_fault_is_found_on_its_line(case: Case, tmp_path: Path) -> None:
    """One change breaks one thing, and the finding names the line of the change."""
    assert case.old == "xxxx" or HEALTHY.count(case.old) == 1
    text = HEALTHY.replace(case.old, case.new)
    lines = found(check_text(tmp_path, text, viewer_path=case.viewer_path))
    assert lines.get(case.code) == [line_of(text, case.marker)], lines


def test_every_check_has_a_case() -> None:
    """A check that is added to doctor is tried here too."""
    assert {case.code for case in CASES} | NOT_HERE == {check.code for check in STATIC_CHECKS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_the_same_in_json(case: Case, tmp_path: Path) -> None:
    """JSON says the same, and its findings have places of their own."""
    data = YamlDocument(tmp_path / "a.yaml", HEALTHY.replace(case.old, case.new)).data
    text = json.dumps(data, indent="\t")
    outcome = check_text(tmp_path, text, "template.json", viewer_path=case.viewer_path)
    findings = {finding.check.code: finding for finding in outcome.findings}
    assert case.code in findings
    assert is_near(findings[case.code], case.marker)


def test_a_sam_function_of_an_image_that_is_not_pushed_yet(tmp_path: Path) -> None:
    """`sam build` gives the image its name; before that, the template is right as it stands."""
    function = (
        "Type: AWS::Serverless::Function, Properties: {PackageType: Image, FunctionUrlConfig: {AuthType: AWS_IAM}}"
    )
    text = f"Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {{{function}}}\n"
    outcome = check_text(tmp_path, text)
    assert outcome.problems == ()
    assert {each.kind for each in outcome.judged[0].world.resources.values()} >= {"AWS::Lambda::Url"}


def test_a_public_url_needs_nobody_to_hash(tmp_path: Path) -> None:
    """Without signatures there is no 403 for a body; that the URL is public is what is said."""
    text = HEALTHY[: HEALTHY.index("            LambdaFunctionAssociations:")].replace(
        "AuthType: AWS_IAM\n      Inv", "AuthType: NONE\n      Inv"
    )
    codes = set(found(check_text(tmp_path, text)))
    assert "EH301" in codes
    assert "EH602" not in codes
