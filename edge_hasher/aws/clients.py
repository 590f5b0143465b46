"""The one door to AWS: nothing else of the package imports boto3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudfront import CloudFrontClient
    from types_boto3_iam import IAMClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_ssm import SSMClient

__all__ = ["Aws", "BotoCoreError", "ClientError"]

EDGE_REGION = "us-east-1"  # where Lambda@Edge functions live (documented: "Restrictions on Lambda@Edge")
_CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, user_agent_extra="edge-hasher")
# All Regions are asked, and one that does not answer must not hold up the others for minutes.
_MANY_REGIONS = _CONFIG.merge(
    Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})
)


@dataclass(frozen=True, slots=True)
class Aws:
    """Clients for one account, with profile and Region chosen as the AWS CLI chooses them.

    Making one asks nobody; a profile that is not there raises BotoCoreError at the first client.
    """

    profile: str | None = None
    region: str | None = None

    def cloudfront(self) -> CloudFrontClient:
        """Return a CloudFront client; the service is global."""
        return self._session().client("cloudfront", region_name=EDGE_REGION, config=_CONFIG)

    def awslambda(self, region: str | None = None) -> LambdaClient:
        """Return a Lambda client, for the Region of the edge functions unless another is named."""
        return self._session().client("lambda", region_name=region or EDGE_REGION, config=_CONFIG)

    def cloudformation(self) -> CloudFormationClient:
        """Return a CloudFormation client for the Region of the edge functions, where the function's stack is."""
        return self._session().client("cloudformation", region_name=EDGE_REGION, config=_CONFIG)

    def iam(self) -> IAMClient:
        """Return an IAM client; the service is global."""
        return self._session().client("iam", region_name=EDGE_REGION, config=_CONFIG)

    def ssm(self) -> SSMClient:
        """Return a Parameter Store client for the Region of the edge functions."""
        return self._session().client("ssm", region_name=EDGE_REGION, config=_CONFIG)

    def logs(self) -> Callable[[str], CloudWatchLogsClient]:
        """Return a function that makes a CloudWatch Logs client for a Region, at a tenth of the cost of a first one.

        It is not safe to call from two threads at once; the clients are safe to use (documented: boto3, "Clients").
        """
        session = self._session()
        return lambda region: session.client("logs", region_name=region, config=_MANY_REGIONS)

    def log_regions(self) -> list[str]:
        """Return every Region with CloudWatch Logs that botocore knows; the account may not have enabled all."""
        return self._session().get_available_regions("logs")

    def _session(self) -> boto3.Session:
        return boto3.Session(profile_name=self.profile, region_name=self.region)
