"""Where the name of a deployed function is kept: Parameter Store, and the outputs of its stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.aws.clients import Service
from edge_hasher.aws.errors import NotFoundError, OperateError
from edge_hasher.aws.function_arn import EDGE_REGION

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient  # noqa: F401 (as a string, below)
    from types_boto3_ssm import SSMClient  # noqa: F401 (the same)


class Parameters(Service["SSMClient"]):
    """The calls on Parameter Store, in the Region of the edge functions."""

    NAME = "ssm"

    def value(self, name: str) -> str:
        """Return the value of a parameter."""
        with self._client() as client:
            return client.get_parameter(Name=name)["Parameter"]["Value"].strip()


class Stacks(Service["CloudFormationClient"]):
    """The calls on stacks, in the Region of the edge functions."""

    NAME = "cloudformation"

    def outputs(self, name: str) -> dict[str, str]:
        """Return the outputs of a stack."""
        try:
            with self._client() as client:
                (stack,) = client.describe_stacks(StackName=name)["Stacks"]
                return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        except OperateError as error:
            # CloudFormation answers ValidationError for a stack that does not exist (seen).
            if "does not exist" in str(error):
                raise NotFoundError(f"there is no stack {name} in {EDGE_REGION}") from error
            raise
