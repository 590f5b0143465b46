"""The project's own templates, and the code in docs/consume.md, go through check and are clean."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.check.check_cases import HEALTHY
from tests.support.check.check_run import check, check_text, found

ROOT = Path(__file__).resolve().parents[2]
CONSUME = (ROOT / "docs" / "consume.md").read_text()
IAC = ROOT / ".venvs" / "iac" / "bin" / "python"
AGENT = """
resource "aws_lambda_function" "agent" {
  function_name = "agent"
  role          = "arn:aws:iam::123456789012:role/agent"
}
"""


def blocks(heading: str, language: str) -> list[str]:
    """The blocks in a language under a heading of docs/consume.md."""
    section = re.split(r"^## ", CONSUME.split(f"\n## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    found_blocks = re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert found_blocks
    return found_blocks


@pytest.mark.parametrize("name", ["template.yaml", "examples/streaming-agent/template.yaml"])
def test_our_templates_are_clean(name: str) -> None:
    """The function's own template is judged by Lambda@Edge's rules, the example's by all."""
    outcome = check(ROOT / name)
    assert found(outcome) == {}
    assert outcome.exit_code == 0
    judged = outcome.judged[0]
    assert (judged.functions, judged.distributions) == ((1, 0) if name == "template.yaml" else (0, 1))
    assert judged.ok > 10


def test_our_templates_would_be_found_out(tmp_path: Path) -> None:
    """Each of them, with one line wrong, is not clean: the tests above can fail."""
    own = (ROOT / "template.yaml").read_text().replace("edgelambda.amazonaws.com", "events.amazonaws.com")
    assert list(found(check_text(tmp_path, own))) == ["EH615"]
    example = (ROOT / "examples" / "streaming-agent" / "template.yaml").read_text()
    broken = example.replace("IncludeBody: true", "IncludeBody: false")
    assert set(found(check_text(tmp_path, broken))) == {"EH604"}


def test_the_cloudformation_in_the_docs_is_clean(tmp_path: Path) -> None:
    """The parameter and the association, put into a template."""
    parameter, association = blocks("CloudFormation and SAM", "yaml")
    lines = "".join(f"            {line}\n" for line in association.splitlines())
    text = HEALTHY[: HEALTHY.index("            LambdaFunctionAssociations:")] + lines
    text = text.replace("Parameters:\n", parameter)
    outcome = check_text(tmp_path, text)
    assert found(outcome) == {}
    assert "read from SSM at deployment" in {why.why for _, _, why in outcome.unread}


def test_the_terraform_in_the_docs_is_clean(tmp_path: Path) -> None:
    """The whole of it; only the function, which is the reader's, is added."""
    (text,) = blocks("Terraform", "hcl")
    outcome = check_text(tmp_path, text + AGENT, "main.tf")
    assert found(outcome) == {}
    assert outcome.judged[0].ok > 30
    without = re.sub(r'resource "aws_lambda_permission" "invoke" \{.*?\n\}\n', "", text, flags=re.DOTALL)
    assert list(found(check_text(tmp_path, without + AGENT, "main.tf"))) == ["EH303"]


@pytest.mark.skipif(not IAC.exists() or not shutil.which("node"), reason="CDK needs node and `make setup-iac`")
def test_the_cdk_in_the_docs_is_clean(tmp_path: Path) -> None:
    """Synthesised by the CDK that `make setup-iac` installs: its assembly has both permissions."""
    reader = ROOT / "tests" / "support" / "read_iac_docs.py"
    subprocess.run([IAC, reader, ROOT / "docs" / "consume.md", tmp_path], check=True, capture_output=True, cwd=tmp_path)
    outcome = check(tmp_path)
    assert [each.world.dialect for each in outcome.judged] == ["cdk"]
    assert found(outcome) == {}
    assert outcome.judged[0].ok > 30
