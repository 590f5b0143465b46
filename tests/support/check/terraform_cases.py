"""Faults of a healthy Terraform module, one for each check, and the module as a plan."""

import json
import re
from typing import Any

import hcl2

from tests.support.check.check_cases import CHOOSES, READS_DIGEST, WEB_HOST, Case
from tests.support.check.check_run import TEMPLATES

HEALTHY = (TEMPLATES / "healthy.tf").read_text()
METHODS = '["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]'
SITE = HEALTHY[HEALTHY.index('resource "aws_s3_bucket" "page"') :]
EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
URL = HEALTHY[
    HEALTHY.index('resource "aws_lambda_permission" "url"') : HEALTHY.index('resource "aws_lambda_permission" "inv')
]
INVOKE = HEALTHY[
    HEALTHY.index('resource "aws_lambda_permission" "invoke"') : HEALTHY.index('resource "aws_iam_role" "edge"')
]
END = "  }\n}\n"
ASSOCIATION = HEALTHY[HEALTHY.index("    lambda_function_association {") :].removesuffix(END)
HANDLER = '"edge_hasher.function.handler.lambda_handler"\n'
QUALIFIER = 'function_name          = aws_lambda_function.agent.function_name\n  qualifier = "live"\n'
OTHER = 'resource "aws_cloudfront_distribution" "other" {\n  enabled = true\n}\n\n'
SIGNED = HEALTHY[HEALTHY.index('"always"') : HEALTHY.index("    lambda_function_association {")]
UNSIGNED = SIGNED.replace("always", "no-override").replace(f'    origin_request_policy_id = "{EXCEPT_HOST}"\n', "")
HOST = 'replace(replace(aws_lambda_function_url.agent.function_url, "https://", ""), "/", "")'
LEGACY = "default_ttl = 60\n    forwarded_values {\n      query_string = true\n    }"
APP = '  handler       = "app.handler"\n'
SLOW = HEALTHY[HEALTHY.index(APP) : HEALTHY.index("  default_cache_behavior {")]
WEB_SIGNED = HEALTHY[HEALTHY.index('"always"') : HEALTHY.index(HOST) + len(HOST)]
ROUTED = SITE.replace(HOST, '"placeholder.example.com"')
READ_TIMEOUT = "      origin_read_timeout    = 60\n"
MANAGEMENT = (
    'resource "aws_lambda_runtime_management_config" "edge" {\n'
    '  function_name     = aws_lambda_function.edge.function_name\n  update_runtime_on = "Manual"\n}\n\n'
)


def with_cloudfront_function(code: str, site: str = SITE) -> str:
    """The end of the module with a CloudFront Function, whose code is this expression, on the agent's behavior."""
    function = (
        'resource "aws_cloudfront_function" "rewrite" {\n  name = "rewrite"\n  runtime = "cloudfront-js-2.0"\n'
        f"  code = {code}\n}}\n\n"
    )
    associated = (
        '    function_association {\n      event_type = "viewer-request"\n'
        "      function_arn = aws_cloudfront_function.rewrite.arn\n    }\n"
    )
    return f"{function}{site.removesuffix(END)}{associated}{END}"


def edge(line: str) -> tuple[str, str]:
    """An argument more for the edge function."""
    return HANDLER, f"{HANDLER}  {line}\n"


def after(old: str, line: str) -> tuple[str, str]:
    """A line more after one."""
    return old, f"{old}\n{line}"


CASES = [
    Case("EH101", "xxxx", "xxxx", 'target_origin_id       = "page"', viewer_path="/other"),
    Case("EH102", METHODS, '["HEAD", "GET"]', '["HEAD", "GET"]'),
    Case("EH103", "enabled = true", "enabled = false", "enabled = false"),
    Case(
        "EH105",
        *after(
            "enabled = true",
            '  custom_error_response {\n    error_code         = 403\n    response_page_path = "/e"\n  }',
        ),
        "custom_error_response",
    ),
    Case("EH106", *after("enabled = true", '  web_acl_id = "arn:aws:wafv2:us-east-1:123456789012:x"'), "web_acl_id"),
    Case("EH107", *after(METHODS, '    trusted_key_groups = ["abc"]'), "trusted_key_groups"),
    Case("EH108", SITE, with_cloudfront_function(f'"{CHOOSES}"', ROUTED), "    function_association {"),
    Case("EH109", SITE, with_cloudfront_function(f'"{READS_DIGEST}"'), "  code = "),
    Case(
        "EH110",
        *after(
            "enabled = true",
            '  restrictions {\n    geo_restriction {\n      restriction_type = "blacklist"\n'
            '      locations = ["FR"]\n    }\n  }',
        ),
        "restrictions {",
    ),
    Case("EH111", HOST, '"https://abc.lambda-url.us-east-1.on.aws/"', '"https://abc'),
    Case(
        "EH201",
        "    origin_access_control_id = aws_cloudfront_origin_access_control.agent.id\n",
        "",
        "origin {\n    origin_id                =",
    ),
    Case("EH202", 'type = "lambda"', 'type = "s3"', 'type = "s3"'),
    Case("EH203", '"always"', '"never"', '"never"'),
    Case("EH204", SIGNED, UNSIGNED, '"no-override"'),
    Case("EH206", '"always"', '"always-amz-auth"', '"always-amz-auth"'),
    Case("EH207", HOST, f'"{WEB_HOST}"', "custom_header {"),
    Case("EH208", HOST, f'"{WEB_HOST}"', '= "always"'),
    Case(
        "EH209",
        WEB_SIGNED,
        WEB_SIGNED.replace("always", "always-amz-auth").replace("sigv4", "sigv4a").replace(HOST, f'"{WEB_HOST}"'),
        '"sigv4a"',
    ),
    Case("EH301", '"AWS_IAM"\n  invoke', '"NONE"\n  invoke', '"NONE"'),
    Case("EH302", URL, "", 'resource "aws_lambda_function_url"'),
    Case("EH303", INVOKE, "", 'resource "aws_lambda_function_url"'),
    Case(
        "EH304",
        URL,
        URL.replace("function_name          = aws_lambda_function.agent.function_name\n", QUALIFIER),
        '"aws_lambda_permission" "url"',
    ),
    Case(
        "EH305",
        INVOKE,
        INVOKE.replace("invoked_via", 'qualifier = "live"\n  invoked_via'),
        '"aws_lambda_permission" "invoke"',
    ),
    Case("EH306", URL, OTHER + URL.replace("distribution.site", "distribution.other"), '"aws_lambda_permission" "url"'),
    Case(
        "EH307",
        INVOKE,
        OTHER + INVOKE.replace("distribution.site", "distribution.other"),
        '"aws_lambda_permission" "invoke"',
    ),
    Case("EH310", URL, re.sub(r"  source_arn .*\n", "", URL), '"aws_lambda_permission" "url"'),
    Case("EH311", HOST, f'"{WEB_HOST}"', WEB_HOST),
    Case("EH312", APP, f"{APP}  reserved_concurrent_executions = 0\n", "reserved_concurrent_executions = 0"),
    Case("EH401", EXCEPT_HOST, "216adef6-5c7f-47e4-b989-5492eafa07d3", "216adef6-5c7f-47e4-b989-5492eafa07d3"),
    Case("EH402", DISABLED, "83da9c7e-98b4-4e11-a168-04f0df8e2c65", "83da9c7e-98b4-4e11-a168-04f0df8e2c65"),
    Case("EH403", f'cache_policy_id          = "{DISABLED}"', LEGACY, "ordered_cache_behavior"),
    Case("EH501", 'origin_protocol_policy = "https-only"', 'origin_protocol_policy = "http-only"', "http-only"),
    Case(
        "EH502",
        f'compress                 = false\n    cache_policy_id          = "{DISABLED}"',
        'compress = true\n    cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6"',
        "compress = true",
    ),
    Case("EH503", "origin_read_timeout    = 60", "origin_read_timeout = 30", "origin_read_timeout = 30"),
    Case(
        "EH504",
        *after('origin_id                = "agent"', "    response_completion_timeout = 90"),
        "response_completion",
    ),
    Case(
        "EH505",
        SLOW,
        re.sub(
            r"  invoke_mode .*\n",
            "",
            SLOW.replace(APP, f"{APP}  timeout = 50\n").replace("timeout    = 60", "timeout = 40"),
        ),
        "origin_read_timeout = 40",
    ),
    Case("EH506", READ_TIMEOUT, f"{READ_TIMEOUT}      https_port = 8443\n", "https_port"),
    Case("EH507", READ_TIMEOUT, f'{READ_TIMEOUT}      origin_ssl_protocols = ["TLSv1"]\n', "origin_ssl_protocols"),
    Case("EH601", '"origin-request"', '"viewer-request"', '"viewer-request"'),
    Case("EH602", ASSOCIATION, "", "ordered_cache_behavior"),
    Case("EH603", HANDLER, '"index.handler"\n', "aws_lambda_function.edge.qualified_arn"),
    Case("EH604", "      include_body = true\n", "", "lambda_function_association {"),
    Case("EH605", "edge.qualified_arn", "edge.arn", "aws_lambda_function.edge.arn"),
    Case(
        "EH606",
        "aws_lambda_function.edge.qualified_arn",
        '"arn:aws:lambda:eu-west-1:123456789012:function:edge:7"',
        "eu-west-1",
    ),
    Case("EH608", "oversize=forward", "oversize=maybe", "custom_header {"),
    Case("EH610", *edge('architectures = ["arm64"]'), "arm64"),
    Case("EH611", *edge('environment {\n    variables = { A = "b" }\n  }'), "environment {"),
    Case("EH612", *edge('layers = ["arn:aws:lambda:us-east-1:123456789012:layer:a:1"]'), "layers = "),
    Case("EH613", *edge('vpc_config {\n    subnet_ids = ["subnet-1"]\n  }'), "vpc_config"),
    Case("EH614", "timeout       = 5", "timeout = 31", "timeout = 31"),
    Case("EH615", '"edgelambda.amazonaws.com"', '"events.amazonaws.com"', "assume_role_policy = jsonencode({\n"),
    Case("EH616", *edge('package_type = "Image"'), "package_type"),
    Case("EH617", *edge('tracing_config {\n    mode = "Active"\n  }'), 'resource "aws_lambda_function" "edge"'),
    Case("EH618", f'python3.13"\n  handler       = {HANDLER}', f'java21"\n  handler       = {HANDLER}', "java21"),
    Case("EH620", "memory_size   = 1024", "memory_size = 10241", "memory_size = 10241"),
    Case("EH621", *after(METHODS, "    grpc_config {\n      enabled = true\n    }"), "grpc_config"),
    Case("EH622", OTHER, "", "update_runtime_on"),
]
CASES[-1] = Case("EH622", URL, MANAGEMENT + URL, "update_runtime_on")

_REFERENCE = re.compile(r"(?:data\.)?aws_\w+\.\w+\.\w+")


def plan(text: str) -> dict[str, Any]:
    """The plan that Terraform makes of a module of literals and references, in its documented shape."""
    parsed = hcl2.loads(text)
    defaults = {key.strip('"'): each.get("default") for one in parsed.get("variable", []) for key, each in one.items()}
    planned, configured = [], []
    for one in parsed["resource"]:
        for kind, named in one.items():
            for name, body in named.items():
                address = f"{kind.strip(chr(34))}.{name.strip(chr(34))}"
                head = {
                    "address": address,
                    "mode": "managed",
                    "type": address.split(".", maxsplit=1)[0],
                    "name": address.split(".")[1],
                }
                values, expressions = _body(body, defaults)
                planned.append(head | {"values": values})
                configured.append(head | {"provider_config_key": "aws", "expressions": expressions})
    region = {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}}}
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": planned}},
        "configuration": {"provider_config": region, "root_module": {"resources": configured}},
    }


def _body(body: dict[str, Any], defaults: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    values: dict[str, Any] = {}
    expressions: dict[str, Any] = {}
    for name, value in body.items():
        if name.startswith("__"):
            continue
        if isinstance(value, list) and value and isinstance(value[0], dict) and "__is_block__" in value[0]:
            pairs = [_body(each, defaults) for each in value]
            values[name], expressions[name] = [each for each, _ in pairs], [each for _, each in pairs]
            continue
        found = _REFERENCE.findall(str(value)) if isinstance(value, str) else []
        if found:
            expressions[name] = {"references": [one for each in found for one in (each, each.rpartition(".")[0])]}
        else:
            values[name] = _literal(value, defaults)
            expressions[name] = {"constant_value": values[name]}
    return values, expressions


def _literal(value: Any, defaults: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_literal(each, defaults) for each in value]
    if isinstance(value, dict):
        return {key: _literal(each, defaults) for key, each in value.items() if not key.startswith("__")}
    if not isinstance(value, str):
        return value
    if value.startswith("${jsonencode("):
        inner = value.removeprefix("${jsonencode(").removesuffix(")}")
        return json.dumps(_literal(hcl2.loads(f"x = {inner}\n")["x"], defaults))
    variable = re.fullmatch(r"\$\{var\.(\w+)\}", value)
    return _literal(defaults[variable[1]], defaults) if variable else value.strip('"')
