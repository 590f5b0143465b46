"""Terraform's JSON syntax and OpenTofu's files: read as the *.tf are, with the lines of the file."""

import json
import re
from pathlib import Path
from typing import Any

import hcl2
import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from tests.support.check import terraform_cases
from tests.support.check.check_cases import Case
from tests.support.check.check_run import check, check_text, found, line_of
from tests.support.check.terraform_cases import EXCEPT_HOST, HEALTHY

ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
INCLUDES = "      include_body = true\n"


def as_json(text: str) -> Any:
    """A module in Terraform's language, in its JSON syntax."""
    return _plain(hcl2.loads(text))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key.strip('"'): _plain(each) for key, each in value.items() if not key.startswith("__")}
    return value.strip('"') if isinstance(value, str) else value


@pytest.mark.parametrize("indent", [None, 1, "\t"])
def test_a_healthy_module_is_clean(indent: int | str | None, tmp_path: Path) -> None:
    """Nothing is found, and nothing is unknown."""
    outcome = check_text(tmp_path, json.dumps(as_json(HEALTHY), indent=indent), "main.tf.json")
    assert (found(outcome), outcome.unread, outcome.problems, outcome.exit_code) == ({}, (), (), 0)
    assert outcome.judged[0].ok > 30


@pytest.mark.parametrize("case", terraform_cases.CASES, ids=lambda case: case.code)
def test_each_fault_is_found(case: Case, tmp_path: Path) -> None:
    """One change breaks one thing, and the finding is on the line of the change."""
    data = as_json(HEALTHY.replace(case.old, case.new))
    outcome = check_text(tmp_path, json.dumps(data, indent=2), "cdk.tf.json", viewer_path=case.viewer_path)
    findings = {each.check.code: each for each in outcome.findings}
    assert case.code in findings
    words = set(re.findall(r"[A-Za-z_][\w-]{2,}", case.marker)) - {"resource"}
    line = findings[case.code].span.line
    near = findings[case.code].spot.place.document.lines[line - 2 : line + 2]
    assert any(word in each for word in words for each in near), (words, near)


def test_a_finding_is_where_the_value_is(tmp_path: Path) -> None:
    """Line and column are those of the JSON, with tabs and text that is not ASCII before it."""
    data = as_json(HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER))
    text = json.dumps({"//": "größe 😀", **data}, indent="\t", ensure_ascii=False)
    outcome = check_text(tmp_path, text, "main.tf.json")
    (finding,) = outcome.findings
    assert (finding.check.code, finding.span.line) == ("EH401", line_of(text, ALL_VIEWER))
    assert finding.source[finding.span.column - 1 :].startswith(f'"{ALL_VIEWER}"')


def test_labels_in_lists_and_blocks_without(tmp_path: Path) -> None:
    """A list may stand at each label, and one block may stand without a list."""
    data = as_json(HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER))
    merged: dict[str, Any] = {}
    for one in data["resource"]:
        for kind, named in one.items():
            merged.setdefault(kind, {}).update(named)
    site = merged["aws_cloudfront_distribution"]["site"]
    site = site[0] if isinstance(site, list) else site
    for name in ("default_cache_behavior", "ordered_cache_behavior"):
        site[name] = site[name][0]
    data["resource"] = {kind: [{name: each} for name, each in named.items()] for kind, named in merged.items()}
    assert list(found(check_text(tmp_path, json.dumps(data), "main.tf.json"))) == ["EH401"]


def test_expressions_in_texts(tmp_path: Path) -> None:
    """Functions and braces within an expression, and one that cannot be read."""
    data = as_json(HEALTHY)
    text = json.dumps(data, indent=1)
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "a.com"}}]}
    edge = next(one["aws_iam_role"]["edge"] for one in data["resource"] if "edge" in one.get("aws_iam_role", {}))
    (edge[0] if isinstance(edge, list) else edge)["assume_role_policy"] = f"${{jsonencode({json.dumps(trust)})}}"
    assert list(found(check_text(tmp_path, json.dumps(data), "main.tf.json"))) == ["EH615"]
    assert '"oversize=forward"' in text
    for odd in ("${", "${}}", "%{ if }", "${a b c}", "${{{"):
        outcome = check_text(tmp_path, text.replace('"oversize=forward"', json.dumps(odd)), "main.tf.json")
        assert "EH608" in found(outcome), odd  # a default is literal, whatever it looks like
        outcome = check_text(tmp_path, text.replace('"${var.settings}"', json.dumps(odd)), "main.tf.json")
        assert (found(outcome), outcome.problems) == ({}, ())
        assert "EH608" in {code for _, code, _ in outcome.unread}


def test_what_cdktf_writes(tmp_path: Path) -> None:
    """A provider by its alias, the construct path in a comment, and no fix for what the next synth overwrites."""
    data = as_json(HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER))
    data["//"] = {"metadata": {"backend": "local", "stackName": "app", "version": "0.20.8"}}
    data["provider"] = {"aws": [{"region": "eu-west-1"}, {"region": "us-east-1", "alias": "edge"}]}
    for one in data["resource"]:
        for name in ("aws_lambda_function", "aws_cloudfront_distribution"):
            for key, body in one.get(name, {}).items():
                inner = body[0] if isinstance(body, list) else body
                inner |= {"//": {"metadata": {"path": f"app/{key}", "uniqueId": key}}, "provider": "aws.edge"}
    folder = tmp_path / "cdktf.out" / "stacks" / "app"
    outcome = check_text(folder, json.dumps(data), "cdk.tf.json")
    assert [(each.check.code, each.label, each.patch) for each in outcome.findings] == [("EH401", "app/site", None)]
    assert outcome.unread == ()
    assert [str(each.world.name) for each in check(tmp_path).judged] == [str(folder)]


@pytest.mark.parametrize("comment", ["edge-hasher: skip EH401 theirs", ["a", "edge-hasher: skip EH401 theirs"]])
def test_a_comment_leaves_out(comment: Any, tmp_path: Path) -> None:
    """JSON's comments are the property `//`, of the resource or before the line."""
    data = as_json(HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER))
    for one in data["resource"]:
        for body in one.get("aws_cloudfront_distribution", {}).values():
            (body[0] if isinstance(body, list) else body)["//"] = comment
    outcome = check_text(tmp_path, json.dumps(data), "main.tf.json")
    assert [(each.check.code, why) for each, why in outcome.left_out] == [("EH401", "theirs")]
    text = json.dumps(as_json(HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER)), indent=2)
    key = '"origin_request_policy_id"'
    beside = text.replace(key, f'"//": "edge-hasher: skip EH401 theirs",\n          {key}')
    outcome = check_text(tmp_path, beside, "main.tf.json")
    assert [(each.check.code, why) for each, why in outcome.left_out] == [("EH401", "theirs")]
    assert outcome.remarks == ()


@pytest.mark.parametrize("indent", [None, 2])
def test_a_fix_in_json(indent: int | None, tmp_path: Path) -> None:
    """It is written as JSON, with Terraform's names."""
    file = tmp_path / "main.tf.json"
    file.write_text(json.dumps(as_json(HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER).replace(INCLUDES, "")), indent=indent))
    assert set(found(check(file))) == {"EH401", "EH604"}
    assert CliRunner().invoke(main, ["check", "--fix", str(file)]).exit_code == 0
    assert json.loads(file.read_text()) == as_json(HEALTHY)
    missing = json.dumps(as_json(HEALTHY.replace(terraform_cases.INVOKE, "")))
    assert [(each.check.code, each.patch) for each in check_text(tmp_path, missing, file.name).findings] == [
        ("EH303", None)
    ]


def test_files_of_both_languages_are_one_module(tmp_path: Path) -> None:
    """Resources in one file name those in the other; variables have values in JSON too."""
    cut = HEALTHY.index('resource "aws_cloudfront_origin_access_control"')
    (tmp_path / "a.tf").write_text(HEALTHY[:cut])
    (tmp_path / "b.tf.json").write_text(json.dumps(as_json(HEALTHY[cut:])))
    outcome = check(tmp_path)
    assert (found(outcome), outcome.unread, len(outcome.judged)) == ({}, (), 1)
    assert len(check(tmp_path / "a.tf", tmp_path / "b.tf.json").judged) == 1
    (tmp_path / "terraform.tfvars.json").write_text('{"settings": "oversize=maybe"}')
    assert list(found(check(tmp_path))) == ["EH608"]


@pytest.mark.parametrize("name", ["main.tofu", "main.tofu.json"])
def test_opentofu(name: str, tmp_path: Path) -> None:
    """Its files are read in the place of Terraform's of the same name."""
    text = json.dumps(as_json(HEALTHY)) if name.endswith(".json") else HEALTHY
    (tmp_path / name).write_text(text)
    assert (found(check(tmp_path)), len(check(tmp_path / name).judged)) == ({}, 1)
    shadowed = HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER).replace('"site"', '"old"').replace(".site.", ".old.")
    other = name.replace("tofu", "tf")
    (tmp_path / other).write_text(json.dumps(as_json(shadowed)) if name.endswith(".json") else shadowed)
    assert found(check(tmp_path)) == {}
    (tmp_path / name).unlink()
    assert list(found(check(tmp_path))) == ["EH401"]


def test_an_override_file(tmp_path: Path) -> None:
    """What it says goes over what the other files say; the rest of the resource stays."""
    (tmp_path / "main.tf").write_text(HEALTHY)
    override = 'resource "aws_lambda_function_url" "agent" {\n  authorization_type = "NONE"\n}\n'
    (tmp_path / "main_override.tf").write_text(override)
    outcome = check(tmp_path)
    assert "EH301" in found(outcome)
    assert {each.file.name for each in outcome.findings if each.check.code == "EH301"} == {"main_override.tf"}
    (tmp_path / "main_override.tf").unlink()
    (tmp_path / "override.tf.json").write_text('{"variable": {"settings": {"default": "oversize=maybe"}}}')
    assert list(found(check(tmp_path))) == ["EH608"]
    (tmp_path / "override.tf.json").write_text('{"variable": {"settings": {"sensitive": true}}}')
    assert found(check(tmp_path)) == {}


@pytest.mark.parametrize(
    "text", ["[]", "1", "{", '{"resource": {"a": {"b": ' + "[" * 90 + "]" * 90 + "}}}", "\0", "[" * 9999]
)
def test_what_is_not_terraform_json(text: str, tmp_path: Path) -> None:
    """One line that names the file, also where it is the second of its module."""
    (tmp_path / "main.tf").write_text(HEALTHY)
    (tmp_path / "other.tf.json").write_text(
        text.replace('"a"', '"aws_lambda_function"').replace('": [', '": {"x": [', 1)
    )
    outcome = check(tmp_path)
    assert [file.name for file, _ in outcome.problems] == ["other.tf.json"]
    assert outcome.exit_code == 2


@pytest.mark.parametrize(("version", "codes"), [("6.20.0", {"EH301", "EH303"}), ("~> 6.28", {"EH301"})])
def test_the_version_of_the_provider(version: str, codes: set[str], tmp_path: Path) -> None:
    """It says which permissions a public URL comes with, in JSON as well."""
    data = as_json(HEALTHY.replace('"AWS_IAM"\n  invoke', '"NONE"\n  invoke'))
    data["terraform"] = {"required_providers": {"aws": {"source": "hashicorp/aws", "version": version}}}
    found_codes = set(found(check_text(tmp_path, json.dumps(data), "main.tf.json")))
    assert found_codes & {"EH301", "EH302", "EH303"} == codes
