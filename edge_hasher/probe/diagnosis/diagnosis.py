"""The table of diagnoses: which pattern of answers means what. The first row that fits is the diagnosis.

A row's `when` names the kinds that a role's answer may have; a role that was not asked fits nothing. Surer rows come
first. The advice for each code is in `words`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge_hasher.probe.diagnosis.advice import read_words
from edge_hasher.probe.diagnosis.pattern import REACHED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.probe.diagnosis.advice import Advice
    from edge_hasher.probe.diagnosis.kinds import Kind
    from edge_hasher.probe.diagnosis.pattern import Pattern
    from edge_hasher.probe.sending.requests import Role


def _kinds(*kinds: Kind) -> frozenset[Kind]:
    return frozenset(kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: it fits when all of its conditions do.

    `when`: the kinds each role may have. `somewhere`: kinds of which GET or the method shows one. `refusal`: the code
    of an Edge Hasher refusal that GET or the method shows. `from_cloudfront`: whether any answer came from CloudFront.
    `sized`: kinds of which a large body's answer is one. `oversize_unsigned`: a body over 1 MiB lost its signature.
    """

    code: str
    when: Mapping[Role, frozenset[Kind]] = field(default_factory=dict)
    somewhere: frozenset[Kind] = frozenset()
    refusal: str = ""
    from_cloudfront: bool | None = None
    sized: frozenset[Kind] = frozenset()
    oversize_unsigned: bool = False

    def fits(self, pattern: Pattern) -> bool:
        """Whether the pattern is this row's."""
        return (
            all(pattern.kind(role) in kinds for role, kinds in self.when.items())
            and (not self.somewhere or pattern.any_is(self.somewhere))
            and (not self.refusal or self._refused(pattern))
            and (self.from_cloudfront is None or self.from_cloudfront == _came_from_cloudfront(pattern))
            and (pattern.oversize_unsigned or not self.oversize_unsigned)
            and (not self.sized or any(reading.kind in self.sized for reading in pattern.sized))
        )

    def _refused(self, pattern: Pattern) -> bool:
        shown = (pattern.reading(role) for role in ("get", "plain", "digest"))
        return any(reading is not None and reading.refusal == self.refusal for reading in shown)


def _came_from_cloudfront(pattern: Pattern) -> bool:
    return any(reading.cloudfront for reading in pattern.readings.values())


_MISMATCH = _kinds("edge-hasher")
_AWS_GATE = _kinds("permission", "signature", "credentials")
_SIGNATURE = _kinds("signature")
_HIDDEN = _kinds("error-page", "unknown-error")
_EDGE_FUNCTION = _kinds("function-failed", "function-throttled", "function-invalid")
_WHO_KNOWS = _HIDDEN | _kinds(
    "signature", "permission", "cloudfront-page", "origin-failing", "origin-late", "lambda-refused", "no-answer"
)

ROWS: tuple[Row, ...] = (
    Row(code="function-url-itself", when={"get": _AWS_GATE}, from_cloudfront=False),
    Row(code="not-cloudfront", from_cloudfront=False),
    Row(code="redirected", when={"get": _kinds("redirect")}),
    Row(code="waf-challenge", somewhere=_kinds("waf-challenge")),
    Row(code="waf-blocks", somewhere=_kinds("waf-block")),
    Row(code="country-blocked", somewhere=_kinds("geo")),
    Row(code="signed-url-wanted", somewhere=_kinds("signed-url")),
    Row(code="method-not-allowed", when={"plain": _kinds("method")}),
    # The edge function.
    Row(code="function-fails", somewhere=_kinds("function-failed")),
    Row(code="function-throttled", somewhere=_kinds("function-throttled")),
    Row(code="function-result-invalid", somewhere=_kinds("function-invalid")),
    Row(code="cloudfront-function-fails", somewhere=_kinds("cloudfront-function-failed")),
    Row(code="cloudfront-function-throttled", somewhere=_kinds("cloudfront-function-throttled")),
    Row(code="cloudfront-function-invalid", somewhere=_kinds("cloudfront-function-invalid")),
    Row(code="wrong-trigger", refusal="wrong-trigger"),
    Row(code="bad-settings", refusal="bad-settings"),
    Row(code="include-body-off", refusal="include-body-off"),
    Row(code="body-not-delivered", refusal="body-not-delivered"),
    Row(code="bad-encoding", refusal="bad-encoding"),
    Row(code="max-body-tiny", refusal="body-too-large"),
    # Another origin than a Function URL.
    Row(code="s3-origin", somewhere=_kinds("s3")),
    Row(code="api-gateway-origin", somewhere=_kinds("api-gateway")),
    Row(code="origin-dns", somewhere=_kinds("origin-dns")),
    Row(code="origin-times-out", somewhere=_kinds("origin-late")),
    Row(code="origin-fails", somewhere=_kinds("origin-failing")),
    Row(code="lambda-throttled", somewhere=_kinds("lambda-throttled")),
    Row(code="lambda-too-large", somewhere=_kinds("lambda-too-large")),
    Row(code="query-string-refused", somewhere=_kinds("query-string")),
    Row(code="function-gone", somewhere=_kinds("function-gone")),
    Row(code="function-not-ready", somewhere=_kinds("function-not-ready")),
    Row(code="lambda-refuses", somewhere=_kinds("lambda-refused")),
    # The Function URL lets nobody in.
    Row(code="oac-does-not-sign", when={"get": _kinds("permission"), "get-authorization": _kinds("credentials")}),
    Row(code="permission-missing", when={"get": _kinds("permission"), "get-wrong": _SIGNATURE}),
    Row(code="permission-missing", when={"get": _kinds("permission"), "plain": _SIGNATURE}),
    Row(code="host-forwarded", when={"get": _kinds("permission"), "plain": _kinds("permission")}),
    Row(code="authorization-not-overridden", when={"get": _kinds("credentials")}),
    Row(code="every-signature-wrong", when={"get": _SIGNATURE}),
    # The Function URL lets some in.
    Row(code="function-not-attached", when={"plain": _SIGNATURE, "digest": REACHED}),
    Row(code="function-not-attached-hidden", when={"plain": _HIDDEN, "digest": REACHED, "wrong": _HIDDEN}),
    Row(code="wrong-digest-signed", when={"get": REACHED | _HIDDEN, "plain": _SIGNATURE, "digest": _SIGNATURE}),
    # The method gets through, but not with every body.
    Row(code="bytes-hashed-as-text", when={"plain": REACHED, "bytes": _SIGNATURE}),
    Row(code="waf-body-size", when={"plain": REACHED}, sized=_kinds("waf-block")),
    Row(code="large-bodies-fail", when={"plain": REACHED}, sized=_EDGE_FUNCTION),
    Row(code="large-bodies-refused", when={"plain": REACHED}, sized=_WHO_KNOWS),
    # The method gets through. What the application answers comes first, since that is what the viewer sees.
    Row(code="app-fails", when={"plain": _kinds("app-fails"), "digest": REACHED}),
    Row(code="app-refuses", when={"plain": _kinds("app-refuses"), "wrong": _MISMATCH | _SIGNATURE}),
    Row(code="app-refuses", when={"plain": _kinds("app-refuses"), "get-wrong": _SIGNATURE}),
    Row(code="healthy", when={"plain": REACHED, "digest": REACHED, "wrong": _MISMATCH}),
    Row(code="digest-trusted", when={"plain": REACHED, "digest": REACHED, "wrong": _SIGNATURE}),
    Row(
        code="digest-replaced",
        when={"plain": REACHED, "digest": REACHED, "wrong": REACHED, "get-wrong": _SIGNATURE},
    ),
    Row(
        code="not-lambda",
        when={"get": _kinds("origin"), "plain": _kinds("origin"), "wrong": _kinds("origin")},
    ),
    Row(code="nothing-verified", when={"plain": REACHED, "digest": REACHED, "wrong": REACHED}),
    Row(code="answered-at-the-edge", somewhere=_kinds("edge-answer")),
    Row(code="error-page-hides", somewhere=_kinds("error-page")),
    Row(code="error-page-hides", when={"plain": REACHED, "wrong": _kinds("error-page")}),
    Row(code="cloudfront-refuses", somewhere=_kinds("cloudfront-page")),
)
CANNOT_TELL = "cannot-tell"

ADVICE = read_words("signing") | read_words("edge")

REMARKS: tuple[Row, ...] = (
    Row(
        code="authorization-not-overridden",
        when={"get": REACHED, "get-authorization": _kinds("credentials", "signature")},
    ),
    Row(code="body-over-1-mib", when={"plain": REACHED}, oversize_unsigned=True),
)
"""What is worth saying next to the diagnosis."""


def diagnose(pattern: Pattern) -> Advice:
    """Return what the pattern means; `cannot-tell` when no row fits."""
    return ADVICE[next((row.code for row in ROWS if row.fits(pattern)), CANNOT_TELL)]


def remarks(pattern: Pattern) -> tuple[Advice, ...]:
    """Return what else the pattern shows, without the diagnosis itself."""
    diagnosis = diagnose(pattern)
    found = (ADVICE[row.code] for row in REMARKS if row.fits(pattern))
    return tuple(advice for advice in found if advice.code != diagnosis.code)
