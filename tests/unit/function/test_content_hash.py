"""Hashing a delivered body: right, strict and within its memory."""

import base64
import hashlib
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge_hasher.function.content_hash import EMPTY_DIGEST, SLICE_CHARS, BadEncodingError, digest_of, payload_bytes

MIB = 1_048_576
EXTRA_MEMORY_LIMIT_BYTES = 128 * 1024
SLICE_BYTES = SLICE_CHARS // 4 * 3
AROUND_SLICES = [SLICE_BYTES * n + d for n in (1, 2) for d in (-2, -1, 0, 1, 2, 3)]


def test_empty_digest_is_the_digest_of_nothing() -> None:
    """The constant is SHA-256 of no bytes."""
    assert hashlib.sha256().hexdigest() == EMPTY_DIGEST


def test_slices_are_whole_quads() -> None:
    """A slice never cuts a quad, or what it decodes to would be wrong."""
    assert SLICE_CHARS % 4 == 0


@pytest.mark.parametrize("length", AROUND_SLICES)
def test_digest_around_slice_boundaries(length: int) -> None:
    """The digest is right for payloads that end just before, at and after a slice's end."""
    payload = bytes(index * 7 % 251 for index in range(length))
    data = base64.b64encode(payload).decode()
    assert digest_of(data, "base64") == hashlib.sha256(payload).hexdigest()
    assert payload_bytes(data, "base64") == length


@given(st.binary(max_size=400))
def test_payload_bytes_needs_no_decoding(payload: bytes) -> None:
    """The payload's length is read off the base64."""
    assert payload_bytes(base64.b64encode(payload).decode(), "base64") == len(payload)


@given(st.text(max_size=60))
@example("h\u00e9llo")
def test_text_is_hashed_as_utf8(text: str) -> None:
    """Text is hashed and measured as UTF-8; text without such a form is refused."""
    try:
        payload = text.encode()
    except UnicodeEncodeError:
        with pytest.raises(BadEncodingError):
            digest_of(text, "text")
    else:
        assert digest_of(text, "text") == hashlib.sha256(payload).hexdigest()
        assert payload_bytes(text, "text") == len(payload)


@given(
    payload=st.binary(min_size=1, max_size=90),
    where=st.integers(0, 10_000),
    stray=st.sampled_from("\n\r\t -_.*=\u00e9\u0141\x00"),
    slices=st.integers(0, 2),
)
def test_a_stray_character_is_never_skipped(payload: bytes, where: int, stray: str, slices: int) -> None:
    """A character put anywhere into base64, in the first slice or a later one, is refused."""
    data = "AAAA" * (SLICE_CHARS // 4 * slices) + base64.b64encode(payload).decode()
    place = where % len(data)
    with pytest.raises(BadEncodingError):
        digest_of(data[:place] + stray + data[place:], "base64")


@given(st.text(alphabet="ABab01+/=", max_size=12))
def test_strict_as_a_strict_decoder(data: str) -> None:
    """What is refused and what is hashed agrees with the standard library's strict decoder."""
    try:
        payload = base64.b64decode(data, validate=True)
    except ValueError:
        payload = None
    canonical_length = len(data) % 4 == 0 and "=" not in data[:-2]
    if payload is None or not canonical_length:
        with pytest.raises(BadEncodingError):
            digest_of(data, "base64")
    else:
        assert digest_of(data, "base64") == hashlib.sha256(payload).hexdigest()


def test_one_mebibyte_costs_128_kib_at_most() -> None:
    """A 1 MiB body costs at most 128 KiB of extra peak memory: no second copy of it is made."""
    data = base64.b64encode(bytes(range(256)) * (MIB // 256)).decode()
    digest_of(data, "base64")
    tracemalloc.start()
    try:
        digest_of(data, "base64")
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes <= EXTRA_MEMORY_LIMIT_BYTES
