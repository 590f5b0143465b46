"""Lambda@Edge functions as the associations of a behavior name them, and the roles that they run under."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.aws import function_arn
from edge_hasher.aws.errors import translated
from edge_hasher.doctor.facts import AssociationFacts, EdgeFunctionFacts, Unread
from edge_hasher.doctor.reading.asking import ask

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

    from edge_hasher.aws.clients import Aws
    from edge_hasher.aws.configuration import Config

_EDGE_STORAGE_MB = 512  # documented: "Restrictions on Lambda@Edge"


class EdgeFunctions:
    """The functions of a distribution's associations, each read once."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._clients: dict[str, LambdaClient] = {}
        self._functions: dict[str, EdgeFunctionFacts | Unread | None] = {}
        self._roles: dict[str, frozenset[str] | Unread] = {}

    def association(self, item: Config) -> AssociationFacts:
        """Return one association with its function."""
        arn = item["LambdaFunctionARN"]
        if arn not in self._functions:
            self._functions[arn] = self._function(arn)
        return AssociationFacts(
            arn=arn,
            event=item["EventType"],
            includes_body=item.get("IncludeBody", False),
            function=self._functions[arn],
        )

    def _function(self, arn: str) -> EdgeFunctionFacts | Unread | None:
        what = f"the function {arn}"
        parts = function_arn.parse(arn)
        if parts is None:
            return Unread(what=what, why="this is no ARN of a Lambda function")
        client = self._client(parts.region)
        answer = ask(
            what, "lambda:GetFunctionConfiguration", lambda: client.get_function_configuration(FunctionName=arn)
        )
        if answer is None or isinstance(answer, Unread):
            return answer
        return self._edge_function(answer)

    def _edge_function(self, config: Config) -> EdgeFunctionFacts:
        environment = config.get("Environment") or {}
        vpc = config.get("VpcConfig") or {}
        return EdgeFunctionFacts(
            name=config["FunctionName"],
            handler=config.get("Handler") or "",
            package_type=config.get("PackageType") or "Zip",
            # Functions of before 2020 carry no state (documented: "Lambda function states"); they are active.
            state=config.get("State") or "Active",
            state_reason=config.get("StateReason") or "",
            architectures=tuple(config.get("Architectures") or ["x86_64"]),
            timeout_s=config.get("Timeout") or 0,
            has_environment=bool(environment.get("Variables") or environment.get("Error")),
            layers=tuple(layer["Arn"] for layer in config.get("Layers") or []),
            in_vpc=bool(vpc.get("SubnetIds")),
            refused=_refused(config),
            role_arn=config["Role"],
            trusted=self._trusted(config["Role"]),
        )

    def _client(self, region: str) -> LambdaClient:
        if region not in self._clients:
            with translated("lambda"):
                self._clients[region] = self._aws.awslambda(region)
        return self._clients[region]

    def _trusted(self, role_arn: str) -> frozenset[str] | Unread:
        if role_arn not in self._roles:
            self._roles[role_arn] = self._read_role(role_arn)
        return self._roles[role_arn]

    def _read_role(self, role_arn: str) -> frozenset[str] | Unread:
        what, name = f"the role {role_arn}", role_arn.rpartition("/")[2]
        with translated("iam"):
            client = self._aws.iam()
        answer = ask(what, "iam:GetRole", lambda: client.get_role(RoleName=name))
        if answer is None:
            return frozenset()
        if isinstance(answer, Unread):
            return answer
        return _services(answer["Role"].get("AssumeRolePolicyDocument") or {})


def _services(document: Config) -> frozenset[str]:
    """Return the services that a trust policy lets assume the role; a lone statement may stand without its list."""
    statements = document.get("Statement") or []
    found: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        if statement.get("Effect") == "Allow":
            found.update([services] if isinstance(services, str) else services)
    return frozenset(found)


def _refused(config: Config) -> tuple[str, ...]:
    """Name what else Lambda@Edge does not take (documented: "Restrictions on Lambda@Edge")."""
    storage = (config.get("EphemeralStorage") or {}).get("Size", _EDGE_STORAGE_MB)
    found = {
        "a dead-letter queue": (config.get("DeadLetterConfig") or {}).get("TargetArn"),
        "X-Ray tracing": (config.get("TracingConfig") or {}).get("Mode") == "Active",
        f"{storage} MB of ephemeral storage (the edge has {_EDGE_STORAGE_MB})": storage > _EDGE_STORAGE_MB,
        "a KMS key of its own": config.get("KMSKeyArn"),
        "a file system": config.get("FileSystemConfigs"),
    }
    return tuple(what for what, is_there in found.items() if is_there)
