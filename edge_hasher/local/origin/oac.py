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

import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, unquote_to_bytes

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from edge_hasher.local.aws_limits import ACCOUNT_ID, DISTRIBUTION_ID
from edge_hasher.local.masking import masked_target

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from http.client import HTTPMessage as HTTPHeaders  # what botocore's HTTPHeaders is

    from edge_hasher.local.origin.credentials import Credentials

Header = tuple[str, str]
SigningBehavior = Literal["always", "never", "no-override"]

SERVICE = "lambda"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
EMPTY_PAYLOAD_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

_DIGEST = "x-amz-content-sha256"
_QUERY_LINE = 2  # of a canonical request
_DIGEST_REQUIRED_METHODS = frozenset({"POST", "PUT", "PATCH"})
# What CloudFront writes itself: a viewer's value never survives (inferred; else a viewer could speak for CloudFront).
_OVERWRITTEN = frozenset(
    {"authorization", "x-amz-date", "x-amz-security-token", "x-amz-source-account", "x-amz-source-arn"},
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """The headers to send, in order, and what was signed; the texts are empty where nothing was signed.

    `canonical_request` holds the session token: show `masked(canonical_request)` to people. `reason` is a sentence.
    """

    headers: tuple[Header, ...] = field(repr=False)
    signed: bool
    reason: str
    payload_hash: str = ""
    canonical_request: str = field(default="", repr=False)
    string_to_sign: str = ""
    signature: str = ""


class _WireSigV4Auth(SigV4Auth):
    """botocore's signer with SigV4's idea of blanks: trimmed, and runs of spaces made one (documented).

    botocore folds with `str.split`, which also takes tabs and Unicode spaces: other bytes on the wire.
    """

    def __init__(self, credentials: BotocoreCredentials, region: str) -> None:
        super().__init__(credentials, SERVICE, region)
        self.region = region

    def _header_value(self, value: str) -> str:
        value = value.strip(" \t")
        return re.sub(" +", " ", value) if "  " in value else value

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        """Return the headers of `_signable`: it puts in only what is signed, in lower case."""
        return request.headers

    def signature(self, string_to_sign: str, request: AWSRequest) -> str:
        """Sign as botocore does, with the signing key of the day kept."""
        date = request.context["timestamp"][:8]
        key = _signing_key(self.credentials.secret_key, date, self.region, SERVICE)
        return hmac.digest(key, string_to_sign.encode(), "sha256").hex()


@lru_cache(maxsize=8)
def _signer(keys: Credentials, region: str) -> _WireSigV4Auth:
    botocore_keys = BotocoreCredentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
    return _WireSigV4Auth(botocore_keys, region)


@lru_cache(maxsize=8)
def _signing_key(secret_key: str, *scope: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (*scope, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def sign(request: OriginRequest, oac: OriginAccessControl, *, now: datetime) -> SignedRequest:
    """Sign one origin request as `oac` says.

    `now` is timezone-aware. Raises UnsignableRequestError for a target or signed header that SigV4 cannot cover.
    """
    headers = (("Host", oac.host), *_without(request.headers, {"host"}))
    if oac.behavior == "never":
        return SignedRequest(headers=headers, signed=False, reason="OAC's signing behavior is 'never'.")
    if oac.behavior == "no-override" and _values(headers, "authorization"):
        reason = "OAC's signing behavior is 'no-override' and the viewer sent an Authorization header."
        return SignedRequest(headers=headers, signed=False, reason=reason)
    return _sign(request, headers, oac, now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))


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


def _sign(
    request: OriginRequest, viewer_headers: tuple[Header, ...], oac: OriginAccessControl, timestamp: str
) -> SignedRequest:
    headers = [*_without(viewer_headers, _OVERWRITTEN), ("X-Amz-Date", timestamp)]
    if oac.credentials.session_token:
        headers.append(("X-Amz-Security-Token", oac.credentials.session_token))
    headers += [("X-Amz-Source-Account", oac.source_account), ("X-Amz-Source-Arn", oac.source_arn)]
    digests = _values(headers, _DIGEST)
    if not digests:
        digests = [_payload_hash_without_digest(request)]
        headers.append(("X-Amz-Content-Sha256", digests[0]))
    # Several digests are one list header, as for any repeated header: it matches no body (inferred).
    payload_hash = ",".join(digests)

    auth = _signer(oac.credentials, oac.region)
    signable = _signable(request, headers, payload_hash)
    # add_auth() reads the clock; these are the public steps that it takes, with our time.
    signable.context["timestamp"] = timestamp
    canonical_request: str = auth.canonical_request(signable)
    string_to_sign: str = auth.string_to_sign(signable, canonical_request)
    signature: str = auth.signature(string_to_sign, signable)
    signed_names = canonical_request.rsplit("\n", 2)[-2]  # the line before the payload hash
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={auth.scope(signable)}, SignedHeaders={signed_names}, Signature={signature}"
    )
    return SignedRequest(
        headers=(*headers, ("Authorization", authorization)),
        signed=True,
        reason=f"Signed for CloudFront with payload hash {payload_hash}.",
        payload_hash=payload_hash,
        canonical_request=canonical_request,
        string_to_sign=string_to_sign,
        signature=signature,
    )


def _payload_hash_without_digest(request: OriginRequest) -> str:
    lengths = _values(request.headers, "content-length")
    announced = bool(_values(request.headers, "transfer-encoding")) or any(length.strip(" 0") for length in lengths)
    if announced or request.method in _DIGEST_REQUIRED_METHODS:
        return UNSIGNED_PAYLOAD
    return EMPTY_PAYLOAD_SHA256


def _signable(request: OriginRequest, headers: list[Header], payload_hash: str) -> AWSRequest:
    path, _, query = request.target.partition("?")
    if not path.startswith("/") or _UNSIGNABLE_TARGET.search(request.target):
        raise UnsignableRequestError("the request target is not a path in printable UTF-8 without '#' or blanks")
    # The netloc is a stand-in: the Host header is there, so botocore does not look at it.
    signable = AWSRequest(method=request.method, url=f"https://origin.invalid{path}?{_canonical_pairs(query)}")
    for name, value in headers:
        lower = name.lower()
        if lower == "host" or lower.startswith("x-amz-"):
            if not name.isascii() or ";" in name or _UNSIGNABLE_VALUE.search(value):
                raise UnsignableRequestError("a header that OAC signs is not printable UTF-8")
            if lower != _DIGEST:
                signable.headers[lower] = value
    # botocore takes the payload hash from this header's first value; one joined line is canonically the same.
    signable.headers[_DIGEST] = payload_hash
    return signable


def _canonical_pairs(query: str) -> str:
    """Percent-encode names and values once, whatever the viewer left plain.

    botocore signs a URL's query as it stands, since it wrote it; AWS decodes and encodes again (documented; for
    Lambda seen: a plain ':' in a query breaks the signature of a signer that leaves it). A '+' is a plus, not a
    blank: documented for encoding, unknown for what a Function URL makes of it.
    """
    if not query:
        return ""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return "&".join(
        "=".join(quote(unquote_to_bytes(part), safe="-_.~") for part in (name, value)) for name, _, value in pairs
    )


def _values(headers: Iterable[Header], lower_name: str) -> list[str]:
    return [value for name, value in headers if name.lower() == lower_name]


def _without(headers: Iterable[Header], lower_names: Iterable[str]) -> tuple[Header, ...]:
    return tuple((name, value) for name, value in headers if name.lower() not in lower_names)
