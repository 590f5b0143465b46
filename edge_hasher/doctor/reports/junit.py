"""JUnit XML, as CI systems show it: a suite for each distribution, a case for each check at its behaviors."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from edge_hasher.doctor.reports.location import in_no_file
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_hasher.doctor.reports.location import Locate
    from edge_hasher.doctor.runner import CheckResult, Report


def as_junit(reports: Sequence[Report], *, command: str = "doctor", locate: Locate = in_no_file) -> str:
    """Return the reports as one document: broken and risky fail, a note passes, what was not read is an error."""
    root = ET.Element("testsuites", name=f"edge-hasher {command}")
    for report in reports:
        suite = ET.SubElement(root, "testsuite", name=xml_text(f"{report.facts.id} ({report.facts.domain})"))
        for outcome in report.outcomes:
            _case(suite, outcome, report, locate)
        _count(suite)
    _count(root)
    ET.indent(root)
    return str(ET.tostring(root, encoding="us-ascii", xml_declaration=True), "ascii")


def _case(suite: ET.Element, outcome: CheckResult, report: Report, locate: Locate) -> None:
    check, places = outcome.check, locate(outcome)
    name = f"{check.title} ({', '.join(outcome.behaviors)})"
    case = ET.SubElement(suite, "testcase", classname=check.code, name=xml_text(name), time="0")
    if places:
        case.set("file", xml_text(places[0].file))
        if places[0].line is not None:
            case.set("line", str(places[0].line))
    if outcome.fault is not None:
        fix = outcome.fault.fix
        text = f"{check.meaning}\nfix: {fix.command}\nSAM: {fix.sam}\nTerraform: {fix.terraform}"
        if outcome.severity == "note":
            ET.SubElement(case, "system-out").text = xml_text(f"note: {outcome.fault.what}\n{text}")
        else:
            found = ET.SubElement(case, "failure", message=xml_text(outcome.fault.what), type=str(outcome.severity))
            found.text = xml_text(text)
    elif outcome.unread is not None:
        ET.SubElement(case, "error", message=xml_text(f"{outcome.unread.what}: {outcome.unread.why}"), type="unread")
    elif outcome.after is not None:
        ET.SubElement(case, "skipped", message=report.why_not_asked(outcome.after))


def _count(element: ET.Element) -> None:
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(sum(1 for _ in element.iter(tag))))


def xml_text(text: str) -> str:
    """Escape what XML 1.0 cannot hold, control characters above all."""
    return printable(text, keep_lines=True)
