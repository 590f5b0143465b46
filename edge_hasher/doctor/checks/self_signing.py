"""Origins without an access control, where a Lambda@Edge function of the user's own makes the signature instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor.check import CannotTellError
from edge_hasher.doctor.facts import Unread
from edge_hasher.doctor.fixes.distribution import has_another_function

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext


def signs_itself(context: CheckContext) -> bool:
    """Whether the signature, if there is one, comes from a function that is known to be another than Edge Hasher."""
    return context.behavior.origin.access_control is None and has_another_function(context.behavior)


def ask_only_cloudfront(context: CheckContext) -> None:
    """Raise CannotTellError where CloudFront does not sign: what does sets Host, and has a role of its own."""
    if signs_itself(context):
        raise CannotTellError(Unread(what="the signature", why="a function makes it", after="EH201"))
