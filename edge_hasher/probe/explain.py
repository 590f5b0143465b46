"""`edge-hasher explain`: one answer, pasted from curl, read as the probe reads it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from edge_hasher import schemas
from edge_hasher.probe import pasted
from edge_hasher.probe.diagnosis.advice import Place, read_words
from edge_hasher.probe.diagnosis.diagnosis import ADVICE
from edge_hasher.probe.diagnosis.readings import read
from edge_hasher.probe.report_json import advice_fields
from edge_hasher.probe.report_text import advice_lines, evidence

if TYPE_CHECKING:
    from edge_hasher.probe.diagnosis.advice import Advice
    from edge_hasher.probe.diagnosis.readings import Reading
    from edge_hasher.probe.diagnosis.response_kinds import Kind
    from edge_hasher.probe.pasted import PastedResponse

ALL_ADVICE = ADVICE | read_words("single")

# What an answer of a kind can mean, the likeliest first.
_CODES: dict[Kind, tuple[str, ...]] = {
    "app": ("got-through",),
    "origin": ("got-through",),
    "app-refuses": ("app-refuses",),
    "app-fails": ("app-fails",),
    "signature": ("function-not-attached", "wrong-digest-signed"),
    "credentials": ("authorization-not-overridden",),
    "permission": ("permission-missing", "oac-does-not-sign", "host-forwarded"),
    "edge-answer": ("answered-at-the-edge",),
    "lambda-throttled": ("lambda-throttled",),
    "lambda-too-large": ("lambda-too-large",),
    "function-failed": ("function-fails",),
    "function-throttled": ("function-throttled",),
    "function-invalid": ("function-result-invalid",),
    "waf-block": ("waf-blocks",),
    "waf-challenge": ("waf-challenge",),
    "method": ("method-not-allowed",),
    "geo": ("country-blocked",),
    "signed-url": ("signed-url-wanted",),
    "redirect": ("redirected",),
    "origin-failing": ("origin-fails",),
    "cloudfront-page": ("cloudfront-refuses",),
    "error-page": ("error-page-hides",),
    "s3": ("s3-origin",),
    "api-gateway": ("api-gateway-origin",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One pasted answer: its reading, and what it can mean, the likeliest first."""

    pasted: PastedResponse
    reading: Reading
    advice: tuple[Advice, ...]

    @property
    def has_findings(self) -> bool:
        """Whether the likeliest meaning is a problem."""
        return self.advice[0].outcome != "ok"

    @property
    def place(self) -> Place:
        """What the advice is about, as far as the paste shows."""
        return Place(method=self.pasted.method or "POST", path=self.pasted.path or "/PATH")


def explain(text: str) -> Explanation:
    """Read a pasted answer. Raises PasteError if there is none."""
    found = pasted.parse(text)
    reading = read(found.answer)
    codes = _codes(found, reading)
    return Explanation(pasted=found, reading=reading, advice=tuple(ALL_ADVICE[code] for code in codes))


def _codes(found: PastedResponse, reading: Reading) -> tuple[str, ...]:
    if reading.refusal:
        return (reading.refusal,) if reading.refusal in ALL_ADVICE else ("cannot-tell",)
    if found.answer.status and not reading.cloudfront:
        at_the_url = reading.kind in {"permission", "signature", "credentials"}
        return ("function-url-itself",) if at_the_url else ("not-cloudfront",)
    if reading.kind == "signature" and found.method in {"GET", "HEAD", "OPTIONS"}:
        return ("every-signature-wrong",)
    if reading.kind == "signature" and found.sent_digest:
        return ("wrong-digest-signed",)
    return _CODES.get(reading.kind, ("cannot-tell",))


def as_text(explained: Explanation) -> str:
    """Return the reading for a person."""
    reading = explained.reading
    status = str(reading.status) if reading.status else "No status"
    error = reading.refusal or reading.error_type
    head = [f"{status}: {reading.sentence}" + (f" ({error})" if error else "")]
    if explained.pasted.skipped:
        head.append(f"  The last of {explained.pasted.skipped + 1} answers is read.")
    head += [f"  {line}" for line in evidence(reading)]
    several = len(explained.advice) > 1
    lines = ["One answer alone does not tell which of these it is; the likeliest comes first.", ""] if several else []
    for advice in explained.advice:
        lines += advice_lines(advice, explained.place, possible=several)
    return "\n".join([*head, "", *lines, _summary(explained)])


def _summary(explained: Explanation) -> str:
    codes = " or ".join(advice.code for advice in explained.advice)
    if len(explained.advice) == 1:
        return f"1 answer; {codes}"
    return f"1 answer; {codes}: `edge-hasher probe URL` sends what tells them apart"


def as_json(explained: Explanation) -> str:
    """Return the reading for a program, described in docs/probe.md, "JSON"."""
    return schemas.document(
        "explain",
        {
            "skipped_answers": explained.pasted.skipped,
            "reading": asdict(explained.reading),
            "meanings": [advice_fields(advice, explained.place) for advice in explained.advice],
        },
    )
