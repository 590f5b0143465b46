"""From a public Function URL to a private one, in the order in which nothing stops working; docs/consume.md has it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import AccessControl, Unread
from edge_hasher.doctor.fixes import access_control, distribution, permissions
from edge_hasher.doctor.resource_policy import INVOKE, INVOKE_URL, Caller, decide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_hasher.doctor.check import CheckContext
    from edge_hasher.doctor.facts import BehaviorFacts

IAM = "AWS_IAM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that must be there before the switch; `command` is empty where a person must do it."""

    what: str
    command: str = ""


def needed(context: CheckContext) -> tuple[Step, ...]:
    """Return what the URL needs before it may ask for a signature, in order."""
    return (*_permissions(context), *_signature(context), *_digest(context))


def command(context: CheckContext) -> str:
    """Return the whole switch, or all that can be pasted before it where a person must do a part."""
    steps = needed(context)
    switch = f"aws lambda update-function-url-config {permissions.of_function(context.url)} --auth-type {IAM}"
    if by_hand := [step.what for step in steps if not step.command]:
        commands = [step.command for step in steps if step.command]
        return " && ".join([*commands, f"echo {shlex.quote(f'next: {by_hand[0]}; then: {switch}')}"])
    # Everyone's permissions are of no use to a private URL, and CloudFront has its own by now.
    policy = () if isinstance(context.url.policy, Unread) else context.url.policy
    removals = [
        permissions.removal(context.url, each.sid)
        for each in policy
        if each.sid and each.allows and each.principals == ("*",) and (each.covers(INVOKE_URL) or each.covers(INVOKE))
    ]
    return " && ".join([*(step.command for step in steps), switch, *removals])


def _permissions(context: CheckContext) -> Iterator[Step]:
    caller = Caller(distribution_arn=context.facts.arn, auth_type=IAM)
    policy = () if isinstance(context.url.policy, Unread) else context.url.policy
    # Those for everyone go in the end, so they do not count.
    lasting = [each for each in policy if not each.allows or each.principals != ("*",)]
    for action in (INVOKE_URL, INVOKE):
        verdict, statement = decide(lasting, action, caller)
        if verdict == "denied" and statement is not None:
            removal = permissions.removal(context.url, statement.sid)
            yield Step(what=f"no statement that denies CloudFront {action}", command=removal if statement.sid else "")
        elif verdict != "granted":
            yield Step(
                what=f"a permission of CloudFront for {action}", command=permissions.addition(context, action, caller)
            )


def _signature(context: CheckContext) -> Iterator[Step]:
    """Say what signs: every origin of this host needs it, since one URL is behind them all.

    Always by a new access control: another distribution may use the present one, and rely on how it signs.
    """
    if chosen_by := context.behavior.origin.chosen_by:
        yield Step(what=f"an originAccessControlConfig in the CloudFront Function {chosen_by}")
    elif not all(_signs_always(each.origin.access_control) for each in _of_this_host(context)):
        wait = f"aws cloudfront wait distribution-deployed --id {shlex.quote(context.facts.id)}"
        made = access_control.another(context).command
        yield Step(what="an origin access control for Lambda that signs always", command=f"{made} && {wait}")


def _signs_always(oac: AccessControl | Unread | None) -> bool:
    return isinstance(oac, AccessControl) and oac.origin_type == "lambda" and oac.behavior == "always"


def _digest(context: CheckContext) -> Iterator[Step]:
    """Say what hashes the bodies: every behavior of this host needs it, not only the one that was asked about."""
    if context.facts.clients_hash:
        return
    there = [each for each in _of_this_host(context) if each.takes_bodies]
    bare = [each.pattern for each in there if each.origin_request is None]
    if paths := list(dict.fromkeys([*bare, *context.behavior.origin.unhashed])):
        yield Step(what=f"Edge Hasher on {', '.join(paths)}", command=distribution.attach(context, paths=paths))
    if others := [each.label for each in there if distribution.has_another_function(each)]:
        yield Step(what=f"a digest from the function that is on {', '.join(others)} already")
    functions = context.behavior.origin.with_functions
    if not functions:
        return
    seen = {each.pattern for each in there}
    own = {
        each.origin_request.arn for each in there if each.origin_request and not distribution.has_another_function(each)
    }
    if unseen := [pattern for pattern, arn in functions if pattern not in seen and arn not in own]:
        yield Step(what=f"a look at {', '.join(unseen)} too, without --path")


def _of_this_host(context: CheckContext) -> list[BehaviorFacts]:
    host = context.behavior.origin.host.lower()
    return [each for each in context.facts.behaviors if each.origin.host.lower() == host]
