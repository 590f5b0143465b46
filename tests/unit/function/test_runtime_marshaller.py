"""The marshaller: a large event without a string of its body, and otherwise exactly what AWS's client does."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.function.runtime_marshaller import MIN_EVENT_BYTES
from tests.support.marshalling import BODY, JSON, OURS, OWN, TEXTS, VALUES, event, outcome, served, view_of


def test_a_large_body_is_a_view_of_the_event() -> None:
    """No string is made of a delivered body, and nothing is copied."""
    raw = json.dumps(event()).encode()
    data = view_of(raw)
    assert isinstance(data, memoryview)
    assert data.obj is raw
    assert bytes(data).decode() == BODY


def test_a_short_event_goes_the_ordinary_way() -> None:
    """Below the bound, the client parses the event itself."""
    raw = json.dumps(event("YWJj")).encode()
    assert len(raw) < MIN_EVENT_BYTES
    assert view_of(raw) == "YWJj"


UNUSUAL = {
    "two data members": event(body={**event()["Records"][0]["cf"]["request"]["body"], "more": {"data": "x"}}),
    "a backslash": event("AAAA\\" + BODY),
    "a quote": event('AAAA"' + BODY),
    "not base64": event("no base64 " + BODY),
    "a letter beyond ASCII": event("é" + BODY),
    "another place": {**event(), "Records": [], "data": BODY},
    "a list": [event()],
}


@pytest.mark.parametrize("value", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_the_unusual_is_left_to_the_client(value: Any) -> None:
    """Where the event is not CloudFront's with one delivered body, the client's own marshaller parses it."""
    raw = json.dumps(value, ensure_ascii=False).encode()
    assert len(raw) >= MIN_EVENT_BYTES
    assert OURS.unmarshal_request(raw, JSON) == OWN.unmarshal_request(raw, JSON)


def test_an_escaped_name_is_not_taken_for_another() -> None:
    """Data elsewhere is never put where an escaped `data` name stands."""
    raw = json.dumps(event("")).replace('"data": ""', '"d\\u0061ta": ""').encode()
    raw = raw[:-1] + b', "data": "' + BODY.encode() + b'"}'
    assert outcome(OURS, raw) == outcome(OWN, raw)


SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (",\n", " :\t"), (" , ", " : ")])


SETTINGS = st.sampled_from(["", "return-body=keep", "viewer-digest=trust", "max-body=9000", "bodyless=hash", "wrong"])
ORIGINS = st.one_of(
    SETTINGS.map(lambda text: {"custom": {"customHeaders": {"edge-hasher": [{"value": text}]}}}),
    st.just({"custom": {"customHeaders": {}}}),
    st.sampled_from([{"custom": {}}, {"s3": {}}, {"custom": []}, []]),
)
HEADERS = st.dictionaries(
    st.sampled_from(["x-amz-content-sha256", "content-length", "transfer-encoding", "data", '"data":"', "cookie"]),
    st.one_of(st.sampled_from(["0" * 64, "12288", '{"data":"x"}', ""]), TEXTS).map(lambda text: [{"value": text}]),
)


@st.composite
def raw_events(draw: st.DrawFn) -> bytes:
    """Events with hostile names and values, in any order and spacing, now and then cut or changed in a byte."""
    data = draw(st.sampled_from([BODY, BODY[:-1], BODY + "=", "\x01" + BODY, BODY + "\\", BODY + '"', "", "é" + BODY]))
    members = draw(st.dictionaries(TEXTS, VALUES, max_size=4))
    value = event(
        data,
        method=draw(st.sampled_from(["POST", "DELETE", "GET"])),
        headers=draw(HEADERS),
        origin=draw(ORIGINS),
        **{f"x{name}": each for name, each in members.items()},
    )
    body = value["Records"][0]["cf"]["request"]["body"]
    body["inputTruncated"] = draw(st.sampled_from([False, False, True, None]))
    body["encoding"] = draw(st.sampled_from(["base64", "base64", "text", "other"]))
    if draw(st.booleans()):
        value = {**members, **value}
    text = json.dumps(
        value, ensure_ascii=draw(st.booleans()), separators=draw(SEPARATORS), sort_keys=draw(st.booleans())
    )
    raw = bytearray(text.encode("utf-8", "surrogatepass").ljust(MIN_EVENT_BYTES))
    match draw(st.sampled_from(["whole", "whole", "cut", "changed"])):
        case "cut":
            del raw[draw(st.integers(0, len(raw))) :]
            raw = raw.ljust(MIN_EVENT_BYTES)
        case "changed":
            raw[draw(st.integers(0, len(raw) - 1))] = draw(st.integers(0, 255))
    return bytes(raw)


@given(raw_events())
def test_every_event_is_what_the_client_makes_of_it(raw: bytes) -> None:
    """Once data is text again, the event equals the client's own, or the same error is raised."""
    assert outcome(OURS, raw) == outcome(OWN, raw)


@given(raw_events())
def test_every_event_has_the_answer_that_it_has_without_it(raw: bytes) -> None:
    """What is posted, or reported, is the same with the marshaller and without."""
    assert served(OURS, raw) == served(OWN, raw)


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
@pytest.mark.parametrize("length", [None, "0", "5"])
def test_an_empty_body_in_a_large_event(method: str, length: str | None) -> None:
    """Large headers make an event large, not its body: empty data is no data, and no method gets a digest for it."""
    headers: dict[str, Any] = {"cookie": [{"value": "c" * MIN_EVENT_BYTES}]}
    if length is not None:
        headers["content-length"] = [{"value": length}]
    raw = json.dumps(event("", method=method, headers=headers, origin={"custom": {}})).encode()
    assert view_of(raw) == ""
    assert served(OURS, raw) == served(OWN, raw)


def test_the_property_reaches_views() -> None:
    """The events above are not all left to the client."""
    raw = json.dumps(event(), separators=(",\n", " :\t")).encode()
    assert isinstance(view_of(raw), memoryview)
