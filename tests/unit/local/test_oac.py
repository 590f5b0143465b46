"""OAC's signer: what it signs, what it leaves, and that botocore by itself would have signed the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from edge_hasher.local.origin.credentials import temporary_credentials
from edge_hasher.local.origin.oac import OriginRequest, UnsignableRequestError, masked, sign
from tests.support.aws_texts import DISTRIBUTION_ARN, EMPTY_SHA256
from tests.support.edge.signing import (
    HOST,
    KEYS,
    NOW,
    Sent,
    oac,
    sha256,
    sign_as_cloudfront,
    sign_with_botocore,
    with_digest,
)

OWN_HEADERS = (("X-Amz-Source-Account", "123456789012"), ("X-Amz-Source-Arn", DISTRIBUTION_ARN))


def values(headers: tuple[tuple[str, str], ...], name: str) -> list[str]:
    """Collect one header's values."""
    return [value for key, value in headers if key.lower() == name.lower()]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/chat",
        "/a%20b/c+d",
        "/a%2Fb/%E2%82%AC",
        "/über/straße",
        "/a/./b/../c/",
        "//a///b//",
        "/../..",
        "/a/.",
        "/x;y=1/(z)!*'",
        "/q?b=2&a=1&a=0&a",
        "/q?=&&empty=&%C3%BC=%20%2B%2F&A=1&a-=2",
    ],
)
def test_signs_what_botocore_signs(method: str, target: str) -> None:
    """For targets as clients write them, our Authorization is botocore's own, byte for byte."""
    body = b"\x00\xff tokens" if method in {"POST", "PUT"} else b""
    sent = with_digest(Sent(method, target, (*OWN_HEADERS, ("x-amz-meta", "a  b"), ("X-Amz-Meta", "c")), body))
    headers, signed_at = sign_with_botocore(sent)
    signed = sign_as_cloudfront(sent, now=signed_at)
    assert values(signed.headers, "authorization") == values(headers, "authorization")


def test_a_fixed_request_has_a_fixed_signature() -> None:
    """The clock is an argument: one request at one time is signed one way, in any time zone."""
    sent = with_digest(Sent("POST", "/chat?x=1", (("Content-Type", "text/plain"),), b"hello"))
    here = sign_as_cloudfront(sent)
    there = sign_as_cloudfront(sent, now=NOW.astimezone(timezone(timedelta(hours=9))))
    assert values(here.headers, "x-amz-date") == ["20261120T093000Z"]
    assert here == there
    assert here.signature == "146fe5c92bc200016138aee62f05d91c8d9187fda71c14f5d47341820511d7b7"


def test_signs_host_and_every_amz_header_and_nothing_else() -> None:
    """Headers that may change on the way are not covered."""
    viewer = (("Connection", "keep-alive"), ("User-Agent", "x"), ("X-Amz-Cf-Id", "id"), ("X-Amzn-Trace-Id", "t"))
    signed = sign_as_cloudfront(Sent("GET", "/", viewer))
    covered = signed.canonical_request.split("\n")[-2]
    assert covered == (
        "host;x-amz-cf-id;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-source-account;x-amz-source-arn"
    )


def test_always_overwrites_what_only_cloudfront_may_say() -> None:
    """A viewer's Authorization, date, token and source never reach the origin."""
    names = ("Authorization", "X-Amz-Date", "x-amz-security-token", "X-AMZ-SOURCE-ARN", "x-amz-source-account", "host")
    signed = sign_as_cloudfront(Sent("GET", "/", tuple((name, "forged") for name in names)))
    assert signed.signed
    assert "forged" not in {value for _, value in signed.headers}
    assert [len(values(signed.headers, name)) for name in names] == [1] * len(names)
    assert values(signed.headers, "x-amz-security-token") == [KEYS.session_token]
    assert values(signed.headers, "host") == [HOST]


def test_other_headers_pass_in_order_and_as_they_are() -> None:
    """Signing adds, and changes nothing of the viewer's."""
    viewer = (("Accept", "*/*"), ("X-Note", "ä  b"), ("accept", "text/html"))
    signed = sign_as_cloudfront(Sent("GET", "/", viewer))
    assert signed.headers[1:4] == viewer


def test_never_signs_nothing_and_keeps_the_authorization() -> None:
    """With 'never' the request goes out as it is, but for the origin's Host."""
    signed = sign_as_cloudfront(Sent("POST", "/", (("Host", "viewer"), ("Authorization", "Bearer x"))), "never")
    assert not signed.signed
    assert signed.headers == (("Host", HOST), ("Authorization", "Bearer x"))
    assert "never" in signed.reason


def test_no_override_lets_the_viewers_authorization_win() -> None:
    """With 'no-override' a viewer's Authorization passes unsigned, and without one CloudFront signs."""
    assert not sign_as_cloudfront(Sent(headers=(("authorization", "AWS4 …"),)), "no-override").signed
    assert sign_as_cloudfront(Sent(), "no-override").signed


@pytest.mark.parametrize("digest", [sha256(b"body"), sha256(b"body").upper(), "nonsense"])
def test_the_digest_header_is_signed_as_it_is(digest: str) -> None:
    """CloudFront hashes no body: it signs whatever the header says."""
    signed = sign_as_cloudfront(Sent(headers=(("x-amz-content-sha256", digest),), body=b"body"))
    assert signed.payload_hash == digest
    assert signed.canonical_request.endswith(f"\n{digest}")
    assert values(signed.headers, "x-amz-content-sha256") == [digest]


def test_a_doubled_digest_is_one_list() -> None:
    """Two digest headers go out as two, and are signed as one list that matches no body."""
    digest = sha256(b"body")
    headers = (("x-amz-content-sha256", digest), ("X-Amz-Content-Sha256", digest))
    signed = sign_as_cloudfront(Sent(headers=headers, body=b"body"))
    assert signed.payload_hash == f"{digest},{digest}"
    assert f"\nx-amz-content-sha256:{digest},{digest}\n" in signed.canonical_request
    assert values(signed.headers, "x-amz-content-sha256") == [digest, digest]


@pytest.mark.parametrize(
    ("method", "headers", "payload_hash"),
    [
        ("GET", (), EMPTY_SHA256),
        ("HEAD", (), EMPTY_SHA256),
        ("DELETE", (), EMPTY_SHA256),
        ("DELETE", (("Content-Length", "0"),), EMPTY_SHA256),
        ("DELETE", (("Content-Length", "5"),), "UNSIGNED-PAYLOAD"),
        ("DELETE", (("Transfer-Encoding", "chunked"),), "UNSIGNED-PAYLOAD"),
        ("POST", (), "UNSIGNED-PAYLOAD"),
        ("PUT", (("Content-Length", "0"),), "UNSIGNED-PAYLOAD"),
        ("PATCH", (("content-length", "5"),), "UNSIGNED-PAYLOAD"),
    ],
)
def test_without_a_digest_only_bodyless_reads_are_signed(
    method: str, headers: tuple[tuple[str, str], ...], payload_hash: str
) -> None:
    """Without the header a body, and any POST, PUT or PATCH, is UNSIGNED-PAYLOAD; a GET has the empty digest."""
    signed = sign_as_cloudfront(Sent(method, "/", headers))
    assert signed.payload_hash == payload_hash
    assert values(signed.headers, "x-amz-content-sha256") == [payload_hash]


@pytest.mark.parametrize("target", ["", "*", "chat", "https://x/", "/a b", "/a#b", "/a\tb", "/a\nb", "/\udcff", "?a"])
def test_a_target_that_cannot_be_signed_is_refused(target: str) -> None:
    """What SigV4 cannot cover as it is on the wire raises, so that the edge answers 400."""
    with pytest.raises(UnsignableRequestError):
        sign_as_cloudfront(Sent("GET", target))


@pytest.mark.parametrize(
    "header", [("x-amz-note", "\udcff"), ("x-amz-note", "a\nb"), ("x-amz-ü", "a"), ("x-amz-a;b", "a")]
)
def test_a_signed_header_that_is_no_text_is_refused(header: tuple[str, str]) -> None:
    """The same for headers that the signature would cover; others may hold what they like."""
    with pytest.raises(UnsignableRequestError):
        sign_as_cloudfront(Sent("GET", "/", (header,)))
    assert sign_as_cloudfront(Sent("GET", "/", (("x-note", "\udcff"),))).signed


@pytest.mark.parametrize("token", ["a\nb", "\udcff", "a\x00"])
def test_what_cloudfront_adds_is_judged_as_the_viewers_is(token: str) -> None:
    """A session token that no header can hold raises, and its blanks are signed as any value's."""
    request = OriginRequest(method="GET", target="/", headers=())
    with pytest.raises(UnsignableRequestError):
        sign(request, replace(oac(), credentials=replace(KEYS, session_token=token)), now=NOW)
    blanks = " a  b\t"
    signed = sign(request, replace(oac(), credentials=replace(KEYS, session_token=blanks)), now=NOW)
    assert "\nx-amz-security-token:a b\n" in signed.canonical_request


def test_nothing_secret_is_shown() -> None:
    """Neither repr nor the masked canonical request holds the secret key or the session token."""
    signed = sign_as_cloudfront(Sent("GET", "/"))
    token = KEYS.session_token or ""
    shown = f"{KEYS!r} {oac()!r} {signed!r} {masked(signed.canonical_request)}"
    assert token in signed.canonical_request
    assert token not in shown
    assert KEYS.secret_access_key not in shown
    assert "x-amz-security-token:toke…\nx-amz-source-account" in masked(signed.canonical_request)


def test_start_up_credentials_are_temporary_and_new() -> None:
    """Each run makes its own key id, secret and token, in AWS's shape."""
    first, second = temporary_credentials(), temporary_credentials()
    assert first.access_key_id.startswith("ASIA")
    assert len(first.access_key_id) == 20
    assert len(first.secret_access_key) == 40
    assert first.session_token
    assert len({first.access_key_id, second.access_key_id}) == 2
    assert first.secret_access_key != second.secret_access_key
