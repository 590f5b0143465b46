"""SARIF 2.1.0, as GitHub code scanning and editors read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from edge_hasher.doctor.reports.sarif import LEVELS, driver
from edge_hasher.doctor.templates.static_checks import STATIC_CHECKS

if TYPE_CHECKING:
    from edge_hasher.doctor.check import Check
    from edge_hasher.doctor.templates.findings import Finding
    from edge_hasher.doctor.templates.run import CheckRun, Unknowns

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(run: CheckRun) -> str:
    """Return one run: findings as results, those left out as suppressed ones, what is not read as notifications."""
    rules = {check.code: index for index, check in enumerate(STATIC_CHECKS)}
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver(STATIC_CHECKS, _help)},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": not run.problems,
                        "toolExecutionNotifications": [
                            *(_problem(file, why) for file, why in run.problems),
                            *(_unknown(each) for each in run.unknowns),
                        ],
                    }
                ],
                "results": [
                    *(_result(each, rules[each.check.code]) for each in run.findings),
                    *(_result(each, rules[each.check.code], reason) for each, reason in run.left_out),
                ],
            }
        ],
    }
    return json.dumps(document, indent=2)


def _help(check: Check) -> dict[str, str]:
    return {"text": f"{check.meaning}. See {check.explain}."}


def _result(finding: Finding, rule: int, reason: str | None = None) -> dict[str, Any]:
    span = finding.span
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    result: dict[str, Any] = {
        "ruleId": finding.check.code,
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{finding.what}: {finding.check.meaning}. Fix: {finding.lines}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": _uri(finding.file)}, "region": region},
                "logicalLocations": [{"fullyQualifiedName": finding.label, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"edgeHasher/v1": finding.fingerprint},
    }
    if reason is not None:
        kind = "inSource" if reason not in {"--skip", "baseline"} else "external"
        result["suppressions"] = [{"kind": kind, "justification": reason}]
    return result


def _problem(file: Path, why: str) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": f"{file}: {why}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(file)}}}],
    }


def _unknown(unknowns: Unknowns) -> dict[str, Any]:
    """Notify of what is not known: no result, since nothing is wrong, and one for each reason."""
    return {
        "level": "note",
        "message": {"text": unknowns.text},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(Path(unknowns.world.name))}}}],
        "properties": {"codes": list(unknowns.codes)},
    }


def _uri(file: Path) -> str:
    """Return a path as a URI; a path on the command line is relative to where the command runs."""
    return quote(file.as_posix())
