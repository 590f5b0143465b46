"""GitHub's workflow commands: a finding is an annotation on its line (documented: "Workflow commands")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_hasher.doctor.templates.run import CheckRun

_COMMANDS = {"broken": "error", "risky": "warning", "note": "notice"}


def as_github(run: CheckRun) -> str:
    """Return a command a line: findings, what is not known, then files that could not be read."""
    return "\n".join(_lines(run))


def _lines(run: CheckRun) -> Iterator[str]:
    for each in run.findings:
        span = each.span
        places = {
            "file": each.file.as_posix(),
            "line": span.line,
            "endLine": span.end_line,
            "col": span.column,
            "title": f"{each.check.code} {each.check.title}",
        }
        written = ",".join(f"{name}={_property(str(value))}" for name, value in places.items())
        text = f"{each.what}: {each.check.meaning}. Fix: {each.lines}"
        yield f"::{_COMMANDS[each.severity]} {written}::{_data(text)}"
    for unknowns in run.unknowns:
        yield f"::notice title={_property('edge-hasher check: not known')}::{_data(unknowns.text)}"
    for file, why in run.problems:
        yield f"::error file={_property(file.as_posix())}::{_data(why)}"


def _data(text: str) -> str:
    return printable(text, keep_lines=True).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
