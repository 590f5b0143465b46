"""Writes fixes into files: one at a time, each judged anew, since a fix moves the lines of the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.line_ends import carried_over, on_disk
from edge_hasher.doctor.templates.run import run

if TYPE_CHECKING:
    from edge_hasher.doctor.templates.findings import Finding
    from edge_hasher.doctor.templates.run import CheckRun, Question

_FIX_LIMIT = 200


def run_fixing(question: Question) -> tuple[CheckRun, list[Finding]]:
    """Check, fix what can be fixed, and return what is left, and what was fixed."""
    fixed: list[Finding] = []
    tried: set[tuple[str, str]] = set()
    outcome = run(question)
    while len(fixed) < _FIX_LIMIT:
        finding = next((each for each in outcome.findings if each.after is not None and _key(each) not in tried), None)
        if finding is None:
            break
        tried.add(_key(finding))
        before = _write(finding)
        if before is None:
            continue
        after = run(question)
        if len(after.problems) > len(outcome.problems) or any(_same(each, finding) for each in after.findings):
            finding.file.write_bytes(before)  # it did not help: the file is as it was
            continue
        fixed.append(finding)
        outcome = after
    return outcome, fixed


def _same(one: Finding, other: Finding) -> bool:
    return one.fingerprint == other.fingerprint and one.after is not None


def _key(finding: Finding) -> tuple[str, str]:
    """One fix may be tried once: the same finding, after it, is not fixed by it."""
    return finding.fingerprint, finding.patch or ""


def _write(finding: Finding) -> bytes | None:
    """Write a fix into its file, and return what the file held; None where that is not possible."""
    document = finding.spot.place.document
    text = on_disk(document)
    if finding.after is None or text is None:
        return None
    try:
        finding.file.write_bytes(carried_over(text, document.text, finding.after).encode())
    except OSError:
        return None
    return text.encode()
