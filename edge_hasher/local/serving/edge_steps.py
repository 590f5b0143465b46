"""The steps of CloudFront's side in words, for the inspector and the log."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from edge_hasher.local.exchange import Step
from edge_hasher.local.origin import oac

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.behavior.error_pages import ErrorPage
    from edge_hasher.local.cloudfront.model import ForwardedRequest


def taken(received: ForwardedRequest, count: int, *, more: bool, advice: str) -> Step:
    """Say that CloudFront took it; `count` bytes of its body were read so far."""
    size = f"more than {count - 1} bytes" if more else ("1 byte" if count == 1 else f"{count} bytes")
    facts = (("Body", size), ("Headers", str(len(received.headers))), ("Request id", received.request_id))
    return Step("viewer", "CloudFront", ok=True, sentence=advice or "CloudFront takes the request.", facts=facts)


def signed(result: oac.SignedRequest) -> Step:
    """Say that OAC signed, or is configured not to."""
    if not result.signed:
        return Step("oac", "Origin Access Control", ok=None, sentence=result.reason)
    return Step(
        "oac",
        "Origin Access Control",
        ok=True,
        sentence=result.reason,
        facts=(("Payload hash", result.payload_hash),),
        blocks=(
            ("Canonical request", oac.masked(result.canonical_request)),
            ("String to sign", result.string_to_sign),
        ),
    )


def late(timeout_s: float, *, buffers: bool) -> Step:
    """Say that the Function URL sent nothing in time."""
    sentence = (
        f"The origin sent nothing for {timeout_s:g} s. Raise the origin's read timeout (up to 120 s), or let the app "
        "send its first byte sooner."
    )
    if buffers:
        sentence += " If it streams: a Function URL that buffers sends nothing before the end (--invoke-mode)."
    return Step("function-url", "Function URL", ok=False, sentence=sentence)


def broken_off(what: str) -> Step:
    """Say that the answer broke off."""
    sentence = (
        "The answer broke off after its first byte: the app died, or was silent for longer than the origin's read "
        "timeout; a stream needs a heartbeat within it."
    )
    return Step("answer", "Answer", ok=False, sentence=sentence, facts=(("Seen", what),))


def hidden(page: ErrorPage) -> Step:
    """Say that an error page takes the place of the answer."""
    return Step("answer", "Custom error response", ok=False, sentence=page.sentence)


def answered(status: int) -> Step:
    """Say that the viewer's answer has begun; an error of the app is not a refusal."""
    ok = True if status < HTTPStatus.BAD_REQUEST else None
    return Step("answer", "Answer", ok=ok, sentence=f"The viewer gets {status}.")
