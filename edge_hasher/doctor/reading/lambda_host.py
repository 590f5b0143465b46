"""Which hosts are Lambda's own: Function URLs, and the younger Web Functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_hasher.doctor.facts import OriginKind

# Documented: "Use a Lambda function URL". Seen: the hosts of Web Functions.
_HOST = re.compile(r"[a-z0-9]+\.lambda-(?P<kind>url|web)\.(?P<region>[a-z0-9-]+)\.on\.aws", re.IGNORECASE)


def kind_of(host: str) -> OriginKind:
    """Return what kind of origin a host is."""
    match = _HOST.fullmatch(host)
    if match is None:
        return "other"
    return "function-url" if match["kind"].lower() == "url" else "web-function"


def region_of(host: str) -> str:
    """Return the Region in the host of a Function URL; raises ValueError for any other host."""
    match = _HOST.fullmatch(host)
    if match is None:
        raise ValueError(f"{host!r} is no host of a Function URL")
    return match["region"].lower()
