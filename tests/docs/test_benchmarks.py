"""The benchmarks run, assert what they time, and every number that is published comes from their results."""

import asyncio
import dataclasses
import io
import json
import re
import socket
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyperf
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from benchmarks import command, lambda_share, results
from benchmarks.lambda_share import Mix, forecast, wall_s
from benchmarks.machine import function_sha256
from benchmarks.measure.cpu_limit import PERIOD_US, NoCpuLimitError, cpu_limit
from benchmarks.measure.memory import traced_peak_bytes
from benchmarks.measure.openssl_speed import parse
from benchmarks.measure.slices import SIZE_BYTES, sliced
from benchmarks.measure.timing import timed
from benchmarks.progress import Progress
from benchmarks.publish import recommend, report
from benchmarks.publish.findings import BOUND_BYTES, Findings, load
from benchmarks.publish.plots import draw
from benchmarks.publish.readme import blocks, blocks_in, updated
from benchmarks.publish.targets import Target, targets
from benchmarks.publish.words import beside_limit
from benchmarks.stats import spread
from benchmarks.subjects import forms
from benchmarks.subjects.driver import check_answer
from benchmarks.subjects.payloads import Case, cases
from edge_hasher.function import content_hash

ROOT = Path(__file__).parents[2]
OLDER = "measured on older sources"
PUBLISHED = ROOT / "benchmarks"

linux = pytest.mark.skipif(sys.platform != "linux", reason="CPU time of another process can be read on Linux only")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a run that measures everything, as little as possible of each."""
    folder = tmp_path_factory.mktemp("benchmarks")
    command.main(["--scale", "tiny", "--source", "--output", str(folder)])
    return folder


@pytest.fixture(scope="module")
def published() -> Findings:
    """Give the results that the repository publishes."""
    return load(PUBLISHED / "results")


@linux
def test_every_benchmark_runs_and_asserts_its_results(measured: Path) -> None:
    """One command runs every program, writes a result of each, the plots and the report."""
    assert {path.stem for path in (measured / "results").iterdir()} == set(command.BENCHMARKS)
    assert {path.name for path in (measured / "plots").iterdir()} == {
        path.name for path in (PUBLISHED / "plots").iterdir()
    }
    text = (measured / "README.md").read_text()
    assert "$" not in text.replace("$0", "").replace("$1", "")
    assert "tiny scale" in text


@linux
def test_pyperf_reads_its_results(measured: Path) -> None:
    """What pyperf measured stays pyperf's format, so that its own commands compare two runs."""
    for name in command.PYPERF_PROGRAMS:
        suite = pyperf.BenchmarkSuite.load(str(measured / "results" / f"{name}.json"))
        assert all(bench.get_nvalue() == 1 for bench in suite.get_benchmarks())


@linux
def test_results_name_no_machine(measured: Path) -> None:
    """Results say which processor and which versions, never which host, user or path."""
    for folder in (measured, PUBLISHED):
        for path in (folder / "results").iterdir():
            text = path.read_text()
            assert not {"hostname", "python_executable", "boot_time", "cwd"} & _keys(json.loads(text))
            assert str(ROOT) not in text
            assert str(Path.home()) not in text
            assert f'"{socket.gethostname()}"' not in text


def test_a_wrong_digest_ends_a_timed_loop() -> None:
    """A form that returns another digest is an error, however fast it was."""
    with pytest.raises(AssertionError):
        timed(1, 1, lambda: "wrong", "right")
    with pytest.raises(AssertionError):
        traced_peak_bytes(lambda: "wrong", "right")


def test_a_digest_that_turns_wrong_ends_a_timed_loop() -> None:
    """The result of the last timed call counts, not only that of the first."""
    digests = iter(["right", "right", "wrong"])
    with pytest.raises(AssertionError):
        timed(1, 2, lambda: next(digests), "right")


class Echo:
    """Stands in for a pool: answers every event with the request, or with what it was told."""

    def __init__(self, answer: Any = None) -> None:
        self._answer = answer

    async def invoke(self, event: Any) -> "Echo":
        """Answer an event."""
        self._answer = self._answer or event["Records"][0]["cf"]["request"]
        return self

    def value(self) -> Any:
        """Return the answer."""
        return self._answer


@pytest.mark.parametrize("function", ["ours", "stdlib", "node"])
@pytest.mark.parametrize("case", [case for case in cases() if case.digest], ids=lambda case: case.name)
def test_a_function_that_does_not_hash_is_not_measured(function: str, case: Case) -> None:
    """The answer of each function is asserted before its time is taken."""
    with pytest.raises((AssertionError, KeyError)):
        asyncio.run(check_answer(function, Echo(), case))  # type: ignore[arg-type]
    asyncio.run(check_answer("identity", Echo(), case))  # type: ignore[arg-type]


def test_a_slice_costs_what_the_curve_says() -> None:
    """A larger slice costs more memory, and the chosen one stays within 128 KiB."""
    chosen = content_hash.SLICE_CHARS
    digest = forms.expected(SIZE_BYTES)
    try:
        assert traced_peak_bytes(sliced(chosen), digest) <= BOUND_BYTES
        assert traced_peak_bytes(sliced(2 * chosen), digest) > BOUND_BYTES
    finally:
        content_hash.SLICE_CHARS = chosen


def test_less_memory_is_less_of_a_cpu() -> None:
    """Half the memory takes twice the time, and more than one vCPU does not help one thread."""
    assert wall_s(0.010, 1769) == pytest.approx(0.010)
    assert wall_s(0.010, 1769 // 2) == pytest.approx(0.020, rel=0.01)
    assert wall_s(0.010, 10_240) == pytest.approx(0.010)


def test_a_million_requests_are_billed_by_the_millisecond() -> None:
    """3.2 ms on 1 GB are billed as 4 ms: 0.60 + 4000 s x 1 GB x 0.00005001 dollars."""
    mix = Mix(name="one", about="one case", shares={"case": 1.0})
    cpu_s = 0.0032 * 1024 / lambda_share.FULL_VCPU_MB
    assert forecast(mix, {"case": [cpu_s]}, 1024).usd_per_million == pytest.approx(0.60 + 4000 * 0.00005001)


def test_shares_of_a_mix_count() -> None:
    """The median is that of the requests, not that of the cases; the shares of each mix are a whole."""
    mix = Mix(name="two", about="two cases", shares={"common": 0.9, "rare": 0.1})
    of = forecast(mix, {"common": [0.001, 0.002], "rare": [0.1]}, lambda_share.FULL_VCPU_MB)
    assert (of.p50_s, of.p99_s) == (0.002, 0.1)
    assert all(sum(mix.shares.values()) == pytest.approx(1) for mix in lambda_share.MIXES)


def test_a_spread_is_of_what_was_measured() -> None:
    """Median, percentiles and minimum are values of the sample, whatever its order."""
    of = spread([5.0, 1.0, 4.0, 2.0, 3.0])
    assert (of.median, of.low, of.high, of.minimum) == (3, 1, 5, 1)


@pytest.mark.parametrize(("folder", "file"), [("cpu", "cpu.cfs_quota_us"), ("", "cpu.max")])
def test_a_cpu_limit_is_a_quota_of_the_kernel(tmp_path: Path, folder: str, file: str) -> None:
    """Both versions of control groups get the share as a quota of the period."""
    (tmp_path / folder).mkdir(exist_ok=True)
    with cpu_limit(0.25, tmp_path) as procs:
        assert (procs.parent / file).read_text().split()[0] == str(PERIOD_US // 4)
        assert procs.parent.parent == tmp_path / folder


def test_no_right_to_limit_is_no_failure(tmp_path: Path) -> None:
    """Where no control group can be made, the reason is told."""
    with pytest.raises(NoCpuLimitError, match="no control group can be made"), cpu_limit(0.5, tmp_path / "missing"):
        pass


def test_openssl_speed_is_read() -> None:
    """The rate is the last field of the machine-readable line."""
    assert parse("+H:1024\n+F:25:sha256:1845493760.00\n") == 1845493760


def test_progress_off_a_terminal_is_a_line_a_benchmark() -> None:
    """A log of CI gets one line per benchmark, and no control characters."""
    stream = io.StringIO()
    progress = Progress(2, stream)
    for name in ("first", "second"):
        progress.begin(name)
        progress.step("a step")
    progress.end()
    lines = stream.getvalue().splitlines()
    assert [line.split()[-1] for line in lines] == ["first", "second", "done"]
    assert lines[1].startswith("[2/2]")


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
    """0.845 against 0.85 is 0.845: the README has the figure that the table of targets has."""
    of = targets(published)["hashing"]
    headline = blocks(published)["headline"]
    assert f"**{of.median}** (target: at least 0.85, {'met' if of.met else 'missed'})" in headline
    assert len(of.median) >= len("0.845")


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
    peaks = published.memory["slice_peak_bytes"]
    chosen = published.memory["slice_chars"]
    assert chosen == content_hash.SLICE_CHARS
    fitting = [int(chars) for chars, peak in peaks.items() if peak <= BOUND_BYTES]
    fastest = max(published.slice_share(chars).median for chars in fitting)
    assert published.slice_share(chosen).median >= fastest - 0.01


def test_the_default_memory_follows_from_the_results(published: Findings) -> None:
    """The template's default is the size that the benchmarks recommend."""
    default = re.search(r"MemorySize:\n +Type: Number\n +Default: (\d+)\n", (ROOT / "template.yaml").read_text())
    assert default is not None
    assert int(default[1]) == recommend.memory_mb(published)


def _keys(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set(node) | {key for value in node.values() for key in _keys(value)}
    if isinstance(node, list):
        return {key for value in node for key in _keys(value)}
    return set()
