"""Read one answer: who made it, in a frozen value that is safe to print."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from edge_hasher.probe.diagnosis.kinds import KINDS
from edge_hasher.probe.diagnosis.response_kinds import Marks, kind_of
from edge_hasher.probe.paste.clean import unescape
from edge_hasher.probe.sending.answer import NoAnswer
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from edge_hasher.probe.diagnosis.kinds import Kind
    from edge_hasher.probe.sending.answer import ProbeResponse

_VALUE_LIMIT_CHARS = 160
_SAID_LIMIT_CHARS = 300
_PROBLEM_TYPE = "urn:edge-hasher:"
_SERVICE = "edge-hasher"
_MEMBERS = frozenset({"message", "Message", "type", "code", "errorMessage"})
_OBJECTS_LIMIT = 20
_DECODER = json.JSONDecoder()
# What AWS or an application may repeat of a request's secrets.
_SECRETS = re.compile(
    r"(?:Bearer|Basic|AWS4-HMAC-SHA256)\s+\S+|\beyJ[\w-]{6,}[\w.-]*|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"
    r"|(?<=Authorization header: ).*|(?<=Credential=)\S+|(?<=Signature=)\w+|'[^']*'(?= not a valid key=value pair)"
    r"|(?<=x-amz-security-token:)\S+|(?<=token=)[^\s&\"']+|(?<=password=)[^\s&\"']+|(?<=secret=)[^\s&\"']+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One answer. All texts are printable and bounded; `said` is the answer's own sentence, if it has one.

    `refusal` is Edge Hasher's code (`digest-mismatch`), `limit_bytes` the number in it. `lambda_id` shows that Lambda
    answered, `cloudfront` that CloudFront passed it on. `cf_id` is what AWS support asks for.
    """

    kind: Kind
    status: int = 0
    error_type: str = ""
    said: str = ""
    refusal: str = ""
    limit_bytes: int | None = None
    cf_id: str = ""
    lambda_id: str = ""
    x_cache: str = ""
    cloudfront: bool = False
    seconds: float = 0.0

    @property
    def sentence(self) -> str:
        """Who answered, in a few words."""
        return KINDS[self.kind]


def read(answer: ProbeResponse | NoAnswer) -> Reading:
    """Read one answer; never raises, whatever is in it."""
    if isinstance(answer, NoAnswer):
        return Reading(kind="no-answer", said=answer.reason, seconds=answer.seconds)
    document = _document(answer)
    refusal = _refusal(document)
    error_type = _shown(answer.header("x-amzn-errortype").partition(":")[0])
    marks = Marks(
        status=answer.status,
        header=answer.header,
        text=answer.text,
        message=_message(document),
        error_type=error_type,
        refusal=refusal,
    )
    return Reading(
        kind=kind_of(marks),
        status=answer.status,
        error_type=error_type,
        said=_said(answer, document, marks),
        refusal=_shown(refusal),
        limit_bytes=_number(document.get("limit_bytes")),
        cf_id=_shown(answer.header("x-amz-cf-id")),
        lambda_id=_shown(answer.header("x-amzn-requestid")),
        x_cache=_shown(answer.header("x-cache")),
        cloudfront=marks.through_cloudfront,
        seconds=answer.seconds,
    )


def saying(reading: Reading, sentence: str) -> Reading:
    """Return a reading with another sentence: what the local edge says of its answer."""
    return replace(reading, said=_shown(sentence, _SAID_LIMIT_CHARS))


def _document(answer: ProbeResponse) -> dict[str, Any]:
    """Return the body's JSON object, or the first that stands in it; empty for anything else."""
    text = answer.text.strip()
    for candidate in (text, unescape(text)):
        start = candidate.find("{")
        for _ in range(_OBJECTS_LIMIT):
            if start < 0:
                break
            try:
                document, _end = _DECODER.raw_decode(candidate, start)
            except (ValueError, RecursionError):
                document = None
            if isinstance(document, dict) and _MEMBERS & document.keys():
                return document
            start = candidate.find("{", start + 1)
    return {}


def _refusal(document: dict[str, Any]) -> str:
    problem_type = document.get("type")
    if document.get("service") == _SERVICE and isinstance(document.get("code"), str):
        return str(document["code"])  # a line of the function's own log
    if not isinstance(problem_type, str) or not problem_type.startswith(_PROBLEM_TYPE):
        return ""
    return problem_type.removeprefix(_PROBLEM_TYPE)


def _message(document: dict[str, Any]) -> str:
    """Return AWS's message. Lambda spells the member both ways (seen)."""
    value = document.get("message", document.get("Message", document.get("errorMessage")))
    return value if isinstance(value, str) else ""


def _said(answer: ProbeResponse, document: dict[str, Any], marks: Marks) -> str:
    detail = document.get("detail")
    if marks.refusal and isinstance(detail, str):
        return _shown(detail, _SAID_LIMIT_CHARS)
    said = marks.message or marks.page_sentence or _xml_message(answer.text)
    return _shown(said or (marks.sentence.quoted(answer.text) if marks.sentence else ""), _SAID_LIMIT_CHARS)


def _xml_message(text: str) -> str:
    """Return the Message of an XML error, without a parser: hostile XML is not parsed."""
    _, found, rest = text.partition("<Message>")
    return rest.partition("</Message>")[0] if found else ""


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 1 << 53 else None


def _shown(text: str, limit_chars: int = _VALUE_LIMIT_CHARS) -> str:
    shown = printable(" ".join(_SECRETS.sub("…", text[: 4 * limit_chars]).split(" ")).strip())
    return shown if len(shown) <= limit_chars else f"{shown[:limit_chars]}…"
