"""What the function says of an event that it was not made for."""

import copy
from typing import Any

import pytest

from edge_hasher.function.event_shape import fault_of
from edge_hasher.function.handler import lambda_handler
from tests.support.golden import cases

POST = next(case.event for case in cases() if case.name == "11-post-json")


def test_a_right_event_has_no_fault() -> None:
    """Golden events that are answered have no fault, with a body and without."""
    for case in cases():
        if "error" not in case.expected and not case.name.endswith(("null-data", "bare")):
            event = copy.deepcopy(case.event)
            event["Records"][0]["cf"]["request"].setdefault("origin", {})
            assert fault_of(event) is None


@pytest.mark.parametrize("event", [None, 3, "text", [], True])
def test_what_is_no_object(event: object) -> None:
    """Anything but an object is named by its type."""
    assert fault_of(event) == f"the event is {type(event).__name__}, not dict"


def test_a_fault_of_our_own_is_not_put_on_the_event() -> None:
    """An error on an event that is right stays the error that it is."""

    class Odd(dict[str, Any]):
        def get(self, *_: object) -> object:
            raise LookupError("not the event's fault")

    event = copy.deepcopy(POST)
    request = event["Records"][0]["cf"]["request"]
    request["origin"] = Odd(request["origin"])
    with pytest.raises(LookupError, match="not the event's fault"):
        lambda_handler(event, None)


def test_a_fault_names_no_value() -> None:
    """Places and types are named, values and viewers' headers are not."""
    event = copy.deepcopy(POST)
    event["Records"][0]["cf"]["request"]["headers"]["x-s3cr3t"] = "s3cr3t"
    fault = fault_of(event)
    assert fault is not None
    assert "s3cr3t" not in fault
