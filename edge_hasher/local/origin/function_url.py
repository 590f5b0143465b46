"""The gate of a Lambda Function URL with AuthType AWS_IAM: who gets in, and what AWS answers to the others.

Facts this stands on (documented, seen, inferred):
- Missing permission: 403, x-amzn-ErrorType AccessDeniedException, a body with a capital "Message". Seen, often.
- Bad signature: 403, x-amzn-errortype InvalidSignatureException, a body with a small "message". Seen, often.
- No signature at all is an anonymous call and gets the answer of the missing permission. Seen for URLs that lack the
  permission, inferred for AWS_IAM.
- Two permissions are needed, lambda:InvokeFunctionUrl and lambda:InvokeFunction. Documented; all URLs since
  November 2026. That the signature is judged before them is inferred.
- Requests up to 6 MB. Documented; read as 6,291,456 bytes, the number in Lambda's own text (seen for Invoke, so is
  413 with RequestEntityTooLargeException). That a Function URL uses that text, and answers it first, is inferred.
- A reserved character in a parameter's name: 400 InvalidQueryStringException, seen (see query_string); its body, and
  that it comes before the signature is judged, inferred.
- x-amzn-RequestId is seen on Lambda's answers; the answer 400 Bad Request as a whole is inferred.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from edge_hasher.local.aws_limits import LAMBDA_EVENT_LIMIT_BYTES
from edge_hasher.local.origin import query_string
from edge_hasher.local.origin.sigv4_verifier import Rejection, verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from edge_hasher.local.origin.credentials import Credentials
    from edge_hasher.local.origin.sigv4_verifier import ReceivedRequest, ValidSignature

Header = tuple[str, str]
Permission = Literal["InvokeFunctionUrl", "InvokeFunction"]
PERMISSIONS: tuple[Permission, ...] = ("InvokeFunctionUrl", "InvokeFunction")  # in the order in which they are asked

TOO_LARGE = f"Request must be smaller than {LAMBDA_EVENT_LIMIT_BYTES} bytes for the InvokeFunction operation"
FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)

_MALFORMED_TARGET = re.compile(r"[\x00-\x20\x7f#]")
_PRESIGNED = re.compile(r"(?i)[?&]x-amz-signature=")
_PRESIGNED_REASON = (
    "The signature is in the query. Presigned URLs are not documented for Function URLs and not modelled here: "
    "sign with an Authorization header."
)
_ANONYMOUS_REASON = (
    "The request is not signed, and the Function URL has AuthType AWS_IAM: OAC does not sign ('never'), or the call "
    "came past the edge. Let OAC sign, or sign with SigV4 (service lambda) and the credentials that the local edge "
    "shows at start."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionUrlAuthorizer:
    """A Function URL with AWS_IAM: the keys that it knows, and the permissions that CloudFront was not given."""

    region: str
    secret_for: Callable[[str], Credentials | None] = field(repr=False)
    denied: frozenset[Permission] = frozenset()


class Admission(NamedTuple):
    """The gate's answer: go on to the app, or `status`, `headers` and `body` as AWS sends them.

    `reason` is for people: what happened and what to do. `verdict` is None where no signature was looked at.
    """

    allowed: bool
    reason: str
    verdict: ValidSignature | Rejection | None = None
    status: int = 200
    error_type: str = ""
    headers: tuple[Header, ...] = ()
    body: bytes = b""


class _Stamp(NamedTuple):
    """When a refusal is made, and for which request."""

    now: datetime
    request_id: str

    def headers(self) -> tuple[Header, ...]:
        """Return the headers that say so."""
        second = self.now.astimezone(UTC).replace(microsecond=0)
        return ("Date", _http_date(second)), ("x-amzn-RequestId", self.request_id)


def admit(
    received: ReceivedRequest, url: FunctionUrlAuthorizer, *, body_bytes: int, now: datetime, request_id: str
) -> Admission:
    """Judge a request whose body has arrived; `body_bytes` is its length, `now` is timezone-aware.

    A server that stops reading at LAMBDA_EVENT_LIMIT_BYTES answers `too_large` without coming here.
    """
    stamp = _Stamp(now, request_id)
    if refused := _bad_target(received.target, stamp):
        return refused
    if body_bytes > LAMBDA_EVENT_LIMIT_BYTES:
        return too_large(body_bytes, now=now, request_id=request_id)
    if "authorization" not in received.by_name:
        return _forbidden(_PRESIGNED_REASON if _PRESIGNED.search(received.target) else _ANONYMOUS_REASON, stamp)
    verdict = verify(received, secret_for=url.secret_for, region=url.region, now=now)
    if isinstance(verdict, Rejection):
        body = {"message": verdict.message}
        return _refuse(verdict.status, verdict.error_type, body, verdict.reason, stamp, verdict)
    for permission in PERMISSIONS:
        if permission in url.denied:
            reason = (
                "The signature is right, but the function's resource policy does not let CloudFront do "
                f"lambda:{permission}. Grant it to cloudfront.amazonaws.com for this distribution, on the same "
                "qualifier as the Function URL."
            )
            return _forbidden(reason, stamp, verdict)
    return Admission(allowed=True, reason="The signature and the payload hash are right.", verdict=verdict)


def too_large(body_bytes: int, *, now: datetime, request_id: str) -> Admission:
    """Answer a body over the limit; `body_bytes` is what is known of its length, announced or read so far."""
    reason = (
        f"The body has at least {body_bytes} bytes; a Function URL takes {LAMBDA_EVENT_LIMIT_BYTES} at most. Let the "
        "client upload to S3 and send the key."
    )
    return _refuse(413, "RequestEntityTooLargeException", {"Message": TOO_LARGE}, reason, _Stamp(now, request_id))


def foreign_host(host: str, *, now: datetime, request_id: str) -> Admission:
    """Answer a request of CloudFront's that came for another host, as it does when the viewer's Host is forwarded.

    403 AccessDeniedException is seen with the origin request policy AllViewer.
    """
    reason = (
        f"The request came with Host {host}: the viewer's Host was forwarded, and a Function URL answers to its own "
        "name only. Use the origin request policy AllViewerExceptHostHeader, and no cache policy with Host in its key."
    )
    return _forbidden(reason, _Stamp(now, request_id))


def _bad_target(target: str, stamp: _Stamp) -> Admission | None:
    if not target.startswith("/") or _MALFORMED_TARGET.search(target):
        reason = "The request target is not a path in printable characters without '#' or blanks."
        return _refuse(400, "BadRequestException", {"message": "Bad Request"}, reason, stamp)
    if reason := query_string.problem(target) or "":
        body = {"message": "The query string is invalid"}
        return _refuse(400, "InvalidQueryStringException", body, reason, stamp)
    return None


@lru_cache(maxsize=2)
def _http_date(second: datetime) -> str:
    return format_datetime(second, usegmt=True)


def _forbidden(reason: str, stamp: _Stamp, verdict: ValidSignature | None = None) -> Admission:
    return _refuse(403, "AccessDeniedException", {"Message": FORBIDDEN}, reason, stamp, verdict)


def _refuse(
    status: int,
    error_type: str,
    document: dict[str, str],
    reason: str,
    stamp: _Stamp,
    verdict: ValidSignature | Rejection | None = None,
) -> Admission:
    body = json.dumps(document, separators=(",", ":")).encode()
    return Admission(
        allowed=False,
        reason=reason,
        verdict=verdict,
        status=status,
        error_type=error_type,
        headers=(
            *stamp.headers(),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("x-amzn-ErrorType", error_type),
        ),
        body=body,
    )
