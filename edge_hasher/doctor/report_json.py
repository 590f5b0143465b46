"""The report as a program reads it; the shape is documented in docs/checks.md."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from edge_hasher import schemas
from edge_hasher.doctor.check import SEVERITIES

if TYPE_CHECKING:
    from edge_hasher.doctor.runner import CheckResult, Report


def as_json(report: Report) -> str:
    """Return the report as one JSON object."""
    facts, counts = report.facts, report.counts
    return schemas.document(
        "doctor",
        {
            "distribution": {"id": facts.id, "arn": facts.arn, "domain": facts.domain},
            "path": facts.path,
            "behaviors": [
                {
                    "pattern": each.pattern,
                    "default": each.is_default,
                    "origin": each.origin.id,
                    "host": each.origin.host,
                }
                for each in facts.behaviors
            ],
            "checks": [_check(outcome, report) for outcome in report.outcomes],
            "summary": {name: counts[name] for name in (*SEVERITIES, "skipped", "ok")},
            "exit_code": report.exit_code,
        },
    )


def _check(outcome: CheckResult, report: Report) -> dict[str, Any]:
    check, fault, unread = outcome.check, outcome.fault, outcome.unread
    shown: dict[str, Any] = {
        "code": check.code,
        "title": check.title,
        "status": "skipped" if outcome.status in {"unread", "dependent"} else outcome.status,
        "behaviors": outcome.behaviors,
        "docs": check.docs,
    }
    if fault is not None:
        shown |= {
            "severity": outcome.severity,
            "what": fault.what,
            "meaning": check.meaning,
            "fix": asdict(fault.fix),
        }
    if outcome.after is not None:
        shown |= {"reason": report.why_not_asked(outcome.after), "after": outcome.after}
    if unread is not None:
        shown |= {"reason": f"{unread.what}: {unread.why}", "permission": unread.permission}
    return shown
