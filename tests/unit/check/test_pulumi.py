"""Pulumi: a preview is judged as Terraform's resources are."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.check import terraform_cases
from tests.support.check.check_cases import Case
from tests.support.check.check_run import check_text, found

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PLURAL = {
    "origin": "origins",
    "ordered_cache_behavior": "orderedCacheBehaviors",
    "custom_error_response": "customErrorResponses",
    "lambda_function_association": "lambdaFunctionAssociations",
    "custom_header": "customHeaders",
}
RENAMED = {("aws_lambda_permission", "function_name"): "function", ("aws_lambda_function", "function_name"): "name"}
# An attribute is lost in a preview, and with it which ARN of a function is meant.
LOST = {"EH605"}


def camel(name: str) -> str:
    """A name as Pulumi writes it."""
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def urn(address: str) -> str:
    """The URN of a resource of the module."""
    kind, name = address.split(".")[:2]
    package, _, rest = kind.removeprefix("aws_").partition("_")
    return f"urn:pulumi:dev::app::aws:{package}/{camel(rest)}:{camel('_' + rest)}::{name}"


def preview(text: str) -> dict[str, Any]:
    """What `pulumi preview --json` prints for the same resources."""
    root = terraform_cases.plan(text)
    steps = []
    planned = root["planned_values"]["root_module"]["resources"]
    for values, written in zip(planned, root["configuration"]["root_module"]["resources"], strict=True):
        inputs, dependencies = {}, {}
        for name, value in {**written["expressions"], **values["values"]}.items():
            expression = written["expressions"].get(name)
            key = RENAMED.get((values["type"], name), PLURAL.get(name, camel(name)))
            inputs[key] = converted(value, expression)
            behind = {urn(each) for each in re.findall(r'"(aws_\w+\.\w+)"', json.dumps(expression))}
            dependencies[key] = sorted(behind)
        kind = urn(values["address"]).split("::")[2]
        state = {"urn": urn(values["address"]), "type": kind, "custom": True, "inputs": inputs}
        steps.append({"op": "create", "urn": state["urn"], "newState": state | {"propertyDependencies": dependencies}})
    return {"config": {"aws:region": "us-east-1"}, "steps": steps, "changeSummary": {"create": len(steps)}}


def converted(value: Any, expression: Any) -> Any:
    """A value and its references as a preview has them."""
    if isinstance(expression, dict) and "references" in expression:
        return UNKNOWN
    if isinstance(expression, list):
        blocks = [block(each, one) for each, one in zip(value, expression, strict=True)]
        several = {"origin_id", "path_pattern", "event_type", "error_code", "name"}
        return blocks if set(expression[0]) & several else blocks[0]
    return value


def block(values: dict[str, Any], expressions: dict[str, Any]) -> dict[str, Any]:
    """A block as an object."""
    return {
        PLURAL.get(name, camel(name)): converted(values.get(name), expression)
        for name, expression in expressions.items()
    }


def test_a_healthy_preview_is_clean(tmp_path: Path) -> None:
    """Nothing is found; what depends on what is known for each property as a whole."""
    outcome = check_text(tmp_path, json.dumps(preview(terraform_cases.HEALTHY)), "preview.json")
    assert found(outcome) == {}
    assert outcome.judged[0].world.dialect == "pulumi"
    assert outcome.judged[0].ok > 30


@pytest.mark.parametrize(
    "case", [each for each in terraform_cases.CASES if each.code not in LOST], ids=lambda case: case.code
)
def test_each_fault_is_found_in_a_preview(case: Case, tmp_path: Path) -> None:
    """The finding names the resource, and a line of the preview."""
    text = json.dumps(preview(terraform_cases.HEALTHY.replace(case.old, case.new)), indent=1)
    outcome = check_text(tmp_path, text, "preview.json", viewer_path=case.viewer_path)
    findings = {each.check.code: each for each in outcome.findings}
    assert case.code in findings, outcome.unread
    assert findings[case.code].span.line > 3
    assert findings[case.code].patch is None


def test_an_exported_stack_is_read_too(tmp_path: Path) -> None:
    """`pulumi stack export` has the same resources; those that a preview deletes do not count."""
    steps = preview(terraform_cases.HEALTHY)["steps"]
    data = {"version": 3, "deployment": {"resources": [each["newState"] for each in steps]}}
    assert check_text(tmp_path, json.dumps(data), "stack.json").judged[0].distributions == 1
    for each in steps:
        each["op"] = "delete"
    outcome = check_text(tmp_path, json.dumps({"steps": steps}), "preview.json")
    assert [why for _, why in outcome.problems] == ["it holds no resources of Pulumi"]


def test_a_secret_is_not_known(tmp_path: Path) -> None:
    """Its ciphertext is neither right nor wrong."""
    data = preview(terraform_cases.HEALTHY)
    url = next(each["newState"] for each in data["steps"] if "functionUrl" in each["urn"])
    url["inputs"]["authorizationType"] = {"4dabf18193072939515e22adb298388d": "x", "ciphertext": "abc"}
    outcome = check_text(tmp_path, json.dumps(data), "preview.json")
    assert found(outcome) == {}
    assert "it is encrypted" in {why.why for _, _, why in outcome.unread}
