"""What botocore raises is an OperateError with the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore import exceptions as boto

from edge_hasher.aws.door import Aws
from edge_hasher.aws.error_fixes import FIXES
from edge_hasher.aws.errors import (
    CredentialsError,
    NoAnswerError,
    NotFoundError,
    ThrottledError,
    UnexpectedAnswerError,
)
from edge_hasher.aws.translation import from_botocore, from_client_error

if TYPE_CHECKING:
    from edge_hasher.aws.errors import OperateError


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


SECRET = "s3cr3t-between-edge-and-origin"  # noqa: S105 (no secret: it is looked for in what is said)
ERRORS = [
    boto.HTTPClientError(error=ValueError(f"Invalid header value b'{SECRET}'")),
    boto.ResponseStreamingError(error=OSError(SECRET)),
    boto.PaginationError(message=f"The same next token was received twice: {SECRET}"),
    boto.MetadataRetrievalError(error_msg=f"Received non 200 response: {SECRET}"),
    boto.CredentialRetrievalError(provider="custom-process", error_msg=SECRET),
    boto.ParamValidationError(report=f"Invalid type for parameter A, value: {SECRET},\n b, type: <class 'str'>, valid"),
    boto.EndpointConnectionError(endpoint_url=f"https://user:{SECRET}@aws.example/"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_botocore_quotes_is_not_said(error: boto.BotoCoreError) -> None:
    """A header, an answer, a process's output, a value and a password stay out of the one line."""
    line = str(from_botocore(error))
    assert SECRET not in line
    assert line.isprintable()


def test_a_wrong_parameter_is_named() -> None:
    """Without its value, what was wrong with it is still told."""
    line = str(from_botocore(ERRORS[5]))
    assert "Invalid type for parameter A, type: <class 'str'>, valid" in line


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("403", 403, UnexpectedAnswerError),
        ("", 403, UnexpectedAnswerError),
        ("s3cr3t and more", 400, UnexpectedAnswerError),
        ("503", 503, UnexpectedAnswerError),
        ("SlowDown", 503, ThrottledError),
        ("Throttling", 400, ThrottledError),
        ("Anything", 429, ThrottledError),
        ("ServiceUnavailable", 503, NoAnswerError),
        ("lambda.Unknown", 400, UnexpectedAnswerError),
        ("NoSuchThing", 404, NotFoundError),
    ],
)
def test_refusals_by_kind(code: str, status: int, kind: type[OperateError]) -> None:
    """A page that a proxy puts in AWS's place has no error code; its text is not quoted."""
    answer: Any = {"Error": {"Code": code, "Message": "s3cr3t"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error = from_client_error(boto.ClientError(answer, "GetDistribution"), "cloudfront")
    assert type(error) is kind
    if kind is UnexpectedAnswerError:
        assert "s3cr3t" not in str(error)
        assert str(status) in str(error)
