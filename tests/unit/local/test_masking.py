"""Query strings as people may see them, in the log, the inspector and canonical requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.local.exchange import Exchanges
from edge_hasher.local.masking import masked_target
from edge_hasher.local.origin.oac import masked

HIDDEN = "s3cr3t-value-of-some-length"


NAMES = (
    "token access_token id_token idToken refresh-token session_token access%5Ftoken key apiKey api_key API-KEY secret "
    "client_secret password pwd user[password] sig signature X-Amz-Signature X-Amz-Security-Token X-Amz-Credential "
    "auth authorization code sid jwt"
)


@pytest.mark.parametrize("name", NAMES.split())
def test_a_parameter_that_is_called_like_a_secret(name: str) -> None:
    """Its value is cut to a few characters; the others stay."""
    shown = masked_target(f"/a?x=1&{name}={HIDDEN}&y=2")
    assert HIDDEN not in shown
    assert shown == f"/a?x=1&{name}=s3cr…&y=2"


@pytest.mark.parametrize(
    "value",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghij",
        "sk-0123456789abcdefghij",
        "0123456789abcdef0123456789abcdef",
        "dGhpcyBpcyBzb21lIGtleSAx/MTIzNDU2Nzg5",
    ],
)
def test_a_value_that_looks_like_a_token(value: str) -> None:
    """It is cut whatever the parameter is called."""
    assert value not in masked_target(f"/a?state={value}")


@pytest.mark.parametrize(
    "target",
    [
        "/a",
        "/a?",
        "/token=secret",
        "/a?q=hello+world&page=2&lang=de",
        "/a?monkey=banana&postcode=12345&design=x&zipcode=1",
        "/a?id=123e4567-e89b-12d3-a456-426614174000",
        "/a?text=a-rather-long-sentence-without-any-figure-in-it",
        "/a?token",
        "/a?token=",
        "/a?/login",
    ],
)
def test_the_rest_is_shown_as_it_is(target: str) -> None:
    """Ordinary queries, ids and the path are not touched."""
    assert masked_target(target) == target


@given(st.text())
def test_nothing_is_added_to_a_target(target: str) -> None:
    """What is shown is the target, but for values that end in an ellipsis."""
    shown = masked_target(target)
    assert shown == target or "…" in shown


def test_short_secrets_are_not_shown_whole() -> None:
    """At most a quarter of a value is shown."""
    assert masked_target("/a?password=abc") == "/a?password=…"


def test_log_and_inspector_show_the_masked_target() -> None:
    """The exchange keeps the target for sending it again; what leaves it is masked."""
    exchange = Exchanges().open("id", method="GET", target=f"/a?token={HIDDEN}", source="edge")
    assert HIDDEN not in str(exchange.as_dict())
    assert exchange.target == f"/a?token={HIDDEN}"


def test_a_canonical_request_is_masked() -> None:
    """Its query line hides tokens too."""
    shown = masked(f"GET\n/a\ntoken={HIDDEN}&x=1\nhost:a\n\nhost\nhash")
    assert shown == "GET\n/a\ntoken=s3cr…&x=1\nhost:a\n\nhost\nhash"
