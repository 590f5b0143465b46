"""Whatever is not an origin-request event: the error, to the byte, with the marshaller and without."""

import base64
import json
from typing import Any

import pytest

from edge_hasher.function.runtime_marshaller import MIN_EVENT_BYTES
from tests.support.golden import EVENTS
from tests.support.marshalling import JSON, OURS, OWN, outcome, served

LARGE = base64.b64encode(bytes(range(256)) * 48).decode()
EXPECTED = "expected a CloudFront origin-request event: "
POST = json.loads((EVENTS / "11-post-json.json").read_text())


def changed(*path: Any, to: Any) -> Any:
    """The event of a POST with one thing in it changed, and a large body."""
    event = json.loads(json.dumps(POST))
    event["Records"][0]["cf"]["request"]["body"]["data"] = LARGE
    inner = event
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return event


CF: tuple[Any, ...] = ("Records", 0, "cf")
REQUEST = (*CF, "request")
BODY = (*REQUEST, "body")

# An event, and what the function says of it.
WRONG = {
    "null": (None, EXPECTED + "the event is NoneType, not dict"),
    "a number": (3, EXPECTED + "the event is int, not dict"),
    "a text": (LARGE, EXPECTED + "the event is str, not dict"),
    "a list": ([POST], EXPECTED + "the event is list, not dict"),
    "nothing": ({}, EXPECTED + "Records is missing"),
    "no records": ({"Records": [], "data": LARGE}, EXPECTED + "Records[0] is missing"),
    "Kinesis": ({"Records": [{"kinesis": {"data": LARGE}}]}, EXPECTED + "Records[0].cf is missing"),
    "Pub/Sub": ({"message": {"data": LARGE}}, EXPECTED + "Records is missing"),
    "SQS": ({"Records": [{"body": json.dumps({"data": LARGE})}]}, EXPECTED + "Records[0].cf is missing"),
    "API Gateway": ({"version": "2.0", "body": LARGE, "isBase64Encoded": True}, EXPECTED + "Records is missing"),
    "origin-response": (
        changed(*CF, "config", "eventType", to="origin-response"),
        "expected an origin-request event, got eventType 'origin-response'",
    ),
    "no config": (changed(*CF, "config", to=None), EXPECTED + "Records[0].cf.config is NoneType, not dict"),
    "no request": (changed(*REQUEST, to=LARGE), EXPECTED + "Records[0].cf.request is str, not dict"),
    "no headers": (changed(*REQUEST, "headers", to=[]), EXPECTED + "Records[0].cf.request.headers is list, not dict"),
    "no origin": (changed(*REQUEST, "origin", to=LARGE), EXPECTED + "Records[0].cf.request.origin is str, not dict"),
    "a body that is text": (changed(*BODY, to=LARGE), EXPECTED + "Records[0].cf.request.body is str, not dict"),
    "a body of data": (
        changed(*BODY, to={"data": LARGE}),
        EXPECTED + "Records[0].cf.request.body.action is missing",
    ),
    "no encoding": (
        changed(*BODY, to={"action": "read-only", "data": LARGE, "inputTruncated": False}),
        EXPECTED + "Records[0].cf.request.body.encoding is missing",
    ),
    "data that is a number": (
        changed(*BODY, "data", to=10**4000),
        EXPECTED + "Records[0].cf.request.body.data is int, not str",
    ),
    "data that is a list": (
        changed(*BODY, "data", to=[LARGE]),
        EXPECTED + "Records[0].cf.request.body.data is list, not str",
    ),
    "data in data": (
        changed(*BODY, "data", to={"data": LARGE}),
        EXPECTED + "Records[0].cf.request.body.data is dict, not str",
    ),
    "a header of another type": (
        changed(*REQUEST, "headers", "content-length", to="9216"),
        EXPECTED + 'Records[0].cf.request.headers holds what is not a list of {"key": ..., "value": ...}',
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_event_is_named(name: str) -> None:
    """The error says what was expected and what came, short or large, with the marshaller and without."""
    event, message = WRONG[name]
    raw = json.dumps(event).encode()
    for marshaller in (OWN, OURS):
        for sent in (raw, raw.ljust(MIN_EVENT_BYTES)):
            assert served(marshaller, sent) == ("EventError", message)


PIECES = {
    "nothing": b"",
    "blanks": b" " * MIN_EVENT_BYTES,
    "half an event": json.dumps(changed("more", to=1)).encode()[:-400],
    "a body without an end": b'{"Records": [{"cf": {"request": {"body": {"data": "' + LARGE.encode(),
    "two events": json.dumps(POST).encode() * 9,
    "a control character": json.dumps(changed("more", to=1)).encode().replace(LARGE[:8].encode(), b"AAAA\nAAA"),
    "no UTF-8": json.dumps(changed("more", to=1)).encode().replace(LARGE[:8].encode(), b"AAAA\xffAAA"),
    "a wrong escape": json.dumps(changed("more", to=1)).encode().replace(LARGE[:8].encode(), b"AAAA\\xAA"),
    "half an escape": json.dumps(changed("more", to=1)).encode().replace(LARGE[-8:].encode(), b"AAAA\\u00"),
    "single quotes": str(changed("more", to=1)).encode(),
    "UTF-16": json.dumps(changed("more", to=1)).encode("utf-16"),
    "a mark": json.dumps(changed("more", to=1)).encode("utf-8-sig"),
    "XML": b"<data>" + LARGE.encode() + b"</data>",
}


@pytest.mark.parametrize("name", PIECES)
def test_what_is_not_json_is_refused_by_the_client(name: str) -> None:
    """The runtime client's own error is reported, with its own position in the event as it came."""
    found = outcome(OURS, PIECES[name])
    assert found == outcome(OWN, PIECES[name])
    assert isinstance(found, dict) or found[0] == "Runtime.UnmarshalError"


def test_another_content_type_is_the_clients() -> None:
    """What does not come as JSON is passed as it is, large or not, and text is read as the client reads it."""
    raw = json.dumps(changed("more", to=1)).encode()
    for content_type in ("text/plain", None):
        assert OURS.unmarshal_request(raw, content_type) is raw
    assert OURS.unmarshal_request(raw) == OURS.unmarshal_request(raw.decode(), JSON) == json.loads(raw)
