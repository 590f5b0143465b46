"""What the example stack's template refuses, before anything is made."""

import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.support.aws.ministack_server import ACCOUNT_ID, MiniStack
from tests.support.stack.example_stack import PARAMETER, VERSION, change_set, with_plain_parameter

pytest_plugins = ["tests.support.aws.ministack", "tests.support.stack.example_fixtures"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"DomainName": "chat.example.com"}, "DomainName and CertificateArn belong together"),
        ({"DomainName": "https://chat.example.com"}, "a host name such as chat.example.com"),
        (
            {"CertificateArn": f"arn:aws:acm:eu-west-1:{ACCOUNT_ID}:certificate/1"},
            "in us-east-1, where CloudFront looks for it",
        ),
        ({"AllowedSourceRanges": "198.51.100.7"}, "ranges such as 198.51.100.0/24"),
        ({"AllowedSourceRanges": "198.51.100.0/24'); evil('"}, "ranges such as 198.51.100.0/24"),
        ({"EdgeHasherSettings": "oversize"}, "settings such as"),
        ({"RateLimit": "9"}, "10 and more requests a minute"),
        ({"RateLimit": "100", "AllowedSourceRanges": "198.51.100.0/24"}, "Limit the rate at the proxy"),
        ({"AccessLogs": "yes"}, "AccessLogs"),
        ({"LargeUploads": "true"}, "LargeUploads"),
        ({"AlarmTopicArn": "alarms"}, "an SNS topic in us-east-1"),
        ({"EdgeHasherVersion": "/nobody/made/this"}, "/nobody/made/this"),
    ],
    ids=str,
)
def test_wrong_parameters_are_refused_with_what_is_right(
    ministack: MiniStack, source: str, parameters: dict[str, str], said: str
) -> None:
    """Before anything is made, CloudFormation says what the template wants."""
    with pytest.raises(ClientError, match=re.escape(said)):
        change_set(ministack, "refused", source, parameters)


def test_rate_limit_in_another_region_is_refused(ministack: MiniStack, source: str) -> None:
    """A limit that could not be kept is an error, not a silence."""
    ministack.client("ssm", "eu-west-1").put_parameter(Name=PARAMETER, Type="String", Value=f"{VERSION}1")

    with pytest.raises(ClientError, match="WAF guards CloudFront from us-east-1 only"):
        change_set(ministack, "refused", source, {"RateLimit": "100"}, "eu-west-1")


def test_other_region_without_the_parameter_is_refused(ministack: MiniStack, source: str) -> None:
    """CloudFormation names the parameter that it did not find in its own Region."""
    with pytest.raises(ClientError, match=PARAMETER):
        change_set(ministack, "refused", source, {}, "ap-south-1")


@pytest.mark.parametrize("qualifier", ["$LATEST", "live", ""])
def test_arn_that_cloudfront_would_refuse_is_refused_at_once(
    ministack: MiniStack, source: str, root: Path, qualifier: str
) -> None:
    """With the documented edit, neither $LATEST nor an alias nor a bare function gets as far as a change set."""
    edited = with_plain_parameter(source, (root / "docs/deploy.md").read_text())

    with pytest.raises(ClientError, match="the ARN of a numbered version in us-east-1"):
        change_set(ministack, "refused", edited, {"EdgeHasherVersion": f"{VERSION}{qualifier}"})
