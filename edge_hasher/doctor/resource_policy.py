"""A function's resource policy: whether it lets CloudFront in for one distribution, and who else.

Facts it stands on:
- One matching Allow allows a call, one matching Deny refuses it (documented: "Policy evaluation logic").
- Each qualifier of a function has a policy of its own, and a statement's Resource names it (documented: AddPermission).
- CloudFront calls as the service principal cloudfront.amazonaws.com with the distribution's ARN as aws:SourceArn
  (documented: "Restrict access to an AWS Lambda function URL origin").
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from edge_hasher.doctor.path_matching import fits

if TYPE_CHECKING:
    from collections.abc import Sequence

CLOUDFRONT = "cloudfront.amazonaws.com"
INVOKE_URL = "lambda:InvokeFunctionUrl"
INVOKE = "lambda:InvokeFunction"

Fit = Literal["yes", "no", "other source", "unsure"]
_SOURCE_ARN = "aws:sourcearn"
_SOURCE_ACCOUNT = "aws:sourceaccount"
_AUTH_TYPE = "lambda:functionurlauthtype"
_VIA_URL = "lambda:invokedviafunctionurl"
_ACCOUNT_PART = 4  # arn:partition:service:region:account:resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a statement; operator and key in lower case, as IAM compares them."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement; `principals` are services, ARNs or *, and `resource` is what it is for."""

    sid: str
    allows: bool
    principals: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def covers(self, action: str) -> bool:
        """Whether the statement is about `action`; IAM ignores case."""
        return any(fits(each.lower(), action.lower()) for each in self.actions)

    def is_for(self, resource_arn: str) -> bool:
        """Whether the statement is about this function and qualifier."""
        return any(fits(each, resource_arn) for each in self.resources)

    def names_cloudfront(self) -> bool:
        """Whether CloudFront is among its principals."""
        return bool({CLOUDFRONT, "*"} & set(self.principals))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """CloudFront, calling for one distribution through a Function URL of one AuthType."""

    distribution_arn: str
    auth_type: str

    @property
    def account(self) -> str:
        """The account that owns the distribution."""
        return self.distribution_arn.split(":")[_ACCOUNT_PART]


def statements(policy_text: str) -> tuple[Statement, ...]:
    """Return the statements of a policy document; raises ValueError if it is not one."""
    document = json.loads(policy_text or "{}")
    if not isinstance(document, dict):
        raise ValueError("the policy is not a JSON object")  # noqa: TRY004 (what AWS sent is a value, not our caller's type)
    return tuple(_statement(each) for each in _many(document.get("Statement")) if isinstance(each, dict))


def fit(statement: Statement, action: str, caller: Caller) -> Fit:
    """Say whether a statement is about CloudFront calling `action` for this distribution, whatever its effect."""
    if not (statement.names_cloudfront() and statement.covers(action)):
        return "no"
    answers = {_meets(condition, action, caller) for condition in statement.conditions}
    for answer in ("no", "other source", "unsure"):
        if answer in answers:
            return answer
    return "yes"


def lets_anyone_in(statement: Statement, caller: Caller) -> bool:
    """Whether an Allow statement for invoking names no source: any caller, or any distribution of any account."""
    invokes = [action for action in (INVOKE_URL, INVOKE) if statement.covers(action)]
    if not (statement.allows and statement.names_cloudfront() and invokes):
        return False
    if any(_restricts(condition) for condition in statement.conditions):
        return False
    # One for AuthType NONE has no effect on a URL with AWS_IAM.
    return any(fit(statement, action, caller) != "no" for action in invokes)


def _statement(item: dict[str, Any]) -> Statement:
    principal = item.get("Principal")
    named = principal.values() if isinstance(principal, dict) else [principal]
    conditions = item.get("Condition") or {}
    return Statement(
        sid=str(item.get("Sid", "")),
        allows=item.get("Effect") == "Allow",
        principals=tuple(str(each) for group in named for each in _many(group)),
        actions=tuple(str(each) for each in _many(item.get("Action"))),
        resources=tuple(str(each) for each in _many(item.get("Resource", "*"))),
        conditions=tuple(
            Condition(operator=operator.lower(), key=key.lower(), values=tuple(_text(each) for each in _many(values)))
            for operator, keys in conditions.items()
            for key, values in keys.items()
        ),
    )


def _meets(condition: Condition, action: str, caller: Caller) -> Fit:
    if condition.key == _SOURCE_ARN:
        return _compared(condition, caller.distribution_arn, otherwise="other source")
    if condition.key == _SOURCE_ACCOUNT:
        return _compared(condition, caller.account, otherwise="other source")
    if condition.key == _AUTH_TYPE and action == INVOKE_URL:
        return _compared(condition, caller.auth_type, otherwise="no")
    if condition.key == _VIA_URL:
        return _compared(condition, "true", otherwise="no")
    return "unsure"


def _compared(condition: Condition, actual: str, *, otherwise: Fit) -> Fit:
    match condition.operator:
        case "arnlike" | "arnequals" | "stringlike":
            met = any(fits(value, actual) for value in condition.values)
        case "stringequals":
            met = actual in condition.values
        case "stringequalsignorecase" | "bool":
            met = actual.lower() in {value.lower() for value in condition.values}
        case _:
            return "unsure"
    return "yes" if met else otherwise


def _restricts(condition: Condition) -> bool:
    """Whether a condition narrows who may call. Conditions on how do not, nor do sources without an account."""
    if condition.key in {_AUTH_TYPE, _VIA_URL}:
        return False
    return condition.key != _SOURCE_ARN or not any(_names_nobody(value) for value in condition.values)


def _names_nobody(arn: str) -> bool:
    """Whether a SourceArn leaves the account open, as * and arn:aws:cloudfront::*:distribution/* do."""
    parts = arn.split(":")
    return len(parts) <= _ACCOUNT_PART or "*" in parts[_ACCOUNT_PART]


def _many(value: object) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
