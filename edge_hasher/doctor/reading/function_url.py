"""Function URLs: whose they are, how they are set, and whom the function's resource policy lets in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge_hasher.aws import function_arn
from edge_hasher.aws.errors import OperateError, translated
from edge_hasher.doctor.facts import FunctionUrlFacts, Unread
from edge_hasher.doctor.reading import resource_policy as read_resource_policy
from edge_hasher.doctor.reading.asking import ask
from edge_hasher.doctor.reading.lambda_host import kind_of, region_of
from edge_hasher.doctor.resource_policy import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from types_boto3_lambda import LambdaClient

    from edge_hasher.aws.clients import Aws
    from edge_hasher.doctor.reading.asking import Answer

UrlConfig = dict[str, Any]
_PROGRESS_EVERY = 10


class FunctionUrls:
    """Finds the owners of Function URLs: AWS has no look-up from URL to function, so functions are asked one by one.

    `named` is the function that the user says owns them, which saves the search.
    """

    def __init__(self, aws: Aws, distribution_arn: str, named: str | None, progress: Callable[[str], None]) -> None:
        self._aws = aws
        self._distribution_arn = distribution_arn
        self._named = named
        self._progress = progress
        self._found: dict[str, FunctionUrlFacts | Unread] = {}

    def find(self, hosts: Iterable[str]) -> None:
        """Find the owners of all these hosts, Region by Region; raises OperateError when the named one owns none."""
        wanted = {host.lower() for host in hosts if kind_of(host) == "function-url"}
        for region in sorted({region_of(host) for host in wanted}):
            self._search(region, {host for host in wanted if region_of(host) == region})
        if self._named and wanted and all(self._is_another_function(host) for host in wanted):
            raise OperateError(
                f"the function {self._named!r} has none of the Function URLs that this distribution leads to "
                f"({', '.join(sorted(wanted))}): name another, or leave --function out to search"
            )

    def url(self, host: str) -> FunctionUrlFacts | Unread:
        """Return what was found for a host."""
        unknown = Unread(what=f"the function behind {host}", why="doctor can read Function URLs (lambda-url) only")
        return self._found.get(host.lower(), unknown)

    def _is_another_function(self, host: str) -> bool:
        found = self._found[host]
        return isinstance(found, Unread) and found.permission is None

    def _search(self, region: str, wanted: set[str]) -> None:
        with translated("lambda"):
            client = self._aws.awslambda(region)
        names = [self._named] if self._named else _names(client, region)
        if isinstance(names, Unread):
            self._give_up(wanted, names.why, names.permission)
            return
        left = set(wanted)
        for config in self._configs(client, region, names):
            if isinstance(config, Unread):
                self._give_up(left, config.why, config.permission)
                return
            host = config["FunctionUrl"].removeprefix("https://").rstrip("/").lower()
            if host in left:
                self._found[host] = self._function_url(client, config)
                left.discard(host)
            if not left:
                return
        owner = f"the function {self._named}" if self._named else f"none of the {len(names)} functions of this account"
        has = "does not have" if self._named else "has"
        self._give_up(left, f"{owner} in {region} {has} this URL: it is gone, or in another account (--profile)", None)

    def _give_up(self, hosts: set[str], why: str, permission: str | None) -> None:
        for host in hosts:
            self._found[host] = Unread(what=f"the function behind {host}", why=why, permission=permission)

    def _configs(self, client: LambdaClient, region: str, names: Sequence[str]) -> Iterator[UrlConfig | Unread]:
        for count, name in enumerate(names):
            if count % _PROGRESS_EVERY == 0 and not self._named:
                self._progress(
                    f"looking for the owner of the Function URL in {region}: function {count + 1} of {len(names)}"
                )
            configs = _configs_of(client, name)
            yield from [configs] if isinstance(configs, Unread) else configs

    def _function_url(self, client: LambdaClient, config: UrlConfig) -> FunctionUrlFacts | Unread:
        # Seen: the ARN of an alias's URL ends with the alias.
        arn = function_arn.parse(config["FunctionArn"])
        if arn is None:
            return Unread(what=f"the function {config['FunctionArn']}", why="this is no ARN of a Lambda function")
        caller = Caller(distribution_arn=self._distribution_arn, auth_type=config["AuthType"])
        policy, elsewhere = read_resource_policy.read(client, arn, caller)
        return FunctionUrlFacts(
            function=arn.name,
            region=arn.region,
            qualifier=arn.qualifier,
            auth_type=config["AuthType"],
            streams=config.get("InvokeMode") == "RESPONSE_STREAM",
            policy=policy,
            elsewhere=elsewhere,
        )


def _names(client: LambdaClient, region: str) -> list[str] | Unread:
    def every() -> Answer:
        pages = client.get_paginator("list_functions").paginate()
        return {"names": [item["FunctionName"] for page in pages for item in page["Functions"]]}

    answer = ask(f"the functions in {region}", "lambda:ListFunctions", every)
    if isinstance(answer, Unread):
        return answer
    return answer["names"] if answer else []


def _configs_of(client: LambdaClient, name: str) -> list[UrlConfig] | Unread:
    """Return the Function URLs of a function, of all its qualifiers; none when it is gone meanwhile."""

    def every() -> Answer:
        pages = client.get_paginator("list_function_url_configs").paginate(FunctionName=name)
        return {"configs": [config for page in pages for config in page["FunctionUrlConfigs"]]}

    answer = ask(f"the Function URLs of {name}", "lambda:ListFunctionUrlConfigs", every)
    if isinstance(answer, Unread):
        return answer
    return answer["configs"] if answer else []
