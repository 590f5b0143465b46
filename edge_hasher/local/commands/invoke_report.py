"""The answer of `edge-hasher invoke`, for people and for programs."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from edge_hasher import schemas
from edge_hasher.terminal import bytes_text, printable, seconds_text

if TYPE_CHECKING:
    from edge_hasher.local.commands.invoke import InvokeResult
    from edge_hasher.local.runtime import FunctionFailure


def as_text(outcome: InvokeResult) -> str:
    """Return the answer in lines: the digest or the refusal, then time and memory."""
    logged = [f"logged     {printable(code)}" for code in outcome.logged_codes]
    return "\n".join([*_answer_lines(outcome), *logged, "", _cost_line(outcome)])


def as_json(outcome: InvokeResult) -> str:
    """Return the answer as one JSON object, described in docs/cli.md, "invoke"."""
    invocation = outcome.invocation
    return schemas.document(
        "invoke",
        {
            "outcome": "forwarded" if outcome.refusal is None else "refused",
            "row": outcome.row,
            "digest": outcome.digest,
            "refusal": outcome.refusal,
            "duration_ms": round(invocation.duration_s * 1000, 3),
            "cpu_ms": None if invocation.cpu_s is None else round(invocation.cpu_s * 1000, 3),
            "peak_rss_bytes": invocation.peak_rss_bytes,
            "log": invocation.log,
            "answer": outcome.answer,
        },
    )


def failure_text(failure: FunctionFailure) -> str:
    """Return the function's failure with its own trace; a viewer would get CloudFront's 503."""
    trace = "".join(failure.stack_trace).rstrip("\n")
    return "\n".join([printable(f"{failure}"), *([printable(trace, keep_lines=True)] if trace else [])])


def _answer_lines(outcome: InvokeResult) -> list[str]:
    if refusal := outcome.refusal:
        code = str(refusal["type"]).rpartition(":")[2]
        return [
            f"refused    {refusal['status']} {code}",
            f"           {refusal['title']}",
            "",
            textwrap.fill(refusal["detail"], 100),
        ]
    if outcome.digest is None:
        return ["forwarded  without a digest"]
    return [f"forwarded  x-amz-content-sha256: {printable(outcome.digest)}"]


def _cost_line(outcome: InvokeResult) -> str:
    invocation = outcome.invocation
    cpu = "" if invocation.cpu_s is None else f" (CPU {seconds_text(invocation.cpu_s)})"
    peak = "" if invocation.peak_rss_bytes is None else f", peak memory {bytes_text(invocation.peak_rss_bytes)}"
    return f"{seconds_text(invocation.duration_s)}{cpu} for the first invocation of a new process{peak}"
