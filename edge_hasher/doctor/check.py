"""A check as data: a code that never changes, a title, what it requires, how bad it is, one look at the facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar, cast

from edge_hasher.doctor.check_pages import page_of
from edge_hasher.doctor.facts import FunctionUrlFacts, Unread

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.doctor.facts import AssociationFacts, BehaviorFacts, Facts

    Look = Callable[["CheckContext"], "Fault | None"]

Severity = Literal["broken", "risky", "note"]
SEVERITIES: tuple[Severity, ...] = ("broken", "risky", "note")

_T = TypeVar("_T")


class CannotTellError(Exception):
    """A check needs a fact that could not be read, or that does not decide."""

    def __init__(self, unread: Unread) -> None:
        super().__init__(f"{unread.what}: {unread.why}")
        self.unread = unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """How to fix it: a command to paste, and the lines for a template that may own the resource."""

    command: str
    sam: str
    terraform: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a check found, with the place and the actual value; `severity` overrides the check's own."""

    what: str
    fix: Fix
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a check looks at: the facts and one behavior."""

    facts: Facts
    behavior: BehaviorFacts

    @property
    def url(self) -> FunctionUrlFacts:
        """The Function URL behind the behavior; raises CannotTellError if it could not be read."""
        return known(self.behavior.origin.url)

    def ask_only_private(self) -> None:
        """Raise CannotTellError where the Function URL is public, so nothing verifies what a check is about."""
        url = self.behavior.origin.url
        if isinstance(url, FunctionUrlFacts) and url.is_public:
            raise CannotTellError(Unread(what="the signature", why="a public URL verifies none", after="EH301"))

    @property
    def association(self) -> AssociationFacts | None:
        """The behavior's origin-request function."""
        return self.behavior.origin_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must be right, as `title` says; `meaning` is what a viewer gets if it is not.

    `requires` are codes whose finding explains this one too: then it is skipped, with that reason.
    """

    code: str
    title: str
    severity: Severity
    meaning: str
    look: Look
    requires: tuple[str, ...] = ()
    group: str = ""

    @property
    def explain(self) -> str:
        """The command that explains the code, wherever it was installed from."""
        return f"edge-hasher explain {self.code}"

    @property
    def docs(self) -> str:
        """Where the code is explained in the repository."""
        return f"docs/checks.md#{self.code.lower()}"


def check(code: str, *, requires: tuple[str, ...] = ()) -> Callable[[Look], Check]:
    """Make a check of a look at the facts; its words are those of its page."""
    page = page_of(code)

    def make(look: Look) -> Check:
        return Check(
            code=code,
            title=page.title,
            severity=cast("Severity", page.severity),
            meaning=page.meaning,
            look=look,
            requires=requires,
            group=page.group,
        )

    return make


def known(value: _T | Unread) -> _T:
    """Return what was read; raises CannotTellError if it was not."""
    if isinstance(value, Unread):
        raise CannotTellError(value)
    return value
