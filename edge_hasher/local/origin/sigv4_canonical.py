"""The arithmetic of SigV4 as the receiving side does it: canonical request, string to sign, signature.

Part of the verifier, so it shares nothing with the signer, nor with botocore. Text is UTF-8 as it came, and bytes that
are not are surrogates: `wire_bytes` gives them back.
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
HeaderValues = dict[str, list[str]]

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_RESERVED = re.compile(r"[^A-Za-z0-9._~-]")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


def wire_bytes(text: str) -> bytes:
    """Undo how the HTTP parser decoded a header or target: UTF-8, stray bytes as surrogates."""
    return text.encode("utf-8", "surrogateescape")


def shown(text: str) -> str:
    """Return text from the wire with its stray bytes as escapes, for people."""
    return text if text.isascii() else wire_bytes(text).decode(errors="backslashreplace")


def header_values(headers: tuple[tuple[str, str], ...]) -> HeaderValues:
    """Group header lines by lower-case name."""
    grouped: HeaderValues = {}
    for name, value in headers:
        grouped.setdefault(name.lower(), []).append(value)
    return grouped


def canonical_request(
    method: str, target: str, headers: HeaderValues, signed_headers: tuple[str, ...], payload_hash: str
) -> str:
    """Build the canonical request over the given signed headers, which all have to be in `headers`."""
    path, _, query = target.partition("?")
    lines = [f"{name}:{','.join([_trimmed(value) for value in headers[name]])}" for name in signed_headers]
    return "\n".join(
        [method, _canonical_path(path), _canonical_query(query), *lines, "", ";".join(signed_headers), payload_hash]
    )


def string_to_sign(timestamp: str, scope: str, canonical: str) -> str:
    """Build the string to sign; `scope` is date/region/service/aws4_request."""
    return "\n".join([ALGORITHM, timestamp, scope, hashlib.sha256(wire_bytes(canonical)).hexdigest()])


def signature(secret_access_key: str, scope: str, to_sign: str) -> str:
    """Derive the signing key from the scope and sign; 64 lower-case hex digits."""
    return hmac.digest(_signing_key(secret_access_key, scope), to_sign.encode(), "sha256").hex()


@lru_cache(maxsize=8)  # the same all day
def _signing_key(secret_access_key: str, scope: str) -> bytes:
    key = b"AWS4" + secret_access_key.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _canonical_path(path: str) -> str:
    # Empty and '.' segments go, '..' takes its parent along; what is percent-encoded already is encoded once more.
    # For every service but S3: documented; double encoding seen for Lambda. A trailing '/.' leaves no slash: what
    # botocore does, unknown for Lambda.
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(_encoded(segment))
    leading = "/" if path.startswith("/") else ""
    trailing = "/" if kept and path.endswith("/") else ""
    return leading + "/".join(kept) + trailing


def _canonical_query(query: str) -> str:
    # Names and values are decoded, then encoded strictly (documented; for Lambda also seen). '+' stays a plus, and
    # an empty pair ('&&') counts: both unknown for Lambda, both as botocore has it.
    if not query:
        return ""
    pairs = [pair.partition("=") for pair in query.split("&")]
    encoded = sorted((_encoded_anew(name), _encoded_anew(value)) for name, _, value in pairs)
    return "&".join(map("=".join, encoded))


def _encoded(text: str) -> str:
    return _encoded_bytes(wire_bytes(text)) if _RESERVED.search(text) else text


def _encoded_anew(text: str) -> str:
    if not _RESERVED.search(text):
        return text
    return _encoded_bytes(_ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), wire_bytes(text)))


def _encoded_bytes(data: bytes) -> str:
    return "".join([chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in data])


def _trimmed(value: str) -> str:
    value = value.strip(" \t")
    return re.sub(" +", " ", value) if "  " in value else value
