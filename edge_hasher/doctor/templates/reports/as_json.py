"""The report for programs; the shape is the schema `edge-hasher schema check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge_hasher import schemas

if TYPE_CHECKING:
    from edge_hasher.doctor.templates.findings import Finding
    from edge_hasher.doctor.templates.run import CheckRun


def as_json(run: CheckRun) -> str:
    """Return the report as one JSON object."""
    return schemas.document(
        "check",
        {
            "read": [
                {
                    "name": each.world.name,
                    "dialect": each.world.dialect,
                    "distributions": each.distributions,
                    "functions": each.functions,
                    "resources": len(each.world.resources),
                }
                for each in run.judged
            ],
            "findings": [_finding(each) for each in run.findings],
            "unread": [
                {"code": code or None, "what": why.what, "why": why.why, "name": judged.world.name}
                for judged, code, why in run.unread
            ],
            "left_out": [
                {"code": each.check.code, "file": each.file.as_posix(), "line": each.span.line, "reason": reason}
                for each, reason in run.left_out
            ],
            "problems": [{"file": file.as_posix(), "why": why} for file, why in run.problems],
            "summary": run.summary,
            "exit_code": run.exit_code,
        },
    )


def _finding(finding: Finding) -> dict[str, Any]:
    check, span = finding.check, finding.span
    return {
        "code": check.code,
        "title": check.title,
        "severity": finding.severity,
        "what": finding.what,
        "meaning": check.meaning,
        "file": finding.file.as_posix(),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "address": finding.address,
        "label": finding.label,
        "behaviors": list(finding.behaviors),
        "fix": finding.lines,
        "patch": finding.patch,
        "docs": check.docs,
        "fingerprint": finding.fingerprint,
    }
