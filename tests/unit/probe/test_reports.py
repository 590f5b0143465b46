"""Pastes that follow public reports: each is named by the cause that it turned out to be.

The pastes are files in `tests/reports`, a folder a theme, and `index.toml` beside them has the cause and the report.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from edge_hasher.probe.explain import as_json, as_text, explain
from tests.support.schemas import checked

REPORTS = Path(__file__).parents[2] / "reports"
CASES = [
    pytest.param(index.parent / f"{name}.txt", entry["means"], id=f"{index.parent.name}/{name}")
    for index in sorted(REPORTS.glob("*/index.toml"))
    for name, entry in tomllib.loads(index.read_text("utf-8")).items()
]
SECRETS = re.compile(r"verysecret|eyJ|AKIA|Signature=5d|Basic abc|aws4_request")


@pytest.mark.parametrize(("path", "cause"), CASES)
def test_the_cause_is_named_first(path: Path, cause: str) -> None:
    """What it turned out to be is the likeliest meaning of the answer that matters, and no secret is repeated."""
    found = explain(path.read_bytes())
    assert found.main.advice[0].code == cause
    assert not SECRETS.search(as_text(found))
    document = as_json(found)
    assert not SECRETS.search(document)
    checked("explain", document)


@pytest.mark.parametrize(("path", "cause"), CASES)
def test_quoting_and_indentation_change_nothing(path: Path, cause: str) -> None:
    """The same paste in a mail or indented in a ticket means the same; what is one JSON document stays one."""
    text = path.read_text("utf-8")
    indented = "".join(f"    {line}\n" for line in text.splitlines())
    assert explain(indented).main.advice[0].code == cause
    quoted = "".join(f"> {line}\n" for line in text.splitlines())
    assert explain(quoted).main.advice[0].code == cause
    assert explain(f"Somebody wrote:\n{quoted}\nThanks!\n").main.advice[0].code == cause


@pytest.mark.parametrize(("path", "cause"), CASES)
def test_line_ends_and_encodings_change_nothing(path: Path, cause: str) -> None:
    """Windows' line ends, a byte order mark and PowerShell's UTF-16 do no harm."""
    text = path.read_text("utf-8")
    for data in (text.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        assert explain(data).main.advice[0].code == cause


def test_every_report_has_its_file_and_source() -> None:
    """No paste without an entry, no entry without a paste, and each says which report it follows."""
    for index in REPORTS.glob("*/index.toml"):
        entries = tomllib.loads(index.read_text("utf-8"))
        assert set(entries) == {path.stem for path in index.parent.glob("*.txt")}
        assert all(entry["source"].startswith("http") for entry in entries.values())
