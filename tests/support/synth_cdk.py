"""Print, as JSON, what edge_hasher.cdk makes: a program for the Python of .venvs/iac.

Each argument is one case, {"folder": …, "region": …, "options": {…}} in JSON. Of each it prints Region and template of
every stack, or the error.
"""

import json
import sys
from typing import Any

import aws_cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_lambda as lambda_

from edge_hasher.cdk import BodyHashing


def synthesised(folder: str, region: str, options: dict[str, Any]) -> list[tuple[str, Any]]:
    """Make a stack with one behavior that hashes."""
    app = aws_cdk.App(outdir=folder)
    site = aws_cdk.Stack(app, "Site", env=aws_cdk.Environment(account="123456789012", region=region))
    hashing = BodyHashing(site, "Hashing", **options)
    code = lambda_.Code.from_inline("def handler(event, context): ...")
    runtime, timeout = lambda_.Runtime.PYTHON_3_13, aws_cdk.Duration.seconds(25)
    agent = lambda_.Function(site, "Agent", code=code, handler="index.handler", runtime=runtime, timeout=timeout)
    url = agent.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)
    behavior = cloudfront.BehaviorOptions(
        origin=origins.FunctionUrlOrigin.with_origin_access_control(url),
        edge_lambdas=[hashing.edge_lambda],
        allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
        cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
        origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        compress=False,
    )
    cloudfront.Distribution(site, "Distribution", default_behavior=behavior)
    return [(stack.environment.region, stack.template) for stack in app.synth().stacks]


def result(case: dict[str, Any]) -> Any:
    """Give the stacks, or what was raised."""
    try:
        return synthesised(**case)
    except (RuntimeError, ValueError) as error:
        return str(error)


print(json.dumps([result(json.loads(argument)) for argument in sys.argv[1:]]))  # noqa: T201
