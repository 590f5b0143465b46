"""The resource policies of the function behind a Function URL: the one that counts, and the ones beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import Unread
from edge_hasher.doctor.reading.asking import ask
from edge_hasher.doctor.resource_policy import INVOKE, INVOKE_URL, fit, statements

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

    from edge_hasher.aws.function_arn import FunctionArn
    from edge_hasher.doctor.reading.asking import Answer
    from edge_hasher.doctor.resource_policy import Caller, Statement

Policy = tuple["Statement", ...]


def read(client: LambdaClient, arn: FunctionArn, caller: Caller) -> tuple[Policy | Unread, Policy | Unread]:
    """Return the statements for this qualifier, and those for others.

    The others are read only where the first does not let CloudFront in, to tell a missing permission from a misplaced
    one.
    """
    every = _policy(client, arn.name, arn.qualifier)
    if isinstance(every, Unread):
        return every, ()
    own = tuple(each for each in every if each.is_for(arn.text))
    return own, () if _lets_in(own, caller) else _others(client, arn, every)


def _lets_in(policy: Policy, caller: Caller) -> bool:
    return all(
        any(each.allows and fit(each, action, caller) == "yes" for each in policy) for action in (INVOKE_URL, INVOKE)
    )


def _others(client: LambdaClient, arn: FunctionArn, already: Policy) -> Policy | Unread:
    aliases = _aliases(client, arn.name)
    if isinstance(aliases, Unread):
        return aliases
    found = list(already)
    for qualifier in [None, *aliases]:
        if qualifier != arn.qualifier:
            policy = _policy(client, arn.name, qualifier)
            if isinstance(policy, Unread):
                return policy
            found += policy
    return tuple(each for each in dict.fromkeys(found) if not each.is_for(arn.text))


def _aliases(client: LambdaClient, name: str) -> list[str] | Unread:
    def every() -> Answer:
        pages = client.get_paginator("list_aliases").paginate(FunctionName=name)
        return {"names": [alias["Name"] for page in pages for alias in page["Aliases"]]}

    answer = ask(f"the aliases of {name}", "lambda:ListAliases", every)
    if isinstance(answer, Unread):
        return answer
    return answer["names"] if answer else []


def _policy(client: LambdaClient, name: str, qualifier: str | None) -> Policy | Unread:
    what = f"the resource policy of {name}:{qualifier}" if qualifier else f"the resource policy of {name}"

    def one() -> object:
        if qualifier is None:
            return client.get_policy(FunctionName=name)
        return client.get_policy(FunctionName=name, Qualifier=qualifier)

    answer = ask(what, "lambda:GetPolicy", one)
    if answer is None:
        return ()
    if isinstance(answer, Unread):
        return answer
    try:
        return statements(answer.get("Policy") or "")
    except ValueError as error:
        return Unread(what=what, why=f"it is not readable: {error}")
