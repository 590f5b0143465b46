"""A function's resource policy: whether it lets CloudFront in for one distribution, and who else.

Facts it stands on:
- One matching Allow allows a call, one matching Deny refuses it (documented: "Policy evaluation logic").
- Each qualifier of a function has a policy of its own, and a statement's Resource names it (documented: AddPermission).
- CloudFront calls as the service principal cloudfront.amazonaws.com with the distribution's ARN as aws:SourceArn
  (documented: "Restrict access to an AWS Lambda function URL origin").
- A URL with AuthType NONE authenticates nobody, and its policy must let everyone in (documented: "Control access to
  Lambda function URLs"). So whoever calls it counts as anonymous, CloudFront as well (inferred).
- A condition on a key that the request does not have is not met, unless its operator is negated or ends in IfExists
  (documented: "IAM JSON policy elements: Condition operators").
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from edge_hasher.doctor.path_matching import fits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CLOUDFRONT = "cloudfront.amazonaws.com"
INVOKE_URL = "lambda:InvokeFunctionUrl"
INVOKE = "lambda:InvokeFunction"

Fit = Literal["yes", "no", "other source", "unsure"]
Verdict = Literal["granted", "missing", "other source", "denied", "unsure"]
PUBLIC = "NONE"
_SOURCE_ARN = "aws:sourcearn"
_SOURCE_ACCOUNT = "aws:sourceaccount"
_AUTH_TYPE = "lambda:functionurlauthtype"
_VIA_URL = "lambda:invokedviafunctionurl"
_UNKNOWN = "unknown"  # the operator and key of what doctor cannot judge
_NEGATIONS = ("NotPrincipal", "NotAction", "NotResource")
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
    """Who calls a Function URL of one AuthType: CloudFront for one distribution, or anyone if nothing is verified."""

    distribution_arn: str
    auth_type: str

    @property
    def is_anonymous(self) -> bool:
        """Whether Lambda does not ask who it is."""
        return self.auth_type == PUBLIC

    @property
    def account(self) -> str:
        """The account that owns the distribution."""
        return self.distribution_arn.split(":")[_ACCOUNT_PART]

    def is_among(self, principals: Sequence[str]) -> bool:
        """Whether a statement for these principals is about this caller."""
        return "*" in principals or (not self.is_anonymous and CLOUDFRONT in principals)


def statements(policy_text: str) -> tuple[Statement, ...]:
    """Return the statements of a policy document; raises ValueError if it is not one."""
    document = json.loads(policy_text or "{}")
    if not isinstance(document, dict):
        raise ValueError("the policy is not a JSON object")  # noqa: TRY004 (what AWS sent is a value, not our caller's type)
    return tuple(_statement(each) for each in _many(document.get("Statement")) if isinstance(each, dict))


def fit(statement: Statement, action: str, caller: Caller) -> Fit:
    """Say whether a statement is about CloudFront calling `action` for this distribution, whatever its effect."""
    if not (caller.is_among(statement.principals) and statement.covers(action)):
        return "no"
    answers = {_meets(condition, action, caller) for condition in statement.conditions}
    for answer in ("no", "other source", "unsure"):
        if answer in answers:
            return answer
    return "yes"


def decide(policy: Sequence[Statement], action: str, caller: Caller) -> tuple[Verdict, Statement | None]:
    """Return whether a policy lets the caller in, and the statement that decides."""
    judged = [(each, fit(each, action, caller)) for each in policy]
    denials = {how: each for each, how in reversed(judged) if not each.allows}
    allowed = {how: each for each, how in reversed(judged) if each.allows}
    if "yes" in denials:
        return "denied", denials["yes"]
    if "unsure" in denials:
        return "unsure", denials["unsure"]
    if "yes" in allowed:
        return "granted", allowed["yes"]
    if "unsure" in allowed:
        return "unsure", allowed["unsure"]
    return ("other source", allowed["other source"]) if "other source" in allowed else ("missing", None)


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
    conditions = tuple(_conditions(item.get("Condition") or {}))
    if any(name in item for name in _NEGATIONS):
        # It is about all but something: what it is about cannot be told, so it may be about anything.
        unknown = Condition(operator=_UNKNOWN, key=_UNKNOWN, values=())
        item, named, conditions = item | {"Action": "*", "Resource": "*"}, ["*"], (*conditions, unknown)
    return Statement(
        sid=str(item.get("Sid", "")),
        allows=item.get("Effect") == "Allow",
        principals=tuple(str(each) for group in named for each in _many(group)),
        actions=tuple(str(each) for each in _many(item.get("Action"))),
        resources=tuple(str(each) for each in _many(item.get("Resource", "*"))),
        conditions=conditions,
    )


def _conditions(block: object) -> Iterator[Condition]:
    """Read the Condition of a statement; of another shape than IAM's, it is one that cannot be judged."""
    if not isinstance(block, dict) or not all(isinstance(keys, dict) for keys in block.values()):
        yield Condition(operator=_UNKNOWN, key=_UNKNOWN, values=())
        return
    for operator, keys in block.items():
        for key, values in keys.items():
            yield Condition(
                operator=operator.lower(), key=key.lower(), values=tuple(_text(each) for each in _many(values))
            )


def _meets(condition: Condition, action: str, caller: Caller) -> Fit:
    """Say whether a call has what a condition asks for."""
    anonymous = caller.is_anonymous
    has: dict[str, tuple[str | None, Fit]] = {
        _SOURCE_ARN: (None if anonymous else caller.distribution_arn, "other source"),
        _SOURCE_ACCOUNT: (None if anonymous else caller.account, "other source"),
        "aws:principalisawsservice": ("false" if anonymous else "true", "no"),
        "aws:principalservicename": (None if anonymous else CLOUDFRONT, "no"),
        "aws:securetransport": ("true", "no"),
        _VIA_URL: ("true", "no"),
    }
    if action == INVOKE_URL:
        has[_AUTH_TYPE] = (caller.auth_type, "no")
    if condition.key not in has:
        return "unsure"
    actual, otherwise = has[condition.key]
    met = _is_met(condition, actual)
    if met is None:
        return "unsure"
    return "yes" if met else otherwise


def _is_met(condition: Condition, actual: str | None) -> bool | None:
    """Compare as IAM does; None for an operator that is not known."""
    operator = condition.operator.rpartition(":")[2]  # ForAnyValue: and ForAllValues: mean the same for one value
    if_exists = operator.endswith("ifexists")
    positive = operator.removesuffix("ifexists").replace("not", "", 1)
    negated = "not" in operator
    values = condition.values
    match positive:
        case "null":
            return (actual is None) == ("true" in values)
        case "arnlike" | "arnequals" | "stringlike":
            equal = actual is not None and any(fits(value, actual) for value in values)
        case "stringequals":
            equal = actual in values
        case "stringequalsignorecase" | "bool":
            equal = actual is not None and actual.lower() in {value.lower() for value in values}
        case _:
            return None
    return if_exists if actual is None and not negated else equal != negated


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
