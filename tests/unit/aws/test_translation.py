"""What botocore raises is an OperateError with the fix."""

from __future__ import annotations

import botocore.session
import pytest
from botocore import exceptions as boto

from edge_hasher.aws.door import Aws
from edge_hasher.aws.error_fixes import FIXES
from edge_hasher.aws.errors import CredentialsError, NoAnswerError
from edge_hasher.aws.translation import from_botocore


def test_every_fix_is_for_a_code_that_aws_has() -> None:
    """No fix has a code that is in none of the services' models, but for the common ones that no model lists."""
    session = botocore.session.get_session()
    known = {"ServiceUnavailable", "InternalError"}
    for service in ("cloudfront", "lambda", "iam", "ssm"):
        model = session.get_service_model(service)
        for shape in (model.shape_for(name) for name in model.shape_names):
            if shape.metadata.get("exception"):
                known |= {shape.name, shape.metadata.get("error", {}).get("code", shape.name)}
    assert set(FIXES) <= known | {"NoSuchEntity"}


def test_no_credentials() -> None:
    """Without credentials the line says how to sign in."""
    for error in (boto.NoCredentialsError(), boto.PartialCredentialsError(provider="env", cred_var="AWS_SECRET")):
        assert "aws configure" in str(from_botocore(error))
        assert isinstance(from_botocore(error), CredentialsError)
    assert "aws sso login" in str(from_botocore(boto.UnauthorizedSSOTokenError()))
    assert "list-profiles" in str(from_botocore(boto.ProfileNotFound(profile="nobody")))


def test_no_network() -> None:
    """An address that does not answer is told as that."""
    error = from_botocore(boto.EndpointConnectionError(endpoint_url="https://cloudfront.amazonaws.com/"))
    assert "check the network" in str(error)
    assert isinstance(error, NoAnswerError)


def test_a_profile_that_does_not_exist_is_told_at_the_first_call() -> None:
    """Making the door asks nothing; every way through it then says what is wrong."""
    aws = Aws(profile="no-such-profile")
    for call in (aws.logs.regions, lambda: aws.cloudfront.distribution("E1"), lambda: aws.parameters.value("/a")):
        with pytest.raises(CredentialsError, match=r"no-such-profile.*list-profiles"):
            call()
