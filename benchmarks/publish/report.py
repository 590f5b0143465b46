"""`benchmarks/README.md`: the text of report.md, its tables and numbers filled in from the results."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from benchmarks.publish import plots, recommend, tables
from benchmarks.publish.findings import load
from benchmarks.publish.words import milliseconds, table

if TYPE_CHECKING:
    from benchmarks.publish.findings import Findings
    from benchmarks.stats import Spread

TEMPLATE = Path(__file__).parent / "report.md"
_MIB = 1_048_576


def render(folder: Path) -> None:
    """Write the plots and the report beside the results in `folder`."""
    found = load(folder / "results")
    plots.draw(found, folder / "plots")
    (folder / "README.md").write_text(text(found))


def text(found: Findings) -> str:
    """Return the report."""
    return Template(TEMPLATE.read_text()).substitute(
        machine=tables.machine(found),
        scale=found.invocation["scale"],
        targets=targets(found),
        hashing=tables.hashing(found),
        slices=tables.slices(found),
        slice_chars=f"{found.memory['slice_chars']:,}",
        invocation=tables.invocation(found),
        cold_start=tables.cold_start(found),
        noise=noise(found),
        imports=tables.imports(found),
        traced=tables.traced(found),
        resident=tables.resident(found),
        share=tables.share(found),
        mixes=tables.mixes(),
        recommended=recommended(found),
        cpu_limit=tables.cpu_limit(found),
        local_edge=tables.local_edge(found),
        events=tables.events(found),
    )


def targets(found: Findings) -> str:
    """Write what the project set out to reach beside what was measured."""
    share = found.share_of_limit("ours", _MIB)
    cold = found.cold_cpu_over_empty("ours")
    rows = [
        ["hashing loop at 1 MiB, share of hashlib over decoded bytes", "at least 0.85", _shares(share)],
        ["invocation of 1,000,000 bytes, CPU", "at most 0.45", tables.ratio(found.cpu_ratio("1-mb", "ours"))],
        ["invocation of 1 KiB, CPU", "at most 1.05", tables.ratio(found.cpu_ratio("1-kib", "ours"))],
        ["GET, CPU", "at most 1.03", tables.ratio(found.cpu_ratio("get", "ours"))],
        [
            "cold start, CPU over an empty handler",
            "at most 6 ms",
            f"{cold.median * 1000:.1f} ms ({cold.low * 1000:.1f} to {cold.high * 1000:.1f})",
        ],
    ]
    return table(["figure", "to reach", "measured: median (10 to 90 %)"], rows)


def noise(found: Findings) -> str:
    """Write how far a function measured against itself is off."""
    cases = {"GET": "get", "1 KiB": "1-kib", "1,000,000 bytes": "1-mb"}
    return ", ".join(f"{tables.ratio(found.cpu_ratio(case, 'again'))} for {label}" for label, case in cases.items())


def recommended(found: Findings) -> str:
    """Write the memory size that follows, and what it costs and brings."""
    size_mb = recommend.memory_mb(found)
    chat = found.forecasts()["chat"]
    cheapest = min(of.usd_per_million for of in chat.values())
    return (
        f"**{size_mb} MB**: the largest size that costs at most {recommend.TOLERATED:.0%} more than the cheapest one "
        f"in the chat and API mixes. For chat that is ${chat[size_mb].usd_per_million:.2f} per million requests beside "
        f"${cheapest:.2f}, and a median of {milliseconds(chat[size_mb].p50_s)} in place of "
        f"{milliseconds(chat[128].p50_s)} at 128 MB."
    )


def _shares(of: Spread) -> str:
    return f"{of.median:.3f} ({of.low:.3f} to {of.high:.3f})"
