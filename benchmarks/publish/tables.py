"""The tables of the report, written from the results."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from benchmarks.lambda_share import MEMORY_SIZES_MB, MIXES
from benchmarks.measure.slices import SLICES_CHARS
from benchmarks.publish.findings import BOUND_BYTES
from benchmarks.publish.words import kib, mb, microseconds, milliseconds, size, table
from benchmarks.subjects.forms import FORMS, LIMIT
from benchmarks.subjects.payloads import HASHING_SIZES_BYTES, MEMORY_SIZES_BYTES

if TYPE_CHECKING:
    from benchmarks.publish.findings import Findings
    from benchmarks.stats import Spread

FUNCTIONS = {
    "identity": "returns the request",
    "again": "the same in a second process",
    "ours": "Edge Hasher",
    "blank": "returns an empty body, hashes nothing",
    "stdlib": "standard library",
    "node": "Node.js",
}
STARTS = {
    "empty": "an empty handler",
    "ours": "Edge Hasher, as built",
    "ours-no-bytecode": "Edge Hasher, without bytecode",
    "ours-powertools": "Edge Hasher and Powertools, as at a first refusal",
    "ours-powertools-no-bytecode": "the same, without bytecode",
    "stdlib": "standard library",
    "node": "Node.js",
}
_SLOWEST_MODULES = 12


def ratio(of: Spread) -> str:
    """Write a ratio with its spread."""
    return f"{of.median:.2f} ({of.low:.2f} to {of.high:.2f})"


def hashing(found: Findings) -> str:
    """Write time, throughput and share of the limit of every form at every size."""
    rows = []
    for size_bytes in HASHING_SIZES_BYTES:
        row = [size(size_bytes)]
        for form in FORMS:
            taken = found.seconds(form.name, size_bytes)
            rate = f", {size_bytes / taken.median / 1e6:,.0f} MB/s" if size_bytes else ""
            share = f" ({found.share_of_limit(form.name, size_bytes).median:.3f})" if form.name != LIMIT else ""
            row.append(f"{microseconds(taken.median)}{rate}{share}")
        rate = found.openssl["bytes_per_s"].get(str(size_bytes))
        row.append(f"{rate / 1e6:,.0f} MB/s" if rate else "")
        rows.append(row)
    return table(["payload", *[form.label for form in FORMS], "`openssl speed`"], rows)


def slices(found: Findings) -> str:
    """Write speed and memory of each slice size."""
    rows = []
    for kind, sizes in SLICES_CHARS.items():
        peaks, chosen = found.memory["slice_peak_bytes"][kind], found.memory["slice_chars"][kind]
        for chars in sizes:
            of, peak = found.slice_share(kind, chars), peaks[str(chars)]
            verdict = "**chosen**" if chars == chosen else "" if peak <= BOUND_BYTES else "over the bound"
            name = f"{kind}: {chars:,} characters"
            rows.append([name, f"{of.median:.3f}", f"{of.low:.3f} to {of.high:.3f}", kib(peak), verdict])
    return table(["slice", "share of the limit", "10 to 90 %", "extra peak memory", ""], rows)


def invocation(found: Findings) -> str:
    """Write CPU, ratio, wall time and page faults of every function on every case."""
    rows = []
    for case, measured in found.invocation["cases"].items():
        for name, of in measured["functions"].items():
            rows.append(
                [
                    f"{measured['label']}: {FUNCTIONS[name]}",
                    milliseconds(found.cpu(case, name).median),
                    "1" if name == "identity" else ratio(found.cpu_ratio(case, name)),
                    milliseconds(statistics.median(of["wall_s"])),
                    f"{statistics.median(of['faults']):,.0f}",
                ]
            )
    return table(["request: function", "CPU", "of *returns the request*", "wall, median", "page faults"], rows)


def cold_start(found: Findings) -> str:
    """Write CPU and wall time of every start, and the first invocation's."""
    rows = []
    for name, label in STARTS.items():
        if name in found.cold_start["starts"]:
            of = found.cold_start["starts"][name]
            over = found.cold_cpu_over_empty(name)
            first = milliseconds(statistics.median(of["first_cpu_s"])) if of["first_cpu_s"] else ""
            more = (
                ""
                if name == "empty"
                else f"{over.median * 1000:.1f} ms ({over.low * 1000:.1f} to {over.high * 1000:.1f})"
            )
            cpu, wall = statistics.median(of["cpu_s"]), statistics.median(of["wall_s"])
            rows.append([label, milliseconds(cpu), more, milliseconds(wall), first])
    return table(["what starts", "CPU", "over the empty handler", "wall", "CPU of its first invocation"], rows)


def imports(found: Findings) -> str:
    """Write the modules that cost most, those of the handler first."""
    rows = []
    for part, label in (("handler", "handler"), ("telemetry", "first refusal")):
        modules: dict[str, float] = found.imports[part]
        ordered = sorted(modules.items(), key=lambda item: -item[1])
        rows += [[f"{label}: `{module}`", milliseconds(taken)] for module, taken in ordered[:_SLOWEST_MODULES]]
        rest = sum(taken for _, taken in ordered[_SLOWEST_MODULES:])
        rows.append([f"{label}: {len(ordered[_SLOWEST_MODULES:])} more", milliseconds(rest)])
    return table(["import", "own time"], rows)


def traced(found: Findings) -> str:
    """Write the extra peak memory of every form."""
    forms: dict[str, dict[str, int]] = found.memory["traced_peak_bytes"]
    labels = {form.name: form.label for form in FORMS}
    rows = [
        [labels[name], *(kib(of[str(size_bytes)]) for size_bytes in HASHING_SIZES_BYTES)] for name, of in forms.items()
    ]
    return table(["hashing", *(size(size_bytes) for size_bytes in HASHING_SIZES_BYTES)], rows)


def resident(found: Findings) -> str:
    """Write the peak resident memory of every function."""
    functions: dict[str, dict[str, int]] = found.memory["peak_rss_bytes"]
    heads = ["GET" if size_bytes == 0 else size(size_bytes) for size_bytes in MEMORY_SIZES_BYTES]
    rows = [[FUNCTIONS[name], *(mb(of[str(count)]) for count in MEMORY_SIZES_BYTES)] for name, of in functions.items()]
    return table(["process", *heads], rows)


def share(found: Findings) -> str:
    """Write what each memory size makes of each mix, and of a start."""
    forecasts = found.forecasts()
    rows = []
    for memory_mb in MEMORY_SIZES_MB:
        row = [f"{memory_mb:,} MB"]
        for mix in MIXES:
            of = forecasts[mix.name][memory_mb]
            row += [f"{milliseconds(of.p50_s)} / {milliseconds(of.p99_s)}", f"${of.usd_per_million:.2f}"]
        row += [milliseconds(found.cold_start_s(name, memory_mb)) for name in ("ours", "ours-powertools")]
        rows.append(row)
    heads = [words for mix in MIXES for words in (f"{mix.name}: p50 / p99", f"{mix.name}: per million")]
    return table(["memory", *heads, "cold start", "with Powertools"], rows)


def mixes() -> str:
    """Describe the mixes."""
    return "\n".join(f"- **{mix.name}**: {mix.about}" for mix in MIXES)


def cpu_limit(found: Findings) -> str:
    """Write the model next to the measurements under a CPU limit, or why there are none."""
    if not found.cpu_limit["possible"]:
        return f"Not measured: {found.cpu_limit['reason']}."
    labels = {case: measured["label"] for case, measured in found.invocation["cases"].items()}
    rows = [
        [
            f"{point['memory_mb']} MB: {labels.get(point['case'], point['case'])}",
            milliseconds(point["model_s"]),
            milliseconds(point["measured_s"]),
            milliseconds(point["p50_s"]) if "p50_s" in point else "",
        ]
        for point in found.cpu_limit["points"]
    ]
    return table(["share: what", "model", "measured, mean", "median of the answers"], rows)


_EVENTS = {
    "app": "bare app",
    "edge": "through the local edge",
    "app_under_load": "bare app, beside 8 clients that upload 1 MB each to it",
    "edge_under_load": "through the local edge, beside 8 clients that upload 1 MB each through it",
}


def local_edge(found: Findings) -> str:
    """Write requests a second and latency of the bare app and behind the local edge."""
    rows = []
    for load in found.local_edge["loads"]:
        app, edge = load["app"], load["edge"]
        rows.append(
            [
                size(load["body_bytes"]),
                str(load["connections"]),
                *(f"{statistics.median(of['requests_per_s']):,.0f}" for of in (app, edge)),
                *(f"{milliseconds(of['p50_s'])} / {milliseconds(of['p90_s'])}" for of in (app, edge)),
                milliseconds(edge["p50_s"] - app["p50_s"]),
            ]
        )
    heads = [
        "body",
        "connections",
        "app, requests/s",
        "edge, requests/s",
        "app, p50 / p90",
        "edge, p50 / p90",
        "added, p50",
    ]
    return table(heads, rows)


def events(found: Findings) -> str:
    """Write the delay of server-sent events."""
    rows = [
        [label, *(milliseconds(found.local_edge["events"][name][key]) for key in ("p50_s", "p90_s", "p99_s", "max_s"))]
        for name, label in _EVENTS.items()
        if name in found.local_edge["events"]
    ]
    return table(["server-sent events", "p50", "p90", "p99", "slowest"], rows)


def machine(found: Findings) -> str:
    """Write what it was measured on, and with which versions."""
    on: dict[str, Any] = found.invocation["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in on["packages"].items() if number)
    flags = ", ".join(on["cpu_flags"])
    loads = sorted(part["machine"]["load_average_1min"] for part in (found.openssl, found.invocation, found.cold_start))
    node = found.invocation["node"]
    built = "the SAM build" if found.invocation["artifact"] else "the source tree"
    return "\n".join(
        [
            f"- {on['date']}, {on['cpu_count']} CPUs of {on['cpu_model']} ({flags})",
            f"- {on['system']}; load average of the last minute {loads[0]:.1f} to {loads[-1]:.1f}",
            f"- Python {on['python']}, {on['openssl']}, pybase64 {on['pybase64']}, {packages}",
            f"- Node.js {node['version']} with {node['client']}" if node else "- no Node.js",
            f"- the function: {built}, sources {', '.join(f'`{digest}`' for digest in sorted(found.measured_sha256))}",
        ]
    )


def older_sources(found: Findings) -> str:
    """Say that the function's code has changed since the measurement; nothing where it has not."""
    if not found.older_sources:
        return ""
    return "These numbers were **measured on older sources**: the function's code has changed since."
