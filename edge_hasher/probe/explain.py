"""`edge-hasher explain`: what somebody has in hand, read as the probe reads answers, each with what it can mean."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from edge_hasher import schemas
from edge_hasher.probe.diagnosis.advice import Place, read_words
from edge_hasher.probe.diagnosis.diagnosis import ADVICE
from edge_hasher.probe.diagnosis.readings import read, saying
from edge_hasher.probe.diagnosis.sentences import find, plain
from edge_hasher.probe.diagnosis.single import codes
from edge_hasher.probe.diagnosis.status import CANNOT_TELL
from edge_hasher.probe.paste.exchange import Exchange, PasteError
from edge_hasher.probe.paste.read import read_paste
from edge_hasher.probe.report_json import advice_fields
from edge_hasher.probe.report_text import advice_lines, evidence, wrapped
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from edge_hasher.probe.diagnosis.advice import Advice, Verdict
    from edge_hasher.probe.diagnosis.readings import Reading

ALL_ADVICE = ADVICE | read_words("single") | read_words("deploy")

_SHOWN_CHARS = 120
# Where a tool's output begins a new error.
_NEXT_ERROR = re.compile(
    r"\n(?=[^\S\n]*+(?:\* |Error:|error:|An error occurred|.*\b(?:CREATE|UPDATE|DELETE)_FAILED\b))"
)
_WEIGHTS: dict[Verdict, int] = {"ok": 0, "unclear": 1, "finding": 2}
_HTTP_FORMS = frozenset({"http", "verbose", "json", "log", "console", "access"})
_TOKEN = re.compile(r"(?<=/)(?=[^/]*\d)(?=[^/]*[A-Za-z])[A-Za-z0-9_.~%-]{24,}(?=/|$)")
_FUNCTION_URL_HOSTS = ".on.aws"
_NOTHING = "no HTTP answer in the pasted text: run curl with -i, which prints the status line and the headers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One pasted answer: its reading, and what it can mean, the likeliest first."""

    exchange: Exchange
    reading: Reading
    advice: tuple[Advice, ...]

    @property
    def has_findings(self) -> bool:
        """Whether the likeliest meaning is a problem."""
        return self.advice[0].outcome != "ok"

    @property
    def failed(self) -> bool:
        """Whether it is an error by its status, or has none."""
        return self.exchange.status == 0 or self.exchange.status >= 400  # noqa: PLR2004 - HTTP's line

    @property
    def place(self) -> Place:
        """What the advice is about, as far as the paste shows. What looks like a token in the path is left out."""
        host = self.exchange.host
        return Place(
            method=self.exchange.method or "POST",
            path=_TOKEN.sub("…", self.exchange.path) or "/PATH",
            host="DISTRIBUTION" if not host or host.endswith(_FUNCTION_URL_HOSTS) else host,
        )


@dataclass(frozen=True, slots=True)
class Explained:
    """All answers of a paste, in their order."""

    answers: tuple[Explanation, ...]

    @property
    def main(self) -> Explanation:
        """The one that matters most: the last with a known problem, else with any, else the last."""
        return max(reversed(self.answers), key=lambda each: (_WEIGHTS[each.advice[0].outcome], each.failed))

    @property
    def has_findings(self) -> bool:
        """Whether any of them is a problem."""
        return self.main.has_findings


def explain(data: bytes | str) -> Explained:
    """Read a paste. Raises PasteError if nothing in it can be explained."""
    exchanges = [part for each in read_paste(data) for part in _parts(each)]
    read_ones = tuple((each, read(each.answer)) for each in exchanges)
    found = []
    for number, (exchange, reading) in enumerate(read_ones):
        others = read_ones[:number] + read_ones[number + 1 :]
        means = tuple(code for code in codes(exchange, reading, others) if code in ALL_ADVICE) or CANNOT_TELL
        if exchange.has_answer or means != CANNOT_TELL or reading.refusal:
            advice = tuple(ALL_ADVICE[code] for code in means)
            if exchange.local_sentence:  # it says more than AWS's in its place
                reading = saying(reading, exchange.local_sentence)  # noqa: PLW2901
            found.append(Explanation(exchange=exchange, reading=reading, advice=advice))
    if not found:
        raise PasteError(_NOTHING)
    return Explained(tuple(each for each in found if not _is_aside(each)) or tuple(found))


def _is_aside(each: Explanation) -> bool:
    """Whether it is a number that somebody mentioned, and not an answer."""
    is_answer = each.exchange.headers or each.exchange.forms & _HTTP_FORMS
    return not is_answer and each.advice[0].code == CANNOT_TELL[0]


def _parts(exchange: Exchange) -> list[Exchange]:
    """Return an exchange for each error of a tool's output, if several are known; else the one as it is."""
    if exchange.headers or exchange.forms & _HTTP_FORMS:
        return [exchange]
    blocks = _NEXT_ERROR.split("\n".join(exchange.lines))
    known = [block for block in blocks if find(plain(block))]
    return [Exchange(lines=[block]) for block in known] if len(known) > 1 else [exchange]


def as_text(explained: Explained) -> str:
    """Return the readings for a person."""
    several = len(explained.answers) > 1
    lines: list[str] = []
    for number, each in enumerate(explained.answers, start=1):
        if several:
            lines.append(f"Answer {number} of {len(explained.answers)}{_request(each)}")
        lines += _lines(each)
    return "\n".join([*lines, _summary(explained)])


def _request(each: Explanation) -> str:
    request = " ".join(filter(None, (each.exchange.method, _TOKEN.sub("…", each.exchange.path))))
    return f": {printable(request[:_SHOWN_CHARS])}" if request else ""


def _lines(each: Explanation) -> list[str]:
    reading = each.reading
    status = str(reading.status) if reading.status else "No status"
    error = reading.refusal or reading.error_type
    head = [f"{status}: {reading.sentence}" + (f" ({error})" if error else "")]
    if each.exchange.local_edge:
        head += wrapped(f"The local edge answered, not AWS. {reading.said}".strip())
        head += [f"  cf-id {reading.cf_id}"] if reading.cf_id else []
    else:
        head += [f"  {line}" for line in evidence(reading)]
    several = len(each.advice) > 1
    lines = ["One answer alone does not tell which of these it is; the likeliest comes first.", ""] if several else []
    for advice in each.advice:
        lines += advice_lines(advice, each.place, possible=several)
    return [*head, "", *lines]


def _summary(explained: Explained) -> str:
    names = [" or ".join(advice.code for advice in each.advice) for each in explained.answers]
    if len(names) > 1:
        return f"{len(names)} answers; " + "; ".join(f"{number}: {name}" for number, name in enumerate(names, start=1))
    tells_apart = len(explained.main.advice) > 1 and explained.main.exchange.has_answer
    return f"1 answer; {names[0]}" + (": `edge-hasher probe URL` sends what tells them apart" if tells_apart else "")


def as_json(explained: Explained) -> str:
    """Return the readings for a program, described in docs/probe.md, "JSON"."""
    main = explained.main
    return schemas.document(
        "explain",
        {
            "skipped_answers": len(explained.answers) - 1,
            **_fields(main),
            "answers": [
                {"method": each.exchange.method, "path": each.place.path if each.exchange.path else "", **_fields(each)}
                for each in explained.answers
            ],
        },
    )


def _fields(each: Explanation) -> dict[str, Any]:
    return {
        "local_edge": bool(each.exchange.local_edge),
        "reading": asdict(each.reading),
        "meanings": [advice_fields(advice, each.place) for advice in each.advice],
    }
