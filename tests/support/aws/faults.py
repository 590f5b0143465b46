"""What can go wrong with one call to AWS, on the wire: raised in a proxy's `before` or `after`, or put in by `fail`.

    with AwsProxy(ministack.endpoint).running() as proxy:
        fail(proxy, RESET, at=6, when="after")        # call 6 takes effect, and its answer is lost
        fail(proxy, THROTTLED, match="PUT ")          # every update is throttled
        run_a_command(proxy.endpoint)
    assert proxy.met                                  # a fault that nobody met proves nothing

`when="before"`: MiniStack never sees the call. `when="after"`: the call takes effect, then the answer is replaced.
`FAULTS` has them all by name; CUT ones need an answer to cut, so they are for `after` alone (`needs_answer`). SECRET
stands in every page that a fault makes up, and in no message that is right.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.aws.distribution_configs import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.aws.aws_proxy import AwsProxy

HOP_HEADERS = {"connection", "transfer-encoding", "content-length", "keep-alive"}
Wire = bytes | None  # None: the connection is reset

_XML = "text/xml"
_JSON = "application/json"


def page(status: str, content: str, content_type: str, *, length: int | None = None, headers: str = "") -> bytes:
    """Give an answer as it goes over the wire; `length` None is its true one, and negative is none."""
    body = content.encode()
    size = len(body) if length is None else length
    framing = f"Content-Length: {size}\r\n" if size >= 0 else ""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{framing}{headers}Connection: close\r\n\r\n"
    return head.encode() + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A way to fail: `wire` makes what is sent from MiniStack's answer, as status line, headers and content."""

    name: str
    wire: Callable[[bytes, bytes], Wire]
    needs_answer: bool = False

    def send(self, connection: socket.socket, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        """Fail on a connection, instead of this answer."""
        lines = [f"{name}: {value}" for name, value in headers if name.lower() not in HOP_HEADERS]
        head = "\r\n".join([f"HTTP/1.1 {status} OK", *lines, f"Content-Length: {len(content)}", "", ""])
        wire = self.wire(head.encode(), content)
        if wire is not None:
            connection.sendall(wire)
            return
        # Closed without waiting, a socket sends RST.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


class FaultMet(Exception):  # noqa: N818 (it is what happens, and no error of the proxy)
    """Raised in a proxy's hook: the connection ends with this fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


def fail(
    proxy: AwsProxy, fault: Fault, *, when: str = "before", at: int | None = None, match: str = "", times: int = 1
) -> None:
    """Let a call fail: the one numbered `at`, else the first `times` whose method and path begin with `match`."""
    left = times

    def hook(number: int, call: str) -> None:
        nonlocal left
        if left > 0 and (number == at if at is not None else call.startswith(match)):
            left -= 1
            proxy.met.append(call)
            raise FaultMet(fault)

    setattr(proxy, when, hook)


def _made(status: str, content: str, content_type: str, headers: str = "") -> Callable[[bytes, bytes], Wire]:
    return lambda _head, _content: page(status, content, content_type, headers=headers)


def _error(code: str) -> str:
    """Give AWS's own error, in the XML that CloudFront and IAM answer."""
    return f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>No.</Message></Error></ErrorResponse>"


_HTML = f"<html><head><title>Sign in</title></head><body>{SECRET}<br></body></html>"
_THROTTLED_HEADERS = "x-amzn-ErrorType: ThrottlingException\r\n"

RESET = Fault(name="reset", wire=lambda _head, _content: None)
CLOSED = Fault(name="closed", wire=lambda _head, _content: b"")
CUT = Fault(name="cut", wire=lambda head, content: head + content[: len(content) // 2], needs_answer=True)
HALF = Fault(
    name="half",
    wire=lambda _head, content: page("200 OK", content[: len(content) // 2].decode(errors="ignore"), _XML),
    needs_answer=True,
)
THROTTLED = Fault(name="throttled", wire=_made("400 Bad Request", _error("Throttling"), _XML))
THROTTLED_JSON = Fault(
    name="throttled-json",
    wire=_made("429 Too Many Requests", '{"message": "Rate exceeded"}', _JSON, _THROTTLED_HEADERS),
)
FAILED = Fault(name="failed", wire=_made("500 Internal Server Error", _error("InternalError"), _XML))
UNAVAILABLE = Fault(name="unavailable", wire=_made("503 Service Unavailable", _HTML, "text/html"))
TIMED_OUT = Fault(name="timed-out", wire=_made("504 Gateway Timeout", _HTML, "text/html"))
STALE = Fault(name="stale", wire=_made("412 Precondition Failed", _error("PreconditionFailed"), _XML))
DENIED = Fault(name="denied", wire=_made("403 Forbidden", _error("AccessDenied"), _XML))
BLOCKED = Fault(name="blocked", wire=_made("403 Forbidden", _HTML, "text/html"))
HTML = Fault(name="html", wire=_made("200 OK", _HTML, "text/html"))
XHTML = Fault(name="xhtml", wire=_made("200 OK", _HTML.replace("<br>", "<br/>"), "application/xhtml+xml"))
EMPTY = Fault(name="empty", wire=_made("200 OK", "", _XML))
EMPTY_JSON = Fault(name="empty-json", wire=_made("200 OK", "{}", _JSON))
OTHER_XML = Fault(name="other-xml", wire=_made("200 OK", f"<Other><Id>{SECRET}</Id></Other>", _XML))
JSON_LIST = Fault(name="json-list", wire=_made("200 OK", f'["{SECRET}"]', _JSON))
ENTITIES = Fault(
    name="entities",
    wire=_made("200 OK", f'<!DOCTYPE a [<!ENTITY b "{SECRET}">]><Distribution>&b;</Distribution>', _XML),
)

FAULTS = {
    fault.name: fault
    for fault in (
        RESET,
        CLOSED,
        CUT,
        HALF,
        THROTTLED,
        THROTTLED_JSON,
        FAILED,
        UNAVAILABLE,
        TIMED_OUT,
        STALE,
        DENIED,
        BLOCKED,
        HTML,
        XHTML,
        EMPTY,
        EMPTY_JSON,
        OTHER_XML,
        JSON_LIST,
        ENTITIES,
    )
}
