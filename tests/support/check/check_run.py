"""Runs check on texts that a test writes to a folder."""

from pathlib import Path
from typing import Any

from edge_hasher.doctor.templates.findings import Finding
from edge_hasher.doctor.templates.run import CheckRun, Question, run

TEMPLATES = Path(__file__).resolve().parents[2] / "unit" / "check" / "templates"


def check_text(folder: Path, text: str, name: str = "template.yaml", **question: Any) -> CheckRun:
    """Check one file of this text."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return check(file, **question)


def check(*paths: Path, **question: Any) -> CheckRun:
    """Check paths."""
    return run(Question(paths=paths, **question))


def found(outcome: CheckRun) -> dict[str, list[int]]:
    """Map the codes of what was found to the lines."""
    lines: dict[str, list[int]] = {}
    for finding in outcome.findings:
        lines.setdefault(finding.check.code, []).append(finding.span.line)
    return lines


def line_of(text: str, marker: str) -> int:
    """Return the line on which a marker, which occurs once, is written."""
    assert text.count(marker) == 1, f"{marker!r} occurs {text.count(marker)} times"
    return text[: text.index(marker)].count("\n") + 1


def is_near(finding: Finding, marker: str) -> bool:
    """Whether a finding in JSON is where a line of YAML would be: on its key, or on the bracket before it."""
    key = marker.split("\n", maxsplit=1)[0].strip().removeprefix("- ").lstrip("[{").partition(":")[0]
    lines = finding.spot.place.document.lines[finding.span.line - 1 :]
    return f'"{key}"' in "".join(lines[: 1 if f'"{key}"' in lines[0] else 3])
