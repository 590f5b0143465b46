"""Events and values for the tests of the marshaller, and the marshaller beside the runtime client's own."""

import base64
import json
from typing import Any

from awslambdaric.lambda_runtime_exception import FaultException
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller
from hypothesis import strategies as st

from edge_hasher.function.handler import lambda_handler
from edge_hasher.function.runtime_marshaller import Marshaller

JSON = "application/json"
OWN = LambdaMarshaller()
OURS = Marshaller(OWN)
BODY = base64.b64encode(bytes(range(256)) * 48).decode()

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


def served(marshaller: Any, raw: bytes) -> Any:
    """What becomes of an event under a marshaller: the answer as it is posted, or the error as it is reported."""
    try:
        return answered(marshaller, lambda_handler(marshaller.unmarshal_request(raw, JSON), None))
    except FaultException as error:
        return (error.exception_type, error.msg)
    except Exception as error:  # noqa: BLE001 - the runtime client reports any
        return (type(error).__name__, str(error))


def view_of(raw: bytes) -> Any:
    """The body's data as the marshaller passes it."""
    return OURS.unmarshal_request(raw, JSON)["Records"][0]["cf"]["request"]["body"]["data"]


def answered(marshaller: Any, response: Any) -> Any:
    """What a marshaller writes for an answer, parsed again, or its error."""
    try:
        text, content_type = marshaller.marshal_response(response)
    except FaultException as error:
        return (error.exception_type, error.msg)
    return (json.loads(text), content_type) if content_type == JSON else (text, content_type)
