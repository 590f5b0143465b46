"""What becomes of an app's answer and of a query on the way through a Function URL: pure rules."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.local.cloudfront.behavior import advice, origin_answer
from edge_hasher.local.origin import query_string
from edge_hasher.local.origin.app_answer import AnswerError, StreamDecoder, check_buffered, check_status, is_encoded

RESERVED = "/?:@;,$[]"


def decoded(headers: tuple[tuple[str, str], ...], pieces: list[bytes]) -> bytes:
    """Decode a stream that comes in pieces."""
    decoder = StreamDecoder(headers)
    out = bytearray()
    for piece in pieces:
        out += decoder.decode(piece)
        while not decoder.wants_input:
            out += decoder.decode(b"")
    decoder.end()
    return bytes(out)


@given(
    st.binary(max_size=2_000), st.lists(st.integers(1, 400), max_size=12), st.sampled_from(["gzip", "deflate", "raw"])
)
def test_a_stream_is_decoded_wherever_it_is_cut(text: bytes, cuts: list[int], encoding: str) -> None:
    """However the app's bytes are divided, what comes out is what went in."""
    packed = {"gzip": gzip.compress(text), "deflate": zlib.compress(text), "raw": zlib.compress(text)[2:-4]}[encoding]
    pieces: list[bytes] = []
    for cut in (*cuts, len(packed)):
        pieces, packed = [*pieces, packed[:cut]], packed[cut:]
    pieces = [piece for piece in pieces if piece]
    header = "deflate" if encoding == "raw" else encoding
    assert decoded((("Content-Encoding", header),), pieces) == text


def test_a_small_stream_that_grows_comes_in_pieces() -> None:
    """What decompresses to much more than it was is never held whole."""
    decoder = StreamDecoder((("content-encoding", "gzip"),))
    packed = gzip.compress(bytes(50_000_000))
    assert len(decoder.decode(packed)) <= 256 * 1024
    assert not decoder.wants_input


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x"])
def test_other_encodings_cannot_be_streamed(encoding: str) -> None:
    """The reason names the encoding."""
    with pytest.raises(AnswerError, match=encoding):
        StreamDecoder((("Content-Encoding", encoding),))


@pytest.mark.parametrize(("value", "expected"), [("identity", False), ("", False), ("GZIP", True), ("br", True)])
def test_identity_is_no_encoding(value: str, expected: bool) -> None:  # noqa: FBT001
    """Only what has to be decoded is."""
    assert is_encoded((("CONTENT-ENCODING", value),)) is expected


@pytest.mark.parametrize("status", [100, 101, 199, 600, 999])
def test_statuses_that_no_function_url_sends(status: int) -> None:
    """The reason names the status."""
    with pytest.raises(AnswerError, match=str(status)):
        check_status(status)


def test_the_limit_of_a_buffered_answer_is_exact() -> None:
    """6,291,556 bytes of JSON pass, one more does not."""
    headers = (("Content-Type", "text/plain"),)
    frame = len(
        '{"statusCode":200,"headers":{"Content-Type":"text/plain"},"body":"","isBase64Encoded":false,"cookies":[]}'
    )
    check_buffered(200, headers, b"a" * (6_291_556 - frame))
    with pytest.raises(AnswerError, match="6291557"):
        check_buffered(200, headers, b"a" * (6_291_557 - frame))


@given(st.text("abcXYZ019-._~%!*'()+ ", max_size=8), st.sampled_from(RESERVED), st.text("ab%", max_size=4))
def test_a_reserved_character_matters_in_names_only(before: str, reserved: str, after: str) -> None:
    """Raw in a name it is refused, with its encoding in the reason; in a value or in the path it is not."""
    name = before + reserved + after
    assert f"%{ord(reserved):02X}" in (query_string.problem(f"/a?x=1&{name}=1") or "")
    assert query_string.problem(f"/a?{before}=1{reserved}&{after}=2") is None
    if reserved != "?":
        assert query_string.problem(f"/a{reserved}b?{before}=1") is None


def test_only_the_querys_plus_is_a_blank() -> None:
    """What is percent-encoded stays, and so does a lone question mark."""
    assert query_string.event_query("a+b=%2B%20+") == "a b=%2B%20 "
    assert query_string.adapter_target("/a+b?c+d=%2B") == "/a+b?c%20d=%2B"
    assert query_string.adapter_target("/a+b?") == "/a+b?"
    assert query_string.adapter_target("/a+b") == "/a+b"


def test_the_quota_of_an_answers_head_is_exact() -> None:
    """Status line and headers of 20,480 bytes pass, one more does not, and the reason has both numbers."""
    frame = len("HTTP/1.1 200 OK\r\nX-A: \r\n\r\n")
    assert origin_answer.problem(200, (("X-A", "a" * (20_480 - frame)),)) is None
    reason = origin_answer.problem(200, (("X-A", "a" * (20_481 - frame)),))
    assert reason is not None
    assert "20481" in reason
    assert "20480" in reason


@pytest.mark.parametrize(
    ("location", "explained"),
    [
        ("https://own.example/a", True),
        ("HTTP://OWN.example:443/", True),
        ("//own.example/x", True),
        ("/a", False),
        ("https://other.example/?next=https://own.example/", False),
        ("https://own.example.evil.test/", False),
        ("https://[::1", False),
    ],
)
def test_redirects_to_the_origins_own_host(location: str, explained: bool) -> None:  # noqa: FBT001
    """Only those that lead a viewer there are explained."""
    assert bool(advice.on_answer((("Location", location),), "own.example", buffered=False)) is explained


def test_other_upgrades_are_not_explained() -> None:
    """An HTTP client that offers HTTP/2 means no WebSocket."""
    assert advice.on_request("GET", ["h2c"]) == ""
    assert "GET" in advice.on_request("GET", ["WebSocket"])
