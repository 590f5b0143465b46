"""The gate of the Function URL: who gets in, and AWS's answers to the others, byte for byte."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_hasher.local.origin.function_url import FunctionUrlAuthorizer, admit, too_large
from edge_hasher.local.origin.sigv4_verifier import Rejection, ValidSignature
from tests.support import aws_texts
from tests.support.edge.signing import KEYS, NOW, REGION, Sent, receive, sha256, sign_as_cloudfront, with_digest

if TYPE_CHECKING:
    from edge_hasher.local.origin.function_url import Admission, Permission
    from edge_hasher.local.origin.sigv4_verifier import ReceivedRequest

LIMIT_BYTES = 6_291_456
PERMISSIONS: tuple[Permission, ...] = ("InvokeFunctionUrl", "InvokeFunction")
FORBIDDEN = json.dumps({"Message": aws_texts.FORBIDDEN}, separators=(",", ":")).encode()
MISMATCH = json.dumps({"message": aws_texts.SIGNATURE_MISMATCH}, separators=(",", ":")).encode()


def knock(received: ReceivedRequest, *denied: Permission, body_bytes: int = 5) -> Admission:
    """Ask to be let in."""
    url = FunctionUrlAuthorizer(region=REGION, secret_for={KEYS.access_key_id: KEYS}.get, denied=frozenset(denied))
    return admit(received, url, body_bytes=body_bytes, now=NOW, request_id="the-request-id")


def signed(sent: Sent) -> ReceivedRequest:
    """The request as it arrives through OAC."""
    return receive(sent, sign_as_cloudfront(sent).headers)


def good_post() -> ReceivedRequest:
    """A POST that carries its digest."""
    return signed(with_digest(Sent("POST", "/chat", (), b"hello")))


def test_a_signed_request_gets_in() -> None:
    """Signature, payload hash and both permissions are right: the app is called."""
    admission = knock(good_post())
    assert admission.allowed
    assert isinstance(admission.verdict, ValidSignature)
    assert admission.status == 200
    assert admission.body == b""


def test_an_answer_has_awss_headers() -> None:
    """A refusal carries the type, the request id and the date, and frames its own body."""
    assert knock(good_post(), "InvokeFunction").headers == (
        ("Date", "Fri, 20 Nov 2026 09:30:00 GMT"),
        ("x-amzn-RequestId", "the-request-id"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(FORBIDDEN))),
        ("x-amzn-ErrorType", "AccessDeniedException"),
    )


@pytest.mark.parametrize("permission", PERMISSIONS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_permission_is_needed(permission: Permission, method: str) -> None:
    """Without either permission every method gets AWS's Forbidden, and people the name of the permission."""
    admission = knock(signed(with_digest(Sent(method))), permission)
    assert not admission.allowed
    assert (admission.status, admission.error_type, admission.body) == (403, "AccessDeniedException", FORBIDDEN)
    assert f"lambda:{permission}." in admission.reason
    assert isinstance(admission.verdict, ValidSignature)


def test_a_bad_signature_is_judged_before_permissions() -> None:
    """Who is not known cannot be asked what they may do."""
    admission = knock(replace(good_post(), method="PUT"), *PERMISSIONS)
    assert admission.error_type == "InvalidSignatureException"


@pytest.mark.parametrize("body", [b"", b"hello"])
def test_a_post_without_a_digest_is_awss_403(body: bytes) -> None:
    """The case that the project exists for."""
    admission = knock(signed(Sent("POST", "/chat", (), body)))
    assert (admission.status, admission.error_type, admission.body) == (403, "InvalidSignatureException", MISMATCH)
    assert ("x-amzn-ErrorType", "InvalidSignatureException") in admission.headers
    assert "x-amz-content-sha256" in admission.reason
    assert isinstance(admission.verdict, Rejection)


def test_a_get_without_a_digest_gets_in() -> None:
    """And why nobody notices before the first POST."""
    assert knock(signed(Sent("GET"))).allowed


@pytest.mark.parametrize(
    ("target", "hint"), [("/chat", "not signed"), ("/?X-Amz-Algorithm=a&X-Amz-Signature=b", "Presigned URLs")]
)
def test_an_unsigned_request_is_forbidden(target: str, hint: str) -> None:
    """No Authorization header is an anonymous call, presigned or not."""
    admission = knock(receive(Sent("GET", target), (("Host", "x"),)))
    assert (admission.status, admission.error_type, admission.body) == (403, "AccessDeniedException", FORBIDDEN)
    assert hint in admission.reason
    assert admission.verdict is None


def test_an_applications_token_is_an_incomplete_signature() -> None:
    """With 'no-override' a viewer's Bearer token comes through and is refused, not repeated."""
    sent = Sent("GET", "/", (("Authorization", "Bearer my-token"),))
    admission = knock(receive(sent, sign_as_cloudfront(sent, "no-override").headers))
    assert (admission.status, admission.error_type) == (403, "IncompleteSignatureException")
    assert b"my-token" not in admission.body


def test_six_mebibytes_are_the_limit() -> None:
    """A body of the limit gets in, one byte more is AWS's 413, signed or not."""
    assert knock(good_post(), body_bytes=LIMIT_BYTES).allowed
    admission = knock(good_post(), body_bytes=LIMIT_BYTES + 1)
    assert (admission.status, admission.error_type) == (413, "RequestEntityTooLargeException")
    assert json.loads(admission.body) == {"Message": aws_texts.TOO_LARGE}
    assert "6291457" in admission.reason
    assert admission == too_large(LIMIT_BYTES + 1, now=NOW, request_id="the-request-id")


@pytest.mark.parametrize("target", ["", "*", "http://x/", "/a b", "/a#b", "/a\x00", "/a\r\nX: y"])
def test_a_malformed_target_is_400(target: str) -> None:
    """What is no path is answered before anything else is looked at."""
    admission = knock(replace(good_post(), target=target))
    assert (admission.status, admission.error_type) == (400, "BadRequestException")
    assert json.loads(admission.body) == {"message": "Bad Request"}


def test_awss_words_stay_json() -> None:
    """What a client sent is quoted in AWS's texts; it cannot break the document or its headers."""
    headers = (*good_post().headers, ("X-Amz-Date", 'x"\udcff</script>'))
    admission = knock(replace(good_post(), headers=headers))
    assert admission.status == 403
    assert "Got" in json.loads(admission.body)["message"]
    assert admission.body.isascii()


def test_a_wrong_body_is_told_with_both_hashes() -> None:
    """The reason names what was said and what came."""
    admission = knock(replace(good_post(), body_sha256=sha256(b"other")))
    assert sha256(b"hello") in admission.reason
    assert sha256(b"other") in admission.reason
