"""An origin's domain name is a host: a Function URL whole, or with a part of it left, is refused by CloudFront."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.check.cdk_assembly import assembly, template
from tests.support.check.check_cases import HEALTHY, URL_HOST
from tests.support.check.check_run import check, check_text, found, line_of
from tests.support.check.terraform_cases import HEALTHY as MODULE
from tests.support.check.terraform_cases import HOST, plan

URL = "aws_lambda_function_url.agent.function_url"
DOMAIN_NAME = "    domain_name              ="  # as the healthy module aligns it
LITERAL = "abc.lambda-url.us-east-1.on.aws"


def with_host(host: str) -> str:
    """The healthy template with another domain name."""
    return HEALTHY.replace(f"DomainName: {URL_HOST}", f"DomainName: {host}")


def in_module(host: str, more: str = "") -> str:
    """The healthy module with another domain name."""
    return f"{MODULE.replace(HOST, host)}\n{more}\n"


@pytest.mark.parametrize(
    "host",
    [
        "!GetAtt AgentUrl.FunctionUrl",
        "{Fn::GetAtt: [AgentUrl, FunctionUrl]}",
        "!Sub '${AgentUrl.FunctionUrl}'",
        "!Sub ['${Url}', {Url: !GetAtt AgentUrl.FunctionUrl}]",
        '!Select [1, !Split ["https://", !GetAtt AgentUrl.FunctionUrl]]',
        '!Join ["", !Split ["https://", !GetAtt AgentUrl.FunctionUrl]]',
        '!Join ["", ["https://", !Select [2, !Split ["/", !GetAtt AgentUrl.FunctionUrl]]]]',
        "!Sub 'https://${Settings}.lambda-url.${AWS::Region}.on.aws'",
        "!Sub '${AWS::StackName}.lambda-url.us-east-1.on.aws/'",
        "!GetAtt ApiLambdaFunctionUrl.FunctionUrl",
        f"https://{LITERAL}/",
        f"https://{LITERAL}",
        f"http://{LITERAL}",
        f"{LITERAL}/",
        f"{LITERAL}/chat",
        f"{LITERAL}:443",
        f"HTTPS://{LITERAL}/",
        "https://abc.lambda-web.global.on.aws/",
    ],
)
def test_more_than_a_host(host: str, tmp_path: Path) -> None:
    """It is broken, on the line of the domain name."""
    text = with_host(host)
    outcome = check_text(tmp_path, text)
    assert found(outcome)["EH111"] == [line_of(text, f"DomainName: {host}")]
    assert (outcome.exit_code, {each.severity for each in outcome.findings if each.check.code == "EH111"}) == (
        1,
        {"broken"},
    )


@pytest.mark.parametrize(
    "host",
    [
        URL_HOST,
        "!Select ['2', {Fn::Split: ['/', {Fn::GetAtt: AgentUrl.FunctionUrl}]}]",
        '!Select [0, !Split ["/", !Select [1, !Split ["https://", !GetAtt AgentUrl.FunctionUrl]]]]',
        '!Join ["", [!Select [2, !Split ["/", !GetAtt AgentUrl.FunctionUrl]]]]',
        "!Sub ['${Host}', {Host: !Select [2, !Split ['/', !GetAtt AgentUrl.FunctionUrl]]}]",
        "!Select [2, !Split ['/', !Sub '${AgentUrl.FunctionUrl}']]",
        "!Select [2, !Split ['/', !Sub 'https://${AWS::StackName}.lambda-url.us-east-1.on.aws/']]",
        "!Sub '${AWS::StackName}.lambda-url.${AWS::Region}.on.aws'",
        "!Select [1, !Split [',', !Sub '${Url},https://abc.lambda-url.us-east-1.on.aws/']]",
        "!Select [2, !Split ['/', !ImportValue agent-url]]",
        "!ImportValue agent-host",
        "!Select [2, !Split ['/', !Ref Url]]",
        "!Ref Url",
        "!Select [2, !Split ['/', !GetAtt App.Outputs.FunctionUrl]]",
        "!GetAtt App.Outputs.FunctionUrl",
        "!GetAtt Custom.FunctionUrl",
        "!Select [2, !Split ['/', '{{resolve:ssm:/agent/url}}']]",
        "!Select [2, !Split ['/', !GetAtt ApiLambdaFunctionUrl.FunctionUrl]]",
        f"!Select [2, !Split ['/', 'https://{LITERAL}/']]",
        LITERAL,
    ],
)
def test_a_host_or_what_is_not_known(host: str, tmp_path: Path) -> None:
    """The right forms are right, and what the deployment decides is no fault."""
    stacks = "  App:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: a}\n"
    custom = "  Custom:\n    Type: Custom::Url\n    Properties: {ServiceToken: a}\n"
    text = with_host(host).replace("Parameters:\n", "Parameters:\n  Url:\n    Type: String\n", 1)
    text = text.replace("Resources:\n", f"Resources:\n{stacks}{custom}", 1)
    assert "EH111" not in found(check_text(tmp_path, text))


def test_the_fix_is_what_to_write(tmp_path: Path) -> None:
    """The lines name the resource, or the host that is there."""

    def lines(text: str, name: str = "t.yaml") -> str:
        outcome = check_text(tmp_path / name.replace(".", "-"), text, name)
        return next(each.lines for each in outcome.findings if each.check.code == "EH111").partition("  #")[0]

    right = 'DomainName: !Select [2, !Split ["/", !GetAtt AgentUrl.FunctionUrl]]'
    assert lines(with_host("!GetAtt AgentUrl.FunctionUrl")) == right
    assert lines(with_host('!Select [1, !Split ["//", !GetAtt AgentUrl.FunctionUrl]]')) == right
    assert lines(with_host(f"https://{LITERAL}/")) == f"DomainName: {LITERAL}"
    assert "!GetAtt ApiLambdaFunctionUrl.FunctionUrl]]" in lines(with_host("!GetAtt ApiLambdaFunctionUrl.FunctionUrl"))
    assert lines(in_module(URL), "a.tf") == f'domain_name = split("/", {URL})[2]'
    assert lines(in_module(f'trimprefix({URL}, "https://")'), "b.tf") == f'domain_name = split("/", {URL})[2]'
    data = "data.aws_lambda_function_url.theirs.function_url"
    assert lines(in_module(data), "c.tf") == f'domain_name = split("/", {data})[2]'
    assert lines(in_module(f'"{LITERAL}/"'), "d.tf") == f'domain_name = "{LITERAL}"'
    assert found(check_text(tmp_path, in_module(f'split("/", {URL})[2]'), "main.tf")) == {}


@pytest.mark.parametrize(
    "host",
    [
        URL,
        f'"${{{URL}}}"',
        f"({URL})",
        f'trimprefix({URL}, "https://")',
        f'replace({URL}, "https://", "")',
        f'replace({URL}, "/^https?:\\\\/\\\\//", "")',
        f'trimsuffix({URL}, "/")',
        f'lower(trimprefix({URL}, "https://"))',
        f'split("//", {URL})[1]',
        f'element(split("//", {URL}), 1)',
        f'join("", split("https://", {URL}))',
        f'"https://${{split("/", {URL})[2]}}"',
        f'regex("https://(.*)", {URL})[0]',
        "local.url",
        'replace(local.url, "https://", "")',
        "data.aws_lambda_function_url.theirs.function_url",
        'aws_lambda_function_url.agent["a"].function_url',
        f'var.strip ? split("/", {URL})[2] : {URL}',
        f'"https://{LITERAL}/"',
        f'"{LITERAL}/"',
        'trimprefix(var.url, "https://")',
        '"https://${var.id}.lambda-url.us-east-1.on.aws/"',
    ],
)
def test_more_than_a_host_in_terraform(host: str, tmp_path: Path) -> None:
    """A function that leaves a part of the URL is followed."""
    names = (
        f'locals {{\n  url = {URL}\n}}\nvariable "strip" {{\n  default = false\n}}\nvariable "id" {{}}\n'
        f'variable "url" {{\n  default = "https://{LITERAL}/"\n}}'
    )
    text = in_module(host, names)
    assert found(check_text(tmp_path, text, "main.tf")).get("EH111") == [line_of(text, DOMAIN_NAME)]


@pytest.mark.parametrize(
    "host",
    [
        HOST,
        f'split("/", {URL})[2]',
        f'element(split("/", {URL}), 2)',
        f'trimsuffix(trimprefix({URL}, "https://"), "/")',
        f'trim(trimprefix({URL}, "https://"), "/")',
        f'regex("https://([^/]+)/?", {URL})[0]',
        f'regex("^(?:https://)?(?P<host>[a-z0-9.-]+)", {URL})["host"]',
        f'replace({URL}, "/^https?:\\\\/\\\\/|\\\\/$/", "")',
        f'replace({URL}, "/https://([^/]+)//", "$1")',
        'split("/", local.url)[2]',
        "local.parts[2]",
        '"${aws_lambda_function_url.agent.url_id}.lambda-url.us-east-1.on.aws"',
        f'one(regexall("[a-z0-9]+[.]lambda-url[^/]+", {URL}))',
        f'try(split("/", {URL})[2], "")',
        'format("%s.lambda-url.us-east-1.on.aws", aws_lambda_function_url.agent.url_id)',
        f'var.strip ? split("/", {URL})[2] : {URL}',
        f'replace({URL}, "/(a+)+(b+)+//", "")',
        f'replace({URL}, "/[[:alpha:]]+/", "")',
        f'replace({URL}, "/[a--b]||[&&c]/", "")',
        f'regex("(?i)https://(.*)", {URL})[0]',
        f'regex("(", {URL})[0]',
        f'regex("https://(.*)", {URL})[7]',
        f'split("", {URL})[2]',
        f'replace({URL}, "/(https)/", "$9")',
        f'element(split("/", {URL}))',
        "element([], 0)",
        f'regex("(?P<host>[^/]+)", {URL})[["host"]]',
        f'regex("{"a?" * 30}{"a" * 30}", "{"a" * 30}")',
        f'regex("{"(?:a|a)" * 27}b", "{"a" * 27}")',
        f'regex("a*a*a*b", "{"a" * 3000}")',
        f'replace("{"a" * 3000}", "/.*.*.*b/", "")',
        "var.host",
        'trimprefix(var.host, "https://")',
        "data.aws_ssm_parameter.url.value",
        "[for each in [1] : each][0]",
    ],
)
def test_a_host_or_what_is_not_known_in_terraform(host: str, tmp_path: Path) -> None:
    """What check does not follow is no fault."""
    names = (
        f'locals {{\n  url   = {URL}\n  parts = split("/", {URL})\n}}\nvariable "strip" {{}}\nvariable "host" {{}}\n'
        'data "aws_ssm_parameter" "url" {\n  name = "url"\n}'
    )
    assert "EH111" not in found(check_text(tmp_path, in_module(host, names), "main.tf"))


def test_a_plan_is_judged_with_its_sources(tmp_path: Path) -> None:
    """A plan names what an expression refers to, and not what it makes of it; the sources beside it do."""
    document = json.dumps(plan(in_module(URL)))
    assert "EH111" not in found(check_text(tmp_path / "alone", document, "plan.json"))
    assert check_text(tmp_path / "alone", document, "plan.json").unread == ()
    text = in_module(URL)
    (tmp_path / "main.tf").write_text(text)
    beside = check_text(tmp_path, document, "plan.json")
    assert found(beside) == {"EH111": [line_of(text, DOMAIN_NAME)]}
    (tmp_path / "main.tf").write_text(MODULE)
    assert found(check(tmp_path / "plan.json")) == {}


@pytest.mark.parametrize(("value", "expected"), [(f"https://{LITERAL}/", ["EH111"]), (LITERAL, [])])
def test_a_plan_for_what_exists_knows_the_host(value: str, expected: list[str], tmp_path: Path) -> None:
    """After the first apply, the plan has the value."""
    data = plan(MODULE)
    site = next(each for each in data["planned_values"]["root_module"]["resources"] if "origin" in each["values"])
    site["values"]["origin"][1]["domain_name"] = value
    assert list(found(check_text(tmp_path, json.dumps(data), "plan.json"))) == expected


@pytest.mark.parametrize("strip", [True, False])
def test_a_plan_s_own_variables_decide(*, strip: bool, tmp_path: Path) -> None:
    """A default in the sources says nothing of what the plan was made with."""
    text = in_module("local.host", f'variable "strip" {{\n  default = false\n}}\nlocals {{\n  host = {URL}\n}}')
    data = plan(in_module(URL)) | {"variables": {"strip": {"value": strip}}}
    (tmp_path / "main.tf").write_text(text.replace(f"host = {URL}", f'host = var.strip ? split("/", {URL})[2] : {URL}'))
    site = next(each for each in data["configuration"]["root_module"]["resources"] if "origin" in each["expressions"])
    for references in (["local.host"], [URL, "aws_lambda_function_url.agent", "var.strip"]):
        site["expressions"]["origin"][1]["domain_name"]["references"] = references
        is_sure = references == ["local.host"]
        outcome = check_text(tmp_path, json.dumps(data), "plan.json")
        assert ("EH111" in found(outcome)) == (is_sure and not strip)


def test_a_cdk_assembly(tmp_path: Path) -> None:
    """CDK's `url` is the whole URL, also where another stack exports it, or a nested stack has it as an output."""
    url: dict[str, Any] = {"Fn::GetAtt": ["AgentUrl", "FunctionUrl"]}
    data = template(HEALTHY)
    origin = data["Resources"]["Site"]["Properties"]["DistributionConfig"]["Origins"][1]
    exporting = {
        "Resources": {name: data["Resources"][name] for name in ("AgentRole", "Agent", "AgentUrl")},
        "Outputs": {"Url": {"Value": url, "Export": {"Name": "agent-url"}}},
    }
    imported = {"Fn::ImportValue": "agent-url"}
    forms = {
        "whole": (url, imported),
        "host": tuple({"Fn::Select": [2, {"Fn::Split": ["/", each]}]} for each in (url, imported)),
    }
    for form, (near, far) in forms.items():
        origin["DomainName"] = near
        assert ("EH111" in found(check(assembly(tmp_path / form / "one", {"App": data})))) == (form == "whole")
        origin["DomainName"] = far
        stacks = {"Agent": exporting, "App": data}
        assert ("EH111" in found(check(assembly(tmp_path / form / "two", stacks)))) == (form == "whole")


def test_an_output_of_a_nested_stack(tmp_path: Path) -> None:
    """What a function takes out of a nested stack's output is not the output."""
    data = template(HEALTHY)
    inner = {
        "Resources": {name: data["Resources"].pop(name) for name in ("AgentRole", "Agent", "AgentUrl")},
        "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["AgentUrl", "FunctionUrl"]}}},
    }
    for name in ("UrlPermission", "InvokePermission"):
        del data["Resources"][name]
    data["Resources"]["Inner"] = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "x"},
        "Metadata": {"aws:asset:path": "inner.json", "aws:asset:property": "TemplateURL"},
    }
    output = {"Fn::GetAtt": ["Inner", "Outputs.Url"]}
    origin = data["Resources"]["Site"]["Properties"]["DistributionConfig"]["Origins"][1]
    literal = {**inner, "Outputs": {"Url": {"Value": f"https://{LITERAL}/"}}}
    for index, (nested, host, is_wrong) in enumerate(
        [
            (inner, output, True),
            (inner, {"Fn::Select": [2, {"Fn::Split": ["/", output]}]}, False),
            (literal, output, True),
            (literal, {"Fn::Select": [2, {"Fn::Split": ["/", output]}]}, False),
        ]
    ):
        origin["DomainName"] = host
        folder = assembly(tmp_path / str(index), {"App": data})
        (folder / "inner.json").write_text(json.dumps(nested))
        assert ("EH111" in found(check(folder))) == is_wrong, index


@pytest.mark.parametrize(
    ("host", "is_wrong"),
    [(URL, True), (f'trimprefix({URL}, \\"https://\\")', True), (f'split(\\"/\\", {URL})[2]', False)],
)
def test_terraform_s_json(host: str, *, is_wrong: bool, tmp_path: Path) -> None:
    """An expression in a text is read as in the language."""
    text = """
    {"resource": {"aws_lambda_function_url": {"agent": {"function_name": "f", "authorization_type": "AWS_IAM"}},
     "aws_cloudfront_distribution": {"site": {"enabled": true,
      "origin": [{"origin_id": "agent", "domain_name": "${HOST}", "custom_origin_config": {}}],
      "default_cache_behavior": {"target_origin_id": "agent", "allowed_methods": ["GET", "HEAD"]}}}}}
    """
    outcome = check_text(tmp_path, text.replace("HOST", host), "main.tf.json")
    assert outcome.problems == ()
    assert found(outcome).get("EH111") == ([line_of(text, '"domain_name"')] if is_wrong else None)


@pytest.mark.parametrize(("host", "is_wrong"), [("!GetAtt ApiUrl.FunctionUrl", True), (URL_HOST, False)])
def test_the_url_of_a_sam_function(host: str, *, is_wrong: bool, tmp_path: Path) -> None:
    """SAM makes the resource, and an alias for it."""
    function = (
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Api:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {Runtime: python3.13, Handler: a.b, CodeUri: ., AutoPublishAlias: live,\n"
        "      FunctionUrlConfig: {AuthType: AWS_IAM}}\n"
    )
    distribution = (
        "  Site:\n    Type: AWS::CloudFront::Distribution\n    Properties:\n      DistributionConfig:\n"
        "        Origins:\n          - Id: api\n"
        f"            DomainName: {host.replace('AgentUrl', 'ApiUrl')}\n"
        "            CustomOriginConfig: {OriginProtocolPolicy: https-only}\n"
        "        DefaultCacheBehavior: {TargetOriginId: api}\n"
    )
    assert ("EH111" in found(check_text(tmp_path, function + distribution))) == is_wrong


YAML_URLS = [
    "!GetAtt AgentUrl.FunctionUrl",
    "!GetAtt [AgentUrl, FunctionUrl]",
    "{Fn::GetAtt: [AgentUrl, FunctionUrl]}",
    "!Sub '${AgentUrl.FunctionUrl}'",
    f"https://{LITERAL}/",
    f'"https://{LITERAL}/"',
    f"http://{LITERAL}",
    f"{LITERAL}/",
]


@pytest.mark.parametrize("host", YAML_URLS)
def test_it_is_written(host: str, tmp_path: Path) -> None:
    """In YAML and in JSON, and nothing is left to find; no other line moves."""
    text = with_host(host)
    for name, written in (("t.yaml", text), ("t.json", json.dumps(template(text), indent=2))):
        outcome = check_text(tmp_path, written, name)
        after = next(str(each.after) for each in outcome.findings if each.check.code == "EH111")
        changed = [(old, new) for old, new in zip(written.split("\n"), after.split("\n"), strict=False) if old != new]
        assert "DomainName" in changed[0][1]
        assert name == "t.json" or len(changed) == 1
        assert "EH111" not in found(check_text(tmp_path, after, name))


@pytest.mark.parametrize(
    ("host", "right"),
    [
        (URL, f'split("/", {URL})[2]'),
        (
            "aws_lambda_function_url.agent[0].function_url",
            'split("/", aws_lambda_function_url.agent[0].function_url)[2]',
        ),
        (f'"https://{LITERAL}/"', f'"{LITERAL}"'),
    ],
)
def test_it_is_written_in_terraform(host: str, right: str, tmp_path: Path) -> None:
    """Where the attribute itself is named, or the URL."""
    outcome = check_text(tmp_path, in_module(host), "main.tf")
    after = next(str(each.after) for each in outcome.findings if each.check.code == "EH111")
    assert after == in_module(right)
    assert "EH111" not in found(check_text(tmp_path, after, "main.tf"))


@pytest.mark.parametrize(
    "host",
    [
        '!Select [1, !Split ["https://", !GetAtt AgentUrl.FunctionUrl]]',
        '!Join ["", ["https://", !Select [2, !Split ["/", !GetAtt AgentUrl.FunctionUrl]]]]',
        f"{LITERAL}/chat",
        f"{LITERAL}:8443",
        f"https://{LITERAL}:8443/",
    ],
)
def test_what_else_is_meant_is_not_guessed(host: str, tmp_path: Path) -> None:
    """An expression of another form, and a path or a port, which belong into other properties."""
    outcome = check_text(tmp_path, with_host(host))
    assert next(each.after for each in outcome.findings if each.check.code == "EH111") is None


def test_a_variable_of_a_module_is_left_alone(tmp_path: Path) -> None:
    """Another caller may give it a host."""
    text = in_module("local.url", f"locals {{\n  url = {URL}\n}}")
    assert (
        next(each.after for each in check_text(tmp_path, text, "main.tf").findings if each.check.code == "EH111")
        is None
    )
