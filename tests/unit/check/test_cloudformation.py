"""CloudFormation: each fault is found on its line, and the healthy twin is clean."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from edge_hasher.doctor.templates.reading.document import YamlDocument
from edge_hasher.doctor.templates.static_checks import STATIC_CHECKS
from tests.support.check.check_cases import CASES, EXCEPT_HOST, HEALTHY, INVOKE_PERMISSION, NOT_HERE, Case
from tests.support.check.check_run import check_text, found, is_near, line_of

DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


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


@pytest.mark.parametrize("case", [case for case in CASES if case.code[:3] != "EH6"], ids=lambda case: case.code)
def test_an_edge_function_that_is_made_elsewhere_hides_no_other_fault(case: Case, tmp_path: Path) -> None:
    """The README's way is a parameter of SSM: what is not about the edge function is found all the same."""
    elsewhere = "LambdaFunctionARN: '{{resolve:ssm:/edge-hasher/version-arn}}'"
    text, count = re.subn(r"LambdaFunctionARN: \S.*", elsewhere, HEALTHY.replace(case.old, case.new))
    assert count
    assert case.code in found(check_text(tmp_path, text, viewer_path=case.viewer_path))


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


def test_a_function_url_that_another_tool_makes_is_one_all_the_same(tmp_path: Path) -> None:
    """Serverless adds the URL later; only such a resource has the attribute, so the behavior is judged."""
    text = HEALTHY.replace("!GetAtt AgentUrl.FunctionUrl", "!GetAtt ChatLambdaFunctionUrl.FunctionUrl")
    text = text.replace("            OriginAccessControlId: !GetAtt Access.Id\n", "")
    assert found(check_text(tmp_path, text)) == {}
    outcome = check_text(tmp_path, text.replace(EXCEPT_HOST, "216adef6-5c7f-47e4-b989-5492eafa07d3"))
    assert list(found(outcome)) == ["EH401"]
    nested = text.replace("!GetAtt ChatLambdaFunctionUrl.FunctionUrl", "!GetAtt Nested.Outputs.FunctionUrl")
    assert {why.what for _, _, why in check_text(tmp_path, nested).unread} == {
        "the host of the origin agent (!GetAtt Nested.Outputs.FunctionUrl)"
    }


def test_clients_that_hash_need_no_function(tmp_path: Path) -> None:
    """With --clients-hash a behavior without the function is right; the message names the option."""
    start = HEALTHY.index("            LambdaFunctionAssociations:\n")
    end = HEALTHY.index("LambdaFunctionARN", start)
    text = HEALTHY[:start] + HEALTHY[HEALTHY.index("\n", end) + 1 :]
    says = [each.what for each in check_text(tmp_path, text).findings if each.check.code == "EH602"]
    assert len(says) == 1
    assert "use --clients-hash" in says[0]
    result = CliRunner().invoke(main, ["check", "--clients-hash", str(tmp_path / "template.yaml")])
    assert (result.exit_code, "EH602" in result.stdout) == (0, False)


def test_older_settings_are_called_by_their_name(tmp_path: Path) -> None:
    """A behavior without a cache policy has ForwardedValues; the fix says what the policy replaces."""
    policies = f"            CachePolicyId: {DISABLED}\n            OriginRequestPolicyId: {EXCEPT_HOST}\n"
    older = '            ForwardedValues: {QueryString: true, Headers: ["*"]}\n            DefaultTTL: 0\n'
    assert policies in HEALTHY
    (finding,) = check_text(tmp_path, HEALTHY.replace(policies, older)).findings
    assert finding.what == "ForwardedValues of /chat* forwards the viewer's Host"
    assert finding.lines == (
        f"CachePolicyId: {DISABLED} in place of ForwardedValues, MinTTL, DefaultTTL and MaxTTL, "
        f"OriginRequestPolicyId: {EXCEPT_HOST}  # CacheBehaviors, /chat*"
    )


def test_a_circle_is_told_from_what_needs_to_what_is_needed(tmp_path: Path) -> None:
    """A needs B, B needs C, C needs A."""
    text = "Resources:\n" + "".join(
        f"  {name}: {{Type: AWS::SNS::Topic, DependsOn: {needs}}}\n" for name, needs in ("AB", "BC", "CA")
    )
    ((_, why),) = check_text(tmp_path, text).problems
    assert any(circle in why for circle in ("A -> B -> C -> A", "B -> C -> A -> B", "C -> A -> B -> C"))


def test_a_function_that_signs_by_itself_needs_no_access_control(tmp_path: Path) -> None:
    """Another function on origin-request may make the signature: then CloudFront's needs are notes at most."""
    text = HEALTHY.replace("            OriginAccessControlId: !GetAtt Access.Id\n", "")
    text = text.replace(INVOKE_PERMISSION, "").replace(EXCEPT_HOST, "216adef6-5c7f-47e4-b989-5492eafa07d3")
    assert {"EH201", "EH303", "EH401"} <= set(found(check_text(tmp_path, text)))
    own = text.replace("edge_hasher.function.handler.lambda_handler", "signer.handler")
    outcome = check_text(tmp_path, own)
    assert {each.check.code: each.severity for each in outcome.findings} == {"EH201": "note", "EH603": "note"}
    assert any("so the function Edge must sign its requests" in each.what for each in outcome.findings)


def test_a_host_that_is_not_known_may_be_a_buckets(tmp_path: Path) -> None:
    """Only an origin with CustomOriginConfig can be a Function URL; an access control for Lambda says it is one."""
    bucket = '!GetAtt Bucket.RegionalDomainName\n            S3OriginConfig: {OriginAccessIdentity: ""}\n'
    assert bucket in HEALTHY
    for config, is_asked in (("", False), ("            CustomOriginConfig: {HTTPSPort: 443}\n", True)):
        outcome = check_text(tmp_path, HEALTHY.replace(bucket, f"!ImportValue PageHost\n{config}"))
        assert any("PageHost" in why.what for _, _, why in outcome.unread) == is_asked


@pytest.mark.parametrize(
    "kind", ["AWS::Serverless::Application", "AWS::ServiceCatalog::CloudFormationProvisionedProduct"]
)
def test_an_output_of_another_stack_may_be_a_function_url(kind: str, tmp_path: Path) -> None:
    """Whatever makes a stack of its own has outputs, and one of them may be the host: it is unread, not another."""
    text = HEALTHY.replace("Resources:\n", f"Resources:\n  App: {{Type: {kind}}}\n", 1)
    text = text.replace('!Select [2, !Split ["/", !GetAtt AgentUrl.FunctionUrl]]', "!GetAtt App.Outputs.Domain")
    text = text.replace("            OriginAccessControlId: !GetAtt Access.Id\n", "")
    outcome = check_text(tmp_path, text)
    assert "the host of the origin agent (!GetAtt App.Outputs.Domain)" in {why.what for _, _, why in outcome.unread}


def test_a_condition_that_is_not_known_says_for_which_parameter(tmp_path: Path) -> None:
    """The value that would decide it is named, through conditions that use each other too."""
    text = HEALTHY.replace("Parameters:\n", "Parameters:\n  Host: {Type: String}\n")
    text = text.replace(
        "Conditions:\n", 'Conditions:\n  NoHost: !Equals [!Ref Host, ""]\n  HasHost: !Not [!Condition NoHost]\n'
    )
    text = text.replace("      AuthType: AWS_IAM\n", "      AuthType: !If [HasHost, AWS_IAM, NONE]\n")
    text = text.replace("Resources:\n", "Resources:\n  T: {Type: AWS::SNS::Topic, Condition: NoHost}\n", 1)
    whys = {why.why for _, _, why in check_text(tmp_path, text, parameters={"AWS::Region": "us-east-1"}).unread}
    reason = "the parameter Host has no default; --parameter Host=VALUE says it"
    assert whys == {f"it depends on the condition HasHost: {reason}"}
