"""The marshaller: a large event without a string of its body, and otherwise exactly what AWS's client does."""

import base64
import hashlib
import json
import subprocess
import sys
from collections import namedtuple
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from awslambdaric.lambda_runtime_exception import FaultException
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.function import EventError, decide
from edge_hasher.function.content_hash import VIEW_SLICE_CHARS, BadEncodingError, digest_of, payload_bytes
from edge_hasher.function.runtime_marshaller import MIN_EVENT_BYTES, Marshaller, install
from tests.support.golden import EVENTS

JSON = "application/json"
OWN = LambdaMarshaller()
OURS = Marshaller(OWN)
BODY = base64.b64encode(bytes(range(256)) * 48).decode()


def event(data: str = BODY, **more: Any) -> dict[str, Any]:
    """An origin-request event with a delivered body."""
    body = {"action": "read-only", "data": data, "encoding": "base64", "inputTruncated": False}
    request = {"method": "POST", "uri": "/", "querystring": "", "headers": {}, "body": body, **more}
    return {"Records": [{"cf": {"config": {"eventType": "origin-request"}, "request": request}}]}


def as_text(value: Any) -> Any:
    """The same value with every view made text."""
    if isinstance(value, memoryview):
        return str(value, "ascii")
    if isinstance(value, dict):
        return {name: as_text(each) for name, each in value.items()}
    return [as_text(each) for each in value] if isinstance(value, list) else value


def outcome(marshaller: Any, raw: bytes) -> Any:
    """What a marshaller makes of an event: its value, or its error."""
    try:
        return as_text(marshaller.unmarshal_request(raw, JSON))
    except FaultException as error:
        return (error.exception_type, error.msg)


def view_of(raw: bytes) -> Any:
    """The body's data as the marshaller passes it."""
    return OURS.unmarshal_request(raw, JSON)["Records"][0]["cf"]["request"]["body"]["data"]


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


TEXTS = st.one_of(
    st.sampled_from(
        ['"data":"', '"data" : "', "data", '{"data":"QUJD"}', '\\"data\\":\\"', "\\", "\ud800", "\u2028", "é", ""]
    ),
    st.text(max_size=20),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (",\n", " :\t"), (" , ", " : ")])


@st.composite
def raw_events(draw: st.DrawFn) -> bytes:
    """Events with hostile names and values, in any order and spacing, now and then cut or changed in a byte."""
    data = draw(st.sampled_from([BODY, BODY[:-1], BODY + "=", "\x01" + BODY, BODY + "\\", BODY + '"', "", "é" + BODY]))
    members = draw(st.dictionaries(TEXTS, VALUES, max_size=4))
    value = event(data, **{f"x{name}": each for name, each in members.items()})
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


def test_the_property_reaches_views() -> None:
    """The events above are not all left to the client."""
    raw = json.dumps(event(), separators=(",\n", " :\t")).encode()
    assert isinstance(view_of(raw), memoryview)


def answered(marshaller: Any, response: Any) -> Any:
    """What a marshaller writes for an answer, parsed again, or its error."""
    try:
        text, content_type = marshaller.marshal_response(response)
    except FaultException as error:
        return (error.exception_type, error.msg)
    return (json.loads(text), content_type) if content_type == JSON else (text, content_type)


Pair = namedtuple("Pair", "a b")  # noqa: PYI024 - the very thing that the two encoders write differently
ANSWERS = [
    {"headers": {"x-é": [{"key": "X-é", "value": "\u2028\x00"}]}},
    {"a": "\ud800"},
    {"a": Pair(1, 2)},
    {"a": Decimal("1.5")},
    {"a": float("inf")},
    {"a": {1, 2}},
    {"a": b"bytes"},
    {"a": object()},
    {None: 1, True: 2, 1.5: 3},
    {(1, 2): 3},
    b"bytes",
    [1],
    None,
]


@pytest.mark.parametrize("response", ANSWERS, ids=range(len(ANSWERS)))
def test_an_answer_is_what_the_client_writes(response: Any) -> None:
    """An answer parses to the same value as the client's, and what the client refuses is refused alike."""
    assert answered(OURS, response) == answered(OWN, response)


@given(st.dictionaries(TEXTS, VALUES))
def test_every_plain_answer_is_what_the_client_writes(response: dict[str, Any]) -> None:
    """The same for any plain answer."""
    assert answered(OURS, response) == answered(OWN, response)


def test_an_endless_answer_is_refused_as_by_the_client() -> None:
    """An answer that holds itself is an error, not a crash."""
    loop: dict[str, Any] = {}
    loop["self"] = loop
    with pytest.raises(FaultException):
        OURS.marshal_response(loop)


def test_a_kept_body_is_written_as_it_came() -> None:
    """With return-body=keep the view goes back as the same text."""
    data = view_of(json.dumps(event()).encode())
    text, _ = OURS.marshal_response({"body": {"data": data}})
    assert json.loads(text) == {"body": {"data": BODY}}


def test_other_attributes_are_the_clients() -> None:
    """What the client keeps on its marshaller is still found."""
    assert OURS.jsonEncoder is OWN.jsonEncoder


CLIENTS = {
    "no runtime client": "",
    "the runtime client": "import awslambdaric.bootstrap",
    "no attribute": "import awslambdaric.lambda_runtime_client as c; del c.BaseLambdaRuntimeClient.marshaller",
    "another marshaller": "import awslambdaric.lambda_runtime_client as c\n"
    "class Other(type(c.BaseLambdaRuntimeClient.marshaller)): pass\n"
    "c.BaseLambdaRuntimeClient.marshaller = Other()",
    "another signature": "import awslambdaric.lambda_runtime_marshaller as m\n"
    "m.LambdaMarshaller.unmarshal_request = lambda self, *, body: body\nimport awslambdaric.lambda_runtime_client",
    "another answer": "import awslambdaric.lambda_runtime_marshaller as m\n"
    "m.LambdaMarshaller.marshal_response = lambda self, response: b'{}'\nimport awslambdaric.lambda_runtime_client",
    "several at once": "import os, awslambdaric.bootstrap; os.environ['AWS_LAMBDA_MAX_CONCURRENCY'] = '4'",
}


@pytest.mark.parametrize("name", CLIENTS)
def test_it_is_never_in_the_way(name: str) -> None:
    """It is installed in the known client alone; anywhere else the function starts, and answers, as without it."""
    program = (
        f"{CLIENTS[name]}\nimport json, sys\nimport edge_hasher.function.handler as h\n"
        "c = sys.modules.get('awslambdaric.lambda_runtime_client')\n"
        "found = getattr(getattr(c, 'BaseLambdaRuntimeClient', None), 'marshaller', None)\n"
        "event = json.load(open(sys.argv[1]))\n"
        "digest = h.lambda_handler(event, None)['headers']['x-amz-content-sha256'][0]['value']\n"
        "print(type(found).__name__, digest)"
    )
    event_file = EVENTS / "11-post-json.json"
    command = [sys.executable, "-c", program, str(event_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    kind, digest = done.stdout.split()
    assert (kind == "Marshaller") == (name == "the runtime client")
    assert len(digest) == 64


def modules(marshaller: Any) -> tuple[dict[str, Any], Any]:
    """A runtime client with this marshaller, as `sys.modules` would have it."""
    client = SimpleNamespace(marshaller=marshaller)
    return {
        "awslambdaric.lambda_runtime_client": SimpleNamespace(BaseLambdaRuntimeClient=client),
        "awslambdaric.lambda_runtime_marshaller": SimpleNamespace(LambdaMarshaller=LambdaMarshaller),
    }, client


class DeafMarshaller(LambdaMarshaller):  # type: ignore[misc]  # AWS's client ships no annotations
    """The client's own class as another version might have it: another answer to the same question."""

    def marshal_response(self, response: Any) -> bytes:
        """Answer with bytes."""
        return json.dumps(response).encode()


def test_it_is_installed_once() -> None:
    """A second call changes nothing."""
    found, client = modules(LambdaMarshaller())
    assert install(found)
    first = client.marshaller
    assert isinstance(first, Marshaller)
    assert install(found)
    assert client.marshaller is first


def test_it_leaves_another_interface_alone() -> None:
    """A marshaller of the client's class that answers otherwise, or of another class, stays."""
    found, client = modules(DeafMarshaller())
    assert not install(found)
    found["awslambdaric.lambda_runtime_marshaller"].LambdaMarshaller = DeafMarshaller
    assert not install(found)
    assert isinstance(client.marshaller, DeafMarshaller)
    assert not install({})


def test_it_leaves_a_process_of_several_invocations_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Lambda runs several invocations in one process, the client's own marshaller stays."""
    monkeypatch.setenv("AWS_LAMBDA_MAX_CONCURRENCY", "4")
    assert not install(modules(LambdaMarshaller())[0])


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
