"""The blocks of the top-level README that hold numbers, each between `<!-- bench:NAME -->` and `<!-- /bench -->`."""

from __future__ import annotations

import re
import statistics
import textwrap
from typing import TYPE_CHECKING

from benchmarks.publish import recommend, tables
from benchmarks.publish.findings import load
from benchmarks.publish.targets import targets
from benchmarks.publish.words import milliseconds

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.publish.findings import Findings
    from benchmarks.publish.targets import Target

_BLOCK = re.compile(r"(<!-- bench:([a-z-]+) -->\n)(.*?)(<!-- /bench -->)", re.DOTALL)

_PLOT = (
    "![CPU per invocation, next to a handler that returns the request, the standard library and "
    "Node.js](benchmarks/plots/invocation.svg)"
)


def blocks(found: Findings) -> dict[str, str]:
    """Return what belongs in each block, with its last line break."""
    return {"headline": _headline(found)}


def blocks_in(text: str) -> dict[str, str]:
    """Return the content of each block of a text."""
    return {match[2]: match[3] for match in _BLOCK.finditer(text)}


def updated(text: str, found: Findings) -> str:
    """Return a text with its blocks rewritten. Raises KeyError for an unknown block."""
    written = blocks(found)
    return _BLOCK.sub(lambda match: f"{match[1]}{written[match[2]]}{match[4]}", text)


def update(readme: Path, folder: Path) -> None:
    """Rewrite the blocks of a README from the results in `folder`."""
    before = readme.read_text()
    after = updated(before, load(folder / "results"))
    if after != before:
        readme.write_text(after)


def _headline(found: Findings) -> str:
    reached, floor = targets(found), f"{found.cpu_ratio('1-mb', 'ours', 'blank').median:.2f}"
    parts = [
        _wrapped(_costs(found)),
        "\n".join(
            [
                f"- {_verdict(reached['hashing'])} of the speed of SHA-256 alone, hashing 1 MiB from its base64",
                f"- {_verdict(reached['1-mb'])} of the CPU of a handler that returns the request, at 1,000,000 bytes",
                f"- **{floor}** of the CPU of a handler that returns an empty body and hashes nothing",
            ]
        ),
        _PLOT,
        _wrapped(f"Measured on one machine, not on AWS: [how](benchmarks/README.md). {tables.older_sources(found)}"),
    ]
    return "\n\n".join(parts) + "\n"


def _costs(found: Findings) -> str:
    """Write milliseconds and dollars."""
    size_mb = recommend.memory_mb(found)
    usd = {mix: of[size_mb].usd_per_million for mix, of in found.forecasts().items()}
    cpu = {
        (case, name): milliseconds(found.cpu(case, name).median)
        for case in ("1-kib", "1-mb")
        for name in ("ours", "identity")
    }
    empty = milliseconds(statistics.median(found.cold_start["starts"]["empty"]["cpu_s"]))
    return (
        f"A POST of 1 KiB costs {cpu['1-kib', 'ours']} of CPU; a handler that only returns the request costs "
        f"{cpu['1-kib', 'identity']}. An upload of 1,000,000 bytes costs {cpu['1-mb', 'ours']}, against "
        f"{cpu['1-mb', 'identity']} for that handler, since Edge Hasher neither makes text of the body nor echoes it. "
        "A cold start costs "
        f"{targets(found)['cold-start'].median} on top of the {empty} of an empty handler. At Lambda@Edge's prices and "
        f"the default of {size_mb} MB, that is about ${usd['chat']:.2f} per million chat requests and "
        f"${usd['uploads']:.2f} per million uploads."
    )


def _verdict(of: Target) -> str:
    return f"**{of.median}** (target: {of.bound}, {'met' if of.met else 'missed'})"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)
