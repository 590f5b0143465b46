"""The decision table: every row by golden events, and requests that are none."""

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.function import EventError, decide
from edge_hasher.function.decision import ROWS
from edge_hasher.function.handler import lambda_handler
from tests.support.golden import Case, cases

CASES = cases()
NUMBERS = {name: number for number, name in ROWS}
POST = next(case.event for case in CASES if case.name == "11-post-json")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden_event(case: Case) -> None:
    """Each golden event gets the answer that the table gives, and is itself left as it was."""
    event = copy.deepcopy(case.event)
    if "error" in case.expected:
        with pytest.raises(EventError) as raised:
            lambda_handler(event, None)
        assert str(raised.value).endswith(case.expected["error"])
    else:
        case.check_answer(lambda_handler(event, None))
    assert event == case.event


@pytest.mark.parametrize("case", [case for case in CASES if "error" not in case.expected], ids=lambda case: case.name)
def test_golden_row(case: Case) -> None:
    """The row that answers is the one that the case names, with its anomaly."""
    decision = decide(case.request, case.event["Records"][0]["cf"]["config"]["eventType"])
    assert decision.row == case.expected["row"]
    anomaly = decision.anomaly and {"code": decision.anomaly.code, **decision.anomaly.fields}
    assert anomaly == case.expected.get("anomaly")


def test_every_row_has_golden_events() -> None:
    """No row of the table is without a golden event, and a case's name begins with the number of its row."""
    assert {case.expected["row"] for case in CASES} == NUMBERS.keys()
    unexpected = {case.name for case in CASES if not case.name.startswith(f"{NUMBERS[case.expected['row']]:02}-")}
    assert unexpected == {
        "05-max-body-exact",
        "05-max-body-none",
        "05-max-body-padding",
        "08-trust-no-claim",
        "08-trust-other-claim",
    }


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["value", "s3", ""]), inner)),
    max_leaves=5,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Each container inside a JSON value with each of its keys, from the outside in."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in items for place in [(value, key), *places(inner)]]


@pytest.mark.parametrize("thing", [None, True, 3, "origin", b"origin", [], {}, (), object, object()])
def test_what_is_not_a_request_is_an_event_error(thing: Any) -> None:
    """decide() raises EventError for any object that is not an origin request, and says where the event differs."""
    with pytest.raises(EventError, match=r"^expected a CloudFront origin-request event: Records\[0\]\.cf\.request"):
        decide(thing)


@given(st.sampled_from([case for case in CASES if "error" not in case.expected and case.request]), st.data())
def test_a_broken_request_is_answered_or_an_event_error(case: Case, data: st.DataObject) -> None:
    """With any part of a request missing or of another type, decide() answers or raises EventError, nothing else."""
    request = copy.deepcopy(case.request)
    container, key = data.draw(st.sampled_from(places(request)))
    if data.draw(st.booleans()):
        container[key] = data.draw(JSON)
    else:
        del container[key]
    with contextlib.suppress(EventError):
        assert decide(request).row in NUMBERS


@given(JSON)
def test_an_event_type_of_any_kind(event_type: Any) -> None:
    """Any event type but the two of a request is an EventError that names it."""
    with pytest.raises(EventError, match="expected an origin-request event, got eventType"):
        decide(POST["Records"][0]["cf"]["request"], event_type)


def test_bodyless_get_is_the_same_object() -> None:
    """A bodyless GET comes back as the same object: nothing is copied on the way."""
    request = next(case.request for case in CASES if case.name == "18-get-include-body")
    assert decide(request).answer is request


def test_keeping_authorization_without_one_copies_nothing() -> None:
    """keep-authorization costs a request without Authorization no copy."""
    request = copy.deepcopy(next(case.request for case in CASES if case.name == "18-get-keep-authorization"))
    del request["headers"]["authorization"]
    assert decide(request).answer is request


def test_the_wrong_trigger_says_why() -> None:
    """The refusal of a viewer-request association gives AWS's limit there, and the trigger that takes its place."""
    answer: Any = decide(POST["Records"][0]["cf"]["request"], "viewer-request").answer
    detail = json.loads(answer["body"])["detail"]
    assert "40 KB" in detail
    assert "origin-request" in detail


@pytest.mark.parametrize("name", ["CloudFront-Viewer-Cert-PEM", "Client-Cert", "Client-Cert-Chain"])
def test_a_viewers_certificate_is_no_place_for_authorization(name: str) -> None:
    """CloudFront lets no function add the headers of a viewer's certificate, so the settings refuse them."""
    request = copy.deepcopy(POST["Records"][0]["cf"]["request"])
    value = [{"key": "Edge-Hasher", "value": f"keep-authorization={name}"}]
    request["origin"]["custom"]["customHeaders"]["edge-hasher"] = value
    assert decide(request).row == "bad-settings"
