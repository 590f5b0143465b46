"""Waiting until CloudFront has brought a change to all its locations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.aws.cloudfront import DEPLOYED
from edge_hasher.aws.errors import NoAnswerError, ThrottledError
from edge_hasher.terminal import minutes_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.operate.clock import Clock

# Seen: most deployments take 3 to 10 minutes. The AWS CLI's own waiter gives up after 35.
TIMEOUT_S = 35 * 60
EVERY_S = 10.0
_LOST_ANSWERS = 6  # a laptop changes networks; a minute without an answer is the end
_THROTTLED_EVERY_S = 120.0


def until_deployed(
    status: Callable[[], str],
    *,
    progress: Callable[[str], None],
    clock: Clock,
    timeout_s: float = TIMEOUT_S,
) -> bool:
    """Return whether the status is Deployed before the time is up.

    Some lost answers in a row do not end the wait, and throttling never does: it makes the pauses longer.
    """
    start, lost, every_s = clock.now(), 0, EVERY_S
    while True:
        is_deployed = False
        try:
            is_deployed, lost, every_s = status() == DEPLOYED, 0, EVERY_S
        except ThrottledError:
            every_s = min(2 * every_s, _THROTTLED_EVERY_S)
        except NoAnswerError:
            lost += 1
            if lost >= _LOST_ANSWERS:
                raise
        elapsed_s = clock.now() - start
        if is_deployed or elapsed_s >= timeout_s:
            return is_deployed
        progress(f"deploying to all edge locations, which takes minutes: {minutes_text(elapsed_s)}")
        clock.sleep(min(every_s, timeout_s - elapsed_s))
