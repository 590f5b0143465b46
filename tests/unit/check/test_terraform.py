"""Terraform: each fault is found in sources and in plans, on its line, and the healthy twin is clean."""

import copy
import json
from pathlib import Path

import pytest

from edge_hasher.doctor.templates.static_checks import STATIC_CHECKS
from tests.support.check.check_cases import NOT_HERE, Case
from tests.support.check.check_run import check, check_text, found, line_of
from tests.support.check.terraform_cases import CASES, HEALTHY, plan


def test_healthy_sources_are_clean(tmp_path: Path) -> None:
    """Nothing is found, and nothing is unknown: the provider says the Region."""
    outcome = check_text(tmp_path, HEALTHY, "main.tf")
    assert (found(outcome), outcome.unread, outcome.exit_code) == ({}, (), 0)


def test_a_healthy_plan_is_clean(tmp_path: Path) -> None:
    """What is known after apply is found by what the configuration refers to."""
    outcome = check_text(tmp_path, json.dumps(plan(HEALTHY)), "plan.json")
    assert (found(outcome), outcome.unread, outcome.exit_code) == ({}, (), 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_each_fault_is_found_in_the_sources(case: Case, tmp_path: Path) -> None:
    """One change breaks one thing, and the finding names the line of the change."""
    assert case.old == "xxxx" or HEALTHY.count(case.old) == 1
    text = HEALTHY.replace(case.old, case.new)
    lines = found(check_text(tmp_path, text, "main.tf", viewer_path=case.viewer_path))
    assert lines.get(case.code) == [line_of(text, case.marker)], lines


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_each_fault_is_found_in_a_plan(case: Case, tmp_path: Path) -> None:
    """Beside its sources, a plan's findings are on the lines of the sources; alone, on those of the plan."""
    text = HEALTHY.replace(case.old, case.new)
    (tmp_path / "main.tf").write_text(text)
    document = json.dumps(plan(text), indent=1)
    beside = check_text(tmp_path, document, "plan.json", viewer_path=case.viewer_path)
    assert found(beside).get(case.code) == [line_of(text, case.marker)]
    alone = check_text(tmp_path / "alone", document, "plan.json", viewer_path=case.viewer_path)
    places = {each.check.code: (each.file.name, each.span.line) for each in alone.findings}
    assert places[case.code][0] == "plan.json"
    assert places[case.code][1] > line_of(document, '"planned_values"')


def test_every_check_has_a_case() -> None:
    """A check that is added to doctor is tried here too."""
    assert {case.code for case in CASES} | NOT_HERE == {check.code for check in STATIC_CHECKS}


def test_an_applied_plan_is_connected_by_its_references(tmp_path: Path) -> None:
    """Ids that are known already lead nowhere by themselves; what the configuration refers to does."""
    data = plan(HEALTHY.replace('signing_behavior                  = "always"', 'signing_behavior = "never"'))
    site = next(
        each
        for each in data["planned_values"]["root_module"]["resources"]
        if each["type"] == "aws_cloudfront_distribution"
    )
    site["values"]["origin"][1] |= {"domain_name": "abc.lambda-url.us-east-1.on.aws", "origin_access_control_id": "E1"}
    assert list(found(check_text(tmp_path, json.dumps(data), "plan.json"))) == ["EH203"]


def test_modules_are_followed_through_variables_and_outputs(tmp_path: Path) -> None:
    """A Function URL in a module, and a distribution in another that gets its host, are judged together."""
    data = plan(HEALTHY)
    planned, configured = data["planned_values"]["root_module"], data["configuration"]["root_module"]
    split = {
        "back": ("aws_lambda_function", "aws_lambda_function_url", "aws_iam_role"),
        "front": ("aws_cloudfront", "aws_lambda_permission", "aws_s3"),
    }
    planned["child_modules"], configured["module_calls"] = [], {}
    for name, kinds in split.items():
        resources = [each for each in planned["resources"] if each["type"].startswith(kinds)]
        planned["child_modules"].append(
            {
                "address": f"module.{name}[0]",
                "resources": [each | {"address": f"module.{name}[0].{each['address']}"} for each in resources],
            }
        )
        configured["module_calls"][name] = {
            "expressions": {},
            "module": {"resources": [each for each in configured["resources"] if each["type"].startswith(kinds)]},
        }
    planned["resources"], configured["resources"] = [], []
    outputs = {
        "host": "aws_lambda_function_url.agent.function_url",
        "fn": "aws_lambda_function.agent.arn",
        "edge": "aws_lambda_function.edge.qualified_arn",
    }
    calls = configured["module_calls"]
    calls["back"]["module"]["outputs"] = {key: {"expression": {"references": [each]}} for key, each in outputs.items()}
    calls["front"]["expressions"] = {
        key: {"references": [f"module.back[0].{key}", "module.back[0]"]} for key in outputs
    }
    text = json.dumps(calls["front"]["module"])
    for key, each in outputs.items():
        text = text.replace(json.dumps(each), json.dumps(f"var.{key}"))
    text = text.replace('"aws_lambda_function.agent.function_name"', '"var.fn"')
    calls["front"]["module"] = json.loads(text)
    assert found(check_text(tmp_path, json.dumps(data), "plan.json")) == {}
    broken = json.dumps(data).replace('"lambda:InvokeFunction"', '"lambda:GetFunction"')
    outcome = check_text(tmp_path, broken, "plan.json")
    assert [(each.check.code, each.address) for each in outcome.findings] == [
        ("EH303", "module.back[0].aws_lambda_function_url.agent")
    ]


def test_for_each_takes_the_resource_of_the_same_key(tmp_path: Path) -> None:
    """Two of everything: each distribution is judged with the Function URL of its own key."""
    data = plan(HEALTHY)
    planned = data["planned_values"]["root_module"]
    planned["resources"] = [
        copy.deepcopy(each) | {"address": f'{each["address"]}["{key}"]', "index": key}
        for each in planned["resources"]
        for key in "ab"
    ]
    assert found(check_text(tmp_path, json.dumps(data), "plan.json")) == {}
    wrong = next(each for each in planned["resources"] if each["address"] == 'aws_lambda_function_url.agent["b"]')
    wrong["values"]["authorization_type"] = "NONE"
    outcome = check_text(tmp_path, json.dumps(data), "plan.json")
    assert "EH301" in found(outcome)
    assert {each.address for each in outcome.findings} == {'aws_lambda_function_url.agent["b"]'}


def test_locals_of_a_plan_are_read_in_the_sources_beside_it(tmp_path: Path) -> None:
    """A plan does not hold locals; without the sources, whose URL it is stays unread."""
    host = 'replace(replace(aws_lambda_function_url.agent.function_url, "https://", ""), "/", "")'
    text = HEALTHY.replace(host, "local.host") + f"\nlocals {{\n  host = {host}\n}}\n"
    data = plan(HEALTHY)
    site = next(each for each in data["configuration"]["root_module"]["resources"] if "origin" in each["expressions"])
    site["expressions"]["origin"][1]["domain_name"]["references"] = ["local.host"]
    alone = check_text(tmp_path, json.dumps(data), "plan.json")
    assert {why.what for _, _, why in alone.unread} == {"the host of the origin agent (local.host)"}
    (tmp_path / "main.tf").write_text(text)
    assert check(tmp_path / "plan.json").unread == ()
    assert check(tmp_path / "main.tf").unread == ()


def test_a_plan_of_another_format_is_refused(tmp_path: Path) -> None:
    """The message names the format, and nothing is guessed."""
    outcome = check_text(tmp_path, json.dumps(plan(HEALTHY) | {"format_version": "2.0"}), "plan.json")
    assert [why for _, why in outcome.problems] == [
        "it is a plan of format 2.0, and 1 is what is read; update edge-hasher"
    ]
    assert outcome.exit_code == 2


@pytest.mark.parametrize("end", ["EOF", "EOF  ", "    EOF"])
def test_blanks_around_the_end_of_a_heredoc(end: str, tmp_path: Path) -> None:
    """Terraform takes them, and the lines behind keep their numbers."""
    heredoc = f"locals {{\n  policy = <<EOF\n  {{}}\n{end}\n}}\n"
    text = heredoc + HEALTHY.replace("origin_read_timeout    = 60", "origin_read_timeout = 30")
    assert found(check_text(tmp_path, text, "main.tf")) == {"EH503": [line_of(text, "origin_read_timeout = 30")]}
