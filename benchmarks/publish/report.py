"""`benchmarks/README.md`: the text of report.md, its tables and numbers filled in from the results."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from benchmarks.publish import plots, recommend, tables
from benchmarks.publish.findings import load
from benchmarks.publish.targets import targets
from benchmarks.publish.words import milliseconds, table
from benchmarks.subjects.forms import ACHIEVABLE
from benchmarks.subjects.payloads import DELIVERED_LIMIT_BYTES

if TYPE_CHECKING:
    from benchmarks.publish.findings import Findings

TEMPLATE = Path(__file__).parent / "report.md"
_TARGET_HEADS = ["figure", "to reach", "measured: median (10 to 90 %)", "reached"]


def render(folder: Path) -> None:
    """Write the plots and the report next to the results in `folder`."""
    found = load(folder / "results")
    plots.draw(found, folder / "plots")
    (folder / "README.md").write_text(text(found))


def text(found: Findings) -> str:
    """Return the report."""
    return Template(TEMPLATE.read_text()).substitute(
        machine=tables.machine(found),
        scale=found.invocation["scale"],
        older=f"\n{older}\n" if (older := tables.older_sources(found)) else "",
        targets=table(_TARGET_HEADS, [target.row() for target in targets(found).values()]),
        hashing=tables.hashing(found),
        slices=tables.slices(found),
        slice_chars=" and ".join(
            f"{chars:,} characters of {kind}" for kind, chars in found.memory["slice_chars"].items()
        ),
        achievable=f"{found.share_of_limit(ACHIEVABLE, DELIVERED_LIMIT_BYTES).median:.3f}",
        floor=tables.ratio(found.cpu_ratio("1-mb", "ours", "blank")),
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
        f"in the chat and API mixes. For chat that is ${chat[size_mb].usd_per_million:.2f} per million requests "
        f"instead of ${cheapest:.2f}, and a median of {milliseconds(chat[size_mb].p50_s)} instead of "
        f"{milliseconds(chat[128].p50_s)} at 128 MB."
    )
