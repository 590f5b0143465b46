"""The marshaller's answers: equal to the runtime client's own, and refused where the client refuses."""

import json
from collections import namedtuple
from decimal import Decimal
from typing import Any

import pytest
from awslambdaric.lambda_runtime_exception import FaultException
from hypothesis import given
from hypothesis import strategies as st

from tests.support.marshalling import BODY, OURS, OWN, TEXTS, VALUES, answered, event, view_of

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
