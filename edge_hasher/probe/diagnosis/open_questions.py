"""Undocumented AWS behavior that a probe can settle, and the evidence that each answer needs.

A question is settled only by answers that leave no other reading. `mark` is what was known before.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

from edge_hasher.function.refusals import DELIVERED_LIMIT_BYTES
from edge_hasher.probe.diagnosis.pattern import REACHED

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.probe.diagnosis.pattern import Result
    from edge_hasher.probe.diagnosis.readings import Reading
    from edge_hasher.probe.sending.requests import Role

Mark = Literal["documented", "seen", "inferred", "unknown", "conflict"]
Settled = tuple[str, tuple["Result", ...]] | None
"""An answer and the results that show it, or None."""

_WRITES = "--allow-writes"
_ATTACHED = "Edge Hasher on this behavior, and a Function URL that checks signatures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A question and, once settled, its answer. `evidence` names the requests; `needs` is what is missing, if open."""

    code: str
    question: str
    mark: Mark
    answer: str = ""
    evidence: tuple[str, ...] = ()
    needs: str = ""


@dataclass(frozen=True, slots=True)
class ProbeResults:
    """All results, and how to find one."""

    results: tuple[Result, ...]

    def find(self, role: Role, **wanted: object) -> Result | None:
        """Return the first result with this role whose request has these values, or None."""
        expected = {"role": role, **wanted}
        return next((each for each in self.results if expected.items() <= asdict(each.request).items()), None)

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


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `needs` says what it takes to settle it."""

    text: str
    mark: Mark = field(kw_only=True)
    needs: str = field(kw_only=True)
    settle: Callable[[ProbeResults], Settled] = field(kw_only=True)


def settle(results: tuple[Result, ...]) -> tuple[Fact, ...]:
    """Return every question, settled or not, in the order of the table."""
    seen = ProbeResults(results)
    return tuple(_fact(code, question, question.settle(seen)) for code, question in QUESTIONS.items())


def _fact(code: str, question: Question, settled: Settled) -> Fact:
    if settled is None:
        return Fact(code=code, question=question.text, mark=question.mark, needs=question.needs)
    answer, evidence = settled
    names = tuple(result.request.name for result in evidence)
    return Fact(code=code, question=question.text, mark=question.mark, answer=answer, evidence=names)


def _function_digest(seen: ProbeResults) -> Settled:
    plain, wrong = seen.find("plain", method="POST"), seen.find("wrong", method="POST")
    if plain is None or wrong is None or not (seen.hashes and seen.verifies):
        return None
    yes = "yes: the body got through with the function's digest alone"
    return _admitted(plain, (plain, wrong), yes=yes, no="no: the signature was refused")


def _empty_data(seen: ProbeResults) -> Settled:
    settled = _function_digest(seen)
    if settled is None or not settled[0].startswith("yes"):
        return None
    return "yes, unless return-body=keep is set: the signature held, so the origin got the original", settled[1]


def _exact_limit(seen: ProbeResults) -> Settled:
    whole = "no: 1,048,576 bytes are delivered whole, one more is truncated"
    return _at_the_limit(seen, 0, whole=whole, cut="yes: 1,048,576 bytes are truncated")


def _raw_limit(seen: ProbeResults) -> Settled:
    whole = "yes: 1,048,575 raw bytes (1.33 MiB of base64) are delivered whole"
    return _at_the_limit(seen, -1, whole=whole, cut="no: 1,048,575 raw bytes are truncated")


def _at_the_limit(seen: ProbeResults, offset: int, *, whole: str, cut: str) -> Settled:
    sized, over = _sized(seen, offset), _sized(seen, 1)
    if sized is None or over is None or not (seen.hashes and seen.verifies and _is_cut(over.reading)):
        return None
    if sized.reading.kind in REACHED:
        return whole, (sized, over)
    return (cut, (sized, over)) if _is_cut(sized.reading) else None


def _client_digest_over_limit(seen: ProbeResults) -> Settled:
    right, wrong = _sized(seen, 1, "right"), _sized(seen, 1, "wrong")
    if right is None or wrong is None or wrong.reading.kind != "signature":
        return None
    yes = "yes: the right digest gets through, a wrong one is refused by the Function URL"
    return _admitted(right, (right, wrong), yes=yes, no="no: the right digest is refused too")


def _chunked(seen: ProbeResults) -> Settled:
    chunked = seen.find("chunked", method="POST")
    return _delivered(chunked) if chunked is not None and seen.hashes and seen.verifies else None


def _delete_body(seen: ProbeResults) -> Settled:
    plain, wrong = seen.find("plain", method="DELETE"), seen.find("wrong", method="DELETE")
    if plain is None or wrong is None or not (seen.hashes and seen.verifies):
        return None
    if wrong.reading.refusal == "digest-mismatch":
        return "yes: the function compared it with its digest", (plain, wrong)
    if plain.reading.kind in REACHED and wrong.reading.kind == "signature":  # undelivered, both go on as they came
        return "no: it got through without a digest", (plain, wrong)
    return _delivered(plain)


def _delivered(result: Result) -> Settled:
    reading = result.reading
    if reading.kind in REACHED:
        return "yes: it was hashed and got through", (result,)
    if reading.refusal == "body-not-delivered" or reading.kind == "signature":
        return "no: the function did not get it", (result,)
    if reading.kind == "cloudfront-page":
        return f"CloudFront refuses it with {reading.status}", (result,)
    return None


def _delete_bodyless(seen: ProbeResults) -> Settled:
    bodyless = seen.find("bodyless", method="DELETE")
    if bodyless is None or not seen.verifies:
        return None
    return _admitted(bodyless, (bodyless,), yes="yes", no="no: the signature is refused")


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
    return "yes: without the permission, a wrong signature still gets its own answer", (get, wrong)


def _no_digest(seen: ProbeResults) -> Settled:
    plain = seen.find("plain", method="POST")
    if plain is None or plain.reading.kind != "signature":
        return None
    return f"{plain.reading.status} {plain.reading.error_type}", (plain,)


def _admitted(result: Result, evidence: tuple[Result, ...], *, yes: str, no: str) -> Settled:
    if result.reading.kind in REACHED:
        return yes, evidence
    return (no, evidence) if result.reading.kind == "signature" else None


def _sized(seen: ProbeResults, offset: int, digest: str = "none") -> Result | None:
    return seen.find("sized", body_bytes=DELIVERED_LIMIT_BYTES + offset, digest=digest)


def _is_cut(reading: Reading) -> bool:
    """Whether the function got only a part: it refused at CloudFront's limit, or forwarded without a digest."""
    refused = reading.refusal == "body-too-large" and reading.limit_bytes == DELIVERED_LIMIT_BYTES
    return refused or reading.kind == "signature"


QUESTIONS = {
    "function-digest-signed": Question(
        "Does CloudFront sign with the digest that an origin-request function sets?",
        mark="seen",
        needs=_ATTACHED,
        settle=_function_digest,
    ),
    "empty-data-ignored": Question(
        "May the function return an empty body.data under read-only?",
        mark="documented",
        needs=_ATTACHED,
        settle=_empty_data,
    ),
    "exactly-1-mib": Question(
        "Is a body of exactly 1,048,576 bytes truncated?", mark="unknown", needs=_WRITES, settle=_exact_limit
    ),
    "limit-on-raw-bytes": Question(
        "Does the 1 MB limit count raw bytes, not base64?", mark="inferred", needs=_WRITES, settle=_raw_limit
    ),
    "client-digest-over-1-mib": Question(
        "Does a body over 1 MiB get through with the client's own digest?",
        mark="inferred",
        needs=_WRITES,
        settle=_client_digest_over_limit,
    ),
    "chunked-delivered": Question(
        "Is a chunked upload passed to the function?", mark="unknown", needs=_ATTACHED, settle=_chunked
    ),
    "delete-body-delivered": Question(
        "Is the body of a DELETE passed to the function?", mark="conflict", needs=_WRITES, settle=_delete_body
    ),
    "delete-without-body": Question(
        "Does a DELETE without a body get through?", mark="inferred", needs=_WRITES, settle=_delete_bodyless
    ),
    "digest-on-get": Question(
        "Is a viewer's x-amz-content-sha256 signed on a GET?",
        mark="unknown",
        needs="a Function URL that checks signatures, and no cache",
        settle=_digest_on_get,
    ),
    "authorization-overwritten": Question(
        "Does OAC overwrite a viewer's Authorization?",
        mark="documented",
        needs="a Function URL that checks signatures",
        settle=_overridden,
    ),
    "signature-before-permission": Question(
        "Does a Function URL judge the signature before the permissions?",
        mark="inferred",
        needs="a missing permission",
        settle=_order,
    ),
    "answer-without-digest": Question(
        "What does a Function URL answer to a body without a digest?",
        mark="seen",
        needs="a behavior without a function",
        settle=_no_digest,
    ),
}
