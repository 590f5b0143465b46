"""The least that credentials need for doctor, as an IAM policy; a test holds it against the calls that are made."""

from __future__ import annotations

import json

# Listing takes no resource (documented: the Service Authorization Reference of CloudFront and of Lambda).
LISTING = ("cloudfront:ListDistributions", "lambda:ListFunctions")
READING = {
    "arn:aws:cloudfront::*:distribution/*": ("cloudfront:GetDistribution",),
    "arn:aws:cloudfront::*:origin-access-control/*": ("cloudfront:GetOriginAccessControl",),
    "arn:aws:cloudfront::*:cache-policy/*": ("cloudfront:GetCachePolicy",),
    "arn:aws:cloudfront::*:function/*": ("cloudfront:GetFunction",),
    "arn:aws:cloudfront::*:origin-request-policy/*": ("cloudfront:GetOriginRequestPolicy",),
    "arn:aws:lambda:*:*:function:*": (
        "lambda:GetFunctionConcurrency",
        "lambda:GetFunctionConfiguration",
        "lambda:GetPolicy",
        "lambda:GetRuntimeManagementConfig",
        "lambda:ListAliases",
        "lambda:ListFunctionUrlConfigs",
    ),
    "arn:aws:iam::*:role/*": ("iam:GetRole",),
}


def actions() -> frozenset[str]:
    """Return every IAM action that the policy allows."""
    return frozenset(LISTING).union(*READING.values())


def as_json() -> str:
    """Return the policy document."""
    statements = [
        {"Effect": "Allow", "Action": list(LISTING), "Resource": "*"},
        *({"Effect": "Allow", "Action": list(names), "Resource": arn} for arn, names in READING.items()),
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
