"""Origin Access Control's side of the local edge: signs origin requests as CloudFront does, with botocore's signer.

Facts this stands on (marks as in docs: documented, seen, inferred):
- SigV4, service `lambda`; behaviors always, never, no-override. Documented: "Restrict access to an AWS Lambda
  function URL origin".
- CloudFront hashes no body. It signs the x-amz-content-sha256 that the request carries. Documented.
- Without that header a body is signed as UNSIGNED-PAYLOAD. Seen (claims).
- A bodyless GET arrives with the empty payload's digest, though no viewer sent one. Seen (captured events).
  Other bodyless methods outside POST, PUT and PATCH: inferred from GET. Bodyless POST and PUT need the digest
  (documented: "if you use PUT or POST methods"); PATCH is inferred.
- x-amz-date, x-amz-security-token, x-amz-source-account and x-amz-source-arn are added. Seen (captured events).
- Which headers are signed: host and every x-amz-* header. Inferred from the SigV4 rules; CloudFront does not say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from edge_hasher.local.aws_limits import ACCOUNT_ID, DISTRIBUTION_ID
from edge_hasher.local.masking import masked_target
from edge_hasher.local.origin.sigv4_signer import SignableRequest, signature_of, signed_value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from edge_hasher.local.origin.credentials import Credentials

Header = tuple[str, str]
SigningBehavior = Literal["always", "never", "no-override"]

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
EMPTY_PAYLOAD_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

_DIGEST = "x-amz-content-sha256"
_QUERY_LINE = 2  # of a canonical request
_DIGEST_REQUIRED_METHODS = frozenset({"POST", "PUT", "PATCH"})
# What CloudFront writes itself: a viewer's value never survives (inferred; else a viewer could speak for CloudFront).
_OVERWRITTEN = frozenset(
    {"host", "authorization", "x-amz-date", "x-amz-security-token", "x-amz-source-account", "x-amz-source-arn"},
)
_UNSIGNABLE_TARGET = re.compile(r"[\x00-\x20\x7f#\ud800-\udfff]")
# Of these, so many characters are shown.
_SECRET_HEADERS = {"x-amz-security-token": 4, "authorization": 0, "proxy-authorization": 0, "cookie": 0}
_UNSIGNABLE_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")


class UnsignableRequestError(ValueError):
    """A request that no SigV4 signature can cover as it stands; the edge answers 400 and sends nothing on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginRequest:
    """What CloudFront is about to send, after the origin-request function.

    `target` is 'path?query' exactly as it goes on the wire; text is UTF-8, as aiohttp decodes it.
    """

    method: str
    target: str
    headers: tuple[Header, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginAccessControl:
    """One OAC and the origin it signs for; `host` is the Function URL's, not the viewer's."""

    behavior: SigningBehavior
    credentials: Credentials
    region: str
    host: str
    source_account: str = ACCOUNT_ID
    source_arn: str = f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/{DISTRIBUTION_ID}"


class SignedRequest(NamedTuple):
    """The headers to send, in order, and what was signed; the texts are empty where nothing was signed.

    `canonical_request` holds the session token: show `masked(canonical_request)` to people. `reason` is a sentence.
    """

    headers: tuple[Header, ...]
    signed: bool
    reason: str
    payload_hash: str = ""
    canonical_request: str = ""
    string_to_sign: str = ""
    signature: str = ""

    def __repr__(self) -> str:
        """Show what holds no secret."""
        return f"SignedRequest(signed={self.signed}, reason={self.reason!r}, signature={self.signature!r})"


def sign(request: OriginRequest, oac: OriginAccessControl, *, now: datetime) -> SignedRequest:
    """Sign one origin request as `oac` says.

    `now` is timezone-aware. Raises UnsignableRequestError for a target or signed header that SigV4 cannot cover.
    """
    if oac.behavior == "never":
        return _unsigned(request, oac, "OAC's signing behavior is 'never'.")
    if oac.behavior == "no-override" and _values(request.headers, "authorization"):
        reason = "OAC's signing behavior is 'no-override' and the viewer sent an Authorization header."
        return _unsigned(request, oac, reason)
    return _sign(request, oac, now)


def masked(canonical_request: str) -> str:
    """Return the canonical request without session token, cookies and other credentials, for people to read."""
    lines = [_masked_line(line) for line in canonical_request.split("\n")]
    if len(lines) > _QUERY_LINE:
        lines[_QUERY_LINE] = masked_target(f"?{lines[_QUERY_LINE]}")[1:]
    return "\n".join(lines)


def _masked_line(line: str) -> str:
    name, _, value = line.partition(":")
    shown_chars = _SECRET_HEADERS.get(name.lower())
    return line if shown_chars is None else f"{name}:{value[:shown_chars]}…"


def _unsigned(request: OriginRequest, oac: OriginAccessControl, reason: str) -> SignedRequest:
    kept = [header for header in request.headers if header[0].lower() != "host"]
    return SignedRequest(headers=(("Host", oac.host), *kept), signed=False, reason=reason)


def _sign(request: OriginRequest, oac: OriginAccessControl, now: datetime) -> SignedRequest:
    timestamp = _timestamp(now.replace(microsecond=0))
    _check_target(request.target)
    headers, signable = [("Host", oac.host)], {"host": _signable("Host", oac.host)}
    for name, value in request.headers:
        lower = name.lower()
        if lower in _OVERWRITTEN:
            continue
        headers.append((name, value))
        if lower.startswith("x-amz-"):
            known = f"{signable[lower]}," if lower in signable else ""
            signable[lower] = known + _signable(name, value)
    for name, value in _own_headers(oac, timestamp):
        headers.append((name, value))
        signable[name.lower()] = _signable(name, value)
    if _DIGEST in signable:
        # Several digests are one list header, as for any repeated header: it matches no body (inferred).
        payload_hash = ",".join(_values(request.headers, _DIGEST))
    else:
        payload_hash = signable[_DIGEST] = _payload_hash_without_digest(request)
        headers.append(("X-Amz-Content-Sha256", payload_hash))
    signable_request = SignableRequest(
        request.method, request.target, signable, payload_hash=payload_hash, timestamp=timestamp
    )
    signed = signature_of(signable_request, oac.credentials, oac.region)
    return SignedRequest(
        headers=(*headers, ("Authorization", signed.authorization)),
        signed=True,
        reason=f"Signed for CloudFront with payload hash {payload_hash}.",
        payload_hash=payload_hash,
        canonical_request=signed.canonical_request,
        string_to_sign=signed.string_to_sign,
        signature=signed.signature,
    )


def _own_headers(oac: OriginAccessControl, timestamp: str) -> list[Header]:
    token = oac.credentials.session_token
    return [
        ("X-Amz-Date", timestamp),
        *([("X-Amz-Security-Token", token)] if token else ()),
        ("X-Amz-Source-Account", oac.source_account),
        ("X-Amz-Source-Arn", oac.source_arn),
    ]


@lru_cache(maxsize=2)
def _timestamp(second: datetime) -> str:
    return second.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _payload_hash_without_digest(request: OriginRequest) -> str:
    lengths = _values(request.headers, "content-length")
    announced = bool(_values(request.headers, "transfer-encoding")) or any(length.strip(" 0") for length in lengths)
    if announced or request.method in _DIGEST_REQUIRED_METHODS:
        return UNSIGNED_PAYLOAD
    return EMPTY_PAYLOAD_SHA256


def _check_target(target: str) -> None:
    if not target.startswith("/") or _UNSIGNABLE_TARGET.search(target):
        raise UnsignableRequestError("the request target is not a path in printable UTF-8 without '#' or blanks")


def _signable(name: str, value: str) -> str:
    """Return the value of a header that is signed, as it is signed. Raises UnsignableRequestError."""
    if not name.isascii() or ";" in name or _UNSIGNABLE_VALUE.search(value):
        raise UnsignableRequestError("a header that OAC signs is not printable UTF-8")
    return signed_value(value)


def _values(headers: Iterable[Header], lower_name: str) -> list[str]:
    return [value for name, value in headers if name.lower() == lower_name]
