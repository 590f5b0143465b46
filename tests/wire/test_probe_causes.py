"""Every diagnosis, brought about and read right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from edge_hasher.cli.probe import probe
from edge_hasher.probe.diagnosis.diagnosis import ADVICE
from tests.support.probe_causes import CAUSES
from tests.support.schemas import checked

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.probe_causes import Cause

CASES = [
    pytest.param(code, cause, id=f"{code}-{number}")
    for code, causes in CAUSES.items()
    for number, cause in enumerate(causes, start=1)
]


@pytest.mark.parametrize(("code", "cause"), CASES)
def test_each_cause_is_read_right(code: str, cause: Cause, tmp_path: Path) -> None:
    """A cause gives its diagnosis and no other one, and the exit code that belongs to it."""
    with cause.start(tmp_path) as url:
        done = CliRunner().invoke(probe, [url, "--yes", "--json", "--timeout", "10", *cause.arguments])
    assert done.exit_code in {0, 1}, done.output
    (diagnosis,) = [each for each in checked("probe", done.stdout)["diagnoses"] if each["method"] == cause.method]
    codes = {diagnosis["code"], *(remark["code"] for remark in diagnosis["remarks"])}
    assert code in codes
    assert codes - {code} <= {"healthy"}
    assert done.exit_code == (0 if ADVICE[code].outcome == "ok" else 1)
