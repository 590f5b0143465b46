"""The probe's report for programs and files: one JSON object, or a page of Markdown; see docs/probe.md."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import edge_hasher
from edge_hasher import schemas
from edge_hasher.probe.report_text import LOOPBACK_NOTE, summary

if TYPE_CHECKING:
    from edge_hasher.probe.diagnosis.advice import Advice, Place
    from edge_hasher.probe.diagnosis.open_questions import Fact
    from edge_hasher.probe.diagnosis.pattern import Result
    from edge_hasher.probe.run import ProbeResult


def as_json(result: ProbeResult) -> str:
    """Return the whole result as one JSON object."""
    return schemas.document(
        "probe",
        {
            "edge_hasher": edge_hasher.__version__,
            "address": result.address.shown,
            "is_loopback": result.address.is_loopback,
            "date": result.date,
            "requests": [_request(each) for each in result.results],
            "diagnoses": [
                {
                    "method": each.method,
                    **advice_fields(each.diagnosis, result.place(each.method)),
                    "remarks": [advice_fields(remark, result.place(each.method)) for remark in each.remarks],
                }
                for each in result.diagnosed
            ],
            "facts": [asdict(fact) | {"settled": bool(fact.answer)} for fact in result.facts],
        },
    )


def advice_fields(advice: Advice, place: Place) -> dict[str, Any]:
    """Return a diagnosis as JSON shows it, with its texts filled in."""
    texts = {name: place.fill(getattr(advice, name)) for name in ("title", "meaning")} | {"fix": place.fix(advice)}
    return asdict(advice) | texts | {"link": advice.link}


def _request(result: Result) -> dict[str, Any]:
    request = asdict(result.request)
    del request["purpose"]  # for people
    return request | {"reading": asdict(result.reading) | {"seconds": round(result.reading.seconds, 4)}}


def as_markdown(result: ProbeResult) -> str:
    """Return a dated page for a colleague, a ticket, or this project's list of facts."""
    return "\n".join(
        [
            f"# Probe of {result.address.netloc}, {result.date}",
            "",
            f"`edge-hasher {edge_hasher.__version__}`: {summary(result)}",
            "",
            *([LOOPBACK_NOTE, ""] if result.address.is_loopback else []),
            "| request | status | who answered | error | cf-id |",
            "| --- | --- | --- | --- | --- |",
            *(_row(each) for each in result.results),
            "",
            "## Diagnosis",
            "",
            *(f"- {each.method}: `{each.diagnosis.code}`" for each in result.diagnosed),
            "",
            "## Facts",
            "",
            "| fact | answer | before | evidence |",
            "| --- | --- | --- | --- |",
            *(_fact_row(fact) for fact in result.facts),
            "",
        ]
    )


def _row(result: Result) -> str:
    reading = result.reading
    error = reading.refusal or reading.error_type
    cells = (result.request.name, str(reading.status or "none"), reading.sentence, error, reading.cf_id)
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _fact_row(fact: Fact) -> str:
    answer = fact.answer or f"not settled: needs {fact.needs}"
    return f"| {' | '.join(_cell(cell) for cell in (fact.question, answer, fact.mark, ', '.join(fact.evidence)))} |"


def _cell(text: str) -> str:
    """Return text that cannot break out of a table, nor become markup."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "'")
