"""Terraform's resources in CloudFormation's words, as data; every value keeps its place."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.values import Map, Seq, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.doctor.templates.reading.values import Place


@dataclass(frozen=True, slots=True)
class Block:
    """A block, or several, under CloudFormation's name; `only` takes one argument of it in its place."""

    name: str
    inner: Mapping[str, Any] = field(default_factory=dict)
    many: bool = False
    only: str | None = None


def _same(*names: str) -> dict[str, str]:
    return {name: "".join(part.capitalize() for part in name.split("_")) for name in names}


_HEADERS = Block("HeadersConfig", {"header_behavior": "HeaderBehavior", "headers": Block("Headers", only="items")})
_BEHAVIOR = {
    **_same("path_pattern", "target_origin_id", "allowed_methods", "compress", "cache_policy_id"),
    **_same("origin_request_policy_id", "trusted_key_groups", "trusted_signers"),
    "min_ttl": "MinTTL",
    "default_ttl": "DefaultTTL",
    "forwarded_values": Block("ForwardedValues", _same("headers")),
    "grpc_config": Block("GrpcConfig", _same("enabled")),
    "lambda_function_association": Block(
        "LambdaFunctionAssociations",
        {**_same("event_type", "include_body"), "lambda_arn": "LambdaFunctionARN"},
        many=True,
    ),
    "function_association": Block(
        "FunctionAssociations", {**_same("event_type"), "function_arn": "FunctionARN"}, many=True
    ),
}
_ORIGIN = {
    "origin_id": "Id",
    **_same("domain_name", "origin_access_control_id", "response_completion_timeout"),
    "custom_header": Block("OriginCustomHeaders", {"name": "HeaderName", "value": "HeaderValue"}, many=True),
    "custom_origin_config": Block(
        "CustomOriginConfig",
        _same("origin_protocol_policy", "origin_read_timeout")
        | {"https_port": "HTTPSPort", "origin_ssl_protocols": "OriginSSLProtocols"},
    ),
    "s3_origin_config": Block("S3OriginConfig", _same("origin_access_identity")),
}
_DISTRIBUTION = {
    **_same("enabled", "aliases"),
    "web_acl_id": "WebACLId",
    "origin": Block("Origins", _ORIGIN, many=True),
    "origin_group": Block(
        "OriginGroups",
        {"origin_id": "Id", "member": Block("Members", {"origin_id": "OriginId"}, many=True)},
        many=True,
    ),
    "default_cache_behavior": Block("DefaultCacheBehavior", _BEHAVIOR),
    "ordered_cache_behavior": Block("CacheBehaviors", _BEHAVIOR, many=True),
    "restrictions": Block(
        "Restrictions", {"geo_restriction": Block("GeoRestriction", _same("restriction_type", "locations"))}
    ),
    "custom_error_response": Block(
        "CustomErrorResponses", _same("error_code", "response_page_path", "response_code"), many=True
    ),
}
_CACHE_POLICY = {
    "name": "Name",
    "min_ttl": "MinTTL",
    "default_ttl": "DefaultTTL",
    "parameters_in_cache_key_and_forwarded_to_origin": Block(
        "ParametersInCacheKeyAndForwardedToOrigin",
        {
            **_same("enable_accept_encoding_gzip", "enable_accept_encoding_brotli"),
            "headers_config": _HEADERS,
        },
    ),
}
_FUNCTION = {
    **_same("function_name", "handler", "runtime", "role", "timeout", "memory_size", "architectures", "layers"),
    **_same("package_type", "kms_key_arn", "publish", "reserved_concurrent_executions"),
    "environment": Block("Environment", _same("variables")),
    "vpc_config": Block("VpcConfig", _same("subnet_ids")),
    "dead_letter_config": Block("DeadLetterConfig", _same("target_arn")),
    "tracing_config": Block("TracingConfig", _same("mode")),
    "ephemeral_storage": Block("EphemeralStorage", _same("size")),
    "file_system_config": Block("FileSystemConfigs", _same("arn"), many=True),
}
# The type in Terraform: the type in CloudFormation, what its properties are wrapped in, its arguments.
TYPES: dict[str, tuple[str, str | None, Mapping[str, Any]]] = {
    "aws_cloudfront_distribution": ("AWS::CloudFront::Distribution", "DistributionConfig", _DISTRIBUTION),
    "aws_cloudfront_origin_access_control": (
        "AWS::CloudFront::OriginAccessControl",
        "OriginAccessControlConfig",
        _same("name", "origin_access_control_origin_type", "signing_behavior", "signing_protocol"),
    ),
    "aws_cloudfront_cache_policy": ("AWS::CloudFront::CachePolicy", "CachePolicyConfig", _CACHE_POLICY),
    "aws_cloudfront_origin_request_policy": (
        "AWS::CloudFront::OriginRequestPolicy",
        "OriginRequestPolicyConfig",
        {
            "name": "Name",
            "headers_config": _HEADERS,
            "cookies_config": Block("CookiesConfig", {"cookie_behavior": "CookieBehavior"}),
            "query_strings_config": Block("QueryStringsConfig", {"query_string_behavior": "QueryStringBehavior"}),
        },
    ),
    "aws_cloudfront_function": ("AWS::CloudFront::Function", None, {"name": "Name", "code": "FunctionCode"}),
    "aws_lambda_function_url": (
        "AWS::Lambda::Url",
        None,
        {
            "function_name": "TargetFunctionArn",
            "authorization_type": "AuthType",
            **_same("qualifier", "invoke_mode"),
        },
    ),
    "aws_lambda_permission": (
        "AWS::Lambda::Permission",
        None,
        _same("action", "function_name", "qualifier", "principal", "source_arn", "source_account")
        | _same("function_url_auth_type", "invoked_via_function_url"),
    ),
    "aws_lambda_function": ("AWS::Lambda::Function", None, _FUNCTION),
    "aws_lambda_alias": ("AWS::Lambda::Alias", None, _same("function_name", "name")),
    "aws_iam_role": ("AWS::IAM::Role", None, {"assume_role_policy": "AssumeRolePolicyDocument"}),
    "aws_lambda_runtime_management_config": (
        "terraform-runtime-management",
        None,
        _same("function_name", "update_runtime_on"),
    ),
}


def mapped(kind: str, values: Map) -> tuple[str, Map]:
    """Return a resource's type and properties in CloudFormation's words; of other types, the type alone."""
    if kind not in TYPES:
        return f"terraform-{kind}", values  # known to be none of a Function URL's host, unlike a data source
    name, wrapper, arguments = TYPES[kind]
    config = _mapped(values, arguments)
    if kind == "aws_iam_role":
        _parse_policy(config)
    if wrapper is None:
        return name, config
    wrapped = Map(values.place)
    wrapped.put(wrapper, config, values.place)
    return name, wrapped


def _mapped(values: Map, arguments: Mapping[str, Any]) -> Map:
    made = Map(values.place)
    for name, target in arguments.items():
        value = values.get(name)
        if value is None:
            continue
        place = values.places[name]
        if isinstance(target, str):
            made.put(target, value, place)
        else:
            _put_block(made, target, value, place)
    return made


def _put_block(made: Map, block: Block, value: object, place: Place) -> None:
    if isinstance(value, Unknown):
        made.put(block.name, value, place)
        return
    items = value if isinstance(value, Seq) else _alone(value, place)
    inner = Seq(place)
    for index, each in enumerate(items):
        if isinstance(each, Map):
            inner.put(_mapped(each, block.inner) if block.only is None else each.get(block.only), items.places[index])
        elif isinstance(each, Unknown):
            inner.put(each, items.places[index])
    if block.many:
        made.put(block.name, inner, place)
    elif inner and inner[0] is not None:
        made.put(block.name, inner[0], inner.places[0])


def _alone(value: object, place: Place) -> Seq:
    """Pulumi, and an argument written with an equals sign, have one block without a list."""
    items = Seq(place)
    items.put(value, place)
    return items


def _parse_policy(config: Map) -> None:
    text = config.get("AssumeRolePolicyDocument")
    if isinstance(text, str):
        try:
            config["AssumeRolePolicyDocument"] = json.loads(text)
        except (ValueError, RecursionError):
            config["AssumeRolePolicyDocument"] = Unknown("the trust policy", "it is not JSON")
