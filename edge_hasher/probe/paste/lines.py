"""Read exchanges from lines: raw HTTP as tools print it, and headers and statuses copied in any other way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge_hasher.probe.paste import marks
from edge_hasher.probe.paste.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE_LIMIT_CHARS = 16_384
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$")
_VERBOSE = re.compile(r"^[ \t]*(?:< HTTP/|> (?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+ HTTP/)", re.MULTILINE)
# What curl -v writes around the answer: comments, byte counts, and the table of its progress.
_NOISE = re.compile(r"(\* |\*$|[{}] \[[0-9]+ bytes data\]|\s*% Total |\s*Dload |\s*[0-9]+ +[0-9.kMG]+ +[0-9]+ )")
_ENVELOPE = re.compile(
    r'"name"\s*:\s*"([^"]+)"\s*,\s*"value"\s*:\s*"([^"]*)"'
)  # HAR's way, half of which may be pasted


def read_lines(text: str) -> list[Exchange]:
    """Return the exchanges of a text, in order; at least one, which may hold lines alone."""
    reader = _Reader(verbose=_VERBOSE.search(text) is not None)
    joined = marks.LABEL.sub(r"\1: ", _ENVELOPE.sub(r'"\1": "\2"', text))
    lines = [line[:_LINE_LIMIT_CHARS] for line in joined.split("\n")]
    for number, line in enumerate(lines):
        reader.read(line, lines[number + 1] if number + 1 < len(lines) else None)
    return _joined(reader.exchanges)


class _Reader:
    """Reads one line after another. `head` is the side whose head is read, `section` the one that headers belong to."""

    def __init__(self, *, verbose: bool) -> None:
        self.exchanges = [Exchange()]
        self._verbose = verbose
        self._head = ""
        self._section = "response"
        self._in_body = False
        self._asked = False  # behind a request's head, where its body stands
        self._waiting = ""  # a header's name whose value is on the next line

    @property
    def _now(self) -> Exchange:
        return self.exchanges[-1]

    def read(self, line: str, following: str | None) -> None:
        """Read a line; `following` is the next one."""
        if self._verbose:
            marked = line.lstrip()
            if _NOISE.match(marked):
                return
            if marked[:2] in {"< ", "> "} or marked in {"<", ">"}:
                self._read_marked(marked[0], marked[2:])
                return
        stripped = line.strip()
        if self._status_line(stripped, following) or self._request_line(stripped):
            return
        if self._head:
            self._read_head(line, stripped)
        elif self._in_body or not self._read_loose(line, stripped):
            self._text(line)

    def _read_marked(self, mark: str, rest: str) -> None:
        """Read a line of curl -v's; headers marked so do not end with a body."""
        status = marks.HTTP_STATUS.match(rest)
        if mark == "<" and status:
            self._status(int(status[1]), "verbose")
        elif mark == ">" and self._request_line(rest):
            pass
        elif found := _HEADER.match(rest):
            (self._now.receive if mark == "<" else self._now.send)(found[1], found[2].strip())
        self._head, self._in_body = "", False

    def _status_line(self, line: str, following: str | None) -> bool:
        found = marks.HTTP_STATUS.match(line)
        after = (following or "").strip()
        if found is None or not (not after or _HEADER.match(after) or after[0] in '{<"' or not self._in_body):
            return False
        self._status(int(found[1]), "http")
        self._head = self._section = "response"
        self._in_body = False
        return True

    def _request_line(self, line: str) -> bool:
        found = marks.REQUEST_LINE.match(line)
        if found is None:
            return False
        self._request(found[1], found[2])
        self._head = self._section = "request"
        self._in_body, self._asked = False, True
        return True

    def _read_head(self, line: str, stripped: str) -> None:
        header = _HEADER.match(stripped)
        if header is not None:
            (self._now.receive if self._head == "response" else self._now.send)(header[1], header[2].strip())
            return
        self._in_body = self._head == "response"
        self._head = ""
        if stripped:
            self._text(line)

    def _text(self, line: str) -> None:
        if self._asked and not self._now.status:
            self._now.sent_body += line
        else:
            self._now.lines.append(line)

    def _read_loose(self, line: str, stripped: str) -> bool:
        """Read a line of no particular form; False if it stays text."""
        if self._waiting:
            name, self._waiting = self._waiting, ""
            if stripped and not marks.header_line().match(stripped):
                self._header(name, stripped)
                return True
        if section := marks.SECTION.match(stripped):
            self._section = "request" if section[1].lower() == "request" else "response"
            return True
        within = list(marks.headers_within().finditer(line))
        if len(within) <= 1 and (found := marks.header_line().match(stripped)):
            self._header_line(found)
            return True
        for each in within:
            values = (each["double"], each["single"], each["bare"], each["listed"], each["mapped"])
            self._header(each["name"] or each["shell"] or each["go"], next((value for value in values if value), ""))
        self._loose_request(stripped)
        self._loose_status(stripped)
        return False

    def _header_line(self, found: re.Match[str]) -> None:
        value = found["value"].strip()
        if not value:
            self._waiting = found["name"]
            return
        inner = value.rstrip(",;|").strip()
        inner = inner.strip("[]{}").strip() if inner[:1] in "[{" else inner.rstrip("]}").strip()
        self._header(found["name"], inner.strip("\"'"))

    def _header(self, name: str, value: str) -> None:
        if value.startswith("System."):
            return  # PowerShell names the type instead of the value
        lower = name.lower()
        if lower in marks.PSEUDO_NAMES:
            self._section = "request"
        sent = lower in marks.REQUEST_NAMES or (lower in marks.EITHER_NAMES and self._section == "request")
        (self._now.send if sent else self._now.receive)(lower, value)

    def _loose_request(self, line: str) -> None:
        if found := marks.METHOD_AND_URL.match(line):
            self._request(found[1], found[2])
        elif found := marks.WGET.match(line):
            self._request("", found[1])
        elif found := marks.COMMAND.match(line):
            method = marks.COMMAND_METHOD.search(line)
            self._request(method[1] if method else "POST" if marks.COMMAND_BODY.search(line) else "", found[1])
            for header in marks.COMMAND_HEADER.finditer(line):
                self._now.send(header[2], header[3])
        elif found := marks.REQUEST_FIELD.match(line):
            if found[1].lower() == "method":
                self._now.ask(method=found[2])
            elif found[2].startswith("http") and line.lower().lstrip("\"'").startswith("request"):
                self._request("", found[2])
            else:
                self._now.ask(url=found[2])

    def _loose_status(self, line: str) -> None:
        for form, pattern in marks.STATUSES:
            if found := pattern.match(line):
                groups = found.groupdict()
                if form == "words" and self._now.status:
                    return
                self._status(int(groups.get("status") or found[1]), form)
                if groups.get("method"):
                    self._now.ask(groups["method"], groups["url"])
                elif form in {"library", "client"} and (address := marks.ADDRESS.search(line)):
                    self._now.ask(url=address[0])
                return

    def _request(self, method: str, url: str) -> None:
        """Begin a request: a new exchange, unless nothing was answered yet."""
        if self._now.has_answer:
            self.exchanges.append(Exchange())
        self._now.ask(method, url)
        self._section = "request" if method else self._section

    def _status(self, status: int, form: str) -> None:
        """Note a status: of a new exchange, unless it is the same one said in another way."""
        now = self._now
        if now.status and (now.status != status or form in now.forms):
            if form in {"library", "client", "reason", "words", "page"} and now.status == status:
                return
            self.exchanges.append(Exchange())
        self._now.status = status
        self._now.forms.add(form)
        self._section, self._asked = "response", False


def _joined(exchanges: list[Exchange]) -> list[Exchange]:
    """Return the exchanges; a request that stands behind its answer, as browsers show it, is joined to it."""
    return list(_joining(exchanges))


def _joining(exchanges: list[Exchange]) -> Iterator[Exchange]:
    kept: Exchange | None = None
    for each in exchanges:
        if kept is not None and not each.status and not each.headers and not kept.method:
            kept.take_request(each)
            kept.lines += each.lines
            continue
        if kept is not None:
            yield kept
        kept = each
    if kept is not None:
        yield kept
