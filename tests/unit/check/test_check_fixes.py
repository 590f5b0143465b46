"""Fixes: a diff of the file, and --fix, which writes what there is one way to write."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from edge_hasher.doctor.templates.reading.document import YamlDocument
from edge_hasher.doctor.templates.reports.as_text import as_text
from tests.support.check import check_cases, terraform_cases
from tests.support.check.check_cases import EXCEPT_HOST, HEALTHY, INVOKE_PERMISSION, URL_PERMISSION
from tests.support.check.check_run import check, check_text, found

ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
FIXABLE = {"EH202", "EH203", "EH204", "EH206", "EH302", "EH303", "EH401", "EH402", "EH501", "EH502", "EH503", "EH604"}
YAML_CASES = [case for case in check_cases.CASES if case.code in FIXABLE]
TERRAFORM_CASES = [case for case in terraform_cases.CASES if case.code in FIXABLE]
SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  # The app.
  Agent:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: app
      Handler: app.handler
      Runtime: python3.13
      AutoPublishAlias: live
      FunctionUrlConfig: {AuthType: AWS_IAM}

  # The door.
"""


def fix(file: Path) -> tuple[int, str]:
    """Run --fix; the exit code, and what it says it fixed."""
    result = CliRunner().invoke(main, ["check", str(file), "--fix"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stderr


@pytest.mark.parametrize("case", YAML_CASES, ids=lambda case: case.code)
def test_a_fixed_template_passes(case: check_cases.Case, tmp_path: Path) -> None:
    """The finding is gone, nothing new is found, and only lines that the fix is about changed."""
    file = tmp_path / "t.yaml"
    text = HEALTHY.replace(case.old, case.new)
    file.write_text(text)
    assert f"{case.code} " in fix(file)[1]
    assert case.code not in found(check(file))
    changed = set(file.read_text().splitlines()) ^ set(text.splitlines())
    assert 0 < len(changed) <= 8


@pytest.mark.parametrize("case", YAML_CASES, ids=lambda case: case.code)
@pytest.mark.parametrize("indent", [1, 2, 4, None])
def test_a_fixed_json_template_passes(case: check_cases.Case, indent: int | None, tmp_path: Path) -> None:
    """In JSON too, in whatever layout, and what comes out is JSON."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps(YamlDocument(file, HEALTHY.replace(case.old, case.new)).data, indent=indent))
    assert f"{case.code} " in fix(file)[1]
    json.loads(file.read_text())
    assert case.code not in found(check(file))


@pytest.mark.parametrize("case", TERRAFORM_CASES, ids=lambda case: case.code)
def test_a_fixed_module_passes(case: check_cases.Case, tmp_path: Path) -> None:
    """The same in Terraform's language, also with a plan beside it, which is stale then."""
    text = terraform_cases.HEALTHY.replace(case.old, case.new)
    (tmp_path / "main.tf").write_text(text)
    (tmp_path / "plan.json").write_text(json.dumps(terraform_cases.plan(text)))
    assert all(each.patch for each in check(tmp_path / "plan.json").findings if each.check.code == case.code)
    assert fix(tmp_path / "plan.json")[1] == ""
    assert (tmp_path / "main.tf").read_text() == text
    assert f"{case.code} " in fix(tmp_path)[1]
    assert case.code not in found(check(tmp_path / "main.tf"))


def test_several_fixes_in_one_file(tmp_path: Path) -> None:
    """Each is written where it belongs after the others moved it."""
    file = tmp_path / "t.yaml"
    file.write_text(HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER).replace(INVOKE_PERMISSION, "").replace(URL_PERMISSION, ""))
    code, said = fix(file)
    assert (code, said.count("fixed ")) == (0, 3)
    assert found(check(file)) == {}


def test_a_permission_for_sam_is_on_the_alias(tmp_path: Path) -> None:
    """The function's own URL is on the alias, and so are the permissions; comments stay where they are."""
    file = tmp_path / "t.yaml"
    rest = HEALTHY[HEALTHY.index("  EdgeRole:") :].replace("AgentUrl.FunctionUrl", "AgentUrl.FunctionUrl")
    file.write_text(SAM + rest.replace("- !Ref AWS::NoValue", "- !Ref AWS::NoValue").replace("HasSettings", "Never"))
    outcome = check(file)
    assert set(found(outcome)) == {"EH302", "EH303"}
    fix(file)
    assert found(check(file)) == {}
    text = file.read_text()
    assert text.count("FunctionName: !Ref Agent.Alias") == 2
    assert text.index("# The app.") < text.index("AgentUrlCloudFrontInvokeFunction:") < text.index("# The door.")


def test_line_ends_and_the_last_line_stay(tmp_path: Path) -> None:
    """A file of Windows keeps its line ends, and one without an end keeps that."""
    file = tmp_path / "t.yaml"
    text = HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER).rstrip("\n")
    file.write_bytes(text.replace("\n", "\r\n").encode())
    fix(file)
    assert file.read_bytes() == text.replace(ALL_VIEWER, EXCEPT_HOST).replace("\n", "\r\n").encode()


def test_a_value_of_a_parameter_is_left_to_the_user(tmp_path: Path) -> None:
    """It may be meant for other places too, so nothing is written."""
    parameter = (
        f'  Settings:\n    Type: String\n    Default: ""\n  Policy:\n    Type: String\n    Default: {ALL_VIEWER}\n'
    )
    text = HEALTHY.replace('  Settings:\n    Type: String\n    Default: ""\n', parameter)
    text = text.replace(f"OriginRequestPolicyId: {EXCEPT_HOST}", "OriginRequestPolicyId: !Ref Policy")
    outcome = check_text(tmp_path, text)
    assert [(each.check.code, each.patch) for each in outcome.findings] == [("EH401", None)]
    fix(tmp_path / "template.yaml")
    assert (tmp_path / "template.yaml").read_text() == text


def test_an_assembly_is_not_written(tmp_path: Path) -> None:
    """The next `cdk synth` would overwrite it: the code is where the fix goes."""
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    data = YamlDocument(folder, HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER)).data
    (folder / "A.template.json").write_text(json.dumps(data))
    artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.template.json"}}
    (folder / "manifest.json").write_text(json.dumps({"version": "1", "artifacts": {"A": artifact}}))
    assert [(each.check.code, each.patch) for each in check(folder / "manifest.json").findings] == [("EH401", None)]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")
def test_the_patch_applies(tmp_path: Path) -> None:
    """What the report shows is a patch that git takes, and that makes the file right."""
    broken = HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER).rstrip("\n")
    outcome = check_text(tmp_path, broken)
    assert f"-            OriginRequestPolicyId: {ALL_VIEWER}" in as_text(outcome)
    name = (tmp_path / "template.yaml").as_posix().lstrip("/")
    for finding in outcome.findings:
        assert finding.patch is not None
        (tmp_path / "fix.patch").write_text(finding.patch.replace(name, "template.yaml"))
        subprocess.run(["git", "apply", "--unsafe-paths", "fix.patch"], cwd=tmp_path, check=True)
    assert found(check(tmp_path / "template.yaml")) == {}


def test_a_file_that_cannot_be_written_stays_a_finding(tmp_path: Path) -> None:
    """A parameterised count, or a URL of a function made elsewhere, gets no permission invented for it."""
    text = HEALTHY.replace("TargetFunctionArn: !GetAtt Agent.Arn", "TargetFunctionArn: agent")
    for each in check_text(tmp_path, text).findings:
        assert each.patch is None
    repeated = terraform_cases.HEALTHY.replace('"AWS_IAM"\n  invoke', '"AWS_IAM"\n  count = 1\n  invoke')
    outcome = check_text(tmp_path, repeated.replace(terraform_cases.INVOKE, ""), "main.tf")
    assert [(each.check.code, each.patch) for each in outcome.findings] == [("EH303", None)]


def test_a_permission_across_the_files_of_a_module(tmp_path: Path) -> None:
    """Terraform's files of one folder are one module: the permission goes to the Function URL's."""
    text = terraform_cases.HEALTHY.replace(terraform_cases.INVOKE, "")
    start = text.index('resource "aws_cloudfront_distribution"')
    (tmp_path / "cdn.tf").write_text(text[start:])
    (tmp_path / "lambda.tf").write_text(text[:start])
    assert "EH303 " in fix(tmp_path)[1]
    assert found(check(tmp_path)) == {}
    assert (tmp_path / "cdn.tf").read_text() == text[start:]


@pytest.mark.parametrize("count", ["", "  count = 1\n"])
def test_the_lines_of_a_permission_name_resources(count: str, tmp_path: Path) -> None:
    """What a fix says to write refers to the function and the distribution; no account or name is made up."""
    outcome = check_text(tmp_path, HEALTHY.replace(INVOKE_PERMISSION, ""))
    lines = next(each.lines for each in outcome.findings if each.check.code == "EH303")
    assert "FunctionName: !Ref Agent," in lines
    assert "SourceArn: !Sub 'arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Site}'" in lines
    text = terraform_cases.HEALTHY.replace(terraform_cases.INVOKE, "")
    text = text.replace("  enabled = true\n", f"{count}  enabled = true\n")
    outcome = check_text(tmp_path, text, "main.tf")
    lines = next(each.lines for each in outcome.findings if each.check.code == "EH303")
    assert "function_name = aws_lambda_function.agent.function_name," in lines
    assert f"source_arn = aws_cloudfront_distribution.site{'[0]' if count else ''}.arn," in lines
    assert "123456789012" not in lines


def test_the_lines_of_a_permission_within_a_module(tmp_path: Path) -> None:
    """Resources of one module name each other as they do there, without the module's name."""
    data = terraform_cases.plan(terraform_cases.HEALTHY.replace(terraform_cases.INVOKE, ""))
    planned, configured = data["planned_values"]["root_module"], data["configuration"]["root_module"]
    inner = [each | {"address": f"module.a.{each['address']}"} for each in planned.pop("resources")]
    planned["child_modules"] = [{"address": "module.a", "resources": inner}]
    data["configuration"]["root_module"] = {"module_calls": {"a": {"module": configured}}}
    findings = check_text(tmp_path, json.dumps(data), "plan.json").findings
    lines = next(each.lines for each in findings if each.check.code == "EH303")
    assert "function_name = aws_lambda_function.agent.function_name," in lines
    assert "source_arn = aws_cloudfront_distribution.site.arn," in lines


def test_the_lines_of_a_permission_across_modules(tmp_path: Path) -> None:
    """No reference reaches into another module, so words say what belongs there."""
    function = 'resource "aws_lambda_function" "f" {\n  function_name = "f"\n}\n'
    url = 'resource "aws_lambda_function_url" "f" {\n  function_name = aws_lambda_function.f.function_name\n'
    url += '  authorization_type = "AWS_IAM"\n}\noutput "host" {\n  value = aws_lambda_function_url.f.function_url\n}\n'
    site = terraform_cases.HEALTHY[terraform_cases.HEALTHY.index('resource "aws_cloudfront_distribution"') :]
    host = 'replace(replace(aws_lambda_function_url.agent.function_url, "https://", ""), "/", "")'
    calls = 'module "back" {\n  source = "./back"\n}\nmodule "front" {\n  source = "./front"\n'
    for name, text in (
        ("back", function + url),
        ("front", 'variable "host" {}\n' + site.replace(host, "var.host")),
        ("", f"{calls}  host = module.back.host\n}}\n"),
    ):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "main.tf").write_text(text)
    lines = next(each.lines for each in check(tmp_path).findings if each.check.code == "EH303")
    assert "function_name = aws_lambda_function.f.function_name," in lines
    assert 'source_arn = "<arn of module.front.aws_cloudfront_distribution.site>",' in lines
