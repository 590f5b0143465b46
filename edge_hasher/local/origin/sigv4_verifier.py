"""The Function URL's side of SigV4: verifies a received request with code of its own.

It shares nothing with the signer, nor with botocore: an error in one must not be repeated in the other.

Facts this stands on (documented, seen, inferred):
- The payload hash is computed from the body that arrived; UNSIGNED-PAYLOAD is not taken. Documented ("Lambda
  doesn't support unsigned payloads"); that it shows as InvalidSignatureException is seen.
- A signature lives 5 minutes either way. Seen (Lambda's own message).
- Only host must be among the signed headers. Seen (the message). The IAM guide tells signers to include every
  x-amz-* header, yet clients leave some out; so a missing one is not refused. Inferred.
- Presigned URLs (X-Amz-Signature in the query): not documented for Function URLs, so refused here. Unknown.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from edge_hasher.local.origin import sigv4_canonical as canonical
from edge_hasher.local.origin.sigv4_authorization import RejectedError, Rejection, read_authorization

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from edge_hasher.local.origin.credentials import Credentials
    from edge_hasher.local.origin.sigv4_canonical import HeaderValues

__all__ = ["ReceivedRequest", "Rejection", "ValidSignature", "verify"]

MAX_SKEW = timedelta(minutes=5)  # seen: "(20190327T173025Z - 5 min.)" in Lambda's InvalidSignatureException
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
    "Key and signing method. Consult the service documentation for details."
)
UNKNOWN_CLIENT = "The security token included in the request is invalid."

_UNEXPLAINED = (
    "What arrived is not what was signed: compare this canonical request with the signer's. Something changed on "
    "the way, or the secret key is another."
)
_DIGEST = "x-amz-content-sha256"
_SHOWN_CHARS = 80  # enough of a stranger's header to recognise it


@dataclass(frozen=True, kw_only=True)
class ReceivedRequest:
    """A request as it arrived: `target` raw, `body_sha256` in lower-case hex, computed while the body streamed in."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body_sha256: str

    @cached_property
    def by_name(self) -> HeaderValues:
        """The values of each header by its name in lower case; not to be changed."""
        return canonical.header_values(self.headers)


class ValidSignature(NamedTuple):
    """A signature that holds. `canonical_request` may contain a session token: mask it before showing it."""

    access_key_id: str
    signed_headers: tuple[str, ...]
    payload_hash: str
    canonical_request: str
    string_to_sign: str

    def __repr__(self) -> str:
        """Show what holds no secret."""
        return f"ValidSignature(access_key_id={self.access_key_id!r}, payload_hash={self.payload_hash!r})"


def verify(
    received: ReceivedRequest,
    *,
    secret_for: Callable[[str], Credentials | None],
    region: str,
    now: datetime,
) -> ValidSignature | Rejection:
    """Say whether the Authorization header of `received` signs it.

    `secret_for` knows the keys by id; `now` is timezone-aware. Raises for nothing that a client can send.
    """
    headers = received.by_name
    try:
        parts = read_authorization(headers, place=f"{region}/lambda", now=now, max_skew=MAX_SKEW)
        credentials = _credentials(parts.access_key_id, headers, secret_for)
        _require_coverage(parts.signed_headers, headers)
    except RejectedError as refused:
        return refused.rejection
    request = canonical.canonical_request(
        received.method, received.target, headers, parts.signed_headers, received.body_sha256
    )
    to_sign = canonical.string_to_sign(parts.timestamp, parts.scope, request)
    expected = canonical.signature(credentials.secret_access_key, parts.scope, to_sign)
    holds = hmac.compare_digest(expected.encode(), canonical.wire_bytes(parts.signature))
    text = canonical.shown(request)
    flaw = _payload_flaw(headers.get(_DIGEST, []), received.body_sha256)
    if not holds or flaw:
        rejection = _mismatch(flaw or _UNEXPLAINED).rejection
        return replace(rejection, canonical_request=text, string_to_sign=to_sign)
    return ValidSignature(
        access_key_id=parts.access_key_id,
        signed_headers=parts.signed_headers,
        payload_hash=received.body_sha256,
        canonical_request=text,
        string_to_sign=to_sign,
    )


def _credentials(
    access_key_id: str, headers: HeaderValues, secret_for: Callable[[str], Credentials | None]
) -> Credentials:
    known = secret_for(access_key_id)
    token = canonical.wire_bytes(",".join(headers.get("x-amz-security-token", ())))
    expected = (known.session_token or "") if known else ""
    if known is None or not hmac.compare_digest(token, expected.encode()):
        # Seen: temporary credentials whose token is missing get this from a Function URL.
        raise RejectedError(
            "UnrecognizedClientException",
            UNKNOWN_CLIENT,
            "The access key id is unknown here, or x-amz-security-token is not the one that belongs to it. The local "
            "edge takes only the credentials that it shows at start.",
        )
    return known


def _require_coverage(signed_headers: tuple[str, ...], headers: HeaderValues) -> None:
    names = set(signed_headers)
    if names <= headers.keys() and list(signed_headers) == sorted(names):
        return  # the names of `headers` are in lower case
    if list(signed_headers) != sorted({name.lower() for name in signed_headers}):
        raise _mismatch("SignedHeaders has to be lower-case, sorted and without repetition.")
    absent = [name for name in signed_headers if name not in headers]
    if absent:
        raise _mismatch(f"The signature covers headers that did not arrive: {', '.join(absent)}.")


def _payload_flaw(digests: list[str], body_sha256: str) -> str:
    # The header must be the body's digest even where the signature would hold without it. Inferred: AWS takes its
    # own hash, so a header that says otherwise cannot have been meant.
    if len(digests) > 1:
        return f"x-amz-content-sha256 came {len(digests)} times; together they are the digest of no body. Send it once."
    if not digests or digests[0] == body_sha256:
        return ""
    stated = canonical.shown(digests[0])
    if stated == "UNSIGNED-PAYLOAD":
        return (
            "The payload was left unsigned, since the request to CloudFront had no x-amz-content-sha256; a Function "
            f"URL takes signed payloads only, and this one hashes to {body_sha256}. Attach the edge function, or let "
            "the client send the digest."
        )
    if stated.lower() == body_sha256:
        return "x-amz-content-sha256 is the body's digest in upper case; it has to be in lower case."
    return f"x-amz-content-sha256 says {stated[:_SHOWN_CHARS]}, but the body that arrived hashes to {body_sha256}."


def _mismatch(reason: str) -> RejectedError:
    return RejectedError("InvalidSignatureException", MISMATCH, reason)
