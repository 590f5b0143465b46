"""The benchmarks run, and assert what they time."""

import asyncio
import io
import json
import socket
import sys
from pathlib import Path
from typing import Any

import pyperf
import pytest

from benchmarks import command, lambda_share
from benchmarks.lambda_share import Mix, forecast, wall_s
from benchmarks.measure.cpu_limit import PERIOD_US, NoCpuLimitError, cpu_limit
from benchmarks.measure.memory import traced_peak_bytes
from benchmarks.measure.openssl_speed import parse
from benchmarks.measure.slices import SIZE_BYTES, choose, chosen_chars, sliced
from benchmarks.measure.timing import timed
from benchmarks.progress import Progress
from benchmarks.publish.findings import BOUND_BYTES
from benchmarks.stats import spread
from benchmarks.subjects import forms
from benchmarks.subjects.driver import check_answer
from benchmarks.subjects.payloads import Case, cases

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "benchmarks"

linux = pytest.mark.skipif(sys.platform != "linux", reason="CPU time of another process can be read on Linux only")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a run that measures everything, as little as possible of each."""
    folder = tmp_path_factory.mktemp("benchmarks")
    command.main(["--scale", "tiny", "--source", "--output", str(folder)])
    return folder


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


def test_the_floor_hashes_nothing_and_returns_no_body() -> None:
    """The handler that hashes nothing is measured only where it answers as ours would: with an empty body."""
    for case in cases():
        blank = {**case.request, "body": {**case.request["body"], "data": ""}}
        asyncio.run(check_answer("blank", Echo(blank), case))  # type: ignore[arg-type]
        if case.request["body"]["data"]:
            with pytest.raises(AssertionError):
                asyncio.run(check_answer("blank", Echo(), case))  # type: ignore[arg-type]


def test_a_slice_costs_what_the_curve_says() -> None:
    """A larger slice costs more memory, and the chosen one stays within 128 KiB."""
    chosen = chosen_chars()
    digest = forms.expected(SIZE_BYTES)
    try:
        for kind, chars in chosen.items():
            assert traced_peak_bytes(sliced(kind, chars), digest) <= BOUND_BYTES
            assert traced_peak_bytes(sliced(kind, 2 * chars), digest) > BOUND_BYTES
    finally:
        choose(chosen)
    assert chosen_chars() == chosen


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


def _keys(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set(node) | {key for value in node.values() for key in _keys(value)}
    if isinstance(node, list):
        return {key for value in node for key in _keys(value)}
    return set()
