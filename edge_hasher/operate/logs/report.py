"""Log lines, for people and for programs, and the notes about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edge_hasher import schemas
from edge_hasher.operate.logs.collect import LINE_LIMIT, VALIDATION_PREFIX
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from edge_hasher.aws.logs import Line
    from edge_hasher.operate.logs.collect import LogBatch, LogQuery


def as_text(line: Line) -> str:
    """Return one event for a terminal: its text can neither act on the terminal nor pass for another line."""
    at = f"{_time(line).removesuffix('+00:00')}Z"
    is_validation = line.group.startswith(VALIDATION_PREFIX)
    source = f" [CloudFront {line.group.removeprefix(VALIDATION_PREFIX)}]" if is_validation else ""
    message = printable(line.message.rstrip("\n"), keep_lines=True).replace("\n", "\n    ")
    return f"{at} {line.region}{printable(source)} {message}"


def as_json(line: Line) -> str:
    """Return one event as one JSON object on one line, described in docs/attach.md."""
    members = {"time": _time(line), "region": line.region, "log_group": line.group, "message": line.message}
    return schemas.document("logs", members, indent=None)


def problem_json(region: str, problem: str) -> str:
    """Return what is missing of a Region as one JSON object on one line."""
    return schemas.document("logs", {"region": region, "problem": problem}, indent=None)


def problems(found: LogBatch, *, follows: bool) -> list[tuple[str, str]]:
    """Return Regions, and what is missing of each: all of it, or what is beyond the limit of lines."""
    cut = "{} has more than {} lines; the oldest are shown, a later --since shows the rest"
    # Following goes on where a log group was cut.
    cuts = [] if follows else [(region, cut.format(group, LINE_LIMIT)) for region, group in found.cut]
    return [*found.failed, *cuts]


def notes(found: LogBatch, wanted: LogQuery) -> list[str]:
    """Return what else to know about the lines: which Regions are not enabled, and why there are none."""
    texts = []
    if found.not_enabled:
        regions = ", ".join(dict(found.not_enabled))
        texts.append(
            f"not read, because they do not know these credentials: {regions} (not enabled in the account, or its "
            "session token is not valid in all Regions)"
        )
    if all(group.startswith(VALIDATION_PREFIX) for _, group in found.read):
        texts.append(
            f"no Region has a log group of {wanted.function} at the edge: "
            "it has not run yet, or its role may not write logs"
        )
    elif not found.lines:
        regions = ", ".join(sorted({region for region, _ in found.read}))
        texts.append(f"no lines since then; there are log groups in {regions}")
    return texts


def _time(line: Line) -> str:
    return datetime.fromtimestamp(line.timestamp_ms / 1000, tz=UTC).isoformat(timespec="milliseconds")
