"""CloudFront's judgement of what an origin-request function returned."""

import base64
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.local.cloudfront.event import delivered_body, origin_request_event
from edge_hasher.local.cloudfront.invalid import InvalidResult
from edge_hasher.local.cloudfront.model import Distribution, ForwardedRequest, OriginConfig, Policy, ViewerRequest
from edge_hasher.local.cloudfront.result import Forward, parse_result, validate_result
from edge_hasher.local.cloudfront.result_response import GeneratedResponse
from edge_hasher.local.cloudfront.viewer import forward
from tests.support import aws_texts

Json = Any
"""A JSON value: the tests take events apart as a function does."""

DISTRIBUTION = Distribution()
ORIGIN = OriginConfig(
    domain_name="abc123.lambda-url.us-east-1.on.aws",
    path="/api",
    custom_headers=(("Edge-Hasher", "oversize=forward"),),
)
BODY = b"\x00\xffbody"
DIGEST = "a" * 64


def request(target: str = "/chat?x=1", method: str = "POST", **headers: str) -> ForwardedRequest:
    """Return an origin request; keyword names are header names with _ for -."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    viewer = ViewerRequest(
        method=method,
        target=target,
        headers=(("Host", "localhost"), ("Content-Length", str(len(BODY))), *named),
        client_ip="203.0.113.7",
    )
    return forward(viewer, policy=Policy(), origin=ORIGIN, distribution=DISTRIBUTION, request_id="id==")


def event_of(forwarded: ForwardedRequest, *, include_body: bool = True) -> Json:
    """Return the event for a request with this file's body."""
    body = delivered_body(BODY, more=False) if include_body else None
    return origin_request_event(forwarded, origin=ORIGIN, distribution=DISTRIBUTION, body=body)


SENT = request()
EVENT = event_of(SENT)


def returned(**changes: Json) -> Json:
    """Return a copy of the event's request with fields changed."""
    return {**copy.deepcopy(EVENT["Records"][0]["cf"]["request"]), **changes}


def judged(result: Json) -> Forward | GeneratedResponse:
    """Validate against this file's event."""
    return validate_result(result, event=EVENT, request=SENT)


def forwarded_by(result: Json) -> Forward:
    """Validate a result that is a request."""
    verdict = judged(result)
    assert isinstance(verdict, Forward)
    return verdict


def generated_by(**response: Json) -> GeneratedResponse:
    """Validate a result that is a response."""
    verdict = judged(response)
    assert isinstance(verdict, GeneratedResponse)
    return verdict


def refused(result: Json, text: str) -> str:
    """Validate a result that fails with `text`; return the reason."""
    with pytest.raises(InvalidResult) as caught:
        judged(result)
    assert caught.value.text == text
    assert caught.value.reason
    return caught.value.reason


def with_headers(**headers: Json) -> Json:
    """Return the event's request with headers set, or removed by None; _ stands for -."""
    result = returned()
    for name, value in headers.items():
        key = name.replace("_", "-")
        if value is None:
            del result["headers"][key]
        else:
            result["headers"][key] = value
    return result


def with_custom(**changes: Json) -> Json:
    """Return the event's request with fields of its custom origin changed."""
    result = returned()
    result["origin"]["custom"].update(changes)
    return result


def with_body(**changes: Json) -> Json:
    """Return the event's request with fields of its body changed."""
    result = returned()
    result["body"].update(changes)
    return result


def entry(value: str, key: str | None = None) -> list[dict[str, str]]:
    """Return a header's array with one entry."""
    return [{"value": value} if key is None else {"key": key, "value": value}]


# --- requests ---------------------------------------------------------------------------------------------------


def test_an_unchanged_request_goes_on_as_the_viewer_sent_it() -> None:
    """What a function returns as it came is the viewer's target, CloudFront's headers, the original body."""
    verdict = forwarded_by(returned())
    assert verdict == Forward(
        method="POST",
        target="/api/chat?x=1",
        headers=SENT.origin_headers,
        body=None,
        origin=EVENT["Records"][0]["cf"]["request"]["origin"],
        notes=(),
    )


def test_headers_go_on_in_the_order_in_which_the_function_returned_them() -> None:
    """The order is the function's, for the request's headers and for the origin's own."""
    names = ("X-One", "X-Two", "X-Three")
    sent = SENT._replace(custom_headers=tuple((name, "1") for name in names))
    event = origin_request_event(
        sent,
        origin=OriginConfig(domain_name="example.com", custom_headers=sent.custom_headers),
        distribution=Distribution(),
        body=None,
    )
    result: Json = copy.deepcopy(event["Records"][0]["cf"]["request"])
    custom = result["origin"]["custom"]
    for holder, key in ((result, "headers"), (custom, "customHeaders")):
        holder[key] = dict(reversed(holder[key].items()))
    verdict = validate_result(result, event=event, request=sent)
    assert isinstance(verdict, Forward)
    assert verdict.headers == sent.headers[::-1] + sent.hidden_headers + sent.custom_headers[::-1]


def test_the_digest_is_added_and_the_blanked_data_ignored() -> None:
    """Edge Hasher's own answer: one header more, data emptied, and the original body still goes on."""
    result = with_body(data="")
    result["headers"]["x-amz-content-sha256"] = entry(DIGEST, "X-Amz-Content-Sha256")
    verdict = forwarded_by(result)
    assert ("X-Amz-Content-Sha256", DIGEST) in verdict.headers
    assert set(verdict.headers) - set(SENT.origin_headers) == {("X-Amz-Content-Sha256", DIGEST)}
    assert verdict.body is None
    assert verdict.notes == ()


def test_what_the_function_cannot_see_is_sent_all_the_same() -> None:
    """X-Amz-Cf-Id and the operator's headers reach the origin past the function, once."""
    headers = forwarded_by(returned()).headers
    assert headers.count(("X-Amz-Cf-Id", "id==")) == 1
    assert headers.count(("Edge-Hasher", "oversize=forward")) == 1


TOKENS = st.text("abcdefXYZ0123456789-", min_size=1, max_size=12)
VALUES = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), max_size=30)
TARGETS = st.text(st.characters(min_codepoint=33, exclude_categories=("Cs", "Cc"), exclude_characters="#"), max_size=30)


@given(
    target=TARGETS,
    headers=st.lists(st.tuples(TOKENS, VALUES), max_size=8),
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    payload=st.binary(max_size=50) | st.none(),
)
def test_any_unchanged_request_validates(
    target: str, headers: list[tuple[str, str]], method: str, payload: bytes | None
) -> None:
    """A function that returns the event's request, through JSON and back, never fails, and changes nothing."""
    viewer = ViewerRequest(
        method=method, target=f"/{target}", headers=(("Host", "h"), *headers), client_ip="203.0.113.7"
    )
    sent = forward(viewer, policy=Policy(), origin=ORIGIN, distribution=DISTRIBUTION, request_id="id==")
    body = None if payload is None else delivered_body(payload, more=False)
    event = origin_request_event(sent, origin=ORIGIN, distribution=DISTRIBUTION, body=body)
    result = parse_result(json.dumps(event["Records"][0]["cf"]["request"]))
    verdict = validate_result(result, event=event, request=sent)
    assert isinstance(verdict, Forward)
    assert verdict.target == sent.target
    assert sorted(verdict.headers) == sorted(sent.origin_headers)
    assert verdict.body is None


@given(
    name=st.sampled_from(sorted(aws_texts.READ_ONLY_HEADERS)),
    was=st.none() | st.just("was"),
    now=st.none() | VALUES,
    shout=st.booleans(),
)
def test_any_touch_of_a_read_only_header_fails(name: str, was: str | None, now: str | None, *, shout: bool) -> None:
    """Adding, changing and deleting a read-only header are 502; leaving it alone is not."""
    event = copy.deepcopy(EVENT)
    given_headers = event["Records"][0]["cf"]["request"]["headers"]
    given_headers.pop(name, None)
    if was is not None:
        given_headers[name] = entry(was)
    result = copy.deepcopy(event["Records"][0]["cf"]["request"])
    result["headers"].pop(name, None)
    if now is not None:
        result["headers"][name.upper() if shout else name] = entry(now)
    if was == now:
        validate_result(result, event=event, request=SENT)
        return
    with pytest.raises(InvalidResult) as caught:
        validate_result(result, event=event, request=SENT)
    assert caught.value.text == aws_texts.READ_ONLY_HEADER
    assert name in caught.value.reason


@given(
    name=st.sampled_from(sorted(aws_texts.DISALLOWED_HEADERS))
    | st.builds("{}{}".format, st.sampled_from(aws_texts.DISALLOWED_PREFIXES), TOKENS.map(str.lower))
)
def test_any_disallowed_header_fails(name: str) -> None:
    """Adding a disallowed header is 502, to a request and to a response."""
    result = returned()
    result["headers"][name] = entry("1")
    assert name in refused(result, aws_texts.DISALLOWED_HEADER)
    assert name in refused({"status": "200", "headers": {name: entry("1")}}, aws_texts.DISALLOWED_HEADER)


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (None, aws_texts.NOT_OBJECT),
        ([], aws_texts.NOT_OBJECT),
        ("text", aws_texts.NOT_OBJECT),
        (1, aws_texts.NOT_OBJECT),
        (True, aws_texts.NOT_OBJECT),
        ({"statusCode": 200, "body": "hello"}, aws_texts.BODY),
        ({}, aws_texts.READ_ONLY_FIELD),
        (returned(method="GET"), aws_texts.READ_ONLY_FIELD),
        (returned(clientIp="198.51.100.1"), aws_texts.READ_ONLY_FIELD),
        (returned(uri="chat"), aws_texts.URI),
        (returned(uri=""), aws_texts.URI),
        (returned(uri=None), aws_texts.URI),
        (returned(uri="/chat?x=1"), aws_texts.URI),
        (returned(uri="/chat room"), aws_texts.URI),
        (returned(uri="/chat\n"), aws_texts.URI),
        (returned(uri="/\ud800"), aws_texts.URI),
        (returned(uri="/" + "a" * 8192), aws_texts.URI),
        (returned(querystring="a b"), aws_texts.QUERY),
        (returned(querystring="a#b"), aws_texts.QUERY),
        (returned(querystring={"a": "b"}), aws_texts.QUERY),
        (returned(querystring=None), aws_texts.QUERY),
        (returned(headers=None), aws_texts.HEADER_NOT_ARRAY),
        (returned(headers=[]), aws_texts.HEADER_NOT_ARRAY),
        (returned(headers={}), aws_texts.READ_ONLY_HEADER),
        (with_headers(via=None), aws_texts.READ_ONLY_HEADER),
        (with_headers(via=[]), aws_texts.READ_ONLY_HEADER),
        (with_headers(x_a="1"), aws_texts.HEADER_NOT_ARRAY),
        (with_headers(x_a={"key": "X-A", "value": "1"}), aws_texts.HEADER_NOT_ARRAY),
        (with_headers(x_a=["1"]), aws_texts.HEADER_VALUE),
        (with_headers(x_a=[{"key": "X-A"}]), aws_texts.HEADER_VALUE),
        (with_headers(x_a=[{"key": "X-A", "value": 1}]), aws_texts.HEADER_VALUE),
        (with_headers(x_a=[{"key": "X-A", "value": None}]), aws_texts.HEADER_VALUE),
        (with_headers(x_a=entry("a\r\nX-B: c")), aws_texts.HEADER_SYNTAX),
        (with_headers(x_a=entry("a\x00")), aws_texts.HEADER_SYNTAX),
        (with_headers(x_a=entry("\udfff")), aws_texts.HEADER_SYNTAX),
        (with_headers(x_a=entry("1", "X-B")), aws_texts.HEADER_SYNTAX),
        (with_headers(x_a=[{"key": 1, "value": "1"}]), aws_texts.HEADER_SYNTAX),
        (with_headers(**{"x a": entry("1")}), aws_texts.HEADER_SYNTAX),
        (with_headers(x_a=entry("1"), X_A=entry("2")), aws_texts.HEADER_SYNTAX),
        (with_headers(edge_hasher=entry("forged")), aws_texts.ORIGIN_HEADER),
        (returned(body=None), aws_texts.BODY),
        (returned(body="text"), aws_texts.BODY),
        (with_body(action="delete"), aws_texts.BODY),
        (with_body(inputTruncated=True), aws_texts.READ_ONLY_FIELD),
        (with_body(action="replace", encoding="hex"), aws_texts.BODY),
        (with_body(action="replace", data=None), aws_texts.BODY),
        (with_body(action="replace", data="a"), aws_texts.BODY),
        (with_body(action="replace", data="YQ==\n"), aws_texts.BODY),
        (with_body(action="replace", encoding="text", data="a" * 1_048_577), aws_texts.BODY),
        (with_body(action="replace", encoding="text", data="\u00e9" * 524_289), aws_texts.BODY),
        (with_body(action="replace", data=base64.b64encode(bytes(1_048_577)).decode()), aws_texts.BODY),
        (returned(origin=None), aws_texts.ORIGIN),
        (returned(origin={}), aws_texts.ORIGIN),
        (returned(origin={"custom": {}, "s3": {}}), aws_texts.ORIGIN),
        (returned(origin={"custom": None}), aws_texts.ORIGIN),
        (with_custom(domainName=""), aws_texts.ORIGIN_DOMAIN),
        (with_custom(domainName="192.0.2.1"), aws_texts.ORIGIN_DOMAIN),
        (with_custom(domainName="a:443"), aws_texts.ORIGIN_DOMAIN),
        (with_custom(domainName="a" * 254), aws_texts.ORIGIN_DOMAIN),
        (with_custom(path="/"), aws_texts.ORIGIN),
        (with_custom(path="api"), aws_texts.ORIGIN),
        (with_custom(path="/" + "a" * 255), aws_texts.ORIGIN),
        (with_custom(port=22), aws_texts.ORIGIN),
        (with_custom(port=True), aws_texts.ORIGIN),
        (with_custom(port="443"), aws_texts.ORIGIN),
        (with_custom(protocol="ftp"), aws_texts.ORIGIN),
        (with_custom(protocol=[]), aws_texts.ORIGIN),
        (with_custom(readTimeout=0), aws_texts.ORIGIN),
        (with_custom(readTimeout=True), aws_texts.ORIGIN),
        (with_custom(keepaliveTimeout=121), aws_texts.ORIGIN),
        (with_custom(sslProtocols=["TLSv9"]), aws_texts.ORIGIN),
        (with_custom(sslProtocols=[[]]), aws_texts.ORIGIN),
        (with_custom(customHeaders=None), aws_texts.HEADER_NOT_ARRAY),
        (with_custom(customHeaders={"x-amz-a": entry("1")}), aws_texts.ORIGIN_HEADER),
        (with_custom(customHeaders={"accept-encoding": entry("gzip")}), aws_texts.ORIGIN_HEADER),
        (with_custom(customHeaders={"x-cache": entry("1")}), aws_texts.ORIGIN_HEADER),
        (with_custom(customHeaders={"host": entry("x")}), aws_texts.ORIGIN_HEADER),
        (with_custom(customHeaders={"user-agent": entry("x")}), aws_texts.ORIGIN_HEADER),
    ],
)
def test_requests_that_fail_validation(result: Json, text: str) -> None:
    """Each broken rule is a 502 with CloudFront's sentence for it."""
    refused(result, text)


def test_a_changed_target_is_sent_encoded() -> None:
    """A function may rewrite path and query; the origin's path stays in front."""
    verdict = forwarded_by(returned(uri="/caf\u00e9%20/[a]", querystring="q=\u00fc&r=%2F"))
    assert verdict.target == "/api/caf%C3%A9%20/[a]?q=%C3%BC&r=%2F"
    assert forwarded_by(returned(querystring="")).target == "/api/chat"


def test_the_length_of_uri_and_query_is_exact() -> None:
    """8,191 characters with the question mark pass, 8,192 do not."""
    room = 8191 - len("/?") - 1
    assert len(forwarded_by(returned(uri="/" + "a" * room, querystring="q")).target) == len("/api") + 8191
    refused(returned(uri="/" + "a" * (room + 1), querystring="q"), aws_texts.URI)


def test_an_unchanged_target_is_sent_raw() -> None:
    """What is not UTF-8 in the viewer's target reaches the origin byte for byte, if the function left it alone."""
    raw = b"/caf\xe9?q=\xff".decode("utf-8", "surrogateescape")
    sent = request(raw)
    event = event_of(sent)
    verdict = validate_result(copy.deepcopy(event["Records"][0]["cf"]["request"]), event=event, request=sent)
    assert isinstance(verdict, Forward)
    assert verdict.target == f"/api{raw}"


def test_headers_can_be_added_changed_and_removed() -> None:
    """Headers that nobody guards are the function's to set; one without `key` gets initial capitals."""
    verdict = forwarded_by(with_headers(user_agent=None, x_new_one=entry("1"), X_Old=entry("2", "x-old")))
    assert ("X-New-One", "1") in verdict.headers
    assert ("x-old", "2") in verdict.headers
    assert not [name for name, _ in verdict.headers if name.lower() == "user-agent"]


def test_several_values_stay_several() -> None:
    """An array of entries becomes as many headers."""
    verdict = forwarded_by(with_headers(x_a=[*entry("1", "X-A"), *entry("2", "x-a")]))
    assert [pair for pair in verdict.headers if pair[0].lower() == "x-a"] == [("X-A", "1"), ("x-a", "2")]


@pytest.mark.parametrize("changes", [{"data": ""}, {"data": "not base64!"}, {"encoding": "text"}, {"data": None}])
def test_read_only_keeps_the_original_body(changes: dict[str, Json]) -> None:
    """Under read-only, changes of data and encoding are ignored."""
    assert forwarded_by(with_body(**changes)).body is None


@pytest.mark.parametrize(
    ("encoding", "data", "expected"),
    [
        ("text", "h\u00e9", b"h\xc3\xa9"),
        ("base64", "AP8=", b"\x00\xff"),
        ("text", "", b""),
        ("text", "a" * 1_048_576, b"a" * 1_048_576),
        ("base64", base64.b64encode(bytes(1_048_576)).decode(), bytes(1_048_576)),
    ],
)
def test_a_replaced_body_is_framed_anew(encoding: str, data: str, expected: bytes) -> None:
    """A replacement up to 1 MiB is sent, with its own Content-Length and no Transfer-Encoding."""
    verdict = forwarded_by(with_body(action="replace", encoding=encoding, data=data))
    assert verdict.body == expected
    assert [value for name, value in verdict.headers if name.lower() == "content-length"] == [str(len(expected))]


def test_a_replaced_chunked_body_is_framed_once() -> None:
    """Content-Length and Transfer-Encoding never stand side by side."""
    event = copy.deepcopy(EVENT)
    given_headers = event["Records"][0]["cf"]["request"]["headers"]
    del given_headers["content-length"]
    given_headers["transfer-encoding"] = entry("chunked")
    result = copy.deepcopy(event["Records"][0]["cf"]["request"])
    result["body"].update(action="replace", encoding="text", data="hi")
    verdict = validate_result(result, event=event, request=SENT)
    assert isinstance(verdict, Forward)
    names = [name.lower() for name, _ in verdict.headers]
    assert "transfer-encoding" not in names
    assert names.count("content-length") == 1


@pytest.mark.parametrize("names", [("VIA", "via"), ("via", "VIA"), ("X-New", "x-new")])
def test_one_header_under_two_names_fails(names: tuple[str, str]) -> None:
    """A name twice in different case is refused in either order, even where one of the two is the event's own."""
    result = returned()
    own = result["headers"].pop("via")
    result["headers"] |= {name: own if name == "via" else entry("forged") for name in names}
    refused(result, aws_texts.HEADER_SYNTAX)


def test_an_empty_array_is_no_header() -> None:
    """A header without values is not there, so that it cannot be one of those that a function may not add."""
    assert forwarded_by(with_headers(connection=[], x_a=[])).headers == SENT.origin_headers


def test_a_removed_body_is_noted() -> None:
    """Nobody knows what CloudFront does when `body` is removed: the original goes on, and the result says so."""
    result = returned()
    del result["body"]
    verdict = forwarded_by(result)
    assert verdict.body is None
    assert "unknown" in verdict.notes[0]


def test_a_body_out_of_nowhere_fails() -> None:
    """With include body off a function has no body to return."""
    event = event_of(SENT, include_body=False)
    with pytest.raises(InvalidResult, match="include body is off"):
        validate_result(returned(), event=event, request=SENT)
    result = returned()
    del result["body"]
    verdict = validate_result(result, event=event, request=SENT)
    assert isinstance(verdict, Forward)
    assert verdict.notes == ()


def test_another_origin_is_allowed_and_noted() -> None:
    """A function may choose another origin; the local edge has one, and says so."""
    verdict = forwarded_by(with_custom(domainName="other.example", path="", customHeaders={"x-a": entry("1")}))
    assert verdict.origin != returned()["origin"]
    assert verdict.target == "/chat?x=1"
    assert ("X-A", "1") in verdict.headers
    assert "another origin" in verdict.notes[0]
    assert forwarded_by(with_custom(readTimeout=60)).notes == ()
    assert forwarded_by(returned(origin={"s3": {}})).notes


def test_what_the_distribution_accepted_is_not_judged_again() -> None:
    """An origin header that only functions may not set, set by the operator, does not fail a request."""
    event = copy.deepcopy(EVENT)
    custom = event["Records"][0]["cf"]["request"]["origin"]["custom"]
    custom["customHeaders"]["accept-encoding"] = entry("identity")
    custom["domainName"] = "127.0.0.1"
    custom["port"] = 81
    result = copy.deepcopy(event["Records"][0]["cf"]["request"])
    result["origin"]["custom"]["readTimeout"] = 60
    assert isinstance(validate_result(result, event=event, request=SENT), Forward)


def test_reasons_hold_no_secrets() -> None:
    """A reason names the header and not its value."""
    assert "hunter2" not in refused(with_headers(authorization=entry("hunter2\n")), aws_texts.HEADER_SYNTAX)
    assert "hunter2" not in refused(returned(uri="/hunter2 x"), aws_texts.URI)
    assert "hunter2" not in refused(returned(body="hunter2"), aws_texts.BODY)


# --- responses --------------------------------------------------------------------------------------------------


def test_a_generated_response() -> None:
    """Status, phrase, headers and body reach the viewer as the function wrote them."""
    verdict = generated_by(
        status="413",
        statusDescription="Content Too Large",
        headers={"content-type": entry("text/plain", "Content-Type"), "set-cookie": [*entry("a=1"), *entry("b=2")]},
        body="n\u00f6",
        bodyEncoding="text",
    )
    assert verdict == GeneratedResponse(
        status=413,
        reason="Content Too Large",
        headers=(("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
        body="n\u00f6".encode(),
        notes=(),
    )


def test_only_status_is_required() -> None:
    """A bare status is a response, with the standard phrase and nothing else."""
    assert generated_by(status="404") == GeneratedResponse(
        status=404, reason="Not Found", headers=(), body=b"", notes=()
    )
    assert generated_by(status="599").reason == ""


def test_a_base64_body_is_decoded() -> None:
    """Binary responses are written in base64."""
    assert generated_by(status="200", body="AP8=", bodyEncoding="base64").body == b"\x00\xff"


@pytest.mark.parametrize("status", ["204", "304"])
def test_a_status_without_a_body_sends_none(status: str) -> None:
    """204 and 304 have no body on the wire, whatever the function returned."""
    verdict = generated_by(status=status, body="hello")
    assert verdict.body == b""
    assert verdict.notes


@pytest.mark.parametrize(
    ("response", "text"),
    [
        ({"status": 200}, aws_texts.STATUS),
        ({"status": None}, aws_texts.STATUS),
        ({"status": "OK"}, aws_texts.STATUS),
        ({"status": "100"}, aws_texts.STATUS),
        ({"status": "199"}, aws_texts.STATUS),
        ({"status": "600"}, aws_texts.STATUS),
        ({"status": "0200"}, aws_texts.STATUS),
        ({"status": "200\n"}, aws_texts.STATUS),
        ({"status": "\u0662\u0660\u0660"}, aws_texts.STATUS),
        ({"status": "200", "statusDescription": 1}, aws_texts.STATUS),
        ({"status": "200", "statusDescription": "a\r\nb"}, aws_texts.STATUS),
        ({"status": "200", "headers": []}, aws_texts.HEADER_NOT_ARRAY),
        ({"status": "200", "headers": {"location": "/"}}, aws_texts.HEADER_NOT_ARRAY),
        ({"status": "200", "headers": {"content-length": entry("5")}}, aws_texts.READ_ONLY_HEADER),
        ({"status": "200", "headers": {"Transfer-Encoding": entry("chunked")}}, aws_texts.READ_ONLY_HEADER),
        ({"status": "200", "headers": {"connection": entry("close")}}, aws_texts.DISALLOWED_HEADER),
        ({"status": "200", "body": {"a": 1}}, aws_texts.BODY),
        ({"status": "200", "body": 1}, aws_texts.BODY),
        ({"status": "200", "body": "a", "bodyEncoding": "base64"}, aws_texts.BODY),
        ({"status": "200", "body": "YQ", "bodyEncoding": "base64"}, aws_texts.BODY),
        ({"status": "200", "body": "a", "bodyEncoding": "utf-8"}, aws_texts.BODY),
        ({"status": "200", "body": "a" * 1_048_577}, aws_texts.BODY),
    ],
)
def test_responses_that_fail_validation(response: Json, text: str) -> None:
    """Each broken rule of a generated response is a 502 too."""
    refused(response, text)


def test_the_size_of_a_response_is_exact() -> None:
    """Headers and body may have 1,048,576 bytes in all; one more is a 502."""
    headers = {"x-a": entry("1", "X-A")}
    room = 1_048_576 - len("X-A1")
    assert len(generated_by(status="200", headers=headers, body="a" * room).body) == room
    refused({"status": "200", "headers": headers, "body": "a" * (room + 1)}, aws_texts.BODY)
    refused({"status": "200", "headers": {"x-a": entry("a" * 1_048_576)}}, aws_texts.BODY)


def test_a_base64_body_counts_as_it_was_returned() -> None:
    """The limit is on what the function returns: 800 kB of bytes are over it in base64."""
    data = base64.b64encode(bytes(800_000)).decode()
    refused({"status": "200", "body": data, "bodyEncoding": "base64"}, aws_texts.BODY)


# --- JSON -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", [b"", b"{", b"\xff\xfe\xff", "nope", "[" * 100_000])
def test_a_result_that_is_not_json(payload: bytes | str) -> None:
    """What cannot be parsed is a 502 with its own sentence."""
    with pytest.raises(InvalidResult) as caught:
        parse_result(payload)
    assert caught.value.text == aws_texts.NOT_JSON


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["uri", "querystring", "headers", "body", "origin", "method", "clientIp", "status", "statusDescription"]


@given(changes=st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES, max_size=3))
def test_no_result_crashes_the_edge(changes: dict[str, Json]) -> None:
    """Whatever JSON a function returns, the verdict is forward, generated or invalid."""
    try:
        verdict = judged(returned(**changes))
    except InvalidResult:
        return
    assert isinstance(verdict, Forward | GeneratedResponse)


@given(
    where=st.sampled_from(["body", "headers", "custom"]),
    changes=st.dictionaries(
        st.sampled_from(["action", "data", "encoding", "inputTruncated", "x-a", "host", "via", "port", "path"]),
        JSON_VALUES,
        max_size=3,
    ),
)
def test_no_nested_field_crashes_the_edge(where: str, changes: dict[str, Json]) -> None:
    """The same, one level down."""
    result = returned()
    target = result["origin"]["custom"] if where == "custom" else result[where]
    target.update(changes)
    try:
        judged(result)
    except InvalidResult:
        return


@pytest.mark.parametrize("event", [None, {}, {"Records": []}, {"Records": [{"cf": {"request": 1}}]}])
def test_a_wrong_event_is_the_servers_mistake(event: Json) -> None:
    """An event that `origin_request_event` did not make is no fault of the function."""
    with pytest.raises(ValueError, match="not one of origin_request_event"):
        validate_result(returned(), event=event, request=SENT)
