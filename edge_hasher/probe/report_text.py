"""The probe's report for people: the plan, a line for each answer, the diagnosis, the facts, a summary."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from edge_hasher.probe.diagnosis.pattern import REACHED
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from edge_hasher.probe.diagnosis.advice import Advice, Place, Verdict
    from edge_hasher.probe.diagnosis.open_questions import Fact
    from edge_hasher.probe.diagnosis.pattern import Result
    from edge_hasher.probe.diagnosis.readings import Reading
    from edge_hasher.probe.run import MethodDiagnosis, ProbeResult
    from edge_hasher.probe.sending.address import Address
    from edge_hasher.probe.sending.requests import PlannedRequest

_WIDTH = 100
_NAME_WIDTH = 27
_COLORS: dict[Verdict, str] = {"ok": "green", "finding": "red", "unclear": "yellow"}
_LABELS: dict[Verdict, str] = {"ok": "OK", "finding": "FINDING", "unclear": "UNCLEAR"}
LOOPBACK_NOTE = "This address is this machine: the answers below are the local edge's, not AWS's."


def plan_text(address: Address, requests: tuple[PlannedRequest, ...], header_names: tuple[str, ...]) -> str:
    """Return what will be sent, line by line; values of headers are not shown."""
    lines = [f"Will send {len(requests)} requests to {printable(address.shown)}:"]
    lines += [
        f"  {request.name:<{_NAME_WIDTH}}{_form(request):<32}{click.style(request.purpose, dim=True)}"
        for request in requests
    ]
    if header_names:
        lines.append(f"  each with your {', '.join(header_names)}")
    return "\n".join(lines)


def _form(request: PlannedRequest) -> str:
    parts = [request.method]
    if request.body_bytes is not None:
        parts.append(f"{request.body_bytes:,} B" + (" chunked" if request.chunked else ""))
    if request.digest != "none":
        parts.append(f"{request.digest} digest")
    if request.authorization:
        parts.append("forged signature")
    return ", ".join(parts)


def result_text(result: Result, said: set[str] | None = None) -> str:
    """Return the lines of one answer, with evidence if the request did not get through.

    A sentence of AWS's that is in `said` stands above already and is left out; else it is added to `said`.
    """
    reading = result.reading
    status = str(reading.status) if reading.status else "---"
    line = f"  {result.request.name:<{_NAME_WIDTH}}{status}  {_who(reading)}"
    lines = [text for text in evidence(reading) if said is None or text not in said]
    if said is not None:
        said.update(lines)
    return "\n".join([line, *(" " * (_NAME_WIDTH + 7) + click.style(text, dim=True) for text in lines)])


def _who(reading: Reading) -> str:
    kind = f" ({reading.refusal})" if reading.refusal else f" ({reading.error_type})" if reading.error_type else ""
    return f"{reading.sentence}{kind}"


def evidence(reading: Reading) -> list[str]:
    """Return what AWS support would ask for, unless the request got through."""
    if reading.kind in REACHED:
        return []
    said = [reading.said if len(reading.said) <= _WIDTH else f"{reading.said[:_WIDTH]}…"] if reading.said else []
    return said + ([f"cf-id {reading.cf_id}"] if reading.cf_id else [])


def conclusion_text(result: ProbeResult) -> str:
    """Return diagnoses, facts and the summary line."""
    notes = [click.style(LOOPBACK_NOTE, fg="yellow"), ""] if result.address.is_loopback else []
    lines = [line for each in result.diagnosed for line in _diagnosed(result, each)]
    return "\n".join(["", *notes, *lines, *_facts(result), "", summary(result)])


def _diagnosed(result: ProbeResult, each: MethodDiagnosis) -> list[str]:
    advices = (each.diagnosis, *each.remarks)
    return [line for advice in advices for line in advice_lines(advice, result.place(each.method))]


def advice_lines(advice: Advice, place: Place, *, possible: bool = False) -> list[str]:
    """Return one diagnosis: what it means, what to do, where to read on. `possible`: one of several."""
    word = "POSSIBLE" if possible else _LABELS[advice.outcome]
    label = click.style(word, fg="yellow" if possible else _COLORS[advice.outcome], bold=True)
    sure = "" if advice.sure or possible else " (most likely)"
    return [
        f"{label}  {advice.code}{sure}",
        *wrapped(place.fill(advice.title)),
        *wrapped(place.fill(advice.meaning)),
        f"  {click.style('Do:', bold=True)} {place.fix(advice)}",
        *([f"  {click.style('Doctor:', bold=True)} {_checks(advice.doctor)}"] if advice.doctor else []),
        f"  {click.style('More:', bold=True)} {advice.more}",
        "",
    ]


def _checks(codes: tuple[str, ...]) -> str:
    return f"{', '.join(codes)} (edge-hasher explain {' '.join(codes)})"


def wrapped(text: str) -> list[str]:
    """Return a paragraph's lines, indented."""
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _facts(result: ProbeResult) -> list[str]:
    settled = [fact for fact in result.facts if fact.answer]
    open_ones = len(result.facts) - len(settled)
    title = f"Facts, {result.date}" + (", of the local edge" if result.address.is_loopback else "")
    lines = [line for fact in settled for line in _fact_lines(fact)]
    return [title, *lines, f"  {open_ones} more could not be settled here (--json or --report lists them)."]


def _fact_lines(fact: Fact) -> list[str]:
    return [f"  {fact.question}", f"    {fact.answer} ({fact.mark} before; by {', '.join(fact.evidence)})"]


def summary(result: ProbeResult) -> str:
    """Return the last line: how many requests, and the diagnosis of each method."""
    verdicts = ", ".join(f"{each.method} {_verdict(each)}" for each in result.diagnosed)
    settled = sum(bool(fact.answer) for fact in result.facts)
    return f"{len(result.results)} requests; {verdicts}; {settled} of {len(result.facts)} facts settled"


def _verdict(each: MethodDiagnosis) -> str:
    codes = [advice.code for advice in (each.diagnosis, *each.remarks)]
    return " + ".join(codes)
