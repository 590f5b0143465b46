"""The arithmetic of SigV4 as the receiving side does it: canonical request, string to sign, signature.

Part of the verifier, so it shares nothing with the signer, nor with botocore, and works on bytes as they came.
Rules: "Create a signed AWS API request", IAM User Guide (documented), unless a line says otherwise.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import lru_cache

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"

# Header values by lower-case name, in the order of arrival.
HeaderValues = dict[str, list[bytes]]

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_RESERVED = re.compile(rb"[^A-Za-z0-9._~-]")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


def wire_bytes(text: str) -> bytes:
    """Undo how the HTTP parser decoded a header or target: UTF-8, stray bytes as surrogates."""
    return text.encode("utf-8", "surrogateescape")


def header_values(headers: tuple[tuple[str, str], ...]) -> HeaderValues:
    """Group header lines by lower-case name."""
    grouped: HeaderValues = {}
    for name, value in headers:
        grouped.setdefault(name.lower(), []).append(wire_bytes(value))
    return grouped


def canonical_request(
    method: str, target: str, headers: HeaderValues, signed_headers: tuple[str, ...], payload_hash: str
) -> bytes:
    """Build the canonical request over the given signed headers, which all have to be in `headers`."""
    path, _, query = wire_bytes(target).partition(b"?")
    lines = [wire_bytes(method), _canonical_path(path), _canonical_query(query)]
    lines += [wire_bytes(name) + b":" + b",".join(map(_trimmed, headers[name])) for name in signed_headers]
    lines += [b"", wire_bytes(";".join(signed_headers)), wire_bytes(payload_hash)]
    return b"\n".join(lines)


def string_to_sign(timestamp: str, scope: str, canonical: bytes) -> str:
    """Build the string to sign; `scope` is date/region/service/aws4_request."""
    return "\n".join([ALGORITHM, timestamp, scope, hashlib.sha256(canonical).hexdigest()])


def signature(secret_access_key: str, scope: str, to_sign: str) -> str:
    """Derive the signing key from the scope and sign; 64 lower-case hex digits."""
    return hmac.digest(_signing_key(secret_access_key, scope), to_sign.encode(), "sha256").hex()


@lru_cache(maxsize=8)  # the same all day
def _signing_key(secret_access_key: str, scope: str) -> bytes:
    key = b"AWS4" + secret_access_key.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _canonical_path(path: bytes) -> bytes:
    # Empty and '.' segments go, '..' takes its parent along; what is percent-encoded already is encoded once more.
    # For every service but S3: documented; double encoding seen for Lambda. A trailing '/.' leaves no slash: what
    # botocore does, unknown for Lambda.
    kept: list[bytes] = []
    for segment in path.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment not in {b"", b"."}:
            kept.append(_encoded(segment))
    leading = b"/" if path.startswith(b"/") else b""
    trailing = b"/" if kept and path.endswith(b"/") else b""
    return leading + b"/".join(kept) + trailing


def _canonical_query(query: bytes) -> bytes:
    # Names and values are decoded, then encoded strictly (documented; for Lambda also seen). '+' stays a plus, and
    # an empty pair ('&&') counts: both unknown for Lambda, both as botocore has it.
    if not query:
        return b""
    pairs = [pair.partition(b"=") for pair in query.split(b"&")]
    encoded = sorted((_encoded(_decoded(name)), _encoded(_decoded(value))) for name, _, value in pairs)
    return b"&".join(name + b"=" + value for name, value in encoded)


def _encoded(data: bytes) -> bytes:
    if not _RESERVED.search(data):
        return data
    return b"".join(b"%c" % byte if byte in _UNRESERVED else b"%%%02X" % byte for byte in data)


def _decoded(data: bytes) -> bytes:
    return _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), data)


def _trimmed(value: bytes) -> bytes:
    value = value.strip(b" \t")
    return re.sub(rb" +", b" ", value) if b"  " in value else value
