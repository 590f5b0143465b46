"""The report for people: each finding with its line and its fix, then what is not known, what was read, the sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from edge_hasher.doctor.check import SEVERITIES
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_hasher.doctor.templates.findings import Finding, Judged
    from edge_hasher.doctor.templates.run import CheckRun

_COLORS = {"broken": "red", "risky": "yellow", "note": "cyan", "unread": "magenta", "ok": "green"}
_KINDS = {
    "cloudformation": "CloudFormation",
    "sam": "SAM",
    "cdk": "CDK assembly",
    "terraform": "Terraform",
    "pulumi": "Pulumi",
}
_SOURCE_LIMIT_CHARACTERS = 160


def as_text(run: CheckRun) -> str:
    """Return the report, with ANSI colors."""
    return "\n".join(_lines(run))


def _lines(run: CheckRun) -> Iterator[str]:
    for finding in run.findings:
        yield from _finding(finding)
        yield ""
    for text in dict.fromkeys(each.text for each in run.unknowns):
        yield f"{_word('unread')} {printable(text)}"
    for finding, reason in run.left_out:
        yield f"left out {finding.check.code} {printable(f'{finding.file}:{finding.span.line}')} ({printable(reason)})"
    for judged in run.judged:
        yield f"read     {printable(read_line(judged))}"
    yield _summary(run)


def _finding(finding: Finding) -> Iterator[str]:
    span, check = finding.span, finding.check
    where = click.style(printable(f"{finding.file}:{span.line}:{span.column}"), bold=True)
    yield f"{where}: {_word(finding.severity)} {click.style(check.code, bold=True)} {printable(finding.what)}"
    if len(finding.source) <= _SOURCE_LIMIT_CHARACTERS:
        yield f"    {span.line:>5} | {printable(finding.source)}"
    for name, text in (
        ("resource", finding.label if finding.label == finding.address else f"{finding.label} ({finding.address})"),
        ("viewers", check.meaning),
        ("fix", finding.lines),
        ("more", check.explain),
    ):
        yield f"    {click.style(f'{name:<9}', dim=True)} {printable(text)}"
    for line in (finding.patch or "").replace("\r", "").split("\n")[:-1]:
        yield "    " + click.style(printable(line), fg={"+": "green", "-": "red"}.get(line[:1]))


def read_line(judged: Judged) -> str:
    """Say what a file is, and what of it was judged."""
    found = [_count(judged.distributions, "distribution"), _count(len(judged.world.resources), "resource")]
    if judged.functions:
        found.insert(0, _count(judged.functions, "Edge Hasher function"))
    if judged.world.not_made:
        found.append(f"not made, as the variables are: {', '.join(judged.world.not_made)}")
    told = "" if judged.ok or judged.findings or judged.unread else ": no behavior leads to a Function URL"
    return f"{judged.world.name} ({_KINDS[judged.world.dialect]}, {', '.join(found)}){told}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _summary(run: CheckRun) -> str:
    counts, why = run.summary, run.why_nothing_was_judged
    if why is not None:
        return click.style(f"nothing was judged: {why}", fg=_COLORS["unread"], bold=True)
    worst = next((each for each in (*SEVERITIES, "unread") if counts[each]), "ok")
    parts = [f"{counts[each]} {each}" for each in (*SEVERITIES, "unread", "ok")]
    if run.left_out:
        parts.append(f"{len(run.left_out)} left out")
    if run.problems:
        parts.append(f"{_count(len(run.problems), 'file')} not read")
    return click.style(", ".join(parts), fg=_COLORS[worst], bold=True)


def _word(word: str) -> str:
    return click.style(word, fg=_COLORS[word], bold=True)
