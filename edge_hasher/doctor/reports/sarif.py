"""SARIF 2.1.0 (OASIS standard), as GitHub code scanning and others read it: a run, its rules and its results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from edge_hasher import __version__
from edge_hasher.doctor.check_pages import check_page
from edge_hasher.doctor.reports.location import in_no_file
from edge_hasher.doctor.runner import COULD_NOT_LOOK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from edge_hasher.doctor.check import Check
    from edge_hasher.doctor.reports.location import Locate, Location
    from edge_hasher.doctor.runner import CheckResult, Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"broken": "error", "risky": "warning", "note": "note"}


def as_sarif(reports: Sequence[Report], *, locate: Locate = in_no_file) -> str:
    """Return one run with the findings of all reports; `locate` says where in a file a finding is."""
    checks = list({outcome.check.code: outcome.check for report in reports for outcome in report.outcomes}.values())
    indexes = {check.code: index for index, check in enumerate(checks)}
    run = {
        "tool": {"driver": driver(checks, _help)},
        "invocations": [
            {
                "executionSuccessful": all(report.exit_code != COULD_NOT_LOOK for report in reports),
                "toolExecutionNotifications": [
                    _notification(each) for report in reports for each in report.with_status("unread")
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(each, report, indexes[each.check.code], locate(each))
            for report in reports
            for each in report.outcomes
            if each.fault is not None
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def driver(checks: Iterable[Check], help_of: Callable[[Check], dict[str, str]]) -> dict[str, Any]:
    """Describe this tool and its checks, as every report of theirs does."""
    rules = [
        {
            "id": check.code,
            "shortDescription": {"text": check.title},
            "fullDescription": {"text": check.meaning},
            "help": help_of(check),
            "defaultConfiguration": {"level": LEVELS[check.severity]},
        }
        for check in checks
    ]
    return {"name": "edge-hasher", "version": __version__, "rules": rules}


def _help(check: Check) -> dict[str, str]:
    page = check_page(check.code)
    return {"text": page, "markdown": page}


def _result(outcome: CheckResult, report: Report, index: int, places: Sequence[Location]) -> dict[str, Any]:
    fault, names = outcome.fault, [f"{report.facts.id} {label}" for label in outcome.behaviors]
    if fault is None or outcome.severity is None:
        raise ValueError(f"{outcome.check.code} has no finding")
    logical = [{"fullyQualifiedName": name, "kind": "resource"} for name in names]
    return {
        "ruleId": outcome.check.code,
        "ruleIndex": index,
        "level": LEVELS[outcome.severity],
        "message": {"text": f"{fault.what}: {outcome.check.meaning}. Fix: {fault.fix.command}"},
        # GitHub leaves out results without a physical location: where there is no file, it is the distribution.
        "locations": [
            {"physicalLocation": each, "logicalLocations": logical}
            for each in [*map(_physical, places)] or [{"artifactLocation": {"uri": quote(report.facts.arn, safe=":/")}}]
        ],
        "partialFingerprints": {"edgeHasher/v1": " ".join([outcome.check.code, *names])},
        "properties": {"severity": outcome.severity, "sam": fault.fix.sam, "terraform": fault.fix.terraform},
    }


def _physical(place: Location) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column}
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line is not None:
        physical["region"] = {name: number for name, number in region.items() if number is not None}
    return physical


def _uri(file: str) -> str:
    """Write a path as a relative reference (RFC 3986): forward slashes, everything else that is special escaped."""
    return quote(file.replace("\\", "/"))


def _notification(outcome: CheckResult) -> dict[str, Any]:
    unread = outcome.unread
    return {
        "level": "warning",
        "message": {"text": f"{unread.what}: {unread.why}" if unread else ""},
        "associatedRule": {"id": outcome.check.code},
    }
