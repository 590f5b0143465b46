"""The SHA-256 of a delivered body, made from its base64 text without a second copy of the payload.

Facts it stands on:
- CloudFront delivers at most 1 MiB of raw body, as base64 text (documented: "Accessing the request body").
- With a read-only body the origin gets the viewer's own bytes (documented), so a decoder that skips what it does not
  know would hash bytes that the origin never sees. Decoding is strict, and anything else is an error.
"""

from hashlib import sha256

from pybase64 import b64decode

# Characters of base64 decoded at a time: whole quads. 72 KiB of text and the 54 KiB they decode to stay under the
# 128 KiB of extra memory that a body may cost, and are as fast as larger slices (benchmarks/README.md, "Slice size").
SLICE_CHARS = 73_728

# SHA-256 of no bytes at all.
EMPTY_DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class BadEncodingError(ValueError):
    """The delivered data is not what its encoding says."""


def payload_bytes(data: str, encoding: str) -> int:
    """Return how many bytes `data` stands for, without decoding it; for bad base64, about how many it would be."""
    if encoding == "text":
        return len(data.encode("utf-8", "surrogatepass"))
    return len(data) // 4 * 3 - data.endswith("=") - data.endswith("==")


def digest_of(data: str, encoding: str) -> str:
    """Return the SHA-256 of the payload that `data` stands for, as 64 lower-case hex characters.

    `encoding` is "base64", as CloudFront delivers, or "text", as only another function writes it, hashed as UTF-8.
    Raises BadEncodingError for another encoding, and for base64 with a foreign character, padding before its end or a
    length that is no multiple of four.
    """
    try:
        if encoding == "base64":
            return sha256(b64decode(data, None, True)).hexdigest() if len(data) <= SLICE_CHARS else _sliced_digest(data)
        if encoding == "text":
            return sha256(data.encode()).hexdigest()
    except ValueError as error:  # binascii.Error and UnicodeEncodeError are both of them
        raise BadEncodingError(str(error)) from error
    raise BadEncodingError("an encoding other than base64 and text")


def _sliced_digest(data: str) -> str:
    """Hash base64 longer than one slice; no slice is bound to a name, so that only one is alive at a time."""
    sha = sha256()
    last_start = (len(data) - 1) // SLICE_CHARS * SLICE_CHARS
    if "=" in data[SLICE_CHARS - 1 : last_start : SLICE_CHARS]:  # the last characters of all slices but the last
        raise BadEncodingError("padding before the end")
    decode, update = b64decode, sha.update  # looked up once
    for start in range(0, last_start, SLICE_CHARS):
        update(decode(data[start : start + SLICE_CHARS], None, True))
    update(decode(data[last_start:], None, True))
    return sha.hexdigest()
