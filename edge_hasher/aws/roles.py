"""IAM roles: whom they trust."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from edge_hasher.aws.clients import Service

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient  # noqa: F401 (as a string, below)

    from edge_hasher.aws.configuration import Config


class Roles(Service["IAMClient"]):
    """The calls on roles; IAM is global."""

    NAME = "iam"

    def trust_policy(self, role_arn: str) -> Config:
        """Return the policy that says who may assume a role."""
        with self._client() as client:
            role = client.get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
        return cast("Config", role.get("AssumeRolePolicyDocument") or {})
