"""The names that a distribution answers to; CloudFront refuses a request whose Host is none of them."""

from __future__ import annotations

import ipaddress
import re

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_ALIAS = re.compile(rf"(\*\.)?({_LABEL}\.)+{_LABEL}\Z")
_ALIAS_LIMIT_CHARS = 253
_PORT = re.compile(r":[0-9]*\Z")


def alias_problem(alias: str) -> str | None:
    """Return why a distribution would refuse the alternate domain name, or None.

    In lower case, and a wildcard only as its whole first label: "Requirements for using alternate domain names"
    (documented).
    """
    if len(alias) <= _ALIAS_LIMIT_CHARS and _ALIAS.match(alias):
        return None
    return f"--alias takes a domain name in lower case, such as www.example.com or *.example.com, not {alias!r}"


def serves(host: str, names: tuple[str, ...], *, listens_on: str) -> bool:
    """Whether a request with this Host header is for the distribution; `names` are its own and the alternate ones.

    Beside them: the names of the loopback interface, and the address where the edge listens (any address, where it
    listens beyond loopback: a name can be made to resolve to us, an address cannot).
    """
    name = _PORT.sub("", host.lower())
    if name in {listens_on.lower(), "localhost"} or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return any(_matches(name, alias) for alias in names)
    return address.is_loopback or not _is_loopback(listens_on)


def _matches(name: str, alias: str) -> bool:
    """Whether a name is the alias; a wildcard stands for one label or more, as in CloudFront (documented)."""
    if alias.startswith("*."):
        return name.endswith(alias[1:]) and not name.startswith(".")
    return name == alias


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
