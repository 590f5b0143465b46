"""Lambda functions: their configuration, versions, aliases, URLs, resource policies, and the roles they run under."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from edge_hasher.aws.clients import Service
from edge_hasher.aws.errors import NotFoundError
from edge_hasher.aws.function_arn import EDGE_REGION

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient  # noqa: F401 (as a string, below)
    from types_boto3_lambda import LambdaClient  # noqa: F401 (the same)

    from edge_hasher.aws.configuration import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVersion:
    """A numbered version; `modified` is an ISO time."""

    number: int
    arn: str
    modified: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """An alias with its versions: two while it shifts traffic."""

    name: str
    versions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionUrl:
    """A Function URL; `function_arn` ends with the alias that it belongs to, if any (seen).

    `cors_headers` are those that its CORS settings let browsers send, in lower case.
    """

    host: str
    function_arn: str
    auth_type: str
    streams: bool
    cors_headers: tuple[str, ...] = ()


class Functions(Service["LambdaClient"]):
    """The calls on functions, in the Region of the edge functions unless another is named."""

    NAME = "lambda"

    def configuration(self, function: str, *, region: str = EDGE_REGION) -> Config:
        """Return the configuration of a function, by its name or ARN."""
        with self._client(region) as client:
            return _whole(client.get_function_configuration(FunctionName=function))

    def attachable(self, version_arn: str) -> Config:
        """Return a version's configuration by lambda:GetFunction, which CloudFront asks of the caller to attach it."""
        with self._client() as client:
            return _whole(client.get_function(FunctionName=version_arn)["Configuration"])

    def runtime_updates(self, name: str, qualifier: str | None, *, region: str = EDGE_REGION) -> str:
        """Return when the runtime is updated: FunctionUpdate, Manual, or Auto where nobody set it."""
        try:
            with self._client(region) as client:
                return client.get_runtime_management_config(FunctionName=name, **_qualified(qualifier))[
                    "UpdateRuntimeOn"
                ]
        except NotFoundError:
            return "Auto"

    def reserved_concurrency(self, name: str, *, region: str = EDGE_REGION) -> int | None:
        """Return how many executions are reserved for a function at most, or None where nobody set it."""
        with self._client(region) as client:
            return client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")

    def versions(self, name: str) -> list[PublishedVersion]:
        """List the published versions, oldest first."""
        with self._client() as client:
            pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
            found = [
                PublishedVersion(
                    number=int(version["Version"]), arn=version["FunctionArn"], modified=version.get("LastModified", "")
                )
                for page in pages
                for version in page["Versions"]
                if version["Version"] != "$LATEST"
            ]
        return sorted(found, key=lambda version: version.number)

    def delete_version(self, name: str, number: int) -> None:
        """Delete one version; Lambda refuses where it is in use or still replicated."""
        with self._client() as client:
            # The number in the qualifier: without one, the call deletes the whole function.
            client.delete_function(FunctionName=name, Qualifier=str(number))

    def aliases(self, name: str, *, region: str = EDGE_REGION) -> list[Alias]:
        """List the aliases of a function."""
        with self._client(region) as client:
            pages = client.get_paginator("list_aliases").paginate(FunctionName=name)
            return [_alias(item) for page in pages for item in page["Aliases"]]

    def names(self, region: str) -> list[str]:
        """List the names of all functions in a Region."""
        with self._client(region) as client:
            pages = client.get_paginator("list_functions").paginate()
            return [item["FunctionName"] for page in pages for item in page["Functions"]]

    def urls(self, name: str, *, region: str) -> list[FunctionUrl]:
        """List the Function URLs of a function and its aliases."""
        with self._client(region) as client:
            pages = client.get_paginator("list_function_url_configs").paginate(FunctionName=name)
            return [
                FunctionUrl(
                    host=item["FunctionUrl"].removeprefix("https://").rstrip("/").lower(),
                    function_arn=item["FunctionArn"],
                    auth_type=item["AuthType"],
                    streams=item.get("InvokeMode") == "RESPONSE_STREAM",
                    cors_headers=tuple(name.lower() for name in item.get("Cors", {}).get("AllowHeaders", [])),
                )
                for page in pages
                for item in page["FunctionUrlConfigs"]
            ]

    def policy(self, name: str, qualifier: str | None, *, region: str) -> str:
        """Return the resource policy of a function or its alias, as JSON; raises NotFoundError where it has none."""
        with self._client(region) as client:
            policy = client.get_policy(FunctionName=name, **_qualified(qualifier))["Policy"]
            dict(json.loads(policy))  # half of one is not one that lacks a statement
            return policy


class Roles(Service["IAMClient"]):
    """The calls on roles; IAM is global."""

    NAME = "iam"

    def trust_policy(self, role_arn: str) -> Config:
        """Return the policy that says who may assume a role."""
        with self._client() as client:
            role = cast("Config", client.get_role(RoleName=role_arn.rpartition("/")[2])["Role"])
            return dict(role["AssumeRolePolicyDocument"])


def _whole(configuration: Any) -> Config:  # noqa: ANN401 (an answer)
    """Return a configuration that names its function and role."""
    if not configuration["FunctionName"] or not configuration["Role"]:
        raise ValueError("not a function's configuration")
    return cast("Config", configuration)


def _alias(item: Any) -> Alias:  # noqa: ANN401 (the same)
    others = (item.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    numbers = (int(each) for each in (item["FunctionVersion"], *others) if each.isdecimal())
    return Alias(name=item["Name"], versions=tuple(numbers))


def _qualified(qualifier: str | None) -> Any:  # noqa: ANN401 (the arguments of a call)
    return {} if qualifier is None else {"Qualifier": qualifier}
