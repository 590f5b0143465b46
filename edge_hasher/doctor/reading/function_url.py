"""Function URLs: whose they are, how they are set, and whom the function's resource policy lets in."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from edge_hasher.aws import function_arn
from edge_hasher.aws.errors import CredentialsError, OperateError
from edge_hasher.aws.parallel import in_parallel
from edge_hasher.doctor.facts import FunctionUrlFacts, Unread
from edge_hasher.doctor.reading import resource_policy as read_resource_policy
from edge_hasher.doctor.reading.asking import ask
from edge_hasher.doctor.reading.lambda_host import kind_of, region_of
from edge_hasher.doctor.resource_policy import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from edge_hasher.aws.door import Aws
    from edge_hasher.aws.functions import Functions, FunctionUrl

Owners = dict[str, "FunctionUrl | Unread"]


def find_urls(
    aws: Aws, hosts: Iterable[str], distribution_arn: str, *, function: str | None, progress: Callable[[str], None]
) -> dict[str, FunctionUrlFacts | Unread]:
    """Map each host to the Function URL there, or to why it could not be read.

    AWS has no look-up from URL to function, so all functions of the Region are asked; `function` is the one that the
    user says owns them, which saves the search. Raises OperateError where that one owns none of them.
    """
    functions = aws.functions
    hosts = {host.lower() for host in hosts}
    wanted = sorted(host for host in hosts if kind_of(host) == "function-url")
    owners: Owners = {}
    for region in sorted({region_of(host) for host in wanted}):
        there = {host for host in wanted if region_of(host) == region}
        owners |= _one(functions, function, region, there) if function else _search(functions, region, there, progress)
    if function and wanted and not any(_may_own(owners[host]) for host in wanted):
        raise OperateError(
            f"the function {function!r} has none of the Function URLs that this distribution leads to "
            f"({', '.join(wanted)}): name another, or leave --function out to search"
        )
    return {
        host: Unread(
            what=f"the function behind {host}",
            why="doctor can read Function URLs (lambda-url) only",
            after="EH311" if kind_of(host) == "web-function" else None,
        )
        for host in hosts
    } | {
        host: owner if isinstance(owner, Unread) else _facts(functions, owner, distribution_arn)
        for host, owner in owners.items()
    }


def _may_own(owner: FunctionUrl | Unread) -> bool:
    return not isinstance(owner, Unread) or owner.permission is not None


def _one(functions: Functions, name: str, region: str, hosts: set[str]) -> Owners:
    urls = _urls_of(functions, region, name)
    if isinstance(urls, Unread):
        return _unread(hosts, urls.why, urls.permission)
    missing = f"the function {name} in {region} does not have this URL: it is gone, or in another account (--profile)"
    return _unread(hosts, missing) | {url.host: url for url in urls if url.host in hosts}


def _search(functions: Functions, region: str, hosts: set[str], progress: Callable[[str], None]) -> Owners:
    """Ask the functions of a Region, many at once, until all owners are found or one may not be asked."""
    names = ask(f"the functions in {region}", lambda: functions.names(region)) or []
    if isinstance(names, Unread):
        return _unread(hosts, names.why, names.permission)
    found: Owners = {}
    with closing(in_parallel(partial(_urls_of, functions, region), names)) as answers:
        for count, urls in enumerate(answers, 1):
            progress(f"looking for the owner of the Function URL in {region}: function {count} of {len(names)}")
            if isinstance(urls, Unread):
                return _unread(hosts, urls.why, urls.permission) | found
            found |= {url.host: url for url in urls if url.host in hosts}
            if len(found) == len(hosts):
                return found
    missing = (
        f"none of the {len(names)} functions of this account in {region} has this URL: "
        "it is gone, or in another account (--profile)"
    )
    return _unread(hosts, missing) | found


def _unread(hosts: Iterable[str], why: str, permission: str | None = None) -> Owners:
    return {host: Unread(what=f"the function behind {host}", why=why, permission=permission) for host in hosts}


def _urls_of(functions: Functions, region: str, name: str) -> list[FunctionUrl] | Unread:
    """Return the Function URLs of a function, of all its qualifiers; none when it was deleted meanwhile."""
    return ask(f"the Function URLs of {name}", lambda: functions.urls(name, region=region)) or []


def url_of(aws: Aws, name: str, distribution_arn: str, region: str) -> tuple[str, FunctionUrlFacts | Unread] | None:
    """Return the host and the facts of a function's first Function URL, or None where it has none."""
    arn = function_arn.parse(name)
    urls = _urls_of(aws.functions, arn.region if arn else region, name)
    if isinstance(urls, Unread):
        raise OperateError(f"{urls.what}: {urls.why}")
    return (urls[0].host, _facts(aws.functions, urls[0], distribution_arn)) if urls else None


def with_limits(aws: Aws, url: FunctionUrlFacts | Unread) -> FunctionUrlFacts | Unread:
    """Return a Function URL with how long its function may run, and how often at once."""
    if isinstance(url, Unread):
        return url
    functions, region = aws.functions, url.region
    return replace(
        url,
        timeout_s=_limit(
            f"the timeout of {url.label}", lambda: functions.configuration(url.label, region=region).get("Timeout")
        ),
        reserved_concurrency=_limit(
            f"the reserved concurrency of {url.function}",
            lambda: functions.reserved_concurrency(url.function, region=region),
        ),
    )


def _limit(what: str, call: Callable[[], int | None]) -> int | Unread | None:
    """Ask for something that only two checks want: whatever AWS answers, the others go on."""
    try:
        return ask(what, call)
    except CredentialsError:
        raise
    except OperateError as error:
        return Unread(what=what, why=str(error))


def _facts(functions: Functions, url: FunctionUrl, distribution_arn: str) -> FunctionUrlFacts | Unread:
    arn = function_arn.parse(url.function_arn)
    if arn is None:
        return Unread(what=f"the function {url.function_arn}", why="this is not the ARN of a Lambda function")
    caller = Caller(distribution_arn=distribution_arn, auth_type=url.auth_type)
    policy, elsewhere = read_resource_policy.read(functions, arn, caller)
    return FunctionUrlFacts(
        function=arn.name,
        region=arn.region,
        qualifier=arn.qualifier,
        auth_type=url.auth_type,
        streams=url.streams,
        policy=policy,
        elsewhere=elsewhere,
        cors_headers=frozenset(url.cors_headers),
    )
