"""The pages that publish benchmarks: every number comes from the results, and no missed target is shown as met."""

import dataclasses
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from benchmarks import results
from benchmarks.machine import function_sha256
from benchmarks.measure.slices import chosen_chars
from benchmarks.publish import recommend, report
from benchmarks.publish.findings import BOUND_BYTES, Findings, load
from benchmarks.publish.plots import draw
from benchmarks.publish.readme import blocks, blocks_in, updated
from benchmarks.publish.targets import Target, targets
from benchmarks.publish.words import beside_limit
from benchmarks.stats import spread

ROOT = Path(__file__).parents[2]
OLDER = "measured on older sources"
PUBLISHED = ROOT / "benchmarks"


@pytest.fixture(scope="module")
def published() -> Findings:
    """Give the results that the repository publishes."""
    return load(PUBLISHED / "results")


def test_the_report_is_what_the_results_say(published: Findings, tmp_path: Path) -> None:
    """No number of the report or of a plot was written by hand: rendering the results again changes nothing."""
    assert published.invocation["scale"] == "full"
    assert (PUBLISHED / "README.md").read_text() == report.text(published), "run: python -m benchmarks --render"
    draw(published, tmp_path)
    assert {plot.name for plot in tmp_path.iterdir()} == {plot.name for plot in (PUBLISHED / "plots").iterdir()}
    for plot in tmp_path.iterdir():
        assert (PUBLISHED / "plots" / plot.name).read_text() == plot.read_text(), plot.name


def test_a_plot_is_text_without_a_date(published: Findings, tmp_path: Path) -> None:
    """Text stays text, so that a plot can be searched; nothing in it is of the day or the version that drew it."""
    draw(published, tmp_path)
    drawn = (tmp_path / "invocation.svg").read_text()
    assert ">Edge Hasher</text>" in drawn
    assert "CPU as a multiple of the handler that returns the request" in drawn
    assert "dc:date" not in drawn
    assert "Matplotlib v" not in drawn


@pytest.mark.parametrize("page", [PUBLISHED / "README.md", ROOT / "README.md"], ids=["report", "readme"])
def test_a_page_says_when_its_numbers_are_of_older_sources(page: Path) -> None:
    """A page says "measured on older sources" when the function's code is not the measured one, and only then."""
    older = results.sources(PUBLISHED / "results") != {function_sha256(ROOT)}
    assert (OLDER in " ".join(page.read_text().split())) == older, "run: python -m benchmarks --render"


def test_rendering_says_by_itself_that_sources_are_older(published: Findings) -> None:
    """The sentence comes with a changed source, also if one result alone is older, and goes with a new measurement."""
    same = dataclasses.replace(published, measured_sha256=frozenset({"a"}), current_sha256="a")
    changed = dataclasses.replace(same, current_sha256="b")
    mixed = dataclasses.replace(same, measured_sha256=frozenset({"a", "b"}))
    for found, older in ((same, False), (changed, True), (mixed, True)):
        for text in (report.text(found), blocks(found)["headline"]):
            assert (OLDER in " ".join(text.split())) == older


def test_results_name_the_sources_they_are_of(tmp_path: Path) -> None:
    """Every published result names its sources, whoever wrote the file, and all of them count."""
    for path in (PUBLISHED / "results").iterdir():
        assert '"function_sha256": "' in path.read_text(), path.name
    for name, digest in (("pyperf", "aa"), ("other", "bb")):
        (tmp_path / f"{name}.json").write_text(json.dumps({"metadata": {"function_sha256": digest}}))
    assert results.sources(tmp_path) == {"aa", "bb"}


def test_the_digest_is_of_the_function_alone(tmp_path: Path) -> None:
    """A change elsewhere in the package is not a change of what was measured; one of the function's files is."""
    function = tmp_path / "edge_hasher" / "function"
    function.mkdir(parents=True)
    (function / "handler.py").write_text("1")
    before = function_sha256(tmp_path)
    (function.parent / "other.py").write_text("1")
    (function / "Makefile").write_text("all:")
    assert function_sha256(tmp_path) == before
    (function / "handler.py").write_text("2")
    assert function_sha256(tmp_path) != before


@given(value=st.floats(0, 1000), limit=st.decimals(0, 100, places=2), digits=st.integers(0, 4))
@example(value=0.8449, limit=Decimal("0.85"), digits=2)
@example(value=0.8450000001, limit=Decimal("0.85"), digits=2)
@example(value=0.8499999999, limit=Decimal("0.85"), digits=3)
@example(value=1.0300001, limit=Decimal("1.03"), digits=2)
def test_a_number_is_never_rounded_across_its_limit(value: float, limit: Decimal, digits: int) -> None:
    """What is written is on the same side of the limit as what was measured, with as many digits as that takes."""
    written = Decimal(beside_limit(value, float(limit), digits))
    assert (written < limit, written > limit) == (value < float(limit), value > float(limit))
    assert abs(written - Decimal(value)) <= Decimal(10) ** -digits / 2


@given(nearly=st.floats(0, 0.05, exclude_min=True), limit=st.decimals("0.1", 10, places=2), at_least=st.booleans())
def test_a_missed_target_is_never_shown_as_met(nearly: float, limit: Decimal, at_least: bool) -> None:  # noqa: FBT001
    """However near a median comes to its limit, the number and the verdict of its row say that it missed."""
    value = float(limit) - nearly if at_least else float(limit) + nearly
    assume(value != float(limit))
    of = Target(figure="a figure", limit=float(limit), at_least=at_least, measured=spread([value]))
    shown = Decimal(of.median)
    assert shown < limit if at_least else shown > limit
    assert of.row()[-1] == "**no**"


def test_the_readme_shows_the_missed_target_as_missed(published: Findings) -> None:
    """The README has the figure and the verdict that the table of targets has, however near the limit."""
    of = targets(published)["hashing"]
    headline = blocks(published)["headline"]
    assert f"**{of.median}** (target: at least 0.88, {'met' if of.met else 'missed'})" in headline
    assert len(of.median) >= len("0.879")


def test_numbers_in_the_readme_come_from_the_results(published: Findings) -> None:
    """Each block of numbers in README.md is what the results file gives; the headline is there."""
    text = (ROOT / "README.md").read_text()
    assert "headline" in blocks_in(text)
    assert updated(text, published) == text, "run: python -m benchmarks --render"


def test_a_changed_number_in_the_readme_is_seen(published: Findings) -> None:
    """A block whose number is not in the results is written anew; text around it is left alone."""
    written = blocks(published)["headline"]
    assert any(character.isdigit() for character in written)
    wrong = f"before\n<!-- bench:headline -->\n{written.replace('0', '9')}<!-- /bench -->\nafter 0.99\n"
    assert wrong != updated(wrong, published)
    assert updated(wrong, published) == f"before\n<!-- bench:headline -->\n{written}<!-- /bench -->\nafter 0.99\n"


def test_a_block_that_nobody_writes_is_an_error(published: Findings) -> None:
    """A misspelt block does not silently keep its old numbers."""
    with pytest.raises(KeyError):
        updated("<!-- bench:headlines -->\n<!-- /bench -->", published)


def test_the_chosen_slice_is_the_fastest_that_fits(published: Findings) -> None:
    """No measured slice size within the bound is faster than the function's own by more than the noise."""
    assert published.memory["slice_chars"] == chosen_chars()
    for kind, chosen in chosen_chars().items():
        peaks = published.memory["slice_peak_bytes"][kind]
        fitting = [int(chars) for chars, peak in peaks.items() if peak <= BOUND_BYTES]
        fastest = max(published.slice_share(kind, chars).median for chars in fitting)
        assert published.slice_share(kind, chosen).median >= fastest - 0.01


def test_the_default_memory_follows_from_the_results(published: Findings) -> None:
    """The template's default is the size that the benchmarks recommend."""
    default = re.search(r"MemorySize:\n +Type: Number\n +Default: (\d+)\n", (ROOT / "template.yaml").read_text())
    assert default is not None
    assert int(default[1]) == recommend.memory_mb(published)
