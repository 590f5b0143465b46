"""Each fault that doctor must name, made one at a time: a code without a fault here fails the suite.

Those with a `why` are edited into AWS's answers, since MiniStack cannot represent them; the others are made with boto3.
"""

from dataclasses import dataclass, field

from tests.support.aws.doctor_fault_makers import (
    INVOKE,
    INVOKE_URL,
    READ,
    Make,
    anyone,
    authorization_dropped,
    chat_is,
    chosen_at_run_time,
    compressed,
    config,
    denying,
    distrusted,
    edited,
    elsewhere,
    instead,
    legacy,
    no_override,
    oac,
    of_function,
    origin,
    public,
    settings,
    slow,
    trusted_for,
    updates_runtime_on,
    web_function,
    with_cloudfront_function,
    with_layer,
)
from tests.support.aws.doctor_world import OWN_HANDLER, agent, chat, listing
from tests.support.aws.ministack_server import ACCOUNT_ID

OTHER = f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/EOTHEREXAMPLE"
WEB_ID = "abcdef0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: the code and severity that it must bring, how it is made, and the path that is asked about.

    `also` are findings that come with it: notes, and what a public URL or a Web Function brings.
    """

    code: str
    name: str
    make: Make
    severity: str = "broken"
    path: str | None = None
    why: str | None = None
    also: dict[str, str] = field(default_factory=dict)


NEVER_PENDING = "MiniStack's functions are never left in another state than Active"
NO_DENY = "AddPermission writes no Deny"
AT_ONCE = "MiniStack deploys at once"
NO_FUNCTIONS = "MiniStack has no CloudFront Functions"
NO_KEY_GROUPS = "MiniStack would want the key group to be there"
TOO_YOUNG = "MiniStack does not know this mode yet"
NO_RUNTIME_MANAGEMENT = "MiniStack does not know runtime management"
TOO_LARGE = "it would have to be uploaded, or run"
NO_IMAGES = "an image would have to be in a registry"

FAULTS = (
    Fault(code="EH101", name="leads-to-s3", make=chat_is(TargetOriginId="page"), path="/chat"),
    Fault(code="EH101", name="other-behavior", make=lambda _: None, path="/Chat"),
    Fault(code="EH102", name="get-only", make=chat_is(AllowedMethods=READ), path="/chat"),
    Fault(code="EH102", name="get-only-unasked", make=chat_is(AllowedMethods=READ), severity="note"),
    Fault(code="EH103", name="disabled", make=config(lambda found: found.update(Enabled=False))),
    Fault(
        code="EH104",
        name="in-progress",
        make=edited("cloudfront:GetDistribution", lambda answer: answer["Distribution"].update(Status="InProgress")),
        severity="note",
        why=AT_ONCE,
    ),
    Fault(
        code="EH105",
        name="page-for-403",
        make=config(
            lambda found: found.update(
                CustomErrorResponses=listing(
                    [{"ErrorCode": 403, "ResponsePagePath": "/index.html", "ResponseCode": "200"}]
                )
            )
        ),
        severity="risky",
    ),
    Fault(
        code="EH106",
        name="web-acl",
        make=config(
            lambda found: found.update(
                WebACLId=f"arn:aws:wafv2:us-east-1:{ACCOUNT_ID}:global/webacl/rules/a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"
            )
        ),
        severity="note",
    ),
    Fault(
        code="EH107",
        name="signed-cookies",
        make=edited(
            "cloudfront:GetDistribution",
            lambda answer: chat(answer["Distribution"]["DistributionConfig"]).update(
                TrustedKeyGroups={"Enabled": True, "Quantity": 1, "Items": ["KEXAMPLE"]}
            ),
        ),
        severity="note",
        why=NO_KEY_GROUPS,
    ),
    Fault(
        code="EH105",
        name="page-for-404",
        make=config(
            lambda found: found.update(
                CustomErrorResponses=listing(
                    [{"ErrorCode": 404, "ResponsePagePath": "/index.html", "ResponseCode": "200"}]
                )
            )
        ),
        severity="note",
    ),
    Fault(
        code="EH108",
        name="origin-at-run-time",
        make=chosen_at_run_time,
        path="/chat",
        severity="note",
        why=NO_FUNCTIONS,
    ),
    Fault(code="EH109", name="cloudfront-function", make=with_cloudfront_function, severity="note", why=NO_FUNCTIONS),
    Fault(
        code="EH110",
        name="geo-restriction",
        make=config(
            lambda found: found.update(
                Restrictions={"GeoRestriction": {"RestrictionType": "blacklist"} | listing(["AQ"])}
            )
        ),
        severity="note",
    ),
    Fault(
        code="EH111",
        name="whole-url",
        make=config(lambda found: agent(found).update(DomainName=f"https://{agent(found)['DomainName']}/")),
    ),
    Fault(code="EH201", name="no-oac", make=config(lambda found: agent(found).update(OriginAccessControlId=""))),
    Fault(
        code="EH202",
        name="oac-for-s3",
        make=lambda world: world.edit(lambda found: agent(found).update(OriginAccessControlId=world.new_oac("s3"))),
    ),
    Fault(code="EH203", name="never", make=oac(SigningBehavior="never")),
    Fault(code="EH204", name="no-override", make=authorization_dropped, severity="risky"),
    Fault(code="EH205", name="no-override-authorization", make=no_override, severity="note"),
    Fault(
        code="EH206",
        name="always-amz-auth",
        make=edited(
            "cloudfront:GetOriginAccessControl",
            lambda answer: answer["OriginAccessControl"]["OriginAccessControlConfig"].update(
                SigningBehavior="always-amz-auth"
            ),
        ),
        why=TOO_YOUNG,
    ),
    Fault(
        code="EH207",
        name="web-function",
        make=config(lambda found: agent(found).update(DomainName="abcdef0123456789.lambda-web.eu-west-1.on.aws")),
        severity="note",
        also={"EH208": "broken", "EH311": "note"},
    ),
    Fault(
        code="EH208",
        name="web-function-signed-as-a-url",
        make=web_function(f"{WEB_ID}.use1.lambda-web.us-east-1.on.aws"),
        also={"EH311": "note"},
    ),
    Fault(
        code="EH209",
        name="global-web-function-signed-for-one-region",
        make=web_function(f"{WEB_ID}.lambda-web.global.on.aws", SigningBehavior="always-amz-auth"),
        why=TOO_YOUNG,
        also={"EH311": "note"},
    ),
    Fault(
        code="EH311",
        name="web-function-in-order",
        make=web_function(f"{WEB_ID}.use1.lambda-web.us-east-1.on.aws", SigningBehavior="always-amz-auth"),
        severity="note",
        why=TOO_YOUNG,
    ),
    Fault(code="EH301", name="auth-type-none", make=public(INVOKE_URL, INVOKE), severity="risky"),
    Fault(code="EH302", name="public-without-url-permission", make=public(INVOKE), also={"EH301": "risky"}),
    Fault(code="EH303", name="public-without-invoke-permission", make=public(INVOKE_URL), also={"EH301": "risky"}),
    Fault(code="EH302", name="no-url-permission", make=instead(INVOKE_URL)),
    Fault(code="EH302", name="url-permission-for-none", make=instead(INVOKE_URL, FunctionUrlAuthType="NONE")),
    Fault(code="EH303", name="no-invoke-permission", make=instead(INVOKE)),
    Fault(code="EH304", name="url-permission-on-alias", make=instead(INVOKE_URL, Qualifier="live")),
    Fault(code="EH305", name="invoke-permission-on-alias", make=instead(INVOKE, Qualifier="live")),
    Fault(code="EH306", name="url-permission-for-other", make=instead(INVOKE_URL, distribution=OTHER)),
    Fault(code="EH307", name="invoke-permission-for-other", make=instead(INVOKE, distribution=OTHER)),
    Fault(code="EH308", name="url-denied", make=denying(INVOKE_URL), why=NO_DENY),
    Fault(code="EH309", name="invoke-denied", make=denying(INVOKE), why=NO_DENY),
    Fault(code="EH310", name="everyone", make=anyone(Principal="*"), severity="risky"),
    Fault(code="EH310", name="every-distribution", make=anyone(Principal="cloudfront.amazonaws.com"), severity="risky"),
    Fault(
        code="EH310",
        name="every-account",
        make=anyone(Principal="cloudfront.amazonaws.com", SourceArn="arn:aws:cloudfront::*:distribution/*"),
        severity="risky",
    ),
    Fault(
        code="EH312",
        name="turned-off",
        make=lambda world: world.agents.put_function_concurrency(
            FunctionName=world.agent_name, ReservedConcurrentExecutions=0
        ),
    ),
    Fault(code="EH401", name="all-viewer", make=chat_is(OriginRequestPolicyId="216adef6-5c7f-47e4-b989-5492eafa07d3")),
    Fault(
        code="EH401",
        name="all-except-another",
        make=lambda world: world.edit_chat(OriginRequestPolicyId=world.request_policy("allExcept", "Cookie")),
    ),
    Fault(
        code="EH401",
        name="host-by-name",
        make=lambda world: world.edit_chat(OriginRequestPolicyId=world.request_policy("whitelist", "Host")),
    ),
    Fault(code="EH402", name="origin-headers", make=chat_is(CachePolicyId="83da9c7e-98b4-4e11-a168-04f0df8e2c65")),
    Fault(
        code="EH402",
        name="host-in-own-policy",
        make=lambda world: world.edit_chat(CachePolicyId=world.cache_policy(headers=("HOST",))),
    ),
    Fault(code="EH402", name="legacy-all-headers", make=legacy),
    Fault(
        code="EH403",
        name="caching-optimized",
        make=chat_is(CachePolicyId="658327ea-f89d-4fab-a63d-7e88639e58f6"),
        severity="risky",
    ),
    Fault(
        code="EH403",
        name="own-policy-caches",
        make=lambda world: world.edit_chat(CachePolicyId=world.cache_policy(default_ttl_s=60)),
        severity="risky",
    ),
    Fault(code="EH501", name="http-only", make=origin(OriginProtocolPolicy="http-only")),
    Fault(code="EH501", name="match-viewer", make=origin(OriginProtocolPolicy="match-viewer")),
    Fault(code="EH502", name="compressed-stream", make=compressed, severity="risky"),
    Fault(code="EH502", name="compression-that-sleeps", make=chat_is(Compress=True), severity="note"),
    Fault(code="EH503", name="default-timeout", make=origin(OriginReadTimeout=30), severity="risky"),
    Fault(
        code="EH504",
        name="completion-timeout",
        make=config(lambda found: agent(found).update(ResponseCompletionTimeout=90)),
        severity="note",
    ),
    Fault(code="EH505", name="slow-function", make=slow, severity="note"),
    Fault(code="EH506", name="another-port", make=origin(HTTPSPort=8443)),
    Fault(code="EH507", name="old-tls", make=origin(OriginSslProtocols=listing(["TLSv1"]))),
    Fault(
        code="EH601",
        name="viewer-request",
        make=lambda world: world.associate(world.version_arn, "viewer-request"),
    ),
    Fault(code="EH602", name="no-function", make=lambda world: world.associate(None)),
    Fault(
        code="EH603",
        name="another-function",
        make=lambda world: world.associate(world.function("jwt-check")),
        severity="note",
    ),
    Fault(
        code="EH603",
        name="another-function-without-the-body",
        make=lambda world: world.associate(world.function("rewrite"), body=False),
    ),
    Fault(code="EH604", name="no-body", make=lambda world: world.associate(world.version_arn, body=False)),
    Fault(
        code="EH605",
        name="latest",
        make=lambda world: world.associate(f"{world.version_arn.removesuffix(':1')}:$LATEST"),
    ),
    Fault(code="EH605", name="unqualified", make=lambda world: world.associate(world.version_arn.removesuffix(":1"))),
    Fault(code="EH606", name="another-region", make=elsewhere),
    Fault(
        code="EH607",
        name="no-version",
        make=lambda world: world.associate(f"{world.version_arn.removesuffix(':1')}:99"),
    ),
    Fault(code="EH608", name="unknown-setting", make=settings("oversize=allow")),
    Fault(code="EH608", name="header-twice", make=settings("oversize=reject", "bodyless=hash")),
    Fault(
        code="EH609",
        name="pending",
        make=of_function(State="Pending", StateReason="The function is being created."),
        why=NEVER_PENDING,
    ),
    Fault(code="EH609", name="failed", make=of_function(State="Failed", StateReason="Broken."), why=NEVER_PENDING),
    Fault(
        code="EH610",
        name="arm64",
        make=lambda world: world.associate(world.function("hasher-arm", Handler=OWN_HANDLER, Architectures=["arm64"])),
    ),
    Fault(code="EH611", name="environment", make=lambda world: world.republish(Environment={"Variables": {"A": "b"}})),
    Fault(code="EH612", name="layers", make=with_layer),
    Fault(
        code="EH613",
        name="vpc",
        make=lambda world: world.republish(VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}),
    ),
    Fault(code="EH614", name="too-long", make=lambda world: world.republish(Timeout=60)),
    Fault(code="EH615", name="no-edge-trust", make=distrusted),
    Fault(code="EH615", name="another-action", make=trusted_for("sts:TagSession")),
    Fault(code="EH616", name="image", make=of_function(PackageType="Image"), why=NO_IMAGES),
    Fault(code="EH617", name="x-ray", make=lambda world: world.republish(TracingConfig={"Mode": "Active"})),
    Fault(
        code="EH618",
        name="java",
        make=lambda world: world.associate(world.function("hasher-java", Handler=OWN_HANDLER, Runtime="java21")),
    ),
    Fault(code="EH619", name="60-mb", make=of_function(CodeSize=60_000_000), why=TOO_LARGE),
    Fault(code="EH620", name="managed-instance", make=of_function(MemorySize=16_384), why=TOO_LARGE),
    Fault(code="EH621", name="grpc", make=chat_is(GrpcConfig={"Enabled": True})),
    Fault(code="EH622", name="manual", make=updates_runtime_on("Manual"), why=NO_RUNTIME_MANAGEMENT),
)
