"""The table of diagnoses: rows and words, without a socket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from edge_hasher.probe.diagnosis.advice import Place
from edge_hasher.probe.diagnosis.diagnosis import ADVICE, CANNOT_TELL, REMARKS, ROWS, diagnose
from edge_hasher.probe.diagnosis.pattern import Pattern
from edge_hasher.probe.diagnosis.readings import Reading
from edge_hasher.probe.explain import ALL_ADVICE
from tests.support.probe_causes import CAUSES

if TYPE_CHECKING:
    from pathlib import Path

    from edge_hasher.probe.diagnosis.advice import Advice
    from edge_hasher.probe.diagnosis.diagnosis import Row
    from edge_hasher.probe.diagnosis.kinds import Kind
    from edge_hasher.probe.sending.requests import Role


def test_no_diagnosis_without_a_cause() -> None:
    """A diagnosis that no test brings about fails the suite, and so does a cause without a diagnosis."""
    assert set(CAUSES) == set(ADVICE)


def test_each_row_has_words_and_each_word_a_row() -> None:
    """The table and its words name the same codes."""
    assert {row.code for row in (*ROWS, *REMARKS)} | {CANNOT_TELL} == set(ADVICE)


@pytest.mark.parametrize("row", ROWS, ids=[f"{number}-{row.code}" for number, row in enumerate(ROWS)])
def test_no_row_is_dead(row: Row) -> None:
    """The plainest pattern of each row is that row's, and no row above it takes it away."""
    readings: dict[Role, Reading] = {role: shown(row, kinds) for role, kinds in row.when.items()}
    if row.somewhere:
        readings["plain"] = shown(row, row.somewhere)
    if row.refusal:
        readings["plain"] = Reading(kind="edge-hasher", refusal=row.refusal, cloudfront=True)
    sized = (shown(row, row.sized),) if row.sized else ()
    pattern = Pattern("POST", readings or {"get": Reading(kind="origin", cloudfront=False)}, sized)
    assert next(each for each in ROWS if each.fits(pattern)) is row


def shown(row: Row, kinds: frozenset[Kind]) -> Reading:
    """A reading of one of these kinds; the application's where it may be."""
    kind = "app" if "app" in kinds else min(kinds)
    return Reading(kind=kind, cloudfront=row.from_cloudfront is not False)


def test_a_missing_permission_shows_on_post_too() -> None:
    """Where a GET's digest is not signed, a POST without one tells that the signature is judged, and rightly made."""
    permission = Reading(kind="permission", cloudfront=True)
    signature = Reading(kind="signature", cloudfront=True)
    pattern = Pattern("POST", {"get": permission, "get-wrong": permission, "plain": signature})
    assert diagnose(pattern).code == "permission-missing"


def test_nothing_seen_is_no_health() -> None:
    """Without a single answer, the diagnosis is that it cannot be told."""
    assert diagnose(Pattern("POST", {})).outcome != "ok"


def test_each_diagnosis_has_its_heading(root: Path) -> None:
    """docs/probe.md has a heading for each code, so that every link leads somewhere."""
    text = (root / "docs" / "probe.md").read_text()
    assert not {code for code in ALL_ADVICE if f"\n### {code}\n" not in text}
    assert text.count("\n### ") == len(ALL_ADVICE)


@pytest.mark.parametrize("host", ["127.0.0.1:18324", "localhost:8080", "[::1]:80", "app.localhost"])
@pytest.mark.parametrize("advice", ALL_ADVICE.values(), ids=lambda advice: advice.code)
def test_no_command_looks_for_this_machine_at_aws(advice: Advice, host: str) -> None:
    """At the local edge, what to do is never a command about a distribution of this name."""
    fix = Place(host=host).fix(advice)
    assert not re.search(r"edge-hasher (attach|doctor|logs) (?!DISTRIBUTION)", fix)
    assert Place(host="d111.cloudfront.net").fix(advice) == Place(host="d111.cloudfront.net").fill(advice.fix)


@pytest.mark.parametrize("code", ["function-not-attached", "function-not-attached-hidden", "wrong-digest-signed"])
def test_the_key_sentence_names_the_header(code: str) -> None:
    """A stranger reads what is missing or wrong: the header, and that it is the body's SHA-256."""
    title = ALL_ADVICE[code].title
    assert "x-amz-content-sha256" in title
    assert "SHA-256" in title
    assert "digest" not in title
