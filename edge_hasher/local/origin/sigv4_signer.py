"""botocore's SigV4 signer, given only what it reads of a request.

botocore's own request and header objects cost more than the signing. What is canonical, and in which order, is
botocore's; the trimming of values and the query are ours, see below.
"""

from __future__ import annotations

import hmac
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes

from botocore.auth import SigV4Auth
from botocore.credentials import Credentials as BotocoreCredentials

if TYPE_CHECKING:
    from edge_hasher.local.origin.credentials import Credentials

SERVICE = "lambda"

# What botocore takes an AWSRequest and an HTTPMessage for: here a SignableRequest, and SignedHeaders.
BotocoreRequest = Any
BotocoreHeaders = Any

# By lower-case name; several values, each a `signed_value`, are joined by commas.
SignedHeaders = dict[str, str]


class Signature(NamedTuple):
    """A signature and what was signed; the canonical request holds the session token."""

    canonical_request: str
    string_to_sign: str
    signature: str
    authorization: str


class SignableRequest:
    """What botocore reads of its AWSRequest; of `headers` it reads the payload hash only.

    `target` is 'path?query', `timestamp` such as 20261120T093000Z. All of `signed_headers` is signed: Host is there.
    """

    def __init__(
        self, method: str, target: str, signed_headers: SignedHeaders, *, payload_hash: str, timestamp: str
    ) -> None:
        path, _, self.query = target.partition("?")
        self.method = method
        self.url = f"https://origin.invalid{path}"  # a stand-in: botocore looks at the path only
        self.signed_headers = signed_headers
        self.headers = {"X-Amz-Content-SHA256": payload_hash}
        self.context = {"timestamp": timestamp}


class _WireSigV4Auth(SigV4Auth):
    """botocore's signer, with values and query as SigV4 wants them: see `signed_value` and `_canonical_query`."""

    def __init__(self, credentials: BotocoreCredentials, region: str) -> None:
        super().__init__(credentials, SERVICE, region)
        self.region = region

    def headers_to_sign(self, request: BotocoreRequest) -> BotocoreHeaders:
        """Return the headers that the caller wants signed."""
        return request.signed_headers

    def canonical_headers(self, headers_to_sign: BotocoreHeaders) -> str:
        """Write the headers in order; their values are as they are signed."""
        return "\n".join(map(":".join, sorted(headers_to_sign.items())))

    def signed_headers(self, headers_to_sign: BotocoreHeaders) -> str:
        """List the names in order; they are in lower case."""
        return ";".join(sorted(headers_to_sign))

    def canonical_query_string(self, request: BotocoreRequest) -> str:
        """Write the query in order, encoded anew."""
        return _canonical_query(request.query)

    def signature(self, string_to_sign: str, request: BotocoreRequest) -> str:
        """Sign as botocore does, with the signing key of the day kept."""
        date = request.context["timestamp"][:8]
        key = _signing_key(self.credentials.secret_key, date, self.region, SERVICE)
        return hmac.digest(key, string_to_sign.encode(), "sha256").hex()


def signed_value(value: str) -> str:
    """Return a header's value as SigV4 signs it: trimmed, and runs of spaces made one (documented).

    botocore folds with `str.split`, which also takes tabs and Unicode spaces: other bytes on the wire.
    """
    value = value.strip(" \t")
    return re.sub(" +", " ", value) if "  " in value else value


def signature_of(request: SignableRequest, keys: Credentials, region: str) -> Signature:
    """Sign a request."""
    # add_auth() reads the clock; these are the public steps that it takes, with our time.
    auth = _signer(keys, region)
    given: BotocoreRequest = request
    canonical_request: str = auth.canonical_request(given)
    string_to_sign: str = auth.string_to_sign(given, canonical_request)
    signature = auth.signature(string_to_sign, given)
    signed_names = canonical_request.rsplit("\n", 2)[-2]  # the line before the payload hash
    credential = f"Credential={auth.scope(given)}"
    authorization = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={signed_names}, Signature={signature}"
    return Signature(canonical_request, string_to_sign, signature, authorization)


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


def _canonical_query(query: str) -> str:
    """Percent-encode names and values once, whatever the viewer left plain.

    botocore signs a URL's query as it stands, since it wrote it; AWS decodes and encodes again (documented; for
    Lambda seen: a plain ':' in a query breaks the signature of a signer that leaves it). A '+' is a plus, not a
    blank: documented for encoding, unknown for what a Function URL makes of it.
    """
    if not query:
        return ""
    pairs = [pair.partition("=") for pair in query.split("&")]
    encoded = sorted((_encoded(name), _encoded(value)) for name, _, value in pairs)
    return "&".join([f"{name}={value}" for name, value in encoded])


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="-_.~")
