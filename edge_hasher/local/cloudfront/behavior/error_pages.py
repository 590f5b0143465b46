"""Custom error responses of a distribution: the page that takes the place of an error, and hides it.

Facts it stands on:
- One is for a status of `STATUSES`; with a page it names a status for the viewer too (documented: CustomErrorResponse).
- It replaces what the origin answered, and CloudFront's own refusals as WAF's 403 (documented: "Generate custom error
  responses", "Using AWS WAF with CloudFront custom error pages"). That it also replaces the refusal of a method, and
  an answer that a function made, is inferred.
- Without a page it only says how long the error is cached (documented: CustomErrorResponse, ErrorCachingMinTTL).
- The page is fetched with GET from the behavior that serves its path (documented: "Generate custom error responses").
  That is another origin here, so its text is a stand-in.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Documented: CustomErrorResponse, ErrorCode, in "Generate custom error responses".
STATUSES = frozenset({400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """The page at `path` for an error of `status`; the viewer gets it with `shown_status`."""

    status: int
    path: str
    shown_status: int

    def __str__(self) -> str:
        """Return it as --error-page takes it."""
        return f"{self.status}:{self.path}:{self.shown_status}"

    @property
    def sentence(self) -> str:
        """What becomes of the error."""
        return (
            f"The custom error response for {self.status} hides this answer: the viewer gets {self.shown_status} and "
            f"the page {self.path}. A distribution has one for all its behaviors."
        )

    @property
    def body(self) -> bytes:
        """A page in place of the real one, which is not here."""
        lines = (
            "<!DOCTYPE html>",
            '<html><head><meta charset="utf-8"><title>Custom error page</title></head><body>',
            f"<p>CloudFront shows the page {html.escape(self.path)} here, with the status {self.shown_status}.</p>",
            f"<p>It is the distribution's custom error response for {self.status}.</p>",
            "</body></html>",
            "",
        )
        return "\n".join(lines).encode()


def page_for(status: int, pages: Iterable[ErrorPage]) -> ErrorPage | None:
    """Return the page that the viewer gets in place of an error."""
    return next((each for each in pages if each.status == status), None)


def parse(text: str) -> ErrorPage:
    """Read `403:/index.html:200`; without the last number the status stays. Raises ValueError with what is wrong."""
    status, _, rest = text.partition(":")
    path, colon, shown = rest.rpartition(":")
    if not colon or not shown.isdecimal():
        path, shown = rest, status
    if not (status.isdecimal() and path.startswith("/")):
        raise ValueError(f"{text!r} is not STATUS:/PAGE:STATUS, such as 403:/index.html:200")
    page = ErrorPage(status=int(status), path=path, shown_status=int(shown))
    if page.status not in STATUSES:
        raise ValueError(f"CloudFront has no custom error response for {status}, only for {_listed(STATUSES)}")
    if page.shown_status not in STATUSES | {200}:
        raise ValueError(f"CloudFront shows an error page with 200 or a status of {_listed(STATUSES)}, not {shown}")
    return page


def _listed(statuses: Iterable[int]) -> str:
    return ", ".join(str(each) for each in sorted(statuses))
