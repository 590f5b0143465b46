"""Which hosts are Lambda's own: Function URLs, and the younger Web Functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_hasher.doctor.facts import OriginKind

# Documented: "Use a Lambda function URL" and "Restrict access to an AWS Lambda Web Function origin". The regional hosts
# of Web Functions have two labels, global ones one and the Region `global`; Function URLs have one.
_HOST = re.compile(
    r"[a-z0-9-]+(\.lambda-url|(\.[a-z0-9-]+)*\.lambda-web)\.(?P<region>[a-z0-9-]+)\.on\.(aws|amazonwebservices\.com\.cn)",
    re.IGNORECASE,
)
_AROUND_HOST = re.compile(r"(?:https?://)?(?P<host>[^/:]+)(?:[/:].*)?", re.IGNORECASE)


def host_in(domain_name: str) -> str:
    """Return the host in what may be a whole URL, as people write it by mistake."""
    match = _AROUND_HOST.fullmatch(domain_name)
    return match["host"] if match else domain_name


def kind_of(host: str) -> OriginKind:
    """Return what kind of origin a host is, or is meant to be: a whole URL is one that CloudFront will refuse."""
    if _HOST.fullmatch(host_in(host)) is None:
        return "other"
    return "function-url" if ".lambda-url." in host.lower() else "web-function"


def region_of(host: str) -> str:
    """Return the Region in the host of a Function URL; raises ValueError for any other host."""
    match = _HOST.fullmatch(host_in(host))
    if match is None:
        raise ValueError(f"{host!r} is not the host of a Function URL")
    return match["region"].lower()
