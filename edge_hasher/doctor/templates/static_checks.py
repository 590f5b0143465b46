"""Doctor's checks, as far as code answers them: those that `places` knows.

Whether a change is deployed (EH104), whether a version is active (EH609) and how large the package became (EH619) only
AWS knows.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from edge_hasher.doctor.check import CannotTellError
from edge_hasher.doctor.checks import CHECKS, edge_function
from edge_hasher.doctor.templates.places import PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.doctor.check import Check, CheckContext, Fault
    from edge_hasher.doctor.facts import Unread


def _in_code(check: Check) -> Check:
    """Return a check without what it requires of checks that are not asked."""
    return replace(check, requires=tuple(code for code in check.requires if code in PLACES))


STATIC_CHECKS = tuple(_in_code(each) for each in CHECKS if each.code in PLACES)
# For a function that the code makes, and no distribution of it uses.
FUNCTION_CHECKS = tuple(replace(each, requires=()) for each in edge_function.CHECKS if each.code in PLACES)


def checks(unsettled: Mapping[str, Unread]) -> tuple[Check, ...]:
    """Return the checks; those that are unsettled cannot tell, and say why."""
    return tuple(
        replace(each, look=partial(_cannot_tell, unsettled[each.code])) if each.code in unsettled else each
        for each in STATIC_CHECKS
    )


def _cannot_tell(unread: Unread, _: CheckContext) -> Fault | None:
    raise CannotTellError(unread)
