"""What holds for every request, whatever its method, body, claim and settings."""

import base64
import copy
import hashlib
import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import assume, example, given
from hypothesis import strategies as st

from edge_hasher.function import decide
from edge_hasher.function.content_hash import EMPTY_DIGEST
from edge_hasher.function.decision import DIGEST_HEADER
from edge_hasher.function.header_rules import READ_ONLY

KEPT = "x-viewer-authorization"
CANARY = "s3cr3t-c4nary"
DIGESTS = st.binary(max_size=4).map(lambda payload: hashlib.sha256(payload).hexdigest())
CLAIMS = st.one_of(
    st.none(),
    DIGESTS.map(lambda digest: [digest]),
    DIGESTS.map(lambda digest: [digest.upper()]),
    st.lists(st.one_of(DIGESTS, st.just("UNSIGNED-PAYLOAD"), st.text(max_size=70)), max_size=3),
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "oversize": st.sampled_from(["reject", "forward"]),
        "viewer-digest": st.sampled_from(["verify", "replace", "trust"]),
        "max-body": st.sampled_from(["none", "1", "3", "1048576", "6291456"]),
        "return-body": st.sampled_from(["drop", "keep"]),
        "bodyless": st.sampled_from(["pass", "hash"]),
        "keep-authorization": st.sampled_from(["off", KEPT]),
    },
)
KEEPING = SETTINGS.map(lambda settings: settings | {"keep-authorization": KEPT})
LENGTHS = st.one_of(st.none(), st.integers(0, 9).map(str), st.sampled_from(["2000000", "abc", "", "-1", "٣", "9" * 30]))
ANNOUNCED = st.one_of(st.integers(1, 9).map(str), st.sampled_from(["2000000", "9" * 30]))
OTHER_HEADERS = st.dictionaries(
    st.sampled_from([*READ_ONLY - {"content-length"}, "authorization", KEPT, "x_viewer_authorization", "cookie"]),
    st.lists(st.text(max_size=5), min_size=1, max_size=2),
)
BODY = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["read-only", "replace"]),
        "data": st.one_of(
            st.binary(max_size=4).map(lambda payload: base64.b64encode(payload).decode()),
            st.text(alphabet="AQ=/+- \n", max_size=9),
        ),
        "encoding": st.just("base64"),
        "inputTruncated": st.booleans(),
    }
)
BODIES = st.one_of(st.none(), BODY)
TRUNCATED = BODY.map(lambda body: body | {"inputTruncated": True})
UNDELIVERED = st.one_of(st.none(), BODY.map(lambda body: body | {"data": ""}))


def values(texts: list[str]) -> list[dict[str, str]]:
    """The values of one header, as an event has them."""
    return [{"key": "K", "value": text} for text in texts]


@st.composite
def requests(
    draw: st.DrawFn,
    *,
    lengths: st.SearchStrategy[str | None] = LENGTHS,
    settings: st.SearchStrategy[dict[str, str]] = SETTINGS,
    bodies: st.SearchStrategy[Any] = BODIES,
) -> Any:
    """An origin request of a custom origin: any method, body, length, claim, settings and other headers."""
    headers = {name: values(texts) for name, texts in draw(OTHER_HEADERS).items()}
    claim, length, chosen, body = draw(CLAIMS), draw(lengths), draw(settings), draw(bodies)
    if claim is not None:
        headers[DIGEST_HEADER] = values(claim)
    if length is not None:
        headers["content-length"] = values([length])
    setting = ", ".join(f"{name}={value}" for name, value in chosen.items())
    custom_headers = {"edge-hasher": values([setting])} if chosen else {}
    return {
        "clientIp": "203.0.113.178",
        "method": draw(st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "post", "BREW"])),
        "uri": "/",
        "querystring": "",
        "headers": headers,
        "origin": {"custom": {"customHeaders": custom_headers}},
        **({} if body is None else {"body": body}),
    }


def is_forwarded(request: Any) -> bool:
    """Whether the answer is a request, not a refusal."""
    return "method" in decide(request).answer


def claimed(request: Any) -> set[str]:
    """What the viewer sent as digest, lower-cased."""
    return {claim["value"].lower() for claim in request["headers"].get(DIGEST_HEADER, [])}


def digest_set(request: Any) -> str | None:
    """The digest on the forwarded request that decide() wrote there; None where it left the header alone."""
    answer = decide(request).answer
    before, after = request["headers"].get(DIGEST_HEADER), answer["headers"].get(DIGEST_HEADER)
    return after[0]["value"] if "method" in answer and after and after != before else None


@given(requests(lengths=ANNOUNCED, bodies=UNDELIVERED))
def test_no_empty_digest_for_an_announced_body(request: Any) -> None:
    """A body that was announced and not delivered never gets the empty digest, unless the viewer says so."""
    assert digest_set(request) != EMPTY_DIGEST or EMPTY_DIGEST in claimed(request)


@given(requests(bodies=UNDELIVERED), st.sampled_from(["DELETE", "delete"]))
def test_a_delete_without_data_never_gets_a_digest_of_ours(request: Any, method: str) -> None:
    """Under no setting does a DELETE of which nothing was delivered get a digest that the viewer did not send."""
    request["method"] = method
    assert digest_set(request) is None or digest_set(request) in claimed(request)


@given(requests(lengths=ANNOUNCED, bodies=BODY.map(lambda body: body | {"data": "", "inputTruncated": False})))
def test_what_works_without_us_is_not_refused(request: Any) -> None:
    """An undelivered body is refused, and only then, where Lambda would refuse the request without its digest."""
    decision = decide(request)
    answer: Any = decision.answer
    assume(decision.row not in {"bad-settings", "over-max-body", "undelivered-with-digest"})
    if request["method"].upper() in {"POST", "PUT", "PATCH"}:
        assert (decision.row, answer["status"]) == ("body-not-delivered", "501")
    else:
        assert DIGEST_HEADER not in answer["headers"]
        assert decision.anomaly is not None
        assert decision.anomaly.code == "body-not-delivered"


@given(requests(bodies=TRUNCATED).filter(is_forwarded))
def test_no_digest_of_a_truncated_body_but_the_viewers(request: Any) -> None:
    """A truncated body is forwarded with the digest that the viewer sent or with none."""
    digests = [value["value"] for value in decide(request).answer["headers"].get(DIGEST_HEADER, [])]
    assert len(digests) <= 1
    assert set(digests) <= claimed(request)


@given(requests())
def test_nothing_else_changes(request: Any) -> None:
    """A forwarded request differs in nothing but the digest, the blanked data and the Authorization copy."""
    before = copy.deepcopy(request)
    answer = decide(request).answer
    assert request == before
    if "method" not in answer:
        return
    old, new = before["headers"], answer["headers"]
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    assert changed <= {DIGEST_HEADER, KEPT, "x_viewer_authorization"}
    assert not changed & READ_ONLY
    rest = {**answer, "headers": before["headers"]}
    if "body" in before and answer["body"] != before["body"]:
        assert before["body"]["action"] == "read-only"
        assert answer["body"] == {**before["body"], "data": ""}
        rest["body"] = before["body"]
    assert rest == before


@given(requests(settings=KEEPING).filter(is_forwarded))
def test_kept_authorization_cannot_be_forged(request: Any) -> None:
    """The kept header holds the viewer's Authorization, or does not exist."""
    headers = decide(request).answer["headers"]
    own = request["headers"].get("authorization", [])
    assert [value["value"] for value in headers.get(KEPT, [])] == [value["value"] for value in own]
    assert "x_viewer_authorization" not in headers


@given(requests(), st.sampled_from(["", "max-body=", "keep-authorization=", "oversize=reject, "]))
def test_a_refusal_repeats_nothing_of_the_request(request: Any, setting: str) -> None:
    """No text of body, headers, query or settings is in a refusal, but for the two digests of a mismatch."""
    request["querystring"] = request["uri"] = CANARY
    request["headers"] |= {"cookie": values([CANARY]), DIGEST_HEADER: values([CANARY])}
    request["origin"]["custom"]["customHeaders"] = {"edge-hasher": values([setting and f"{setting}{CANARY} !"])}
    if "body" in request:
        request["body"]["data"] += CANARY
    answer = decide(request).answer
    assert "method" in answer or CANARY not in json.dumps(answer)


@given(payload=st.binary(max_size=300), method=st.sampled_from(["POST", "PUT", "PATCH", "DELETE", "GET"]))
@example(payload=bytes(range(256)) * 5000, method="POST")
def test_digest_is_what_botocore_signs(payload: bytes, method: str) -> None:
    """The digest of a delivered body is the one that botocore's signer computes, and hashlib's."""
    request: Any = {
        "method": method,
        "headers": {},
        "origin": {"custom": {"customHeaders": {}}},
        "body": {
            "action": "read-only",
            "data": base64.b64encode(payload).decode(),
            "encoding": "base64",
            "inputTruncated": False,
        },
    }
    credentials = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    signer = SigV4Auth(credentials, "lambda", "us-east-1")
    signed = signer.payload(AWSRequest(method, "https://example.com/", data=payload))
    answer = decide(request).answer
    if payload or method in {"POST", "PUT", "PATCH"}:
        digest = answer["headers"][DIGEST_HEADER][0]["value"]
        assert digest == signed == hashlib.sha256(payload).hexdigest()
    else:
        assert answer is request
