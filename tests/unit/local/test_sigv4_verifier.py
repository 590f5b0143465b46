"""The verifier against two signers that it shares nothing with: OAC's, and botocore by itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge_hasher.local.origin.sigv4_canonical import canonical_request, header_values, signature, string_to_sign
from edge_hasher.local.origin.sigv4_verifier import ReceivedRequest, Rejection, ValidSignature
from tests.support.aws_texts import SIGNATURE_MISMATCH, UNKNOWN_CLIENT
from tests.support.edge.signing import (
    HOST,
    KEYS,
    LONG_TERM_KEYS,
    NOW,
    REGION,
    Sent,
    cross,
    judge,
    receive,
    sha256,
    sign_as_cloudfront,
    sign_with_botocore,
    with_digest,
)

if TYPE_CHECKING:
    from tests.support.edge.signing import Headers

BINARY = bytes(range(256))
TARGETS = [
    "/",
    "/chat",
    "/a%20b/c+d",
    "/a%2Fb/%E2%82%AC",
    "/über",
    "/a/./b/../c/",
    "//a///b//",
    "/../..",
    "/a/.",
    "/%2e%2E/x",
    "/x;y=1/(z)!*'",
    "/q?b=2&a=1&a=0&a",
    "/q?=&&empty=&%C3%BC=%20%2B%2F&A=1&a-=2",
]
# What a client may send and botocore would not: AWS decodes and encodes again.
UNUSUAL_TARGETS = ["/q?t=12:30", "/q?x=a+b", "/q?x=%2f", "/q?x=%41&y=%zz", "/q?x=ü", "/q?a=b=c&?", "/q?x=%FF", "/?"]


def replace_header(headers: Headers, name: str, *values: str) -> Headers:
    """Put other values in place of a header's, none for taking it away."""
    kept = tuple((key, value) for key, value in headers if key.lower() != name)
    return (*kept, *((name, value) for value in values))


def rejected(received: ReceivedRequest) -> Rejection:
    """Verify, and expect a refusal."""
    verdict = judge(received)
    assert isinstance(verdict, Rejection)
    assert verdict.status == 403
    return verdict


def signed_post() -> ReceivedRequest:
    """A POST as it arrives when all is well."""
    sent = with_digest(Sent("POST", "/chat?b=1&a=2", (("X-Amz-Meta", "one  two"), ("Accept", "*/*")), b"hello"))
    return receive(sent, sign_as_cloudfront(sent).headers)


def authorization(received: ReceivedRequest) -> str:
    """The Authorization header of a request."""
    return dict(received.headers)["Authorization"]


def with_authorization(received: ReceivedRequest, *values: str) -> ReceivedRequest:
    """The request with another Authorization."""
    return replace(received, headers=replace_header(received.headers, "authorization", *values))


@pytest.mark.parametrize("body", [b"", b"text", BINARY], ids=["empty", "text", "binary"])
@pytest.mark.parametrize("target", TARGETS)
def test_what_botocore_signs_is_verified(target: str, body: bytes) -> None:
    """A client that signs with botocore itself gets in, with temporary and long-term keys."""
    for keys in (KEYS, LONG_TERM_KEYS):
        sent = Sent("PUT", target, (("Content-Type", "text/plain"), ("X-Note", " a  b ü ")), body)
        headers, signed_at = sign_with_botocore(sent, keys)
        verdict = judge(receive(sent, headers), now=signed_at)
        assert isinstance(verdict, ValidSignature)
        assert verdict.access_key_id == keys.access_key_id
        assert verdict.payload_hash == sha256(body)


@pytest.mark.parametrize("target", TARGETS + UNUSUAL_TARGETS)
def test_signer_and_verifier_agree_on_every_text(target: str) -> None:
    """Canonical request and string to sign are the same on both sides, letter by letter."""
    headers = (("x-amz-a", "  a   b "), ("X-Amz-A", "c,d"), ("x-amz-b", "é\u00a0\t€"), ("x-amz-c", ""))
    sent = with_digest(Sent("POST", target, headers, BINARY))
    signed = sign_as_cloudfront(sent)
    verdict = judge(receive(sent, signed.headers))
    assert isinstance(verdict, ValidSignature)
    assert verdict.canonical_request == signed.canonical_request
    assert verdict.string_to_sign == signed.string_to_sign


@pytest.mark.parametrize("target", ["/q?t=12:30", "/q?x=%2f"])
def test_a_query_that_is_signed_as_it_stands_is_refused(target: str) -> None:
    """Lambda encodes the query strictly, so a signer that leaves it plain is refused."""
    sent = Sent("GET", target)
    headers, signed_at = sign_with_botocore(sent)
    assert isinstance(judge(receive(sent, headers), now=signed_at), Rejection)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
def test_a_bodyless_request_needs_no_digest(method: str) -> None:
    """What works on AWS without the edge function works here."""
    assert isinstance(cross(Sent(method)), ValidSignature)


@pytest.mark.parametrize("body", [b"", b"hello"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_an_unsigned_payload_is_refused(method: str, body: bytes) -> None:
    """Without a digest a POST gets AWS's 403, and people the reason."""
    verdict = cross(Sent(method, "/", (("Content-Length", str(len(body))),), body))
    assert isinstance(verdict, Rejection)
    assert (verdict.status, verdict.error_type) == (403, "InvalidSignatureException")
    assert verdict.message == SIGNATURE_MISMATCH
    assert "had no x-amz-content-sha256" in verdict.reason
    assert sha256(body) in verdict.reason
    assert verdict.canonical_request.endswith(f"\n{sha256(body)}"), "the hash of what arrived, not of what was said"


@pytest.mark.parametrize(
    ("digests", "reason"),
    [
        ([sha256(b"other")], f"says {sha256(b'other')}, but the body that arrived hashes to {sha256(b'hello')}"),
        ([sha256(b"hello").upper()], "in upper case"),
        ([sha256(b"hello"), sha256(b"hello")], "came 2 times"),
        ([""], "says "),
        (["x" * 9000], f"says {'x' * 80}, but"),
    ],
    ids=["wrong", "upper case", "doubled", "empty", "long"],
)
def test_a_digest_that_is_not_the_bodys_is_refused(digests: list[str], reason: str) -> None:
    """A wrong, upper-case, doubled or empty digest is a signature that does not match."""
    verdict = cross(Sent("POST", "/", tuple(("x-amz-content-sha256", digest) for digest in digests), b"hello"))
    assert isinstance(verdict, Rejection)
    assert verdict.error_type == "InvalidSignatureException"
    assert reason in verdict.reason


def test_a_digest_header_beside_the_signature_must_be_right_too() -> None:
    """A header that the signature leaves out is still held to the body."""
    sent = Sent("POST", "/", (), b"hello")
    headers, signed_at = sign_with_botocore(sent)
    for digest, kind in (
        (sha256(b"hello"), ValidSignature),
        (sha256(b"other"), Rejection),
        ("UNSIGNED-PAYLOAD", Rejection),
    ):
        received = receive(sent, (*headers, ("x-amz-content-sha256", digest)))
        assert isinstance(judge(received, now=signed_at), kind)


@pytest.mark.parametrize("age_s", [-300, 0, 300])
def test_five_minutes_of_skew_are_allowed(age_s: int) -> None:
    """A signature lives five minutes either way."""
    assert isinstance(judge(signed_post(), now=NOW + timedelta(seconds=age_s)), ValidSignature)


@pytest.mark.parametrize(
    ("age_s", "message"),
    [
        (301, "Signature expired: 20261120T093000Z is now earlier than 20261120T093001Z (20261120T093501Z - 5 min.)"),
        (
            -301,
            (
                "Signature not yet current: 20261120T093000Z is still later than "
                "20261120T092959Z (20261120T092459Z + 5 min.)"
            ),
        ),
        (300.5, "Signature expired: 20261120T093000Z is now earlier than 20261120T093000Z (20261120T093500Z - 5 min.)"),
    ],
)
def test_more_skew_is_refused_in_lambdas_words(age_s: float, message: str) -> None:
    """Beyond five minutes, old or from the future, AWS names both times."""
    verdict = judge(signed_post(), now=NOW + timedelta(seconds=age_s))
    assert isinstance(verdict, Rejection)
    assert (verdict.error_type, verdict.message) == ("InvalidSignatureException", message)


def test_a_date_header_may_stand_in() -> None:
    """Without X-Amz-Date the Date header is the time of the signature, in HTTP's form too."""
    sent = Sent("GET", "/", (("Date", "Thu, 01 Jan 1970 00:00:00 GMT"),))
    headers, signed_at = sign_with_botocore(sent)
    assert "X-Amz-Date" not in dict(headers)
    assert isinstance(judge(receive(sent, headers), now=signed_at), ValidSignature)
    nonsense = replace_header(headers, "date", "tomorrow")
    assert "Got 'tomorrow'" in rejected(receive(sent, nonsense)).message


@pytest.mark.parametrize(
    ("change", "error_type", "message"),
    [
        (
            ("Credential=", "Credential= "),
            "IncompleteSignatureException",
            "Invalid key=value pair (missing equal-sign)",
        ),
        (("Credential=", "Credential"), "IncompleteSignatureException", "Invalid key=value pair (missing equal-sign)"),
        (
            ("Credential=", "credential="),
            "IncompleteSignatureException",
            "requires 'Credential' parameter. (Hash",
        ),
        (("Signature=", "Sig="), "IncompleteSignatureException", "header requires 'Signature' parameter. (Hash"),
        (("SignedHeaders=", "Headers="), "IncompleteSignatureException", "requires 'SignedHeaders' parameter. (Hash"),
        (("HMAC-SHA256", "HMAC-SHA1"), "IncompleteSignatureException", "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'"),
        (("/lambda/", "/"), "IncompleteSignatureException", "Credential must have exactly 5 slash-delimited elements"),
        (
            ("/lambda/", "/s3/"),
            "InvalidSignatureException",
            "should be scoped to correct service: 'lambda'.",
        ),
        (("/eu-central-1/", "/us-east-1/"), "InvalidSignatureException", "scoped to a valid region, not 'us-east-1'."),
        (("aws4_request", "aws4"), "InvalidSignatureException", "valid terminator: 'aws4_request', not 'aws4'."),
        (
            ("/20261120/", "/20261119/"),
            "InvalidSignatureException",
            "from HTTP: '20261119' != '20261120', from '20261120T093000Z'.",
        ),
        (("=host;", "="), "InvalidSignatureException", "'Host' or ':authority' must be a 'SignedHeader' in the AWS"),
        (("=host;x-amz-content-sha256", "=x-amz-content-sha256;host"), "InvalidSignatureException", SIGNATURE_MISMATCH),
        (("=host;", "=Host;"), "InvalidSignatureException", SIGNATURE_MISMATCH),
        (("=host;", "=host;host;"), "InvalidSignatureException", SIGNATURE_MISMATCH),
        (("=host;", "=accept;host;"), "InvalidSignatureException", SIGNATURE_MISMATCH),
        (("ASIA", "AKIA"), "UnrecognizedClientException", UNKNOWN_CLIENT),
    ],
)
def test_a_bad_authorization_is_refused_in_awss_words(change: tuple[str, str], error_type: str, message: str) -> None:
    """Each part of the Authorization header has its own refusal."""
    post = signed_post()
    verdict = rejected(with_authorization(post, authorization(post).replace(*change)))
    assert verdict.error_type == error_type
    assert message in verdict.message
    assert verdict.reason


@pytest.mark.parametrize("value", ["Bearer abc.def", "Basic dXNlcjpwYXNz", "token", "", " ", "AWS4-HMAC-SHA256", "ü,="])
def test_other_authorizations_are_no_signatures_and_are_not_repeated(value: str) -> None:
    """An application's token gets AWS's 403, which names it only by its hash."""
    verdict = rejected(with_authorization(signed_post(), value))
    assert verdict.error_type == "IncompleteSignatureException"
    assert not value.strip() or value not in verdict.message + verdict.reason


@pytest.mark.parametrize("names", [("x-amz-date", "host"), ("host", "host", "x-amz-date")])
def test_signed_headers_are_sorted_and_named_once(names: tuple[str, ...]) -> None:
    """A signature over names in another order is refused, though its arithmetic holds."""
    headers = (("Host", HOST), ("X-Amz-Date", "20261120T093000Z"))
    scope = f"20261120/{REGION}/lambda/aws4_request"
    for order, kind in ((names, Rejection), (("host", "x-amz-date"), ValidSignature)):
        request = canonical_request("GET", "/", header_values(headers), order, sha256(b""))
        proof = signature(KEYS.secret_access_key, scope, string_to_sign("20261120T093000Z", scope, request))
        line = (
            f"AWS4-HMAC-SHA256 Credential={LONG_TERM_KEYS.access_key_id}/{scope}, "
            f"SignedHeaders={';'.join(order)}, Signature={proof}"
        )
        assert isinstance(judge(receive(Sent("GET"), (*headers, ("Authorization", line)))), kind)


def test_two_authorizations_are_refused() -> None:
    """A second Authorization header cannot hide behind the first."""
    post = signed_post()
    right = authorization(post)
    assert rejected(with_authorization(post, right, right)).error_type == "IncompleteSignatureException"
    assert rejected(with_authorization(post, f"{right}, {right.partition(' ')[2]}")).error_type.startswith("Incomplete")


@pytest.mark.parametrize("tokens", [(), ("other",), (KEYS.session_token, KEYS.session_token), ("",)])
def test_the_session_token_belongs_to_the_key(tokens: tuple[str, ...]) -> None:
    """A missing, other or doubled token is an unknown client."""
    post = signed_post()
    verdict = rejected(replace(post, headers=replace_header(post.headers, "x-amz-security-token", *tokens)))
    assert (verdict.error_type, verdict.message) == ("UnrecognizedClientException", UNKNOWN_CLIENT)


def test_a_long_term_key_has_no_token() -> None:
    """A token that nobody gave out is refused with a key that needs none."""
    sent = Sent("GET")
    headers, signed_at = sign_with_botocore(sent, LONG_TERM_KEYS)
    assert isinstance(judge(receive(sent, headers), now=signed_at), ValidSignature)
    assert isinstance(judge(receive(sent, (*headers, ("x-amz-security-token", "x"))), now=signed_at), Rejection)


@pytest.mark.parametrize(
    "dates", [(), ("20261120",), ("20261320T093000Z",), ("20261120T093000Z",) * 2, ("\uff120261120T093000Z",)]
)
def test_the_date_is_there_once_and_in_form(dates: tuple[str, ...]) -> None:
    """Without a date, or with one in another form, the signature is incomplete."""
    post = signed_post()
    verdict = rejected(replace(post, headers=replace_header(post.headers, "x-amz-date", *dates)))
    assert verdict.error_type == "IncompleteSignatureException"
    assert ("Got" if dates else "X-Amz-Date") in verdict.message


SIGNED_NAMES = re.findall(r"[a-z0-9-]+", authorization(signed_post()).split("SignedHeaders=")[1].split(",")[0])


@pytest.mark.parametrize("name", SIGNED_NAMES)
def test_no_signed_header_may_change_come_twice_or_go(name: str) -> None:
    """What the signature covers arrives as it was signed."""
    post = signed_post()
    (value,) = [value for key, value in post.headers if key.lower() == name]
    for values in ((), (f"{value}x",), (value, value), ("",)):
        rejected(replace(post, headers=replace_header(post.headers, name, *values)))


def test_method_target_and_body_may_not_change() -> None:
    """Nor may what no header says."""
    post = signed_post()
    assert isinstance(judge(post), ValidSignature)
    for change in (
        replace(post, method="PUT"),
        replace(post, method="post"),
        replace(post, target="/chat/?b=1&a=2"),
        replace(post, target="/chat?b=1&a=2&c"),
        replace(post, target="/chat?a=1&b=2"),
        replace(post, body_sha256=sha256(b"hellp")),
    ):
        verdict = rejected(change)
        assert verdict.error_type == "InvalidSignatureException"
        assert verdict.canonical_request
        assert verdict.string_to_sign


def test_what_the_signature_leaves_out_may_change() -> None:
    """Other headers are the network's: they are no part of the verdict."""
    post = signed_post()
    assert isinstance(
        judge(replace(post, headers=(*post.headers, ("Via", "1.1 x"), ("Accept", "other")))), ValidSignature
    )
    swapped = replace(post, target="/chat?a=2&b=1")
    assert isinstance(judge(swapped), ValidSignature), "the order of parameters is not signed"


def test_nothing_secret_is_in_a_verdicts_repr() -> None:
    """A verdict can be logged."""
    post = signed_post()
    shown = f"{post!r} {judge(post)!r} {judge(replace(post, method='PUT'))!r}"
    assert str(KEYS.session_token) not in shown
    assert KEYS.secret_access_key not in shown


def test_the_verifier_stands_alone() -> None:
    """In a clean interpreter the verifier imports neither botocore nor the signer."""
    program = (
        "import json, sys; import edge_hasher.local.origin.function_url; "
        "print(json.dumps([n for n in sys.modules if 'botocore' in n or n.endswith('.oac')]))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=30)
    assert json.loads(result.stdout) == []


# -- properties ---------------------------------------------------------------------------------------------------

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
PATH_TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x24F, exclude_characters="?#\x7f"), max_size=12)
QUERY_TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x24F, exclude_characters="#\x7f"), max_size=20)
ANY_TARGET = st.builds(lambda path, query: f"/{path}{query}", PATH_TEXT, st.just("") | QUERY_TEXT.map("?{}".format))
HEADER_VALUE = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
AMZ_HEADERS = st.lists(
    st.tuples(st.sampled_from(["x-amz-a", "X-Amz-A", "x-amz-b", "Accept"]), HEADER_VALUE), max_size=4
)
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"])
# Targets of which no other spelling, one character apart, is canonically the same (but for the case of hex digits).
PLAIN = st.text("abcXYZ019-_~+:@", min_size=1, max_size=6) | st.sampled_from(["%20", "%2F", "%C3%A9", "%25"])
PLAIN_TARGET = st.builds(
    lambda segments, pairs: "/" + "/".join(segments) + ("?" + "&".join(pairs) if pairs else ""),
    st.lists(PLAIN, max_size=3),
    st.lists(st.builds("{}={}".format, PLAIN, PLAIN) | PLAIN, max_size=3),
)


@given(METHODS, ANY_TARGET, AMZ_HEADERS, st.binary(max_size=40))
def test_whatever_oac_signs_is_verified(method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> None:
    """With the right digest every request that can be signed gets in, and with any other body none does."""
    sent = with_digest(Sent(method, target, tuple(headers), body))
    signed = sign_as_cloudfront(sent)
    verdict = judge(receive(sent, signed.headers))
    assert isinstance(verdict, ValidSignature)
    assert verdict.string_to_sign == signed.string_to_sign
    rejected(replace(receive(sent, signed.headers), body_sha256=sha256(body + b"x")))


def change_one(text: str, position: int, character: str) -> str:
    """Put one other character into a text."""
    index = position % len(text)
    assume(text[index] != character)
    return text[:index] + character + text[index + 1 :]


@given(PLAIN_TARGET, HEADER_VALUE.map(str.strip), st.data(), st.integers(0, 10_000), VISIBLE | st.just(" "))
def test_one_character_changed_anywhere_is_refused(
    target: str, note: str, data: st.DataObject, position: int, character: str
) -> None:
    """One other character in method, target, a signed header, the body's hash or Authorization, and nothing gets in."""
    sent = with_digest(Sent("POST", target, (("X-Amz-Note", f"n{note}"), ("Accept", "*/*")), b"hello"))
    received = receive(sent, sign_as_cloudfront(sent).headers)
    headers = list(received.headers)
    covered = [str(index) for index, (name, _) in enumerate(headers) if name != "Accept"]
    part = data.draw(st.sampled_from(["method", "target", "body_sha256", *covered]))
    if part in covered:
        name, value = headers[int(part)]
        headers[int(part)] = (name, change_one(value, position, character))
        changed = replace(received, headers=tuple(headers))
    elif part == "method":
        changed = replace(received, method=change_one(received.method, position, character))
    elif part == "body_sha256":
        changed = replace(received, body_sha256=change_one(received.body_sha256, position, character))
    else:
        changed = replace(received, target=change_one(target, position, character))
        # '%2f' and '%2F' in a query are the same parameter to SigV4.
        assume(changed.target.upper() != target.upper())
    rejected(changed)


@given(
    st.lists(
        st.tuples(st.sampled_from(["Authorization", "X-Amz-Date", "Date", "Host"]), st.text(max_size=60)), max_size=5
    ),
    st.text(max_size=20),
)
def test_no_client_can_make_the_verifier_raise(headers: list[tuple[str, str]], target: str) -> None:
    """Whatever comes is answered with a refusal."""
    aimed = [("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=é")]
    for lines in (headers, aimed + [line for line in headers if line[0] != "Authorization"]):
        rejected(ReceivedRequest(method="GET", target=target, headers=tuple(lines), body_sha256=sha256(b"")))


@pytest.mark.parametrize("other", ["?", ".", "", "*"])
def test_a_target_that_is_no_path_is_not_the_root(other: str) -> None:
    """The root's signature holds for nothing that merely normalises to it."""
    received = receive(Sent("GET"), sign_as_cloudfront(Sent("GET")).headers)
    assert isinstance(judge(received), ValidSignature)
    rejected(replace(received, target=other))


@pytest.mark.parametrize("stray", ["\udcff", "\udc80a"])
def test_bytes_that_are_no_text_are_compared_too(stray: str) -> None:
    """Bytes outside UTF-8 come as surrogates; they neither break the verifier nor go unseen."""
    post = signed_post()
    rejected(replace(post, target=f"/chat{stray}"))
    rejected(replace(post, headers=replace_header(post.headers, "x-amz-meta", stray)))
    rejected(with_authorization(post, authorization(post) + stray))


def test_the_date_of_http_is_a_date() -> None:
    """A Date header without a zone is read as UTC, not as the machine's time."""
    post = signed_post()
    headers = replace_header(post.headers, "x-amz-date")
    for date in (format_datetime(NOW.replace(tzinfo=None)), format_datetime(NOW, usegmt=True)):
        verdict = rejected(replace(post, headers=(*headers, ("Date", date))))
        assert "x-amz-date" in verdict.reason, "fresh, and refused only since a signed header is gone"
