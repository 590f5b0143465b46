"""Hand-made facts in which everything is right; tests replace what they are about."""

from dataclasses import replace
from typing import Any

from edge_hasher.doctor.facts import (
    AccessControl,
    AssociationFacts,
    BehaviorFacts,
    EdgeFunctionFacts,
    Facts,
    FunctionUrlFacts,
    Origin,
    Unread,
)
from edge_hasher.doctor.reading.managed_policies import (
    ALL_VIEWER_EXCEPT_HOST,
    CACHE_POLICIES,
    CACHING_DISABLED,
    REQUEST_POLICIES,
)
from edge_hasher.doctor.resource_policy import CLOUDFRONT, INVOKE, INVOKE_URL, Condition, Statement

ARN = "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE"
AGENT_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:agent"
VERSION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:edge-hasher:3"
HOST = "abcdef0123456789.lambda-url.eu-west-1.on.aws"


def denied(permission: str) -> Unread:
    """Give something that the credentials may not read."""
    return Unread(
        what="the thing", why=f"the credentials may not read it: {permission} is missing", permission=permission
    )


def statement(action: str, sid: str = "sid", *conditions: Condition, **changes: Any) -> Statement:
    """Give a statement that lets CloudFront call the agent for this distribution."""
    given = Statement(
        sid=sid,
        allows=True,
        principals=(CLOUDFRONT,),
        actions=(action,),
        resources=(AGENT_ARN,),
        conditions=conditions or (Condition(operator="arnlike", key="aws:sourcearn", values=(ARN,)),),
    )
    return replace(given, **changes)


POLICY = (statement(INVOKE_URL, "url"), statement(INVOKE, "invoke"))
URL = FunctionUrlFacts(
    function="agent",
    region="eu-west-1",
    qualifier=None,
    auth_type="AWS_IAM",
    streams=True,
    policy=POLICY,
    elsewhere=(),
)
OAC = AccessControl(id="E3OAC", name="lambda", origin_type="lambda", behavior="always")
ORIGIN = Origin(
    id="agent",
    host=HOST,
    kind="function-url",
    protocol="https-only",
    read_timeout_s=60,
    completion_timeout_s=None,
    settings=(),
    access_control=OAC,
    url=URL,
)
FUNCTION = EdgeFunctionFacts(
    name="edge-hasher",
    handler="edge_hasher.function.handler.lambda_handler",
    runtime="python3.13",
    code_bytes=1_000_000,
    timeout_s=5,
    memory_mb=1024,
    role_arn="arn:aws:iam::123456789012:role/edge",
    trusted=frozenset({"lambda.amazonaws.com", "edgelambda.amazonaws.com"}),
    update_runtime_on="Auto",
)
ASSOCIATION = AssociationFacts(arn=VERSION_ARN, event="origin-request", includes_body=True, function=FUNCTION)
BEHAVIOR = BehaviorFacts(
    pattern="/chat*",
    is_default=False,
    methods=frozenset({"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}),
    compresses=False,
    wants_signed_viewers=False,
    cache=CACHE_POLICIES[CACHING_DISABLED],
    request=REQUEST_POLICIES[ALL_VIEWER_EXCEPT_HOST],
    associations=(ASSOCIATION,),
    origin=ORIGIN,
)
FACTS = Facts(
    id="E2EXAMPLE",
    arn=ARN,
    domain="d111111abcdef8.cloudfront.net",
    enabled=True,
    deployed=True,
    web_acl="",
    error_pages=(),
    path=None,
    behaviors=(BEHAVIOR,),
)


def with_behavior(**changes: Any) -> Facts:
    """Give the facts with a behavior that differs."""
    return replace(FACTS, behaviors=(replace(BEHAVIOR, **changes),))


def with_origin(**changes: Any) -> Facts:
    """Give the facts with an origin that differs."""
    return with_behavior(origin=replace(ORIGIN, **changes))


def with_url(**changes: Any) -> Facts:
    """Give the facts with a Function URL that differs."""
    return with_origin(url=replace(URL, **changes))


def with_function(**changes: Any) -> Facts:
    """Give the facts with an edge function that differs."""
    return with_behavior(associations=(replace(ASSOCIATION, function=replace(FUNCTION, **changes)),))
