"""The fix for each refusal that AWS is known to give.

Codes: documented, the errors of UpdateDistribution, GetDistribution and ListTagsForResource in the CloudFront API
Reference, and "Common Errors" of AWS's APIs.
"""

from __future__ import annotations

_QUOTAS = "Service Quotas, Amazon CloudFront"

# Error code: what to do. AWS's own sentence is put behind it.
FIXES = {
    "NoSuchDistribution": (
        "there is no such distribution in this account: `aws cloudfront list-distributions "
        "--query 'DistributionList.Items[].[Id,DomainName]'` lists them, --profile takes another account"
    ),
    "PreconditionFailed": "someone else changed the distribution in the meantime: run this again",
    "InvalidIfMatchVersion": "someone else changed the distribution in the meantime: run this again",
    "InvalidLambdaFunctionAssociation": "CloudFront does not take this function; nothing changed",
    "InvalidFunctionAssociation": "CloudFront does not take a CloudFront Function of the behavior: fix that first",
    "TooManyDistributionsWithLambdaAssociations": (
        "too many distributions of this account have Lambda@Edge functions: detach one, or ask for a higher quota "
        f"({_QUOTAS}: distributions with Lambda@Edge associations)"
    ),
    "TooManyDistributionsWithSingleFunctionARN": (
        "too many distributions use this one version: publish another and attach that, or ask for a higher quota "
        f"({_QUOTAS}: distributions per Lambda@Edge function)"
    ),
    "TooManyLambdaFunctionAssociations": (
        "this distribution has as many Lambda@Edge associations as it may: attach to fewer behaviors, or ask for more "
        f"({_QUOTAS}: Lambda@Edge associations per distribution)"
    ),
    "IllegalUpdate": (
        "CloudFront does not allow this change of the distribution: if it belongs to a pricing plan, a continuous "
        "deployment or another AWS service, change it there"
    ),
    "StagingDistributionInUse": "the staging distribution has another continuous deployment policy: end that one first",
    "NoSuchContinuousDeploymentPolicy": "its continuous deployment policy is gone: fix that first",
    "InconsistentQuantities": "the configuration is not consistent: was the backup file edited by hand?",
    "InvalidArgument": "CloudFront does not take the configuration as it is; fix what it names, then run this again",
    "InvalidOriginAccessControl": "an origin names an origin access control that is not valid: fix the origin first",
    "IllegalOriginAccessConfiguration": "an origin has both an OAC and an OAI: take the OAI away first",
    "InvalidViewerCertificate": "the distribution's certificate is not valid any more: fix that first",
    "InvalidWebACLId": "the distribution's web ACL is gone: fix that first",
    "NoSuchOrigin": "a behavior names an origin that is gone: fix that first",
    "NoSuchCachePolicy": "a behavior names a cache policy that is gone: fix that first",
    "NoSuchOriginRequestPolicy": "a behavior names an origin request policy that is gone: fix that first",
    "NoSuchResponseHeadersPolicy": "a behavior names a response headers policy that is gone: fix that first",
    "NoSuchResource": "there is no such resource in this account",
    "NoSuchEntity": "IAM does not know it",
    "ParameterNotFound": "there is no such parameter",
    "ResourceNotFoundException": "there is no such resource in this account and Region",
    "ServiceUnavailable": "CloudFront is not available at the moment: run this again in a minute",
    "InternalError": "AWS failed: run this again in a minute",
}

# InvalidLambdaFunctionAssociation has many reasons. Seen: a part of CloudFront's sentence, and the fix.
ASSOCIATION_FIXES = {
    "specific function version": "give a numbered version: `edge-hasher versions` lists them",
    "must be in region": "deploy the function in us-east-1, from where CloudFront replicates it",
    "environment variables": "take the environment variables away and publish a new version",
    "layer": "take the layers away and publish a new version",
    "architecture": "publish a version for x86_64",
    "Active state": "wait until the version is Active, which takes seconds, and run this again",
    "timeout is larger": "publish a version with a time-out of at most 30 seconds",
    "code size is larger": "publish a version with a package of at most 50 MB",
    "memory size is larger": "publish a version with less memory",
    "invalid runtime": "publish a version on a runtime that Lambda@Edge has, such as python3.13",
    "must be assumable": "let edgelambda.amazonaws.com assume the function's role, beside lambda.amazonaws.com",
    "VPC": "take the function out of its VPC and publish a new version",
}

_EXPIRED = "they have expired; sign in again (`aws sso login`, or new keys)"
_UNKNOWN = "the access key is not known, or its session token is missing; `aws sts get-caller-identity` says the same"
_SIGNATURE = "the secret key does not fit the access key, or this machine's clock is wrong"
CREDENTIALS_CODES = {
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "RequestExpired": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "InvalidClientTokenId": _UNKNOWN,
    "UnrecognizedClientException": _UNKNOWN,
    "InvalidAccessKeyId": _UNKNOWN,
    "MissingAuthenticationToken": _UNKNOWN,
    "AuthFailure": _UNKNOWN,
    "OptInRequired": "the account has not signed up for this service, or has not enabled this Region",
    "SignatureDoesNotMatch": _SIGNATURE,
    "InvalidSignatureException": _SIGNATURE,
    "IncompleteSignature": _SIGNATURE,
}
# Documented: botocore, "Retries", standard mode.
THROTTLED_CODES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "SlowDown",
    }
)
