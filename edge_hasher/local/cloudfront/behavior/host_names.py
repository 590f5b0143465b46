"""The names that a distribution answers to; CloudFront refuses a request whose Host is none of them."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_ALIAS = re.compile(rf"((\*\.)?({_LABEL}\.)+)?{_LABEL}\Z")
_ALIAS_LIMIT_CHARS = 253
_PORT = re.compile(r":[0-9]*\Z")


def alias_problem(alias: str) -> str | None:
    """Return why a distribution would refuse the alternate domain name, or None.

    In lower case, and a wildcard only as its whole first label: "Requirements for using alternate domain names"
    (documented). A single label, which is no public name, is taken: containers have such names.
    """
    if len(alias) <= _ALIAS_LIMIT_CHARS and _ALIAS.match(alias):
        return None
    return f"--alias takes a domain name in lower case, such as www.example.com or *.example.com, not {alias!r}"


def name_of(host: str) -> str:
    """Return the name in a Host header, in lower case and without its port."""
    return _PORT.sub("", host.lower())


@lru_cache(maxsize=64)  # a viewer's requests all have the same Host
def serves(host: str, names: tuple[str, ...], *, listens_on: str) -> bool:
    """Whether a request with this Host header is for the distribution; `names` are its own and the alternate ones.

    Beside them: the names of the loopback interface, and the address where the edge listens (any address, where it
    listens beyond loopback: a name can be made to resolve to us, an address cannot).
    """
    name = name_of(host)
    if name in {listens_on.lower(), "localhost", *names} or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        # A wildcard stands for one label or more (documented).
        return any(alias.startswith("*.") and name.endswith(alias[1:]) for alias in names) and not name.startswith(".")
    return address.is_loopback or not _is_loopback(listens_on)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
