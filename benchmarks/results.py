"""The results folder: one JSON file per benchmark, without anything that names a host, a user or a path."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pyperf

from benchmarks.machine import machine

if TYPE_CHECKING:
    from pathlib import Path

# What is kept of pyperf's own metadata; the rest holds host names and paths, or says nothing here.
_PYPERF_METADATA = frozenset({
    "aslr", "cpu_count", "cpu_model_name", "date", "duration", "function_sha256", "inner_loops", "load_avg_1min",
    "loops", "mem_max_rss", "name", "openssl", "perf_version", "pybase64", "python_implementation", "python_version",
    "runnable_threads", "timer", "unit",
})  # fmt: skip
_SOURCES = re.compile(r'"function_sha256": "(\w+)"')


def write(folder: Path, name: str, scale: str, measured: dict[str, Any]) -> None:
    """Write one result that pyperf did not measure, together with the machine."""
    document = {"benchmark": name, "scale": scale, "machine": machine(), **measured}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(_rounded(document), indent=1) + "\n")


def read(folder: Path, name: str) -> dict[str, Any]:
    """Return one result; raises FileNotFoundError when it was not measured."""
    document: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return document


def merge_pyperf(passes: list[Path], target: Path) -> None:
    """Merge the passes of one pyperf program into one suite, each pass a run of every benchmark."""
    suite = pyperf.BenchmarkSuite.load(str(passes[0]))
    for path in passes[1:]:
        suite.add_runs(pyperf.BenchmarkSuite.load(str(path)))
    target.parent.mkdir(parents=True, exist_ok=True)
    suite.dump(str(target), compact=False, replace=True)
    document = json.loads(target.read_text())
    _scrub(document)
    target.write_text(json.dumps(document, indent=1) + "\n")


def values_s(folder: Path, name: str) -> dict[str, list[list[float]]]:
    """Return what pyperf measured: by benchmark, the seconds of each pass."""
    suite = pyperf.BenchmarkSuite.load(str(folder / f"{name}.json"))
    return {
        bench.get_name(): [list(run.values) for run in bench.get_runs() if run.values]
        for bench in suite.get_benchmarks()
    }


def sources(folder: Path) -> frozenset[str]:
    """Return the digests of the function's sources that the results were measured on: one, unless some are older."""
    texts = [path.read_text() for path in sorted(folder.glob("*.json"))]
    return frozenset(digest for text in texts for digest in _SOURCES.findall(text))


def _scrub(node: Any) -> None:
    if isinstance(node, dict):
        metadata = node.get("metadata")
        if isinstance(metadata, dict):
            node["metadata"] = {key: value for key, value in metadata.items() if key in _PYPERF_METADATA}
        for value in node.values():
            _scrub(value)
    elif isinstance(node, list):
        for value in node:
            _scrub(value)


def _rounded(node: Any) -> Any:
    """Round every float to six significant digits: more is noise, and files that can be read are better."""
    if isinstance(node, float):
        return float(f"{node:.6g}")
    if isinstance(node, dict):
        return {key: _rounded(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_rounded(value) for value in node]
    return node
