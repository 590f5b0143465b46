"""One answer as it came, bounded."""

from __future__ import annotations

from dataclasses import dataclass, field

BODY_LIMIT_BYTES = 65_536  # the documents that matter are far smaller
HEADERS_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResponse:
    """Status, headers and the beginning of the body; status 0 if it is unknown (a body pasted alone)."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    seconds: float = 0.0

    def header(self, name: str) -> str:
        """Return the first value of a header (lower-case name), or ''."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A request that got no answer; `reason` is one line: who did what, and when."""

    reason: str
    seconds: float = 0.0
