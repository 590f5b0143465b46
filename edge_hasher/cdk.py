"""A CDK construct: the function as a Lambda@Edge association for any behavior, from a stack in any Region."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stage, Token
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from edge_hasher.function.packaging.lambda_zip import write_zip

HANDLER, MEMORY_MB, TIMEOUT_S = "edge_hasher.function.handler.lambda_handler", 1024, 5

_VERSION_ARN = re.compile(r"arn:aws[a-z-]*:lambda:us-east-1:\d{12}:function:[\w-]+:\d+")


class BodyHashing(Construct):  # type: ignore[misc, unused-ignore]  # without the extra there are no types
    """Hashes bodies at the edge: put `edge_lambda` into the `edge_lambdas` of a behavior.

    Without `version_arn` it deploys the function in us-east-1. In another Region that is a stack of its own beside this
    one, and this one reads the version's ARN from SSM, without exports; the stack must name its Region. `zip_file` is
    what `edge-hasher package` wrote; without, it is made at each synthesis, which takes some seconds, pip and the
    package index. `version_arn` takes a version that is published already, such as `arn:…:function:edge-hasher:7`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (CDK's word)
        *,
        version_arn: str | None = None,
        zip_file: str | None = None,
        memory_size: int = MEMORY_MB,
    ) -> None:
        super().__init__(scope, id)
        if version_arn is None:
            self.version: Any = self._deployed(zip_file or self._package(), memory_size)
        elif Token.is_unresolved(version_arn) or _VERSION_ARN.fullmatch(version_arn):
            self.version = lambda_.Version.from_version_arn(self, "Version", version_arn)
        else:
            raise ValueError(
                f"{version_arn} names no numbered version in us-east-1, which is all that CloudFront takes"
            )
        self.edge_lambda = cloudfront.EdgeLambda(
            event_type=cloudfront.LambdaEdgeEventType.ORIGIN_REQUEST, function_version=self.version, include_body=True
        )

    def _package(self) -> str:
        """Write the zip into the cloud assembly, from where CDK takes its assets."""
        stage = Stage.of(self)
        assert stage is not None  # an app is one  # noqa: S101
        folder = Path(stage.outdir)
        folder.mkdir(parents=True, exist_ok=True)
        return write_zip(folder / f"edge-hasher-{self.node.addr}.zip").path

    def _deployed(self, zip_file: str, memory_size: int) -> Any:  # noqa: ANN401 (a version of CDK's, which may be absent)
        # Lambda@Edge takes neither arm64 nor environment variables, layers, VPC or X-Ray: none may appear here.
        function = cloudfront.experimental.EdgeFunction(
            self,
            "Function",
            description="Sets x-amz-content-sha256 on origin requests, so that Origin Access Control can sign bodies.",
            code=lambda_.Code.from_asset(zip_file),
            handler=HANDLER,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.X86_64,
            memory_size=memory_size,
            timeout=Duration.seconds(TIMEOUT_S),
            # A higher level would drop refusals, and the metrics that CloudWatch reads from the log.
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            # Distributions may still run an old version, and its replicas outlive the last association by hours.
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
        )
        return function.current_version
