"""Parse the address and the headers that the user typed; refuse what cannot be sent."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSENDABLE = re.compile(r"[\x00-\x20\x7f#]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# The probe sets these; a second one would change what it asks.
_OWN_HEADERS = frozenset(
    {"connection", "content-length", "host", "transfer-encoding", "x-amz-content-sha256", "x-amz-date"}
)


class ProbeError(Exception):
    """The probe cannot run or continue; the message is one line: why, and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to ask. `target` is the path and query as they go on the wire, `port` None for the scheme's own."""

    scheme: str
    host: str
    port: int | None
    target: str

    @property
    def url(self) -> str:
        """The whole address, escaped."""
        return f"{self.scheme}://{self.netloc}{self.target}"

    @property
    def shown(self) -> str:
        """The address for people and files: a query may hold a secret (a signed URL), so it is left out."""
        return f"{self.scheme}://{self.netloc}{self.path}" + ("?…" if "?" in self.target else "")

    @property
    def netloc(self) -> str:
        """Host and, where it was given, port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def path(self) -> str:
        """The path without the query."""
        return self.target.partition("?")[0]

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine: then a local edge answers, not AWS."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a name or an address, without a port, is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def parse_address(url: str, *, path: str | None = None) -> Address:
    """Return the address that `url` names, with `path` instead of its own; a bare host means https.

    Raises ProbeError for anything but an http(s) address.
    """
    try:
        parts = urlsplit(url if _SCHEME.match(url) else f"https://{url}")
        host, port = parts.hostname, parts.port
        user = parts.username
    except ValueError as error:
        raise ProbeError(f"{url!r} is not an address: {error}") from error
    if parts.scheme not in {"http", "https"} or not host or not _is_host(host):
        raise ProbeError(f"{url!r} is not an address: give https://HOST/PATH, such as https://d111.cloudfront.net/chat")
    if user is not None:
        raise ProbeError(
            "the address holds a user name or password: leave them out, or send --header 'Authorization: …'"
        )
    if parts.fragment:
        raise ProbeError(f"{url!r} has a fragment (#…), which is never sent: leave it out")
    target = path if path is not None else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, host, port, _target(target))


def parse_header(text: str) -> tuple[str, str]:
    """Return name and value of 'Name: value'. Raises ProbeError if it cannot be sent or the probe sets it."""
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not _TOKEN.fullmatch(name):
        raise ProbeError(f"--header takes 'Name: value', not {text!r}")
    if _CONTROL.search(value):
        raise ProbeError(f"--header {name}: the value holds a control character")
    if name.lower() in _OWN_HEADERS:
        raise ProbeError(f"--header {name}: the probe sets this one itself")
    return name, value


def _is_host(host: str) -> bool:
    if ":" in host:
        return True  # urlsplit has checked the brackets
    try:
        labels = host.encode("idna").decode().rstrip(".").split(".")
    except UnicodeError:
        return False
    return all(re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?", label) for label in labels)


def _target(text: str) -> str:
    if not text.startswith("/"):
        raise ProbeError(f"--path begins with /, not {text!r}")
    if _UNSENDABLE.search(text):
        raise ProbeError(f"the path {text!r} holds a blank, a control character or #: percent-encode it")
    return quote(text, safe="".join(map(chr, range(0x21, 0x7F))))
