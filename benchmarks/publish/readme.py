"""The blocks of the top-level README that hold numbers, each between `<!-- bench:NAME -->` and `<!-- /bench -->`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks.publish import recommend
from benchmarks.publish.findings import load
from benchmarks.publish.words import milliseconds

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.publish.findings import Findings

_BLOCK = re.compile(r"(<!-- bench:([a-z-]+) -->\n)(.*?)(<!-- /bench -->)", re.DOTALL)
_MIB = 1_048_576


def blocks(found: Findings) -> dict[str, str]:
    """Return what belongs into each block, with its last line break."""
    return {"headline": _headline(found), "memory": _memory(found)}


def blocks_in(text: str) -> dict[str, str]:
    """Return what a text has in each of its blocks."""
    return {match[2]: match[3] for match in _BLOCK.finditer(text)}


def updated(text: str, found: Findings) -> str:
    """Return a text with its blocks written anew. Raises KeyError for a block that nobody writes."""
    written = blocks(found)
    return _BLOCK.sub(lambda match: f"{match[1]}{written[match[2]]}{match[4]}", text)


def update(readme: Path, folder: Path) -> None:
    """Write the blocks of a README anew from the results in `folder`."""
    before = readme.read_text()
    after = updated(before, load(folder / "results"))
    if after != before:
        readme.write_text(after)


def _headline(found: Findings) -> str:
    share = found.share_of_limit("ours", _MIB).median
    ratio = found.cpu_ratio("1-mb", "ours").median
    cold = found.cold_cpu_over_empty("ours").median
    return (
        f"- **{share:.2f}** of the speed of SHA-256 itself: that is what hashing 1 MiB from base64 reaches\n"
        f"- **{ratio:.2f}** of the CPU of a handler that only returns the request, at 1,000,000 bytes "
        f"({milliseconds(found.cpu('1-mb', 'ours').median)})\n"
        f"- **{cold * 1000:.1f} ms** of CPU is what the function adds to a cold start\n"
        "\n"
        "![CPU per invocation, beside a handler that returns the request, the standard library and "
        "Node.js](benchmarks/plots/invocation.svg)\n"
    )


def _memory(found: Findings) -> str:
    size_mb = recommend.memory_mb(found)
    chat = found.forecasts()["chat"][size_mb]
    return (
        f"{size_mb} MB of memory is the default: ${chat.usd_per_million:.2f} per million chat requests, at a modelled "
        f"median of {milliseconds(chat.p50_s)}.\n"
    )
