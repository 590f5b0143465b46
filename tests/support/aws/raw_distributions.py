"""Distributions of MiniStack as bytes: read and written by signed requests of this file's own, past boto3's models."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from tests.support.aws.distribution_configs import xml_of
from tests.support.aws.ministack_server import CREDENTIALS

if TYPE_CHECKING:
    from tests.support.aws.distribution_configs import Config
    from tests.support.aws.ministack_server import MiniStack

# Elements that no botocore knows: in the whole, in an origin and in a behavior.
INVENTED = (
    (b"</Origin>", b"<InventedTimeout>17</InventedTimeout></Origin>"),
    (b"</DefaultCacheBehavior>", b"<Invented><Mode>on</Mode><Mode>off</Mode></Invented></DefaultCacheBehavior>"),
    (b"</DistributionConfig>", b"<InventedSwitch>required</InventedSwitch></DistributionConfig>"),
)  # fmt: skip


def with_inventions(xml: bytes) -> bytes:
    """Add settings that CloudFront does not have yet."""
    for place, content in INVENTED:
        assert place in xml
        xml = xml.replace(place, content)
    return xml


def create(ministack: MiniStack, settings: Config) -> str:
    """Make a distribution with invented settings too, and return its id."""
    settings = settings | {"CallerReference": f"r{os.urandom(8).hex()}"}
    answer = ministack.client("cloudfront").create_distribution(DistributionConfig=settings)
    name = str(answer["Distribution"]["Id"])
    put(ministack, name, with_inventions(xml_of(settings)))
    return name


def get(ministack: MiniStack, distribution: str) -> bytes:
    """Return the configuration that GetDistributionConfig answers."""
    return _asked(ministack, "GET", distribution)[0]


def put(ministack: MiniStack, distribution: str, xml: bytes) -> None:
    """Write a configuration, over whatever is there."""
    _asked(ministack, "PUT", distribution, xml, _asked(ministack, "GET", distribution)[1])


def _asked(ministack: MiniStack, method: str, name: str, body: bytes = b"", etag: str = "") -> tuple[bytes, str]:
    request = AWSRequest(
        method=method,
        url=f"{ministack.endpoint}/2020-05-31/distribution/{name}/config",
        data=body,
        headers={"If-Match": etag} if etag else {},
    )
    credentials = Credentials(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, "cloudfront", "us-east-1").add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    assert answer.status_code == 200, answer.text
    return answer.content, str(answer.headers["ETag"])
