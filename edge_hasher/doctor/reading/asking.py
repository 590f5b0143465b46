"""One question to AWS: its answer, None where the thing does not exist, Unread where the credentials may not look."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from edge_hasher.aws.errors import NotAllowedError, NotFoundError
from edge_hasher.doctor.facts import Unread

if TYPE_CHECKING:
    from collections.abc import Callable

_Answer = TypeVar("_Answer")


def ask(what: str, call: Callable[[], _Answer]) -> _Answer | Unread | None:
    """Ask once, for `what`; raises OperateError when AWS cannot be asked."""
    try:
        return call()
    except NotAllowedError as error:
        why = f"the credentials may not read it: {error.action} is missing"
        return Unread(what=what, why=why, permission=error.action)
    except NotFoundError:
        return None
