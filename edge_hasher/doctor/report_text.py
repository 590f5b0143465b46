"""The report for people: findings first, with lines to paste, then what was skipped and what is right."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from edge_hasher.doctor.check import SEVERITIES
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_hasher.doctor.check import Severity
    from edge_hasher.doctor.runner import CheckResult, Report

_COLORS = {"broken": "red", "risky": "yellow", "note": "cyan", "skipped": "magenta", "ok": "green"}
_WORD_WIDTH = 7  # the longest of these words


def as_text(report: Report, *, profile: str | None = None, verbose: bool = False) -> str:
    """Return the report, with ANSI colours; `profile` is named, since the pasted commands need it too.

    What is right takes a line for each group of checks, or with `verbose` for each check.
    """
    return "\n".join(_lines(report, profile, verbose=verbose))


def _lines(report: Report, profile: str | None, *, verbose: bool) -> Iterator[str]:
    facts = report.facts
    labels = ", ".join(behavior.label for behavior in facts.behaviors)
    looked = f"{facts.path} is served by {labels}" if facts.path else f"behaviors that lead to a Function URL: {labels}"
    yield printable(f"{facts.id} ({facts.domain}), {looked}")
    if profile and any(report.found(severity) for severity in SEVERITIES):
        yield printable(f"the commands need your profile: export AWS_PROFILE={shlex.quote(profile)}")
    for severity in SEVERITIES:
        for outcome in report.found(severity):
            yield ""
            yield from _finding(outcome, severity)
    yield ""
    yield from _skipped(report)
    yield from _right(report, verbose=verbose)
    yield ""
    yield _summary(report)


def _finding(outcome: CheckResult, severity: Severity) -> Iterator[str]:
    fault, check = outcome.fault, outcome.check
    if fault is None:
        return
    yield f"{_word(severity)} {click.style(check.code, bold=True)} {printable(fault.what)}"
    for name, text in (
        ("where", ", ".join(outcome.behaviors)),
        ("viewers", check.meaning),
        ("fix", fault.fix.command),
        ("SAM", fault.fix.sam),
        ("Terraform", fault.fix.terraform),
        ("more", check.explain),
    ):
        yield f"    {click.style(f'{name:<9}', dim=True)} {printable(text)}"


def _skipped(report: Report) -> Iterator[str]:
    """Say each reason once, with the codes that it leaves open."""
    unread: dict[str, list[str]] = {}
    for outcome in report.with_status("unread"):
        if outcome.unread is not None:
            unread.setdefault(f"{outcome.unread.what}: {outcome.unread.why}", []).append(outcome.check.code)
    for reason, codes in unread.items():
        yield f"{_word('skipped')} {', '.join(dict.fromkeys(codes))}: could not read {printable(reason)}"
    waiting: dict[str, list[str]] = {}
    for outcome in report.with_status("dependent"):
        waiting.setdefault(outcome.after or "", []).append(outcome.check.code)
    for code, codes in waiting.items():
        yield f"{_word('skipped')} {', '.join(dict.fromkeys(codes))}: {report.why_not_asked(code)}"


def _right(report: Report, *, verbose: bool) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for outcome in report.with_status("ok"):
        if verbose:
            yield f"{_word('ok')} {outcome.check.code} {outcome.check.title}"
        groups.setdefault(outcome.check.group, []).append(outcome.check.code)
    for group, codes in () if verbose else groups.items():
        yield f"{_word('ok')} {group}: {', '.join(dict.fromkeys(codes))}"


def _summary(report: Report) -> str:
    counts = report.counts
    parts = [f"{counts[severity]} {severity}" for severity in SEVERITIES]
    worst = next((severity for severity in SEVERITIES if counts[severity]), "skipped" if counts["skipped"] else "ok")
    text = ", ".join([*parts, f"{counts['skipped']} skipped", f"{counts['ok']} ok"])
    if report.with_status("unread"):
        text += "; not everything could be read"
    return click.style(text, fg=_COLORS[worst], bold=True)


def _word(word: str) -> str:
    return click.style(f"{word:<{_WORD_WIDTH}}", fg=_COLORS[word], bold=word != "ok")
