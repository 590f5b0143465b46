"""One report in the form that was asked for, and the list of all checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor import report_json, report_text
from edge_hasher.doctor.checks import CHECKS
from edge_hasher.doctor.reports.junit import as_junit
from edge_hasher.doctor.reports.sarif import as_sarif

if TYPE_CHECKING:
    from edge_hasher.doctor.runner import Report


def written(report: Report, output_format: str, *, profile: str | None = None, verbose: bool = False) -> str:
    """Return the report as text, json, sarif or junit; the options are those of the text."""
    match output_format:
        case "json":
            return report_json.as_json(report)
        case "sarif":
            return as_sarif([report])
        case "junit":
            return as_junit([report])
        case _:
            return report_text.as_text(report, profile=profile, verbose=verbose)


def list_of_checks() -> str:
    """Return a line for each check: its code, what it checks, and how bad it is if that is not so."""
    return "\n".join(f"{check.code} checks that {check.title} (if not: {check.severity})" for check in CHECKS)
