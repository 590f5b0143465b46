"""JUnit XML, as CI systems read it: a suite a file, a case a finding; what is right is one, what is unread skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from edge_hasher.doctor.reports.junit import xml_text

if TYPE_CHECKING:
    from edge_hasher.doctor.templates.findings import Finding
    from edge_hasher.doctor.templates.run import CheckRun


def as_junit(run: CheckRun) -> str:
    """Return the report; notes do not fail, and a file that could not be read is an error."""
    root = ET.Element("testsuites", name="edge-hasher check")
    every = run.unknowns
    for judged in run.judged:
        suite = ET.SubElement(root, "testsuite", name=xml_text(judged.world.name))
        unknowns = [each for each in every if each.world is judged.world]
        told = [each for each in run.findings if each in judged.findings]
        for finding in told:
            _case(suite, finding)
        if not told and judged.ok:
            ET.SubElement(suite, "testcase", classname="check", name=f"{judged.ok} checks are right", time="0")
        for each in unknowns:
            case = ET.SubElement(suite, "testcase", classname="unread", name=xml_text(each.unread.what), time="0")
            ET.SubElement(case, "skipped", message=xml_text(each.text))
        if not (told or judged.ok or unknowns):
            case = ET.SubElement(suite, "testcase", classname="check", name="nothing was judged", time="0")
            ET.SubElement(case, "skipped", message="no behavior leads to a Function URL")
        _count(suite)
    if run.problems:
        suite = ET.SubElement(root, "testsuite", name="files that could not be read")
        for file, why in run.problems:
            case = ET.SubElement(suite, "testcase", classname="read", name=xml_text(str(file)), time="0")
            ET.SubElement(case, "error", message=xml_text(why))
        _count(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _case(suite: ET.Element, finding: Finding) -> None:
    name = f"{finding.check.title} ({', '.join((finding.label, *finding.behaviors))})"
    case = ET.SubElement(suite, "testcase", classname=finding.check.code, name=xml_text(name), time="0")
    case.set("file", xml_text(finding.file.as_posix()))
    case.set("line", str(finding.span.line))
    text = f"{finding.file}:{finding.span.line}: {finding.what}\n{finding.check.meaning}\nfix: {finding.lines}"
    if finding.severity == "note":
        ET.SubElement(case, "system-out").text = xml_text(text)
    else:
        failure = ET.SubElement(case, "failure", message=xml_text(finding.what), type=finding.severity)
        failure.text = xml_text(text)


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
