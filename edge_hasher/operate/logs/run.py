"""The command logs: find the function and its log groups, ask every Region, print, and follow."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from edge_hasher.aws.errors import CredentialsError, OperateError
from edge_hasher.operate import function_choice
from edge_hasher.operate.logs import collect as logs
from edge_hasher.operate.logs import report
from edge_hasher.operate.logs.follow import Follower

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_hasher.aws.door import Aws
    from edge_hasher.aws.logs import Line
    from edge_hasher.operate.clock import Clock
    from edge_hasher.operate.logs.collect import LogSource
    from edge_hasher.screen import Screen

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"([0-9]{1,6})([smhdw])")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """Options of logs; `regions` empty is all of them."""

    since: str = "1h"
    function: str | None = None
    distribution: str | None = None
    regions: tuple[str, ...] = ()
    follow: bool = False
    as_json: bool = False


def run(
    options: LogOptions, aws: Aws, source: LogSource, screen: Screen, clock: Clock, echo: Callable[[str], None]
) -> int:
    """Print the lines and return the exit code, 1 where a Region failed; raises OperateError where none answers."""
    start_ms = since_ms(options.since, clock.date())
    wanted = _query(options, aws, screen)
    regions = options.regions or tuple(aws.logs.regions())

    def emit(lines: Sequence[Line]) -> None:
        screen.clear()
        for line in lines:
            echo(report.as_json(line) if options.as_json else report.as_text(line))

    def tell(region: str, problem: str) -> None:
        screen.say(f"{region}: {problem}")
        if options.as_json:
            echo(report.problem_json(region, problem))

    found = logs.collect(source, regions, wanted, start_ms=start_ms, progress=screen.progress)
    if options.regions:  # who names a Region wants its lines
        found = replace(found, failed=(*found.failed, *found.not_enabled), not_enabled=())
    emit(found.lines)
    for region, problem in report.problems(found, follows=options.follow):
        tell(region, problem)
    for note in report.notes(found, wanted):
        screen.say(note)
    follower = Follower(
        source=source, regions=regions, wanted=wanted, start_ms=start_ms, emit=emit, tell=tell, clock=clock
    )
    if options.follow:
        with suppress(KeyboardInterrupt):
            follower.run(found)
    return 1 if found.failed or follower.has_failed else 0


def since_ms(text: str, now: datetime) -> int:
    """Return the start in milliseconds since 1970 for 90s, 15m, 1h, 2d, 1w or an ISO time; raises OperateError."""
    text = text.strip()
    try:
        if match := _AGO.fullmatch(text):
            start = now - timedelta(**{_UNITS[match[2]]: int(match[1])})
        else:
            start = datetime.fromisoformat(text)
            start = start if start.tzinfo else start.astimezone()
    except OverflowError:
        return 0
    except ValueError:
        raise OperateError(f"--since takes 90s, 15m, 1h, 2d or a time like 2026-11-20T09:30Z, not {text!r}") from None
    return max(0, int(start.timestamp() * 1000))


def _query(options: LogOptions, aws: Aws, screen: Screen) -> logs.LogQuery:
    if not all(options.regions):
        raise OperateError("--region takes the name of a Region, such as eu-west-1, not ''")
    name = function_choice.function_named(aws, options.function).name
    distribution = options.distribution
    if distribution is not None:
        # An id is not looked up, so logs of a deleted distribution can be read.
        distribution = aws.cloudfront.id_of(distribution, screen.progress)
        if not distribution.isalnum():
            raise OperateError(f"{distribution!r} is not the id, ARN or domain name of a distribution")
    return logs.LogQuery(function=name, distribution=distribution, custom_group=_custom_group(aws, name, screen))


def _custom_group(aws: Aws, name: str, screen: Screen) -> str | None:
    """Return the log group that the function was given, if any. Inferred: its name at the edge is the same."""
    try:
        configuration = aws.functions.configuration(name)
    except CredentialsError:
        raise
    except OperateError as error:
        screen.say(f"note: whether the function has a log group of its own is not known: {error}")
        return None
    group: str | None = configuration.get("LoggingConfig", {}).get("LogGroup")
    return None if group in {None, f"/aws/lambda/{name}"} else group
