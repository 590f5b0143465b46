"""CDK assemblies: each fault is found in the template of its stack, with its construct path, across stacks too."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.check.cdk_assembly import assembly, template
from tests.support.check.check_cases import CASES, HEALTHY, URL_PERMISSION, Case
from tests.support.check.check_run import check, found, is_near

EXPORT = "Back:ExportsOutputUrl"


def in_two_stacks() -> dict[str, Any]:
    """The healthy template, its agent in a stack apart, which exports what the site needs."""
    site, back = template(HEALTHY), template(HEALTHY)
    back["Resources"] = {name: back["Resources"][name] for name in ("AgentRole", "Agent", "AgentUrl")}
    back["Outputs"] = {
        "Url": {"Value": {"Fn::GetAtt": ["AgentUrl", "FunctionUrl"]}, "Export": {"Name": EXPORT}},
        "Arn": {"Value": {"Fn::GetAtt": ["AgentUrl", "FunctionArn"]}, "Export": {"Name": "Back:Arn"}},
    }
    for name in back["Resources"]:
        del site["Resources"][name]
    for name in ("UrlPermission", "InvokePermission"):
        site["Resources"][name]["Properties"]["FunctionName"] = {"Fn::ImportValue": "Back:Arn"}
    origin = site["Resources"]["Site"]["Properties"]["DistributionConfig"]["Origins"][1]
    origin["DomainName"] = {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::ImportValue": EXPORT}]}]}
    return {"Site": site, "Back": back}


def test_a_healthy_assembly_is_clean(tmp_path: Path) -> None:
    """Nothing is found, and nothing is unknown: the manifest says the Region."""
    outcome = check(assembly(tmp_path / "cdk.out", {"App": template(HEALTHY)}))
    assert (found(outcome), outcome.unread, outcome.exit_code) == ({}, (), 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_each_fault_is_found_with_its_construct_path(case: Case, tmp_path: Path) -> None:
    """One change breaks one thing; the finding has the template's line and the path of the construct."""
    stacks = {"App": template(HEALTHY.replace(case.old, case.new))}
    outcome = check(assembly(tmp_path / "cdk.out", stacks), viewer_path=case.viewer_path)
    findings = {each.check.code: each for each in outcome.findings}
    assert case.code in findings
    assert findings[case.code].label.startswith("App/Group/")
    assert is_near(findings[case.code], case.marker)


def test_stacks_that_export_and_import_are_one(tmp_path: Path) -> None:
    """A Function URL of another stack is known through the export; a missing permission is found."""
    stacks = in_two_stacks()
    assert found(check(assembly(tmp_path / "right", stacks))) == {}
    del stacks["Site"]["Resources"]["InvokePermission"]
    outcome = check(assembly(tmp_path / "wrong", stacks))
    assert [(each.check.code, each.label) for each in outcome.findings] == [("EH303", "Back/Group/AgentUrl")]
    # The function is in the stack of its URL; the distribution is in another, which Ref does not reach.
    assert "FunctionName: !Ref Agent, " in outcome.findings[0].lines
    assert "SourceArn: '<the ARN of Site/Group/Site>'" in outcome.findings[0].lines


def test_without_the_exporting_stack_nothing_is_guessed(tmp_path: Path) -> None:
    """The origin is known to be for Lambda, and whose it is stays unread."""
    outcome = check(assembly(tmp_path, {"Site": in_two_stacks()["Site"]}))
    assert found(outcome) == {}
    assert {why.why for _, _, why in outcome.unread} == {"imported value"}


def test_weak_references_are_known(tmp_path: Path) -> None:
    """`Fn::GetStackOutput`, which CDK writes for weak references, is the other stack's output."""
    text = json.dumps(in_two_stacks())
    for export, output in ((EXPORT, "Url"), ("Back:Arn", "Arn")):
        get = {"Fn::GetStackOutput": {"StackName": "Back", "OutputName": output}}
        text = text.replace(json.dumps({"Fn::ImportValue": export}), json.dumps(get))
    outcome = check(assembly(tmp_path, json.loads(text)))
    assert (found(outcome), outcome.unread) == ({}, ())


def test_an_edge_function_of_another_region_is_known(tmp_path: Path) -> None:
    """`experimental.EdgeFunction` reads its ARN with a custom resource from the parameter that its stack writes."""
    site, edge = template(HEALTHY.replace("Timeout: 5", "Timeout: 31")), template(HEALTHY)
    names = ("EdgeRole", "Edge", "EdgeVersion")
    edge["Resources"] = {name: site["Resources"].pop(name) for name in names}
    edge["Resources"]["Parameter"] = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": "/cdk/EdgeFunctionArn", "Value": {"Ref": "EdgeVersion"}},
    }
    site["Resources"]["Reader"] = {
        "Type": "Custom::CrossRegionStringParameterReader",
        "Properties": {"ParameterName": "/cdk/EdgeFunctionArn", "Region": "us-east-1"},
    }
    behavior = site["Resources"]["Site"]["Properties"]["DistributionConfig"]["CacheBehaviors"][0]
    behavior["LambdaFunctionAssociations"][0]["LambdaFunctionARN"] = {"Fn::GetAtt": ["Reader", "FunctionArn"]}
    outcome = check(assembly(tmp_path, {"Site": site, "Edge": edge}))
    assert [(each.check.code, each.label) for each in outcome.findings] == [("EH614", "Edge/Group/Edge")]


def test_a_nested_stack_is_known_through_its_outputs(tmp_path: Path) -> None:
    """What a nested stack gives out, and is given, connects its resources with those of its parent."""
    stacks = in_two_stacks()
    nested = stacks["Back"]
    site = json.loads(
        json.dumps(stacks["Site"])
        .replace(json.dumps({"Fn::ImportValue": EXPORT}), json.dumps({"Fn::GetAtt": ["Nested", "Outputs.Url"]}))
        .replace(json.dumps({"Fn::ImportValue": "Back:Arn"}), json.dumps({"Fn::GetAtt": ["Nested", "Outputs.Arn"]}))
    )
    site["Resources"]["Nested"] = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "https://example.com", "Parameters": {"Settings": "oversize=forward"}},
        "Metadata": {"aws:asset:path": "Nested.nested.template.json"},
    }
    (tmp_path / "Nested.nested.template.json").write_text(json.dumps(nested))
    outcome = check(assembly(tmp_path, {"Site": site}))
    assert (found(outcome), outcome.unread) == ({}, ())
    del site["Resources"]["UrlPermission"]
    assert list(found(check(assembly(tmp_path, {"Site": site})))) == ["EH302"]


def test_a_stage_is_an_assembly_within(tmp_path: Path) -> None:
    """The stacks of a stage are read too."""
    broken = template(HEALTHY.replace(URL_PERMISSION, ""))
    assembly(tmp_path / "cdk.out" / "assembly-Prod", {"Inner": broken})
    outer = assembly(tmp_path / "cdk.out", {"App": template(HEALTHY)})
    manifest = json.loads((outer / "manifest.json").read_text())
    manifest["artifacts"]["assembly-Prod"] = {
        "type": "cdk:cloud-assembly",
        "properties": {"directoryName": "assembly-Prod"},
    }
    (outer / "manifest.json").write_text(json.dumps(manifest))
    outcome = check(tmp_path)
    assert [(each.check.code, each.label) for each in outcome.findings] == [("EH302", "Inner/Group/AgentUrl")]
    assert len(outcome.judged) == 1
