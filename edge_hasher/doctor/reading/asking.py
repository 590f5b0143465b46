"""One question to AWS: its answer, None where the thing is not there, or Unread where the credentials may not look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from edge_hasher.aws.clients import ClientError
from edge_hasher.aws.errors import NotAllowedError, OperateError, code_of, translated
from edge_hasher.doctor.facts import Unread

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = dict[str, Any]


def ask(what: str, action: str, call: Callable[[], object]) -> Answer | Unread | None:
    """Ask once, for `what`, which the IAM action `action` allows; raises OperateError when AWS cannot be asked."""
    service = action.partition(":")[0]
    try:
        with translated(service):
            return cast("Answer", call())
    except NotAllowedError:
        return Unread(what=what, why=f"the credentials may not read it: {action} is missing", permission=action)
    except OperateError as error:
        if isinstance(error.__cause__, ClientError) and _is_gone(code_of(error.__cause__)):
            return None
        raise


def _is_gone(code: str) -> bool:
    return code.startswith("NoSuch") or code == "ResourceNotFoundException"
