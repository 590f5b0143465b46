"""The SHA-256 of a delivered body, made from its base64 without a second copy of the payload.

Facts it stands on:
- CloudFront delivers at most 1 MiB of raw body, as base64 text (documented: "Accessing the request body").
- With a read-only body the origin gets the viewer's own bytes (documented), so a decoder that skips what it does not
  know would hash bytes that the origin never sees. Decoding is strict, and anything else is an error.

Data is a str, or bytes-like with the same characters in ASCII: from `runtime_marshaller.py`, a memoryview.
"""

from hashlib import sha256
from weakref import ref

from pybase64 import b64decode

# Characters of base64 decoded at a time: whole quads. A body may cost 128 KiB of extra memory. Of a str, a slice is a
# copy: 72 KiB of text and the 54 KiB they decode to. Of a view it is none, so all of it is decoded bytes. Both are as
# fast as larger slices (benchmarks/README.md, "Slice size").
SLICE_CHARS = 73_728
VIEW_SLICE_CHARS = 172_032

# SHA-256 of no bytes at all.
EMPTY_DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

TYPE_CHECKING = False
if TYPE_CHECKING:
    Data = str | bytes | bytearray | memoryview

# The view that `hash_ahead` read last, and its digest. The reference is weak: no body is kept alive.
_hashed_ahead: "tuple[ref[memoryview], str] | None" = None


class BadEncodingError(ValueError):
    """The delivered data is not what its encoding says."""


def payload_bytes(data: "Data", encoding: str) -> int:
    """Return how many bytes `data` stands for, without decoding it; for bad base64, about how many it would be."""
    if encoding == "text":
        return len(data.encode("utf-8", "surrogatepass")) if isinstance(data, str) else len(data)
    end = data[-2:] if isinstance(data, str) else str(data[-2:], "ascii", "replace")
    return len(data) // 4 * 3 - end.endswith("=") - end.endswith("==")


def digest_of(data: "Data", encoding: str) -> str:
    """Return the SHA-256 of the payload that `data` stands for, as 64 lower-case hex characters.

    `encoding` is "base64", as CloudFront delivers, or "text", as only another function writes it, hashed as UTF-8.
    Raises BadEncodingError for another encoding, and for base64 with a foreign character, padding before its end or a
    length that is no multiple of four.
    """
    try:
        if encoding == "base64":
            if _hashed_ahead is not None and _hashed_ahead[0]() is data:
                return _hashed_ahead[1]
            return sha256(b64decode(data, None, True)).hexdigest() if len(data) <= SLICE_CHARS else _sliced_digest(data)
        if encoding == "text":
            return sha256(data.encode() if isinstance(data, str) else data).hexdigest()
    except ValueError as error:  # binascii.Error and UnicodeEncodeError are both of them
        raise BadEncodingError(str(error)) from error
    raise BadEncodingError("an encoding other than base64 and text")


def hash_ahead(data: memoryview) -> bool:
    """Return whether a view holds strict base64, and keep its digest: `digest_of` need not decode it a second time."""
    global _hashed_ahead  # noqa: PLW0603 - one view is alive at a time
    try:
        _hashed_ahead = ref(data), digest_of(data, "base64")
    except BadEncodingError:
        return False
    return True


def is_base64(data: memoryview) -> bool:
    """Return whether a view holds base64 characters alone, such as no string with a quote or an escape can."""
    try:
        for start in range(0, len(data), VIEW_SLICE_CHARS):
            b64decode(data[start : start + VIEW_SLICE_CHARS], None, True)
    except ValueError:
        return False
    return True


def _sliced_digest(data: "Data") -> str:
    """Hash base64 longer than one slice; no slice is bound to a name, so that only one is alive at a time."""
    sha = sha256()
    size, padding = (SLICE_CHARS, "=") if isinstance(data, str) else (VIEW_SLICE_CHARS, ord("="))
    last_start = (len(data) - 1) // size * size
    if padding in data[size - 1 : last_start : size]:  # the last characters of all slices but the last
        raise BadEncodingError("padding before the end")
    decode, update = b64decode, sha.update  # looked up once
    for start in range(0, last_start, size):
        update(decode(data[start : start + size], None, True))
    update(decode(data[last_start:], None, True))
    return sha.hexdigest()
