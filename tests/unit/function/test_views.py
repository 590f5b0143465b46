"""Base64 as a view of the event's bytes: hashed, counted and decided as its text is, and kept by nothing."""

import base64
import gc
import hashlib
import json
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pybase64
import pytest

from edge_hasher.function import EventError, content_hash, decide
from edge_hasher.function.content_hash import VIEW_SLICE_CHARS, BadEncodingError, digest_of, hash_ahead, payload_bytes
from tests.support.marshalling import OURS, event, served


@pytest.mark.parametrize("size", [0, 1, 2, 3, 1000, 129_023, 129_024, 129_025, 300_000, 1_048_576])
def test_a_view_has_the_digest_of_its_text(size: int) -> None:
    """A view and the text are hashed, and counted, alike: both as the bytes that they stand for."""
    payload = bytes(range(251)) * (size // 251) + b"x" * (size % 251)
    view = memoryview(base64.b64encode(payload))
    assert digest_of(view, "base64") == hashlib.sha256(payload).hexdigest()
    assert digest_of(view, "text") == hashlib.sha256(view).hexdigest()
    assert payload_bytes(view, "base64") == size
    assert payload_bytes(view, "text") == len(view)


@pytest.mark.parametrize("bad", [b"YQ==YWJj", b"YWJ", b"Y*Jj", b"YW Jj"])
def test_a_bad_view_is_refused_as_its_text_is(bad: bytes) -> None:
    """Decoding is as strict on a view, also where the padding ends a slice."""
    for data in (bad, b"YWJj" * (VIEW_SLICE_CHARS // 4 - 1) + b"YQ==" + b"YWJj"):
        with pytest.raises(BadEncodingError):
            digest_of(memoryview(data), "base64")


@pytest.mark.parametrize("kind", [memoryview, bytes, bytearray])
def test_bytes_in_an_event_are_decided_as_their_text(kind: Callable[[bytes], Any]) -> None:
    """`decide` gives the same answer for bytes-like data as for the text, also where it is empty or malformed."""
    request: Any = event(origin={"custom": {"customHeaders": {}}})["Records"][0]["cf"]["request"]
    body = request["body"]
    viewed: Any = {**request, "body": {**body, "data": kind(body["data"].encode())}}
    assert decide(viewed).answer == decide(request).answer
    empty: Any = {**request, "method": "DELETE", "body": {**body, "data": kind(b"")}}
    assert decide(empty).row == "unchanged"
    del viewed["body"]["action"]
    with pytest.raises(EventError, match=r"body\.action is missing"):
        decide(viewed)


LARGE = base64.b64encode(bytes(range(256)) * 4096).decode()
CLAIMED = {"x-amz-content-sha256": [{"value": hashlib.sha256(bytes(range(256)) * 4096).hexdigest()}]}
SERVED: dict[str, dict[str, Any]] = {
    "hashed": {},
    "claimed": {"headers": CLAIMED},
    "refused": {"headers": {"x-amz-content-sha256": [{"value": "0" * 64}]}},
    "settings": {"origin": {"custom": {"customHeaders": {"edge-hasher": [{"value": "return-body=keep"}]}}}},
    "S3": {"origin": {"s3": {}}},
    "malformed": {"origin": None},
}


def raw_event(**more: Any) -> bytes:
    """A large event of a custom origin, as it arrives."""
    return json.dumps(event(LARGE, **({"origin": {"custom": {}}} | more))).encode()


def decoded_chars(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> int:
    """How many characters of base64 are decoded while an event is served."""
    lengths = []

    def counting(data: Any, *options: Any) -> bytes:
        lengths.append(len(data))
        return pybase64.b64decode(data, *options)

    monkeypatch.setattr(content_hash, "b64decode", counting)
    served(OURS, raw)
    return sum(lengths)


@pytest.mark.parametrize("headers", [{}, CLAIMED], ids=["no claim", "a claim"])
def test_a_body_that_is_hashed_is_decoded_once(monkeypatch: pytest.MonkeyPatch, headers: dict[str, Any]) -> None:
    """What makes sure that a view is base64 is the decoding that hashes it."""
    assert decoded_chars(monkeypatch, raw_event(headers=headers)) == len(LARGE)


@pytest.mark.parametrize(
    ("setting", "headers", "truncated"),
    [("viewer-digest=trust", CLAIMED, False), ("max-body=1000", {}, False), (None, CLAIMED, True), (None, {}, True)],
)
def test_a_body_that_is_not_hashed_is_only_checked(
    monkeypatch: pytest.MonkeyPatch, setting: str | None, headers: dict[str, Any], *, truncated: bool
) -> None:
    """Where a setting or a truncated body says so, a large body costs no hashing either."""

    def refusing(*_data: object) -> Any:
        pytest.fail("the body is hashed")

    monkeypatch.setattr(content_hash, "sha256", refusing)
    custom = {} if setting is None else {"customHeaders": {"edge-hasher": [{"value": setting}]}}
    value = event(LARGE, origin={"custom": custom}, headers=headers)
    value["Records"][0]["cf"]["request"]["body"]["inputTruncated"] = truncated
    assert served(OURS, json.dumps(value).encode())


def test_a_digest_is_of_its_own_view() -> None:
    """What was hashed ahead is never the digest of another view, nor of the same bytes under another encoding."""
    first, other = (memoryview(base64.b64encode(payload)) for payload in (b"first", b"other"))
    assert hash_ahead(first)
    assert digest_of(first, "base64") == hashlib.sha256(b"first").hexdigest()
    assert digest_of(other, "base64") == hashlib.sha256(b"other").hexdigest()
    assert digest_of(first, "text") == hashlib.sha256(first).hexdigest()
    assert not hash_ahead(memoryview(b"Y*Jj"))


@pytest.mark.parametrize("name", SERVED)
def test_a_body_is_freed_with_its_answer(name: str) -> None:
    """Whatever became of it, nothing holds an event once it is answered, and no cycle waits for the collector."""
    raw = raw_event(**SERVED[name])
    held = sys.getrefcount(raw)
    gc.disable()
    try:
        served(OURS, raw)
        assert sys.getrefcount(raw) == held
    finally:
        gc.enable()


def test_hashing_a_view_takes_128_kib_at_most() -> None:
    """A slice of a view is no copy, so all of the memory is decoded bytes."""
    view = memoryview(LARGE.encode())
    digest_of(view, "base64")
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        digest_of(view, "base64")
        assert tracemalloc.get_traced_memory()[1] - before <= 131_072
    finally:
        tracemalloc.stop()
