"""The questions about AWS that nobody has answered in public, as a table, and what settles each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edge_hasher.function.refusals import DELIVERED_LIMIT_BYTES
from edge_hasher.probe.diagnosis.pattern import REACHED

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.probe.diagnosis.pattern import Result
    from edge_hasher.probe.diagnosis.readings import Reading

Mark = Literal["documented", "seen", "inferred", "unknown", "conflict"]

_WRITES = "--allow-writes"
_ATTACHED = "Edge Hasher on this behavior, and a Function URL that checks signatures"


@dataclass(frozen=True, slots=True)
class ProbeResults:
    """All results, and how to find one."""

    results: tuple[Result, ...]

    def find(
        self, role: str, *, method: str | None = None, body_bytes: int | None = None, digest: str | None = None
    ) -> Result | None:
        """Return the first result that was asked so, or None."""
        for result in self.results:
            request = result.request
            if (
                request.role == role
                and method in {None, request.method}
                and body_bytes in {None, request.body_bytes}
                and digest in {None, request.digest}
            ):
                return result
        return None

    @property
    def hashes(self) -> bool:
        """Whether Edge Hasher was seen to hash a delivered body."""
        return any(
            result.request.role == "wrong" and result.reading.refusal == "digest-mismatch" for result in self.results
        )

    @property
    def verifies(self) -> bool:
        """Whether the Function URL was seen to refuse a signature over another body."""
        return any(result.request.digest == "wrong" and result.reading.kind == "signature" for result in self.results)


Settled = tuple[str, tuple["Result", ...]] | None
"""An answer and the results that it rests on, or None."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `needs` says what it takes to settle it."""

    code: str
    text: str
    mark: Mark
    needs: str
    settle: Callable[[ProbeResults], tuple[str, tuple[Result, ...]] | None]


def _function_digest(seen: ProbeResults) -> Settled:
    plain, wrong = seen.find("plain", method="POST"), seen.find("wrong", method="POST")
    if plain is None or wrong is None or not (seen.hashes and seen.verifies):
        return None
    if plain.reading.kind in REACHED:
        return "yes: the body got through with the function's digest alone", (plain, wrong)
    return ("no: the signature was refused", (plain, wrong)) if plain.reading.kind == "signature" else None


def _empty_data(seen: ProbeResults) -> Settled:
    settled = _function_digest(seen)
    if settled is None or not settled[0].startswith("yes"):
        return None
    return "yes, unless return-body=keep is set: the signature held, so that the origin got the original", settled[1]


def _exact_limit(seen: ProbeResults) -> Settled:
    exact, over = _sized(seen, 0), _sized(seen, 1)
    if exact is None or over is None or not (seen.hashes and seen.verifies and _is_cut(over.reading)):
        return None
    if exact.reading.kind in REACHED:
        return "no: 1,048,576 bytes are delivered whole, one more is cut", (exact, over)
    return ("yes: 1,048,576 bytes are cut", (exact, over)) if _is_cut(exact.reading) else None


def _raw_limit(seen: ProbeResults) -> Settled:
    under, over = _sized(seen, -1), _sized(seen, 1)
    if under is None or over is None or not (seen.hashes and seen.verifies and _is_cut(over.reading)):
        return None
    if under.reading.kind in REACHED:
        return "yes: 1,048,575 raw bytes (1.33 MiB of base64) are delivered whole", (under, over)
    return ("no: 1,048,575 raw bytes are cut", (under, over)) if _is_cut(under.reading) else None


def _client_digest_over_limit(seen: ProbeResults) -> Settled:
    right = seen.find("sized", body_bytes=DELIVERED_LIMIT_BYTES + 1, digest="right")
    wrong = seen.find("sized", body_bytes=DELIVERED_LIMIT_BYTES + 1, digest="wrong")
    if right is None or wrong is None or wrong.reading.kind != "signature":
        return None
    if right.reading.kind in REACHED:
        return "yes: the right digest gets through, a wrong one is refused by the Function URL", (right, wrong)
    return ("no: the right digest is refused too", (right, wrong)) if right.reading.kind == "signature" else None


def _chunked(seen: ProbeResults) -> Settled:
    chunked = seen.find("chunked", method="POST")
    if chunked is None or not (seen.hashes and seen.verifies):
        return None
    return _delivered(chunked)


def _delete_body(seen: ProbeResults) -> Settled:
    plain, wrong = seen.find("plain", method="DELETE"), seen.find("wrong", method="DELETE")
    if plain is None or wrong is None or not (seen.hashes and seen.verifies):
        return None
    if wrong.reading.refusal == "digest-mismatch":
        return "yes: the function compared it with its digest", (plain, wrong)
    return _delivered(plain)


def _delivered(result: Result) -> Settled:
    reading = result.reading
    if reading.kind in REACHED:
        return "yes: it was hashed and got through", (result,)
    if reading.refusal == "body-not-delivered" or reading.kind == "signature":
        return "no: the function was handed nothing", (result,)
    if reading.kind == "cloudfront-page":
        return f"CloudFront refuses it with {reading.status}", (result,)
    return None


def _delete_bodyless(seen: ProbeResults) -> Settled:
    bodyless = seen.find("bodyless", method="DELETE")
    if bodyless is None or not seen.verifies:
        return None
    if bodyless.reading.kind in REACHED:
        return "yes", (bodyless,)
    return ("no: the signature is refused", (bodyless,)) if bodyless.reading.kind == "signature" else None


def _digest_on_get(seen: ProbeResults) -> Settled:
    get, wrong = seen.find("get"), seen.find("get-wrong")
    if get is None or wrong is None or get.reading.kind == "signature" or wrong.reading.kind != "signature":
        return None
    return "yes: a wrong one breaks the signature", (get, wrong)


def _overridden(seen: ProbeResults) -> Settled:
    get, forged = seen.find("get"), seen.find("get-authorization")
    if get is None or forged is None or not seen.verifies:
        return None
    if forged.reading.kind in REACHED and get.reading.kind in REACHED:
        return "yes: a forged one did no harm", (forged,)
    return ("no: it reached the Function URL", (forged,)) if forged.reading.kind == "credentials" else None


def _order(seen: ProbeResults) -> Settled:
    get, wrong = seen.find("get"), seen.find("get-wrong")
    if get is None or wrong is None or get.reading.kind != "permission" or wrong.reading.kind != "signature":
        return None
    return "yes: without the permission, a wrong signature is still told apart", (get, wrong)


def _no_digest(seen: ProbeResults) -> Settled:
    plain = seen.find("plain", method="POST")
    if plain is None or plain.reading.kind != "signature":
        return None
    return f"{plain.reading.status} {plain.reading.error_type}", (plain,)


def _sized(seen: ProbeResults, offset: int) -> Result | None:
    return seen.find("sized", body_bytes=DELIVERED_LIMIT_BYTES + offset, digest="none")


def _is_cut(reading: Reading) -> bool:
    """Whether the function got a part only: it refused at CloudFront's limit, or forwarded without a digest."""
    refused = reading.refusal == "body-too-large" and reading.limit_bytes == DELIVERED_LIMIT_BYTES
    return refused or reading.kind == "signature"


QUESTIONS = (
    Question(
        "function-digest-signed",
        "Does CloudFront sign with the digest that an origin-request function sets?",
        "seen",
        _ATTACHED,
        _function_digest,
    ),
    Question(
        "empty-data-ignored",
        "May the function return an empty body.data under read-only?",
        "documented",
        _ATTACHED,
        _empty_data,
    ),
    Question("exactly-1-mib", "Does a body of exactly 1,048,576 bytes count as cut?", "unknown", _WRITES, _exact_limit),
    Question("limit-on-raw-bytes", "Does the 1 MB limit count raw bytes, not base64?", "inferred", _WRITES, _raw_limit),
    Question(
        "client-digest-over-1-mib",
        "Does a body over 1 MiB get through with the client's own digest?",
        "inferred",
        _WRITES,
        _client_digest_over_limit,
    ),
    Question("chunked-delivered", "Is a chunked upload handed to the function?", "unknown", _ATTACHED, _chunked),
    Question("delete-body-delivered", "Is the body of a DELETE handed over?", "conflict", _WRITES, _delete_body),
    Question("delete-without-body", "Is a DELETE without a body let in?", "inferred", _WRITES, _delete_bodyless),
    Question(
        "digest-on-get",
        "Is a viewer's x-amz-content-sha256 signed on a GET?",
        "unknown",
        "a Function URL that checks signatures, and no cache",
        _digest_on_get,
    ),
    Question(
        "authorization-overwritten",
        "Does OAC overwrite a viewer's Authorization?",
        "documented",
        "a Function URL that checks signatures",
        _overridden,
    ),
    Question(
        "signature-before-permission",
        "Does a Function URL judge the signature before the permissions?",
        "inferred",
        "a missing permission",
        _order,
    ),
    Question(
        "answer-without-digest",
        "What does a Function URL answer to a body without a digest?",
        "seen",
        "a behavior without a function",
        _no_digest,
    ),
)
