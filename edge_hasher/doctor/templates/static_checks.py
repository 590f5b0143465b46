"""Doctor's checks, less those that only a deployed distribution can answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edge_hasher.doctor.check import CannotTellError
from edge_hasher.doctor.checks import CHECKS, edge_function
from edge_hasher.doctor.facts import Unread

if TYPE_CHECKING:
    from edge_hasher.doctor.check import Check, CheckContext, Fault

# Whether a change is deployed, whether a version is active, and how large the package became.
LIVE_ONLY = frozenset({"EH104", "EH609", "EH619"})
REGION = "EH606"
STATIC_CHECKS = tuple(each for each in CHECKS if each.code not in LIVE_ONLY)
# For a function that the code makes, and no distribution of it uses.
FUNCTION_CHECKS = tuple(replace(each, requires=()) for each in edge_function.CHECKS if each.code not in LIVE_ONLY)


def checks(*, region_is_assumed: bool) -> tuple[Check, ...]:
    """Return the checks; without a Region, whether the edge function is in the right one cannot be said."""
    if not region_is_assumed:
        return STATIC_CHECKS
    return tuple(replace(each, look=_not_known) if each.code == REGION else each for each in STATIC_CHECKS)


def _not_known(_: CheckContext) -> Fault | None:
    why = "it is not in the template; --parameter AWS::Region=us-east-1 says it"
    raise CannotTellError(Unread(what="the stack's Region", why=why))
