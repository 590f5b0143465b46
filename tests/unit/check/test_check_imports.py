"""What check loads: nothing heavy until a file needs it. Seconds are not tested; what takes them is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.check import terraform_cases
from tests.support.check.check_cases import HEALTHY

HEAVY = {"boto3", "botocore", "cfnlint", "hcl2", "lark", "pydantic", "samtranslator", "sympy", "yaml"}
PROGRAM = """
import sys
sys.argv = ["edge-hasher", *sys.argv[1:]]
from edge_hasher.cli import main
try:
    main()
except SystemExit:
    pass
print("loaded", *sorted(sys.modules))
"""


def loaded(*arguments: str, of: set[str] = HEAVY) -> set[str]:
    """The heavy modules that a run of the command loads."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
    return of & set(done.stdout.splitlines()[-1].split())


def test_help_loads_nothing() -> None:
    """`edge-hasher check --help` answers at once."""
    assert loaded("check", "--help") == set()


@pytest.mark.parametrize(
    ("name", "text", "needed"),
    [
        ("t.yaml", HEALTHY, {"yaml"}),
        ("plan.json", json.dumps(terraform_cases.plan(terraform_cases.HEALTHY)), set()),
        ("main.tf", terraform_cases.HEALTHY, {"hcl2", "lark"}),
    ],
)
def test_each_dialect_loads_its_own_parser(name: str, text: str, needed: set[str], tmp_path: Path) -> None:
    """A template of CloudFormation does not wait for SAM's translator, which loads boto3."""
    (tmp_path / name).write_text(text)
    assert loaded("check", str(tmp_path / name)) == needed


def test_the_sam_translator_does_without_a_grammar(tmp_path: Path) -> None:
    """What checks the schema would import it where it is installed, and it takes longer than all the rest."""
    function = (
        "Type: AWS::Serverless::Function, "
        "Properties: {CodeUri: a, Handler: a.b, Runtime: python3.13, FunctionUrlConfig: {AuthType: AWS_IAM}}"
    )
    text = f"Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {{{function}}}\n"
    (tmp_path / "t.yaml").write_text(text)
    modules = loaded("check", str(tmp_path / "t.yaml"), of=HEAVY | {"jsonschema", "rfc3987_syntax"})
    assert "samtranslator" in modules
    assert "jsonschema" in modules
    assert "rfc3987_syntax" not in modules


def test_a_sam_template_of_other_functions_needs_no_translator(tmp_path: Path) -> None:
    """Functions that CloudFront has nothing to do with are not expanded."""
    function = "Type: AWS::Serverless::Function, Properties: {CodeUri: a, Handler: a.b, Runtime: python3.13}"
    text = f"Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {{{function}}}\n"
    (tmp_path / "t.yaml").write_text(text)
    assert loaded("check", str(tmp_path / "t.yaml")) == {"yaml"}
