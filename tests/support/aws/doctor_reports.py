"""Public reports of requests that failed between CloudFront and Lambda, as facts: what was wrong.

Each names where it was reported. What the reports leave out is as it should be; none of their words are repeated here.
"""

from dataclasses import dataclass, replace
from typing import Any

from edge_hasher.doctor.facts import CachePolicy, CloudFrontFunction, Facts, RequestPolicy, Unread
from edge_hasher.doctor.reading.managed_policies import CACHE_POLICIES, REQUEST_POLICIES
from edge_hasher.doctor.resource_policy import INVOKE, INVOKE_URL, Condition, Statement
from tests.support.aws.doctor_facts import (
    AGENT_ARN,
    ARN,
    ASSOCIATION,
    BEHAVIOR,
    FACTS,
    FUNCTION,
    OAC,
    ORIGIN,
    URL,
    statement,
)

CACHING_OPTIMIZED = CACHE_POLICIES["658327ea-f89d-4fab-a63d-7e88639e58f6"]
ORIGIN_HEADERS = CACHE_POLICIES["83da9c7e-98b4-4e11-a168-04f0df8e2c65"]
AMPLIFY = CACHE_POLICIES["2e54312d-136d-493c-8eb9-b001f22f67d2"]
ALL_VIEWER = REQUEST_POLICIES["216adef6-5c7f-47e4-b989-5492eafa07d3"]
CORS = REQUEST_POLICIES["59781a5b-3903-41f3-afcb-af62929ccde1"]
READING = frozenset({"GET", "HEAD", "OPTIONS"})
BROWSED = frozenset({"GET", "HEAD"})


def condition(operator: str, key: str, *values: str) -> Condition:
    """Give a condition."""
    return Condition(operator=operator, key=key, values=values)


def everyone(action: str, **changes: Any) -> Statement:
    """Give a statement that opens a public URL, as the SAM CLI and the console write it."""
    key = "lambda:functionurlauthtype" if action == INVOKE_URL else "lambda:invokedviafunctionurl"
    only = condition(
        "stringequals" if action == INVOKE_URL else "bool", key, "NONE" if action == INVOKE_URL else "true"
    )
    return statement(action, f"public-{action[7:]}", only, principals=("*",), **changes)


CLOUDFRONT_BOTH = (statement(INVOKE_URL, "url"), statement(INVOKE, "invoke"))
PUBLIC_BOTH = (everyone(INVOKE_URL), everyone(INVOKE))


def setup(
    *, url: Any = None, origin: Any = None, behavior: Any = None, oac: Any = None, facts: Any = None, edge: Any = None
) -> Facts:
    """Give the facts in which everything is right but for these changes, level by level."""
    changed = dict(origin or {})
    changed.setdefault("url", replace(URL, **(url or {})))
    changed.setdefault("access_control", replace(OAC, **(oac or {})))
    around = {"origin": replace(ORIGIN, **changed), **(behavior or {})}
    if edge is not None:
        around["associations"] = (replace(ASSOCIATION, function=replace(FUNCTION, **edge)),)
    return replace(FACTS, behaviors=(replace(BEHAVIOR, **around),), **(facts or {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What was reported and where, the set-up, and the code of the true cause, which must come first."""

    name: str
    source: str
    facts: Facts
    first: str


NO_FUNCTION = {"associations": ()}
AT_API = {"path": "/api"}
REPORTS = (
    Case(
        name="an old construct grants one of two permissions",
        source="aws/aws-cdk#35872",
        facts=setup(url={"policy": CLOUDFRONT_BOTH[:1]}),
        first="EH303",
    ),
    Case(
        name="redirects down, the function never invoked",
        source="DhananjayThomble/URL-Shortener-App#391",
        facts=setup(
            url={"policy": CLOUDFRONT_BOTH[:1], "streams": False}, behavior={"methods": BROWSED, **NO_FUNCTION}
        ),
        first="EH303",
    ),
    Case(
        name="a starter kit without the second permission",
        source="aws-samples/serverless-full-stack-webapp-starter-kit#82",
        facts=setup(url={"policy": CLOUDFRONT_BOTH[:1], "qualifier": None}, behavior=NO_FUNCTION),
        first="EH303",
    ),
    Case(
        name="a Terraform module without the second permission",
        source="RJPearson94/terraform-aws-open-next#71",
        facts=setup(url={"policy": CLOUDFRONT_BOTH[:1]}, behavior={"cache": CACHING_OPTIMIZED, "methods": READING}),
        first="EH303",
    ),
    Case(
        name="a public URL with one permission for everyone",
        source="opennextjs/opennextjs-aws#1068",
        facts=setup(
            url={"auth_type": "NONE", "policy": PUBLIC_BOTH[:1]}, origin={"access_control": None}, behavior=NO_FUNCTION
        ),
        first="EH303",
    ),
    Case(
        name="a public URL of a book's example",
        source="brikis98/devops-book#12",
        facts=setup(
            url={"auth_type": "NONE", "policy": PUBLIC_BOTH[:1], "streams": False}, origin={"access_control": None}
        ),
        first="EH303",
    ),
    Case(
        name="a framework's public URL",
        source="oss-serverless/osls#102",
        facts=setup(url={"auth_type": "NONE", "policy": (everyone(INVOKE_URL),)}, behavior={"methods": BROWSED}),
        first="EH303",
    ),
    Case(
        name="made public as a way out, without the second permission, signing turned off",
        source="aws-amplify/amplify-backend#3194",
        facts=setup(
            url={"auth_type": "NONE", "policy": PUBLIC_BOTH[:1]}, oac={"behavior": "never"}, behavior=NO_FUNCTION
        ),
        first="EH303",
    ),
    Case(
        name="a public URL on an alias, its permission on the function",
        source="aws/serverless-application-model#2373",
        facts=setup(
            url={
                "auth_type": "NONE",
                "qualifier": "live",
                "policy": (everyone(INVOKE, resources=(f"{AGENT_ARN}:live",)),),
                "elsewhere": (everyone(INVOKE_URL),),
            },
            origin={"access_control": None},
        ),
        first="EH304",
    ),
    Case(
        name="protection with an external router makes no permissions",
        source="anomalyco/sst#6651",
        facts=setup(url={"policy": ()}),
        first="EH302",
    ),
    Case(
        name="no permission, and GET answered from the cache",
        source="CloudFront Developer Guide: cached responses ask no origin",
        facts=setup(url={"policy": ()}, behavior={"cache": CACHING_OPTIMIZED}),
        first="EH302",
    ),
    Case(
        name="the permission is for a public URL, and the URL is private by now",
        source="anomalyco/sst#5548",
        facts=setup(url={"policy": PUBLIC_BOTH[:1] + CLOUDFRONT_BOTH[1:]}),
        first="EH302",
    ),
    Case(
        name="the permissions are on the function, and the URL on an alias",
        source="aws/aws-cdk#31339",
        facts=setup(url={"qualifier": "live", "policy": (), "elsewhere": CLOUDFRONT_BOTH}),
        first="EH304",
    ),
    Case(
        name="the distribution was created again",
        source="anomalyco/sst#5701",
        facts=setup(
            url={
                "policy": tuple(
                    replace(each, conditions=(condition("arnlike", "aws:sourcearn", f"{ARN}OLD"),))
                    for each in CLOUDFRONT_BOTH
                )
            }
        ),
        first="EH306",
    ),
    Case(
        name="a guard against other accounts that shuts out one's own",
        source="IAM User Guide, aws:SourceAccount",
        facts=setup(
            url={
                "policy": (
                    *CLOUDFRONT_BOTH,
                    statement(
                        "lambda:*",
                        "guard",
                        condition("stringnotequals", "aws:sourceaccount", "210987654321"),
                        allows=False,
                        principals=("*",),
                    ),
                )
            }
        ),
        first="EH308",
    ),
    Case(
        name="server actions never arrive",
        source="cdklabs/cdk-nextjs#87",
        facts=setup(behavior=NO_FUNCTION),
        first="EH602",
    ),
    Case(
        name="the origin access control signs, and POST gets 403",
        source="anomalyco/sst#4684",
        facts=setup(behavior=NO_FUNCTION, facts={"path": "/_server"}),
        first="EH602",
    ),
    Case(
        name="a sign-in form behind the simulator's blind spot",
        source="KensioSoftware/yulin#651",
        facts=setup(behavior={**NO_FUNCTION, "compresses": True}, url={"streams": False}),
        first="EH602",
    ),
    Case(
        name="the client's header is misspelt",
        source="minorun365/html-share#4",
        facts=setup(behavior=NO_FUNCTION, url={"streams": False}, facts={"path": "/api/pairings/claim"}),
        first="EH602",
    ),
    Case(
        name="GET /health works, POST /chat does not",
        source="isseikuzuki.co.uk: SSE streaming from Lambda",
        facts=setup(behavior=NO_FUNCTION, facts={"path": "/chat"}),
        first="EH602",
    ),
    Case(
        name="pings without the header",
        source="tessaryai/tessary#62",
        facts=setup(behavior=NO_FUNCTION, url={"streams": False}, facts={"path": "/v1/ping"}),
        first="EH602",
    ),
    Case(
        name="the assistant's stream without the header",
        source="elastic/docs-builder#2137",
        facts=setup(behavior=NO_FUNCTION, facts={"path": "/ask-ai/stream"}),
        first="EH602",
    ),
    Case(
        name="a form action is not allowed",
        source="anomalyco/sst#2948",
        facts=setup(behavior={"methods": BROWSED}, facts={"path": "/"}),
        first="EH102",
    ),
    Case(
        name="only cachable requests",
        source="serverless-nextjs/serverless-next.js#454",
        facts=setup(behavior={"methods": READING}, facts=AT_API),
        first="EH102",
    ),
    Case(
        name="a mail is not sent from production",
        source="RJPearson94/terraform-aws-open-next#3",
        facts=setup(behavior={"methods": READING, **NO_FUNCTION}, facts={"path": "/contact"}),
        first="EH102",
    ),
    Case(
        name="a form of a page under the web adapter",
        source="eiji.page: AWS function Lambda POST",
        facts=setup(behavior={"methods": BROWSED, **NO_FUNCTION}, facts={"path": "/form"}),
        first="EH102",
    ),
    Case(
        name="an origin group takes no server actions",
        source="jetbridge/cdk-nextjs#129",
        facts=setup(behavior={"methods": READING, "origin_group": "server-or-static"}, facts={"path": "/action"}),
        first="EH102",
    ),
    Case(
        name="failover on the default behavior",
        source="anomalyco/sst#4094",
        facts=setup(
            behavior={"methods": READING, "origin_group": "failover", "is_default": True, "pattern": "*"},
            facts={"path": "/_server"},
        ),
        first="EH102",
    ),
    Case(
        name="all headers are forwarded, Host among them",
        source="aws/aws-cdk#20090",
        facts=setup(
            url={"auth_type": "NONE", "policy": PUBLIC_BOTH},
            origin={"access_control": None},
            behavior={"request": ALL_VIEWER},
        ),
        first="EH401",
    ),
    Case(
        name="a custom domain in front of a private URL",
        source="zirkelc.dev: Lambda Function URLs with IAM and CloudFront domains",
        facts=setup(behavior={"request": ALL_VIEWER}),
        first="EH401",
    ),
    Case(
        name="the older settings with all headers",
        source="Droplr/serverless-api-cloudfront#15",
        facts=setup(
            behavior={
                "cache": CachePolicy(
                    name="own",
                    headers=frozenset({"*"}),
                    min_ttl_s=0,
                    default_ttl_s=0,
                    compresses=True,
                    is_legacy=True,
                ),
                "request": None,
            }
        ),
        first="EH402",
    ),
    Case(
        name="the cache policy that heeds the origin's headers",
        source="CloudFront Developer Guide: UseOriginCacheControlHeaders has Host in its key",
        facts=setup(behavior={"cache": ORIGIN_HEADERS}),
        first="EH402",
    ),
    Case(
        name="Amplify's cache policy",
        source="CloudFront Developer Guide: Amplify has Host in its key",
        facts=setup(behavior={"cache": AMPLIFY}),
        first="EH402",
    ),
    Case(
        name="a private URL without an origin access control",
        source="micah.soy: lock down Lambda function access with CloudFront",
        facts=setup(origin={"access_control": None}, behavior=NO_FUNCTION),
        first="EH201",
    ),
    Case(
        name="the origin access control of the bucket",
        source="micah.soy: the origin type matters",
        facts=setup(oac={"origin_type": "s3"}),
        first="EH202",
    ),
    Case(
        name="bearer tokens are sent on unsigned, and refused",
        source="rimutaka on DEV: AWS Lambda with CloudFront configuration guide",
        facts=setup(oac={"behavior": "no-override"}, behavior={"request": CORS}),
        first="EH204",
    ),
    Case(
        name="bearer tokens arrive in place of the signature",
        source="anomalyco/sst#6063",
        facts=setup(oac={"behavior": "no-override"}),
        first="EH205",
    ),
    Case(
        name="one's own edge function has environment variables",
        source="anomalyco/sst#6557",
        facts=setup(edge={"environment": ("SST_RESOURCE_App",), "handler": "edge.handler"}),
        first="EH611",
    ),
    Case(
        name="edge mode with environment variables",
        source="anomalyco/sst#4539",
        facts=setup(edge={"environment": ("SST_RESOURCE_App",)}),
        first="EH611",
    ),
    Case(
        name="a function in a VPC",
        source="serverless/serverless#7671",
        facts=setup(edge={"features": frozenset({"vpc"})}),
        first="EH613",
    ),
    Case(
        name="503, the function is invalid or lacks permissions",
        source="serverless-nextjs/serverless-next.js#181",
        facts=setup(behavior={"associations": (replace(ASSOCIATION, function=None),)}),
        first="EH607",
    ),
    Case(
        name="the edge function gets no body",
        source="aws/aws-cdk#10008",
        facts=setup(behavior={"associations": (replace(ASSOCIATION, includes_body=False),)}),
        first="EH604",
    ),
    Case(
        name="a rewriting function in the only place for a hash",
        source="anomalyco/sst#5554",
        facts=setup(
            behavior={
                "associations": (
                    replace(ASSOCIATION, includes_body=False, function=replace(FUNCTION, handler="rewrite.handler")),
                )
            }
        ),
        first="EH603",
    ),
    Case(
        name="slow requests end with 504",
        source="mbeher2200/DarkHours#241",
        facts=setup(url={"streams": False, "timeout_s": 120}, origin={"read_timeout_s": 30}),
        first="EH505",
    ),
    Case(
        name="a model thinks for longer than CloudFront waits",
        source="anomalyco/sst#5207",
        facts=setup(origin={"read_timeout_s": 20}, facts={"path": "/chat"}),
        first="EH503",
    ),
    Case(
        name="errors of the API come as the page, with 200",
        source="aws-samples/sample-collaborative-ai-dlc#186",
        facts=setup(facts={"error_pages": ((403, "/index.html", "200"), (404, "/index.html", "200"))}),
        first="EH105",
    ),
    Case(
        name="missing routes of the API come as the page",
        source="GuardBench/guardbench-iac#10",
        facts=setup(facts={"error_pages": ((404, "/index.html", "200"),)}),
        first="EH105",
    ),
    Case(
        name="bodies over 8 KB get 403, and nothing is logged",
        source="aws-solutions/deepracer-on-aws#89",
        facts=setup(facts={"web_acl": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b"}),
        first="EH106",
    ),
    Case(
        name="the pattern has no wildcard, so the default behavior serves",
        source="repost.aws: CloudFront is not following a cache behavior",
        facts=setup(
            origin={"id": "bucket", "host": "page.s3.amazonaws.com", "kind": "other", "protocol": ""},
            behavior={"is_default": True, "pattern": "*", "methods": BROWSED, **NO_FUNCTION},
            facts={"path": "/api/users"},
        ),
        first="EH101",
    ),
    Case(
        name="a router that chooses the origin at run time",
        source="anomalyco/sst#5587",
        facts=setup(
            origin={
                "host": "placeholder.sst.dev",
                "kind": "other",
                "protocol": "http-only",
                "access_control": None,
                "chosen_by": "router",
                "url": Unread(what="the function", why="chosen at run time", after="EH108"),
            },
            behavior={**NO_FUNCTION, "functions": (CloudFrontFunction(name="router", event="viewer-request"),)},
        ),
        first="EH108",
    ),
    Case(
        name="plain HTTP to the origin",
        source="anomalyco/sst#6742",
        facts=setup(origin={"protocol": "http-only"}),
        first="EH501",
    ),
    Case(
        name="a custom origin request policy that names Host",
        source="DhananjayThomble/URL-Shortener-App#302",
        facts=setup(
            behavior={"request": RequestPolicy(name="geo", mode="whitelist", headers=frozenset({"host", "origin"}))}
        ),
        first="EH401",
    ),
)
