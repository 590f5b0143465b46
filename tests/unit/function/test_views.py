"""Base64 as a view of the event's bytes: hashed, counted and decided as its text is, and kept by nothing."""

import base64
import hashlib
from typing import Any

import pytest

from edge_hasher.function import EventError, decide
from edge_hasher.function.content_hash import VIEW_SLICE_CHARS, BadEncodingError, digest_of, payload_bytes
from tests.support.marshalling import event


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


def test_a_view_in_an_event_is_decided_as_its_text() -> None:
    """`decide` gives the same answer for a view as for the text, and says so of a view in a malformed event."""
    request: Any = event(origin={"custom": {"customHeaders": {}}})["Records"][0]["cf"]["request"]
    body = request["body"]
    viewed: Any = {**request, "body": {**body, "data": memoryview(body["data"].encode())}}
    assert decide(viewed).answer == decide(request).answer
    del viewed["body"]["action"]
    with pytest.raises(EventError, match=r"body\.action is missing"):
        decide(viewed)
