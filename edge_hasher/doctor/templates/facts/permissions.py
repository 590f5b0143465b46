"""A function's resource policy, as AWS::Lambda::Permission writes it, and the Function URLs behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import FunctionUrlFacts, Unread
from edge_hasher.doctor.resource_policy import INVOKE, INVOKE_URL, Caller, Condition, Statement, fit
from edge_hasher.doctor.templates.facts.function_names import arn_of, function_name
from edge_hasher.doctor.templates.facts.partial import number, partial, text, unread
from edge_hasher.doctor.templates.reading.intrinsics import ACCOUNT
from edge_hasher.doctor.templates.reading.values import SOME_ATTRIBUTE, Unknown, plain_text, references, unknown_in

if TYPE_CHECKING:
    from edge_hasher.doctor.templates.facts.function_names import FunctionName
    from edge_hasher.doctor.templates.reading.values import Resource, World

PERMISSION, DISTRIBUTION = "AWS::Lambda::Permission", "AWS::CloudFront::Distribution"
SOME_REGION = "us-east-1"
_TIMEOUT_S = 3  # documented: Timeout of AWS::Lambda::Function, the default
_DISTRIBUTION_ARN = re.compile(r"arn:[^:]*:cloudfront::[^:]*:distribution/(?P<id>.*)", re.DOTALL)
_SOURCES = {"SourceArn": ("arnlike", "aws:sourcearn"), "SourceAccount": ("stringequals", "aws:sourceaccount")}
_WAYS = {
    "FunctionUrlAuthType": ("stringequals", "lambda:functionurlauthtype"),
    "InvokedViaFunctionUrl": ("bool", "lambda:invokedviafunctionurl"),
}


def distribution_arn(resource: Resource) -> str:
    """Return the ARN that stands for the one that the deployment gives."""
    return f"arn:aws:cloudfront::{ACCOUNT}:distribution/{resource.address}"


def url_facts(world: World, url: Resource, distribution: Resource) -> FunctionUrlFacts | Unread:
    """Return what is known of a Function URL that the code makes."""
    name = function_name(world, url.config.get("TargetFunctionArn"), url.config.get("Qualifier"))
    if name is None:
        return Unread(what=f"the function of {url.label}", why="what it is made from is not known")
    if isinstance(name.qualifier, Unknown):
        return unread(f"the qualifier of {url.label}", name.qualifier)
    auth_type = text(url.config, "AuthType", "not set", url.label)
    caller = Caller(distribution_arn=distribution_arn(distribution), auth_type=str(auth_type))
    own, elsewhere, doubt = _policy(world, name)
    region = (name.resource or url).region or SOME_REGION
    is_open = not all(any(fit(each, action, caller) == "yes" for each in own) for action in (INVOKE_URL, INVOKE))
    mode = text(url.config, "InvokeMode", "BUFFERED", url.label)
    return partial(
        FunctionUrlFacts,
        function=name.label,
        region=region,
        qualifier=name.qualifier,
        auth_type=auth_type,
        streams=mode if isinstance(mode, Unread) else mode == "RESPONSE_STREAM",
        policy=doubt if doubt and is_open else own,
        elsewhere=elsewhere,
        timeout_s=_of_function(name, "Timeout", _TIMEOUT_S),
        reserved_concurrency=_of_function(name, "ReservedConcurrentExecutions", None),
    )


def _of_function(name: FunctionName, key: str, default: int | None) -> int | Unread | None:
    """Return a number that the function behind a URL is made with."""
    if name.resource is None:
        return Unread(what=f"{key} of {name.label}", why="the function is not made in the same code")
    value: int | Unread | None = number(name.resource.config, key, default, name.label)
    return value


def _policy(world: World, name: FunctionName) -> tuple[tuple[Statement, ...], tuple[Statement, ...], Unread | None]:
    """Return the statements for this qualifier, those for others, and what may hold more of them."""
    own: list[Statement] = []
    elsewhere: list[Statement] = []
    doubt = None
    if name.resource is None:
        doubt = Unread(what=f"the resource policy of {name.label}", why="the function is made elsewhere")
    for permission in world.of(PERMISSION):
        named = function_name(world, permission.config.get("FunctionName"), permission.config.get("Qualifier"))
        if named is not None and named.key != name.key:
            continue
        config = {key: _source(world, each) if key == "SourceArn" else each for key, each in permission.config.items()}
        unsure = unknown_in({key: each for key, each in config.items() if key not in {"FunctionName", "Qualifier"}})
        if named is None or unsure is not None or isinstance(named.qualifier, Unknown):
            doubt = doubt or Unread(
                what=f"the permission {permission.label}",
                why=unsure.why if unsure else "the function that it is for is not known",
            )
            continue
        statement = _statement(permission.address, config, arn_of(named, SOME_REGION))
        (own if named.qualifier == name.qualifier else elsewhere).append(statement)
    return tuple(own), tuple(elsewhere), doubt


def _source(world: World, value: object) -> object:
    """Return a SourceArn with the account and the id that stand for the real ones.

    An id that is written out belongs to no distribution that the code still has to make: it may be this one, deployed
    before.
    """
    written = value.text if isinstance(value, Unknown) else str(value)
    distribution = world.referred(value, DISTRIBUTION)
    if distribution is not None:
        # A plan names what a text is made from, and not the text around it.
        attributes = {each.attribute for each in references(value) if each.address == distribution.address}
        if _DISTRIBUTION_ARN.fullmatch(written) or attributes <= {"Arn", "Id", SOME_ATTRIBUTE}:
            return distribution_arn(distribution)
        return Unknown(written, "it is not the ARN of a distribution")
    match = _DISTRIBUTION_ARN.fullmatch(written) if isinstance(value, str) else None
    if match is None:
        return value
    if "*" in match["id"]:
        account = written.split(":")[4]
        return written if "*" in account else written.replace(f"::{account}:", f"::{ACCOUNT}:", 1)
    return Unknown(written, "it names a distribution by its id, which may be this one's")


def _statement(sid: str, config: dict[str, object], resource: str) -> Statement:
    conditions = [
        # An account that is written out is taken for the template's own.
        Condition(
            operator=operator, key=key, values=(ACCOUNT if name == "SourceAccount" else plain_text(config[name]),)
        )
        for name, (operator, key) in (_SOURCES | _WAYS).items()
        if config.get(name) is not None
    ]
    return Statement(
        sid=sid,
        allows=True,
        principals=(plain_text(config.get("Principal")),),
        actions=(plain_text(config.get("Action")),),
        resources=(resource,),
        conditions=tuple(conditions),
    )
