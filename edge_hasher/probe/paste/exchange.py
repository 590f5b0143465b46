"""One request and its answer, as far as a paste shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from edge_hasher.probe.sending.answer import HEADERS_LIMIT, ProbeResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

_METHOD = re.compile(r"[A-Za-z]{3,10}")
_HEADER_LIMIT_CHARS = 8192
_BODY_LIMIT_BYTES = 4 << 20  # a tool's output may be long, and its error stands at the end
_RESPONSE_IDS = frozenset({"via", "x-cache", "x-amz-cf-id"})


class PasteError(Exception):
    """Nothing in the paste can be explained; the message is one line."""


@dataclass(slots=True)
class Exchange:
    """A request and its answer. Empty fields are not known.

    `sent` are the request's headers, `sent_body` its body. `lines` are the answer's body, and what stood around it.
    `forms` say how the status was written. `log_result` is the result type of a line in CloudFront's log. `local_edge`
    is set where `edge-hasher local` answered: its CloudFront, or its Function URL directly; `local_sentence` is why.
    """

    method: str = ""
    host: str = ""
    path: str = ""
    query: str = ""
    sent: list[tuple[str, str]] = field(default_factory=list)
    sent_body: str = ""
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    forms: set[str] = field(default_factory=set)
    log_result: str = ""
    local_edge: Literal["", "edge", "direct"] = ""
    local_sentence: str = ""

    @property
    def answer(self) -> ProbeResponse:
        """The answer, as the probe reads it."""
        body = "\n".join(self.lines).strip("\n").encode("utf-8", "replace")
        return ProbeResponse(
            status=self.status, headers=tuple(self.headers[:HEADERS_LIMIT]), body=body[:_BODY_LIMIT_BYTES]
        )

    @property
    def has_answer(self) -> bool:
        """Whether a status or a header of an answer was found."""
        return bool(self.status or any(name.lower() in _RESPONSE_IDS for name, _ in self.headers))

    def request_header(self, name: str) -> str:
        """Return the first value of a request header (lower-case name), or ''."""
        return next((value for key, value in self.sent if key.lower() == name), "")

    def ask(self, method: str = "", url: str = "") -> None:
        """Note method and address; an address may be a path alone. The query may hold secrets: it is never shown."""
        self.method = method.upper() if _METHOD.fullmatch(method) else self.method
        try:
            parts = urlsplit(url.strip("'\"<>,"))
        except ValueError:
            return
        self.host = parts.netloc.rpartition("@")[2] or self.host
        if parts.path or parts.netloc:
            self.path, self.query = parts.path or "/", parts.query

    def send(self, name: str, value: str) -> None:
        """Note a request header."""
        name = name.lower()
        self.sent.append((name, value[:_HEADER_LIMIT_CHARS]))
        if name in {"host", ":authority"}:
            self.host = self.host or value
        elif name == ":method":
            self.ask(method="" if self.method else value)
        elif name == ":path":
            self.ask(url=value)

    def receive(self, name: str, value: str) -> None:
        """Note a header of the answer."""
        self.headers.append((name, value[:_HEADER_LIMIT_CHARS]))

    def take_request(self, other: Exchange) -> None:
        """Take over the request of an exchange that has nothing else."""
        self.method, self.host = other.method, other.host or self.host
        self.path, self.query = other.path or self.path, other.query or self.query
        self.sent += other.sent
        self.sent_body = self.sent_body or other.sent_body


def failing(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Return those that failed; all of them if none did."""
    every = list(exchanges)
    return [each for each in every if each.status == 0 or each.status >= 400] or every  # noqa: PLR2004 - HTTP's line
