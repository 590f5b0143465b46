"""The resource policies of the function behind a Function URL: the one that counts, and the ones beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import Unread
from edge_hasher.doctor.reading.asking import ask
from edge_hasher.doctor.resource_policy import INVOKE, INVOKE_URL, fit, statements

if TYPE_CHECKING:
    from edge_hasher.aws.function_arn import FunctionArn
    from edge_hasher.aws.functions import Functions
    from edge_hasher.doctor.resource_policy import Caller, Statement

Policy = tuple["Statement", ...]


def read(functions: Functions, arn: FunctionArn, caller: Caller) -> tuple[Policy | Unread, Policy | Unread]:
    """Return the statements for this qualifier, and those for others.

    The others are read only where the first does not let CloudFront in, to tell a missing permission from a misplaced
    one.
    """
    every = _policy(functions, arn, arn.qualifier)
    if isinstance(every, Unread):
        return every, ()
    own = tuple(each for each in every if each.is_for(arn.text))
    return own, () if _lets_in(own, caller) else _others(functions, arn, every)


def _lets_in(policy: Policy, caller: Caller) -> bool:
    return all(
        any(each.allows and fit(each, action, caller) == "yes" for each in policy) for action in (INVOKE_URL, INVOKE)
    )


def _others(functions: Functions, arn: FunctionArn, already: Policy) -> Policy | Unread:
    aliases = ask(f"the aliases of {arn.name}", lambda: functions.aliases(arn.name, region=arn.region)) or []
    if isinstance(aliases, Unread):
        return aliases
    found = list(already)
    for qualifier in [None, *(alias.name for alias in aliases)]:
        if qualifier != arn.qualifier:
            policy = _policy(functions, arn, qualifier)
            if isinstance(policy, Unread):
                return policy
            found += policy
    return tuple(each for each in dict.fromkeys(found) if not each.is_for(arn.text))


def _policy(functions: Functions, arn: FunctionArn, qualifier: str | None) -> Policy | Unread:
    what = f"the resource policy of {arn.name}:{qualifier}" if qualifier else f"the resource policy of {arn.name}"
    try:
        policy = ask(what, lambda: statements(functions.policy(arn.name, qualifier, region=arn.region)))
    except ValueError as error:
        return Unread(what=what, why=f"it is not readable: {error}")
    return () if policy is None else policy
