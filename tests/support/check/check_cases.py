"""Faults of a healthy template, one for each check: what is changed, and the line on which it is found."""

from dataclasses import dataclass

from edge_hasher.doctor.reading.lambda_host import kind_of
from tests.support.check.check_run import TEMPLATES

HEALTHY = (TEMPLATES / "healthy.yaml").read_text()
ALL_METHODS = "AllowedMethods: [GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE]"
# From the page's bucket to the end, which is the behavior of the agent.
SITE = HEALTHY[HEALTHY.index("  Bucket:") :]
HARMLESS = "return event.request"
READS_DIGEST = "var d = event.request.headers['x-amz-content-sha256']; return event.request"
CHOOSES = "cf.updateRequestOrigin({domainName: host}); return event.request"
EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
SOURCE = "SourceArn: !Sub arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Site}"
URL_PERMISSION = HEALTHY[HEALTHY.index("  UrlPermission:") : HEALTHY.index("  InvokePermission:")]
INVOKE_PERMISSION = HEALTHY[HEALTHY.index("  InvokePermission:") : HEALTHY.index("  EdgeRole:")]
ENABLED = "        Enabled: true\n"
HANDLER = "Handler: edge_hasher.function.handler.lambda_handler\n"
OTHER_SITE = (
    "  Other:\n    Type: AWS::CloudFront::Distribution\n    Properties: {DistributionConfig: {Enabled: true}}\n"
)
COMPRESSING = "Compress: true\n            CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6"
LEGACY = "ForwardedValues: {QueryString: true}\n            MinTTL: 0\n            DefaultTTL: 60"
WEB_HOST = next(
    each
    for each in ("abc.g1.lambda-web.us-east-1.on.aws", "abc.lambda-web.us-east-1.on.aws")
    if kind_of(each) == "web-function"
)

# From the access control to the policy of the behavior, which may forward the viewer's Authorization.
SIGNED = HEALTHY[HEALTHY.index("SigningBehavior: always") : HEALTHY.index("            LambdaFunctionAssociations:")]
UNSIGNED = SIGNED.replace("always", "no-override").replace(f"            OriginRequestPolicyId: {EXCEPT_HOST}\n", "")

# From the application's function, past its URL and the access control, to the origin.
APP = HEALTHY[HEALTHY.index("Code: {S3Bucket: code, S3Key: agent.zip}") : HEALTHY.index("  AgentUrl:")]
SLOW = HEALTHY[HEALTHY.index(APP) : HEALTHY.index("        DefaultCacheBehavior:")]
URL_HOST = '!Select [2, !Split ["/", !GetAtt AgentUrl.FunctionUrl]]'
WEB_SIGNED = HEALTHY[HEALTHY.index("SigningBehavior: always") : HEALTHY.index(URL_HOST) + len(URL_HOST)]
ROUTED = HEALTHY[HEALTHY.index("  Bucket:") :].replace(f"DomainName: {URL_HOST}", "DomainName: placeholder.example.com")
READ_TIMEOUT = "OriginReadTimeout: 60\n"


@dataclass(frozen=True)
class Case:
    """A fault: what it changes in the healthy template, and the text on the line where it is found."""

    code: str
    old: str
    new: str
    marker: str
    viewer_path: str | None = None


def with_cloudfront_function(code: str, site: str = SITE) -> str:
    """The end of the template with a CloudFront Function of this code on the agent's behavior."""
    function = (
        "  Rewrite:\n    Type: AWS::CloudFront::Function\n    Properties:\n      Name: rewrite\n"
        f"      FunctionCode: |\n        function handler(event) {{ {code} }}\n"
        "      FunctionConfig: {Comment: '', Runtime: cloudfront-js-2.0}\n"
    )
    associated = "{EventType: viewer-request, FunctionARN: !GetAtt Rewrite.FunctionARN}"
    return f"{function}{site}            FunctionAssociations:\n              - {associated}\n"


def in_edge(new: str) -> tuple[str, str]:
    """A property more for the edge function."""
    return HANDLER, f"{HANDLER}      {new}\n"


CASES = [
    Case("EH101", "xxxx", "xxxx", "TargetOriginId: page", viewer_path="/other"),
    Case("EH102", ALL_METHODS, "AllowedMethods: [GET, HEAD]", "AllowedMethods: [GET, HEAD]"),
    Case("EH103", ENABLED, ENABLED.replace("true", "false"), "Enabled: false"),
    Case(
        "EH105",
        ENABLED,
        ENABLED + "        CustomErrorResponses: [{ErrorCode: 403, ResponsePagePath: /e.html, ResponseCode: 200}]\n",
        "CustomErrorResponses",
    ),
    Case(
        "EH106",
        ENABLED,
        ENABLED + "        WebACLId: arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b\n",
        "WebACLId",
    ),
    Case("EH107", ALL_METHODS, f"{ALL_METHODS}\n            TrustedKeyGroups: [abc]", "TrustedKeyGroups"),
    Case("EH108", SITE, with_cloudfront_function(CHOOSES, ROUTED), "FunctionAssociations:\n              - {Event"),
    Case("EH109", SITE, with_cloudfront_function(READS_DIGEST), "FunctionCode"),
    Case(
        "EH110",
        ENABLED,
        ENABLED + "        Restrictions: {GeoRestriction: {RestrictionType: blacklist, Locations: [FR]}}\n",
        "Restrictions:",
    ),
    Case("EH111", URL_HOST, "!GetAtt AgentUrl.FunctionUrl", "DomainName: !GetAtt AgentUrl.FunctionUrl"),
    Case("EH201", "            OriginAccessControlId: !GetAtt Access.Id\n", "", "- Id: agent"),
    Case("EH202", "OriginType: lambda", "OriginType: s3", "OriginAccessControlOriginType: s3"),
    Case("EH203", "SigningBehavior: always", "SigningBehavior: never", "SigningBehavior: never"),
    Case("EH204", SIGNED, UNSIGNED, "SigningBehavior: no-override"),
    Case("EH206", "SigningBehavior: always", "SigningBehavior: always-amz-auth", "SigningBehavior: always-amz-auth"),
    Case(
        "EH207",
        '!Select [2, !Split ["/", !GetAtt AgentUrl.FunctionUrl]]',
        WEB_HOST,
        "- Id: agent",
    ),
    Case("EH208", URL_HOST, WEB_HOST, "SigningBehavior: always"),
    Case(
        "EH209",
        WEB_SIGNED,
        WEB_SIGNED.replace("always", "always-amz-auth").replace("sigv4", "sigv4a").replace(URL_HOST, WEB_HOST),
        "SigningProtocol: sigv4a",
    ),
    Case("EH301", "      AuthType: AWS_IAM\n", "      AuthType: NONE\n", "      AuthType: NONE"),
    Case("EH302", URL_PERMISSION, "", "  AgentUrl:"),
    Case("EH303", INVOKE_PERMISSION, "", "  AgentUrl:"),
    Case("EH304", URL_PERMISSION, URL_PERMISSION.replace("!Ref Agent", "!Sub '${Agent}:live'"), "  UrlPermission:"),
    Case(
        "EH305",
        INVOKE_PERMISSION,
        INVOKE_PERMISSION.replace("!Ref Agent", "!Sub '${Agent}:live'"),
        "  InvokePermission:",
    ),
    Case("EH306", URL_PERMISSION, OTHER_SITE + URL_PERMISSION.replace("${Site}", "${Other}"), "  UrlPermission:"),
    Case(
        "EH307", INVOKE_PERMISSION, OTHER_SITE + INVOKE_PERMISSION.replace("${Site}", "${Other}"), "  InvokePermission:"
    ),
    Case("EH310", INVOKE_PERMISSION, INVOKE_PERMISSION.replace(f"      {SOURCE}\n", ""), "  InvokePermission:"),
    Case("EH311", URL_HOST, WEB_HOST, "DomainName: abc"),
    Case("EH312", APP, f"{APP}      ReservedConcurrentExecutions: 0\n", "ReservedConcurrentExecutions: 0"),
    Case("EH401", EXCEPT_HOST, "216adef6-5c7f-47e4-b989-5492eafa07d3", "216adef6-5c7f-47e4-b989-5492eafa07d3"),
    Case("EH402", DISABLED, "83da9c7e-98b4-4e11-a168-04f0df8e2c65", "83da9c7e-98b4-4e11-a168-04f0df8e2c65"),
    Case("EH403", f"CachePolicyId: {DISABLED}", LEGACY, "- PathPattern: /chat*"),
    Case(
        "EH501",
        "Policy: https-only\n              Origin",
        "Policy: match-viewer\n              Origin",
        "OriginProtocolPolicy: match-viewer",
    ),
    Case("EH502", f"Compress: false\n            CachePolicyId: {DISABLED}", COMPRESSING, "Compress: true"),
    Case("EH503", "OriginReadTimeout: 60", "OriginReadTimeout: 30", "OriginReadTimeout: 30"),
    Case(
        "EH504",
        "          - Id: agent\n",
        "          - Id: agent\n            ResponseCompletionTimeout: 90\n",
        "ResponseCompletionTimeout: 90",
    ),
    Case(
        "EH505",
        SLOW,
        SLOW.replace(APP, f"{APP}      Timeout: 50\n")
        .replace("      InvokeMode: RESPONSE_STREAM\n", "")
        .replace(READ_TIMEOUT, "OriginReadTimeout: 40\n"),
        "OriginReadTimeout: 40",
    ),
    Case("EH506", READ_TIMEOUT, f"{READ_TIMEOUT}              HTTPSPort: 8443\n", "HTTPSPort: 8443"),
    Case(
        "EH507",
        READ_TIMEOUT,
        f"{READ_TIMEOUT}              OriginSSLProtocols: [TLSv1, TLSv1.1]\n",
        "OriginSSLProtocols:",
    ),
    Case("EH601", "EventType: origin-request", "EventType: viewer-request", "EventType: viewer-request"),
    Case("EH602", HEALTHY[HEALTHY.index("            LambdaFunctionAssociations:") :], "", "- PathPattern: /chat*"),
    Case("EH603", HANDLER, "Handler: index.handler\n", "LambdaFunctionARN: !Ref EdgeVersion"),
    Case("EH604", "                IncludeBody: true\n", "", "- EventType: origin-request"),
    Case("EH605", "!Ref EdgeVersion", "!GetAtt Edge.Arn", "LambdaFunctionARN: !GetAtt Edge.Arn"),
    Case(
        "EH606", "!Ref EdgeVersion", "arn:aws:lambda:eu-west-1:123456789012:function:edge:7", "LambdaFunctionARN: arn"
    ),
    Case("EH608", '    Default: ""', '    Default: "oversize=maybe"', "- [{HeaderName: Edge-Hasher"),
    Case("EH610", *in_edge("Architectures: [arm64]"), "Architectures: [arm64]"),
    Case("EH611", *in_edge("Environment: {Variables: {A: b}}"), "Environment: {"),
    Case("EH612", *in_edge("Layers: [arn:aws:lambda:us-east-1:123456789012:layer:a:1]"), "Layers:"),
    Case("EH613", *in_edge("VpcConfig: {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}"), "VpcConfig"),
    Case("EH614", "Timeout: 5", "Timeout: 31", "Timeout: 31"),
    Case(
        "EH615",
        "lambda.amazonaws.com, edgelambda",
        "lambda.amazonaws.com, events",
        "AssumeRolePolicyDocument:\n        Statement:\n          - Effect",
    ),
    Case("EH616", *in_edge("PackageType: Image"), "PackageType: Image"),
    Case("EH617", *in_edge("TracingConfig: {Mode: Active}"), "  Edge:"),
    Case("EH618", f"python3.13\n      {HANDLER}", f"java21\n      {HANDLER}", "Runtime: java21"),
    Case("EH620", "MemorySize: 1024", "MemorySize: 10241", "MemorySize: 10241"),
    Case("EH621", ALL_METHODS, f"{ALL_METHODS}\n            GrpcConfig: {{Enabled: true}}", "GrpcConfig"),
    Case("EH622", *in_edge("RuntimeManagementConfig: {UpdateRuntimeOn: Manual}"), "RuntimeManagementConfig"),
]
# EH205 has a test of its own; no template can write the Deny of EH308 and EH309; only AWS knows of EH607.
NOT_HERE = {"EH205", "EH308", "EH309", "EH607"}
