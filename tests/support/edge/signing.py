"""One key, one clock and one OAC for the tests of signing and verifying; requests go from one side to the other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from edge_hasher.local.origin.credentials import Credentials
from edge_hasher.local.origin.oac import OriginAccessControl, OriginRequest, sign
from edge_hasher.local.origin.sigv4_verifier import ReceivedRequest, verify

if TYPE_CHECKING:
    from edge_hasher.local.origin.oac import SignedRequest, SigningBehavior
    from edge_hasher.local.origin.sigv4_verifier import Rejection, ValidSignature

NOW = datetime(2026, 11, 20, 9, 30, 0, tzinfo=UTC)
REGION = "eu-central-1"
HOST = "abc123.lambda-url.eu-central-1.on.aws"
KEYS = Credentials(
    access_key_id="ASIAIOSFODNN7EXAMPLE",
    secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106  the example key of AWS's documentation
    session_token="token+of/the=tests",  # noqa: S106  made up
)
LONG_TERM_KEYS = Credentials(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key=KEYS.secret_access_key)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sent:
    """A request on its way to OAC."""

    method: str = "POST"
    target: str = "/"
    headers: Headers = ()
    body: bytes = b""


def sha256(body: bytes) -> str:
    """Hash as the receiving server does."""
    return hashlib.sha256(body).hexdigest()


def with_digest(sent: Sent) -> Sent:
    """Add the header that the edge function sets."""
    headers = (*sent.headers, ("X-Amz-Content-Sha256", sha256(sent.body)))
    return Sent(sent.method, sent.target, headers, sent.body)


def oac(behavior: SigningBehavior = "always") -> OriginAccessControl:
    """Make the OAC of these tests."""
    return OriginAccessControl(behavior=behavior, credentials=KEYS, region=REGION, host=HOST)


def sign_as_cloudfront(sent: Sent, behavior: SigningBehavior = "always", now: datetime = NOW) -> SignedRequest:
    """Sign one request."""
    request = OriginRequest(method=sent.method, target=sent.target, headers=sent.headers)
    return sign(request, oac(behavior), now=now)


def receive(sent: Sent, headers: Headers) -> ReceivedRequest:
    """Let a request arrive with the given headers."""
    return ReceivedRequest(method=sent.method, target=sent.target, headers=headers, body_sha256=sha256(sent.body))


def judge(received: ReceivedRequest, now: datetime = NOW) -> ValidSignature | Rejection:
    """Verify with the keys of these tests."""
    known = {keys.access_key_id: keys for keys in (KEYS, LONG_TERM_KEYS)}
    return verify(received, secret_for=known.get, region=REGION, now=now)


def cross(sent: Sent) -> ValidSignature | Rejection:
    """Take a request through OAC to the Function URL, untouched."""
    return judge(receive(sent, sign_as_cloudfront(sent).headers))


def sign_with_botocore(sent: Sent, keys: Credentials = KEYS) -> tuple[Headers, datetime]:
    """Sign with botocore as a client does, at the real time; the headers to send, and that time."""
    request = AWSRequest(method=sent.method, url=f"https://{HOST}{sent.target}", data=sent.body)
    request.headers["Host"] = HOST
    for name, value in sent.headers:
        request.headers[name] = value
    credentials = BotocoreCredentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
    SigV4Auth(credentials, "lambda", REGION).add_auth(request)
    signed_at = datetime.strptime(request.context["timestamp"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return tuple(request.headers.items()), signed_at
