"""Set-ups that work, of the kinds that public templates and guides make: nothing in them is broken or risky."""

from dataclasses import replace

from edge_hasher.doctor.facts import CachePolicy, CloudFrontFunction, RequestPolicy, Unread
from edge_hasher.doctor.reading.managed_policies import REQUEST_POLICIES
from edge_hasher.doctor.resource_policy import INVOKE, INVOKE_URL
from tests.support.aws.doctor_facts import AGENT_ARN, ASSOCIATION, BEHAVIOR, FACTS, FUNCTION, statement
from tests.support.aws.doctor_reports import (
    BROWSED,
    CACHING_OPTIMIZED,
    CLOUDFRONT_BOTH,
    NO_FUNCTION,
    PUBLIC_BOTH,
    condition,
    setup,
)

PAGES = {"pattern": "*", "is_default": True}
SITE = {"id": "server", "read_timeout_s": 30}
NEXT_CACHE = CachePolicy(
    name="server", headers=frozenset({"accept", "rsc"}), min_ttl_s=0, default_ttl_s=0, compresses=True
)
ANOTHER = replace(ASSOCIATION, function=replace(FUNCTION, name="signer", handler="index.handler"))
NAMES_THE_DIGEST = RequestPolicy(
    name="digest", mode="whitelist", headers=frozenset({"content-type", "x-amz-content-sha256"})
)
OF_THE_ACCOUNT = condition("arnlike", "aws:sourcearn", "arn:aws:cloudfront::123456789012:distribution/*")
WEB = {
    "kind": "web-function",
    "host": "abc.use1.lambda-web.us-east-1.on.aws",
    "url": Unread(what="the function", why="doctor reads Function URLs", after="EH311"),
}
ROUTER = (CloudFrontFunction(name="router", event="viewer-request"),)
REWRITES = (
    CloudFrontFunction(name="paths", event="viewer-request", code="request.uri = '/index.html'; return request;"),
)

HEALTHY = {
    "the example of this project": FACTS,
    "every setting at its best, on an alias": setup(
        url={
            "qualifier": "live",
            "policy": tuple(replace(each, resources=(f"{AGENT_ARN}:live",)) for each in CLOUDFRONT_BOTH),
        }
    ),
    "CDK: permissions for the whole function URL action": setup(
        url={
            "policy": (
                CLOUDFRONT_BOTH[0],
                statement(
                    INVOKE,
                    "cdk",
                    *CLOUDFRONT_BOTH[1].conditions,
                    condition("bool", "lambda:invokedviafunctionurl", "true"),
                ),
            )
        }
    ),
    "lambroll: every distribution of the account": setup(
        url={"policy": tuple(replace(each, conditions=(OF_THE_ACCOUNT,)) for each in CLOUDFRONT_BOTH)}
    ),
    "one statement by account": setup(
        url={
            "policy": (
                statement(
                    "lambda:InvokeFunction*", "account", condition("stringequals", "aws:sourceaccount", "123456789012")
                ),
            )
        }
    ),
    "a guard against other accounts": setup(
        url={
            "policy": (
                *CLOUDFRONT_BOTH,
                statement(
                    "lambda:*",
                    "guard",
                    condition("stringnotequals", "aws:sourceaccount", "123456789012"),
                    allows=False,
                    principals=("*",),
                ),
            )
        }
    ),
    "a guard against plain HTTP": setup(
        url={
            "policy": (
                *CLOUDFRONT_BOTH,
                statement(
                    "lambda:*",
                    "tls",
                    condition("bool", "aws:securetransport", "false"),
                    allows=False,
                    principals=("*",),
                ),
            )
        }
    ),
    "a guard for services alone": setup(
        url={
            "policy": (
                *CLOUDFRONT_BOTH,
                statement(
                    "lambda:*",
                    "aws",
                    condition("boolifexists", "aws:principalisawsservice", "false"),
                    allows=False,
                    principals=("*",),
                ),
            )
        }
    ),
    "a guard for one distribution": setup(
        url={
            "policy": (
                *CLOUDFRONT_BOTH,
                statement(
                    INVOKE_URL,
                    "only",
                    condition("arnnotlikeifexists", "aws:sourcearn", FACTS.arn),
                    allows=False,
                    principals=("*",),
                ),
            )
        }
    ),
    "SST: a public URL": setup(
        url={"auth_type": "NONE", "policy": PUBLIC_BOTH, "function": "site-server"},
        origin={"access_control": None, **SITE},
        behavior={**PAGES, **NO_FUNCTION, "compresses": True, "cache": NEXT_CACHE},
    ),
    "Amplify: a public URL, and an origin access control that never signs": setup(
        url={"auth_type": "NONE", "policy": PUBLIC_BOTH}, oac={"behavior": "never"}, behavior=NO_FUNCTION
    ),
    "a public URL with a shared secret, and a web ACL": setup(
        url={"auth_type": "NONE", "policy": PUBLIC_BOTH},
        origin={"access_control": None},
        behavior=NO_FUNCTION,
        facts={"web_acl": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b"},
    ),
    "AWS's way: clients send the digest, and it is said": setup(behavior=NO_FUNCTION, facts={"clients_hash": True}),
    "AWS's way: the origin request policy names the digest": setup(
        behavior={**NO_FUNCTION, "request": NAMES_THE_DIGEST}
    ),
    "AWS's way: the URL's CORS settings name the digest": setup(
        url={"cors_headers": frozenset({"content-type", "x-amz-content-sha256"})}, behavior=NO_FUNCTION
    ),
    "SST: another function that hashes": setup(behavior={"associations": (ANOTHER,)}),
    "another function that hashes on viewer-request": setup(
        behavior={"associations": (replace(ANOTHER, event="viewer-request"),)}
    ),
    "OpenNext: pages stream within seconds": setup(
        origin=SITE, url={"function": "site-server"}, behavior={**PAGES, "cache": NEXT_CACHE, "compresses": True}
    ),
    "OpenNext: an image optimizer that only reads": setup(
        origin={"id": "images", "read_timeout_s": 30},
        url={"streams": False, "function": "images"},
        behavior={"pattern": "/_next/image*", "methods": BROWSED, "cache": CACHING_OPTIMIZED, **NO_FUNCTION},
    ),
    "a path that is read and cached": setup(
        url={"streams": False}, behavior={"methods": BROWSED, "cache": CACHING_OPTIMIZED, **NO_FUNCTION}
    ),
    "a long read timeout by a higher quota": setup(origin={"read_timeout_s": 120}),
    "a buffered function with a long timeout": setup(
        url={"streams": False, "timeout_s": 900}, origin={"read_timeout_s": 60}
    ),
    "a function with a reserved concurrency": setup(url={"reserved_concurrency": 10, "timeout_s": 30}),
    "TLS 1.2 and older ones": setup(origin={"ssl_protocols": frozenset({"TLSv1", "TLSv1.1", "TLSv1.2"})}),
    "CloudFront's headers beside the viewer's": setup(
        behavior={"request": RequestPolicy(name="own", mode="allExcept", headers=frozenset({"host", "cookie"}))}
    ),
    "no origin request policy at all": setup(behavior={"request": None}),
    "CORS headers alone": setup(behavior={"request": REQUEST_POLICIES["59781a5b-3903-41f3-afcb-af62929ccde1"]}),
    "clients that sign with SigV4 themselves": setup(oac={"behavior": "no-override"}),
    "a settings header of Edge Hasher": setup(origin={"settings": ("oversize=forward, keep-authorization=x-user",)}),
    "a CloudFront Function that rewrites paths": setup(behavior={"functions": REWRITES}),
    "SST's Router: the origin is chosen at run time": setup(
        origin={
            "host": "placeholder.sst.dev",
            "kind": "other",
            "protocol": "http-only",
            "access_control": None,
            "chosen_by": "router",
            "url": Unread(what="the function", why="chosen at run time", after="EH108"),
        },
        behavior={**PAGES, **NO_FUNCTION, "functions": ROUTER},
    ),
    "SST's Router: the function that was named is public": setup(
        origin={
            "host": "placeholder.sst.dev",
            "kind": "other",
            "protocol": "http-only",
            "access_control": None,
            "chosen_by": "router",
        },
        url={"auth_type": "NONE", "policy": PUBLIC_BOTH},
        behavior={**PAGES, **NO_FUNCTION, "functions": ROUTER},
    ),
    "a Web Function": setup(origin=WEB, oac={"behavior": "always-amz-auth", "protocol": "sigv4"}),
    "a global Web Function": setup(
        origin={**WEB, "host": "abc.lambda-web.global.on.aws"},
        oac={"behavior": "always-amz-auth", "protocol": "sigv4a"},
    ),
    "a Web Function that manages access itself": setup(origin={**WEB, "access_control": None}, behavior=NO_FUNCTION),
    "a page for 404 beside an API": setup(facts={"error_pages": ((404, "/404.html", "404"),)}),
    "errors kept for a while, without a page": setup(facts={"error_pages": ((403, "", ""), (502, "", ""))}),
    "signed cookies and a country list": setup(
        behavior={"wants_signed_viewers": True}, facts={"geo_restriction": "whitelist DE, CH"}
    ),
    "a chat, an upload and a page on one distribution": replace(
        FACTS,
        behaviors=(
            BEHAVIOR,
            replace(BEHAVIOR, pattern="/upload*"),
            replace(BEHAVIOR, pattern="/health", methods=BROWSED, associations=()),
        ),
    ),
    "an origin access control of another name": setup(oac={"id": "E9OTHER", "name": "shared", "protocol": "sigv4"}),
    "legacy settings that forward what the app reads": setup(
        behavior={
            "cache": CachePolicy(
                name="own",
                headers=frozenset({"authorization", "origin"}),
                min_ttl_s=0,
                default_ttl_s=0,
                compresses=True,
                is_legacy=True,
            ),
            "request": None,
        }
    ),
}
