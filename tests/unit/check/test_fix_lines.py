"""The line that says how to fix a finding is what --fix writes, where it writes anything."""

import json
import re
from pathlib import Path

import pytest

from edge_hasher.doctor.templates.findings import Finding
from tests.support.check import check_cases, terraform_cases
from tests.support.check.cdk_assembly import template
from tests.support.check.check_cases import INVOKE_PERMISSION, Case
from tests.support.check.check_run import check_text, found

HEALTHY, MODULE = check_cases.HEALTHY, terraform_cases.HEALTHY
FIXED = ["EH202", "EH203", "EH204", "EH206", "EH302", "EH303", "EH401", "EH402", "EH501", "EH502", "EH503", "EH604"]


def finding(folder: Path, text: str, name: str, code: str) -> Finding:
    """The finding of a code."""
    return next(each for each in check_text(folder, text, name).findings if each.check.code == code)


def plain(text: str) -> str:
    """Without blanks and quotes, which each dialect sets in its own way."""
    return re.sub(r"[\s\"']", "", text)


def agree(its: Finding) -> bool:
    """Whether each argument of the line is written by the patch."""
    added = plain("".join(line[1:] for line in str(its.patch).splitlines() if line.startswith("+")))
    line = re.sub(r"^\{.*Properties: \{(.*)\}\}$|^aws_lambda_permission: ", r"\1", its.lines.partition("  #")[0])
    return all(plain(each) in added for each in line.split(", "))


def made(cases: list[Case], code: str) -> Case:
    """The case of a code."""
    return next(each for each in cases if each.code == code)


@pytest.mark.parametrize("code", FIXED)
def test_the_line_is_what_the_patch_writes(code: str, tmp_path: Path) -> None:
    """In YAML, JSON and Terraform."""
    case = made(check_cases.CASES, code)
    text = HEALTHY.replace(case.old, case.new)
    in_yaml = finding(tmp_path, text, "t.yaml", code)
    assert agree(in_yaml)
    in_json = finding(tmp_path, json.dumps(template(text), indent=2), "t.json", code)
    assert json.loads(str(in_json.after)) == template(str(in_yaml.after))
    assert in_json.lines.replace('"', "") == in_yaml.lines
    case = made(terraform_cases.CASES, code)
    assert agree(finding(tmp_path / "tf", MODULE.replace(case.old, case.new), "main.tf", code))


@pytest.mark.parametrize(
    ("version", "is_known"),
    [("6.28.0", True), ("~> 6.0", True), (">= 5.0", True), ("~> 5.0", False), ("6.27.0", False), ("~> 6.20.0", False)],
)
def test_only_arguments_that_the_provider_knows(version: str, *, is_known: bool, tmp_path: Path) -> None:
    """The file with the fix can be applied with the provider that the module asks for, and the line says the same."""
    text = MODULE.replace(terraform_cases.INVOKE, "")
    provider = f'terraform {{\n  required_providers {{\n    aws = {{ version = "{version}" }}\n  }}\n}}\n'
    fixed = finding(tmp_path, provider + text, "main.tf", "EH303")
    assert agree(fixed)
    assert ("invoked_via_function_url = true" in fixed.lines) == is_known
    assert found(check_text(tmp_path, str(fixed.after), "main.tf")) == {}


@pytest.mark.parametrize("version", ["~> 5.0", "6.27.0"])
def test_nobody_is_told_to_let_everyone_invoke_the_function(version: str, tmp_path: Path) -> None:
    """The permission that a public Function URL needs is for its URL only; a provider that cannot say so is too old."""
    public = MODULE.replace('"AWS_IAM"', '"NONE"', 1).replace(terraform_cases.INVOKE, "")
    provider = f'terraform {{\n  required_providers {{\n    aws = {{ version = "{version}" }}\n  }}\n}}\n'
    its = finding(tmp_path, provider + public, "main.tf", "EH303")
    assert (its.lines.partition("  #")[0], its.patch) == ('aws = { version = ">= 6.28" }', None)
    newer = its.lines.partition("{")[2].partition("}")[0].strip()
    updated = provider.replace(f'version = "{version}"', newer)
    assert "EH303" not in found(check_text(tmp_path, updated + public, "main.tf"))


def test_include_body_leaves_the_function_as_it_is(tmp_path: Path) -> None:
    """Only the body is missing: no line tells to attach another function, also where nothing is patched."""
    case = made(check_cases.CASES, "EH604")
    text = HEALTHY.replace(case.old, case.new)
    expected = "IncludeBody: true  # LambdaFunctionAssociations, CacheBehaviors, /chat*"
    assert finding(tmp_path, text, "t.yaml", "EH604").lines == expected
    event = "EventType: origin-request\n"
    unpatched = text.replace(event, f"{event}                IncludeBody: !Ref Body\n")
    unpatched = unpatched.replace("Parameters:\n", "Parameters:\n  Body: {Type: String, Default: false}\n")
    its = finding(tmp_path, unpatched, "t.yaml", "EH604")
    assert (its.lines, its.patch) == (expected, None)


def test_an_access_control_that_a_bucket_has_too_is_not_changed(tmp_path: Path) -> None:
    """Its type is right for the bucket: the Function URL needs one of its own, and the line says so."""
    case = made(check_cases.CASES, "EH202")
    text = HEALTHY.replace(case.old, case.new)
    assert finding(tmp_path, text, "t.yaml", "EH202").lines == "OriginAccessControlOriginType: lambda"
    assert text.count("            S3OriginConfig") == 1
    bucket = "            S3OriginConfig"
    shared = text.replace(bucket, f"            OriginAccessControlId: !GetAtt Access.Id\n{bucket}")
    its = finding(tmp_path, shared, "t.yaml", "EH202")
    assert its.patch is None
    assert its.lines.startswith("OriginAccessControlId: !GetAtt LambdaOac.Id")


def test_a_wide_permission_is_narrowed_or_taken_out(tmp_path: Path) -> None:
    """Where the narrow one is there, the wide one is only too much."""
    wide = INVOKE_PERMISSION.replace("  InvokePermission:", "  Wide:")
    wide = re.sub(r"      SourceArn: .*\n", "", wide)
    both = HEALTHY.replace(INVOKE_PERMISSION, INVOKE_PERMISSION + wide)
    assert finding(tmp_path, both, "t.yaml", "EH310").lines == "# take out: 'Wide'"
    lines = finding(tmp_path, HEALTHY.replace(INVOKE_PERMISSION, wide), "t.yaml", "EH310").lines
    assert lines.startswith("{Type: AWS::Lambda::Permission, Properties: {Action: lambda:InvokeFunction, ")
    assert lines.endswith("InvokedViaFunctionUrl: true}}  # take out: 'Wide'")
    module = re.sub(r"  source_arn  .*\n", "", terraform_cases.INVOKE.replace('"invoke"', '"wide"'))
    its = finding(tmp_path / "tf", f"{MODULE}\n{module}", "main.tf", "EH310")
    assert its.lines == "# take out: 'aws_lambda_permission.wide'"
