"""JUnit XML, as CI systems read it: a suite a file, a case a finding; what is right is one case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from edge_hasher.doctor.templates.findings import Finding
    from edge_hasher.doctor.templates.run import CheckRun


def as_junit(run: CheckRun) -> str:
    """Return the report; notes do not fail, and a file that could not be read is an error."""
    root = ET.Element("testsuites", name="edge-hasher check")
    for judged in run.judged:
        suite = ET.SubElement(root, "testsuite", name=_text(judged.world.name))
        told = [each for each in run.findings if each in judged.findings]
        for finding in told:
            _case(suite, finding)
        if not told:
            ET.SubElement(suite, "testcase", classname="check", name=f"{judged.ok} checks are right", time="0")
        _count(suite)
    if run.problems:
        suite = ET.SubElement(root, "testsuite", name="files that could not be read")
        for file, why in run.problems:
            case = ET.SubElement(suite, "testcase", classname="read", name=_text(str(file)), time="0")
            ET.SubElement(case, "error", message=_text(why))
        _count(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _case(suite: ET.Element, finding: Finding) -> None:
    name = f"{finding.check.title} ({', '.join((finding.label, *finding.behaviors))})"
    case = ET.SubElement(suite, "testcase", classname=finding.check.code, name=_text(name), time="0")
    case.set("file", _text(finding.file.as_posix()))
    case.set("line", str(finding.span.line))
    text = f"{finding.file}:{finding.span.line}: {finding.what}\n{finding.check.meaning}\nfix: {finding.lines}"
    if finding.severity == "note":
        ET.SubElement(case, "system-out").text = _text(text)
    else:
        failure = ET.SubElement(case, "failure", message=_text(finding.what), type=finding.severity)
        failure.text = _text(text)


def _count(suite: ET.Element) -> None:
    for name, path in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error")):
        suite.set(name, str(len(suite.findall(path))))


def _text(text: str) -> str:
    """XML 1.0 cannot hold control characters, in whatever way they are written."""
    return printable(text, keep_lines=True)
