"""Distribution configurations of real shape: what CloudFront gives for an OAC distribution, empty lists too.

Source of the shape: DistributionConfig in the CloudFront API Reference, filled as `get-distribution-config` answers.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.serialize import create_serializer

from edge_hasher.aws.cloudfront import Distribution

if TYPE_CHECKING:
    from collections.abc import Iterable

Config = dict[str, Any]

ACCOUNT = "123456789012"
FUNCTION = "edge-hasher-EdgeHasherFunction-AbCdEf"
ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}:4"
OLDER_ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}:3"
OTHER_ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:jwt-check:7"
DISTRIBUTION_ID = "EDFDVBD6EXAMPLE"
ETAG = "E2QWRUHEXAMPLE"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
SECRET = "s3cr3t-between-edge-and-origin"  # noqa: S105 (no secret: the tests look for it in what is printed)
METHODS = ("HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH")


def association(arn: str = ARN, event: str = "origin-request", *, include_body: bool = True) -> Config:
    """Give one Lambda@Edge association."""
    return {"LambdaFunctionARN": arn, "EventType": event, "IncludeBody": include_body}


def viewer_function(event: str = "viewer-request") -> Config:
    """Give one association of a CloudFront Function."""
    return {"FunctionARN": f"arn:aws:cloudfront::{ACCOUNT}:function/source-ranges", "EventType": event}


def listing(items: Iterable[Any]) -> Config:
    """Give a list as CloudFront writes it: an empty one has no Items."""
    items = list(items)
    return {"Quantity": len(items), "Items": items} if items else {"Quantity": 0}


def behavior(
    path: str | None = None, functions: Iterable[Config] = (), viewer_functions: Iterable[Config] = ()
) -> Config:
    """Give a behavior; without a path, the default one."""
    settings = {
        "TargetOriginId": "agent",
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
        "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": {
            "Quantity": len(METHODS),
            "Items": list(METHODS),
            "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
        },
        "SmoothStreaming": False,
        "Compress": False,
        "LambdaFunctionAssociations": listing(functions),
        "FunctionAssociations": listing(viewer_functions),
        "FieldLevelEncryptionId": "",
        "CachePolicyId": CACHING_DISABLED,
        "OriginRequestPolicyId": ALL_VIEWER_EXCEPT_HOST,
        "GrpcConfig": {"Enabled": False},
    }
    return settings if path is None else {"PathPattern": path, **settings}


def config(behaviors: Iterable[Config] = (), *, default: Config | None = None, staging: bool = False) -> Config:
    """Give a whole configuration with these cache behaviors."""
    return copy.deepcopy(
        {
            "CallerReference": "2026-11-20-agent",
            "Aliases": listing(["agent.example.com", "www.example.com"]),
            "DefaultRootObject": "index.html",
            "Origins": listing([_origin("agent"), _origin("another")]),
            "OriginGroups": {"Quantity": 0},
            "DefaultCacheBehavior": default or behavior(),
            "CacheBehaviors": listing(behaviors),
            "CustomErrorResponses": {"Quantity": 0},
            "Comment": "the agent",
            "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
            "PriceClass": "PriceClass_100",
            "Enabled": True,
            "ViewerCertificate": {
                "CloudFrontDefaultCertificate": False,
                "ACMCertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/12345678-example",
                "SSLSupportMethod": "sni-only",
                "MinimumProtocolVersion": "TLSv1.2_2021",
            },
            "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
            "WebACLId": "",
            "HttpVersion": "http2and3",
            "IsIPV6Enabled": True,
            "ContinuousDeploymentPolicyId": "",
            "Staging": staging,
        }
    )


def many_behaviors(count: int = 25) -> Config:
    """Give a configuration with as many cache behaviors as the quota lets, some with functions of others."""
    others: dict[int, list[Config]] = {3: [association(OTHER_ARN, "viewer-response", include_body=False)], 7: []}
    return config(
        behavior(f"/part-{number}/*", functions=others.get(number, []), viewer_functions=[viewer_function()])
        for number in range(count)
    )


def distribution(settings: Config, *, status: str = "Deployed", etag: str = ETAG) -> Distribution:
    """Give one read of a distribution with this configuration."""
    return Distribution(
        id=DISTRIBUTION_ID,
        arn=f"arn:aws:cloudfront::{ACCOUNT}:distribution/{DISTRIBUTION_ID}",
        domain="d111111abcdef8.cloudfront.net",
        status=status,
        etag=etag,
        modified_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        config=settings,
        xml=xml_of(settings),
    )


@cache
def _shapes() -> Any:
    return botocore.session.get_session().get_service_model("cloudfront")


def xml_of(settings: Config) -> bytes:
    """Write a configuration as CloudFront does: botocore's own serializer, by its model."""
    operation = _shapes().operation_model("UpdateDistribution")
    request = {"Id": DISTRIBUTION_ID, "IfMatch": ETAG, "DistributionConfig": settings}
    return bytes(
        create_serializer("rest-xml", include_validation=False).serialize_to_request(request, operation)["body"]
    )


def _origin(name: str) -> Config:
    return {
        "Id": name,
        "DomainName": f"{name}0123456789abcdef.lambda-url.eu-west-1.on.aws",
        "OriginPath": "",
        "CustomHeaders": listing([{"HeaderName": "X-Origin-Secret", "HeaderValue": SECRET}]),
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
            "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
            "OriginReadTimeout": 60,
            "OriginKeepaliveTimeout": 5,
        },
        "ConnectionAttempts": 3,
        "ConnectionTimeout": 10,
        "OriginShield": {"Enabled": False},
        "OriginAccessControlId": "E1OACEXAMPLE",
    }
