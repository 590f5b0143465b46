"""Lambda@Edge functions as a behavior's associations name them, and as the same code makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge_hasher.aws import function_arn
from edge_hasher.doctor.facts import AssociationFacts, EdgeFunctionFacts, Unread
from edge_hasher.doctor.templates.facts.function_names import arn_of, function_name
from edge_hasher.doctor.templates.facts.partial import flag, number, part, partial, raising, text, unread
from edge_hasher.doctor.templates.reading.values import SOME_ATTRIBUTE, Unknown, references, unknown_in
from edge_hasher.edge_rules import trusted_services

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.doctor.templates.reading.values import Resource, World

ROLE = "AWS::IAM::Role"
SOME_REGION = "us-east-1"
# Where each rule of edge_rules looks, in CloudFormation's words.
RULE_PROPERTIES = {
    "package-type": "PackageType",
    "runtime": "Runtime",
    "architecture": "Architectures",
    "timeout": "Timeout",
    "memory": "MemorySize",
    "storage": "EphemeralStorage",
    "environment": "Environment",
    "layers": "Layers",
    "vpc": "VpcConfig",
    "dead-letter-queue": "DeadLetterConfig",
    "x-ray": "TracingConfig",
    "kms-key": "KmsKeyArn",
    "file-system": "FileSystemConfigs",
    "trust": "Role",
    "runtime-management": "RuntimeManagementConfig",
}


def association(
    world: World, config: Mapping[str, Any], behavior: Mapping[str, Any], distribution: Resource, what: str
) -> AssociationFacts:
    """Return an association of a behavior, with its function where the same code makes it."""
    value = config.get("LambdaFunctionARN")
    name = function_name(world, value)
    function: EdgeFunctionFacts | Unread
    arn: str | Unread
    if name is not None and name.resource is not None:
        region = name.resource.region or distribution.region or SOME_REGION
        arn = value if isinstance(value, str) else arn_of(name, region)
        grpc = flag(part(behavior, "GrpcConfig"), "Enabled", what)
        function = edge_function(world, name.resource, grpc_behaviors=(what,) if grpc is True else ())
    elif isinstance(value, str):
        parsed = function_arn.parse(value)
        arn = value
        function = Unread(
            what=f"the function {value}",
            why="it is made elsewhere" if parsed else "this is not the ARN of a Lambda function",
        )
    else:
        unknown = value if isinstance(value, Unknown) else Unknown("LambdaFunctionARN", "it is not set")
        arn = function = unread("the edge function", unknown)
    return partial(
        AssociationFacts,
        arn=arn,
        event=text(config, "EventType", "not set", what),
        includes_body=flag(config, "IncludeBody", what),
        function=function,
    )


def edge_function(world: World, resource: Resource, grpc_behaviors: tuple[str, ...] = ()) -> EdgeFunctionFacts:
    """Return a function as Lambda@Edge asks for it; a property that is not known leaves its rule unread."""
    config = {key: each for key, each in resource.config.items() if not isinstance(each, Unknown)}
    deciding: dict[str, object] = {rule: resource.config.get(key) for rule, key in RULE_PROPERTIES.items()}
    sizes = {
        "timeout": number(resource.config, "Timeout", 0, resource.label),
        "memory": number(resource.config, "MemorySize", 0, resource.label),
        "storage": number(part(config, "EphemeralStorage"), "Size", 0, resource.label),
    }
    deciding["environment"] = part(config, "Environment").get("Variables", resource.config.get("Environment"))
    deciding["x-ray"] = part(config, "TracingConfig").get("Mode")
    management = resource.config.get("RuntimeManagementConfig")
    deciding["runtime-management"] = part(config, "RuntimeManagementConfig").get("UpdateRuntimeOn", management)
    deciding["architecture"] = unknown_in(resource.config.get("Architectures"))
    why: dict[str, Unread | None] = {
        rule: unread(f"{RULE_PROPERTIES[rule]} of {resource.label}", each)
        for rule, each in deciding.items()
        if isinstance(each, Unknown)
    }
    why |= {rule: each for rule, each in sizes.items() if isinstance(each, Unread)}
    trusted, why["trust"] = _trusted(world, resource)
    size = {rule: 0 if isinstance(each, Unread) else each for rule, each in sizes.items()}
    facts: EdgeFunctionFacts = raising(EdgeFunctionFacts).from_configuration(
        {
            "PackageType": _text_or_none(config.get("PackageType")),
            "Runtime": _text_or_none(config.get("Runtime")),
            "VpcConfig": part(config, "VpcConfig"),
            "DeadLetterConfig": part(config, "DeadLetterConfig"),
            "TracingConfig": part(config, "TracingConfig"),
            "FileSystemConfigs": config.get("FileSystemConfigs"),
            "FunctionName": resource.address,
            "Handler": text(resource.config, "Handler", "", resource.label),
            "Role": _role_name(resource.config.get("Role")),
            "Timeout": size["timeout"],
            "MemorySize": size["memory"],
            "EphemeralStorage": {"Size": size["storage"]},
            "Environment": {"Variables": part(deciding, "environment")},
            "Layers": [{"Arn": each} for each in _texts(config.get("Layers"))],
            "Architectures": None if "architecture" in why else _texts(config.get("Architectures")),
            "KMSKeyArn": config.get("KmsKeyArn"),
        },
        trusted=trusted,
        grpc_behaviors=grpc_behaviors,
        update_runtime_on=_text_or_none(deciding["runtime-management"]),
        unread={rule: each for rule, each in why.items() if each is not None},
    )
    return facts


def _trusted(world: World, resource: Resource) -> tuple[frozenset[str] | None, Unread | None]:
    """Return the services that may assume the function's role, or why they are not known."""
    value = resource.config.get("Role")
    role = world.referred(value, ROLE)
    if role is None:
        why = value.why if isinstance(value, Unknown) else "it is made elsewhere"
        return None, Unread(what=f"the role of {resource.label}", why=why)
    policy = role.config.get("AssumeRolePolicyDocument")
    found = unknown_in(policy)
    if found is not None:
        return None, unread(f"the trust policy of {role.label}", found)
    return trusted_services(policy), None


def _role_name(value: object) -> str:
    return _shown(value) if value else "its role"


def _texts(value: object) -> list[str]:
    return [_shown(each) for each in value] if isinstance(value, list) else []


def _text_or_none(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) else None


def _shown(value: object) -> str:
    return value.text if isinstance(value, Unknown) else str(value)


def unsettled(world: World, config: Mapping[str, Any], distribution: Resource) -> dict[str, Unread]:
    """Return the checks on an association's ARN that cannot be told, though the function is known."""
    name = function_name(world, config.get("LambdaFunctionARN"))
    if name is None or name.resource is None:
        return {}
    found = {}
    if not (name.resource.region or distribution.region):
        why = "it is not in the code; for a template, --parameter AWS::Region=us-east-1 says it"
        found["EH606"] = Unread(what="the stack's Region", why=why)
    if any(each.attribute == SOME_ATTRIBUTE for each in references(config.get("LambdaFunctionARN"))):
        found["EH605"] = Unread(what=f"the ARN of {name.label}", why="a preview does not say which one is meant")
    return found
