"""Who may see the inspector: the user's browser, but no page of another site that runs in it.

Any web page can send requests to a loopback port. It cannot read the answers of another origin, unless its
name suddenly resolves to us (DNS rebinding). So only names that nobody else can register are answered.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from aiohttp import web


def is_own_page(request: web.BaseRequest, *, host: str) -> bool:
    """Say whether a request for the inspector comes from a page of ours, or from none; `host` is where we listen."""
    # A link from elsewhere may open the page (navigate); a script from elsewhere may fetch nothing of it.
    if request.headers.get("Sec-Fetch-Site") == "cross-site" and request.headers.get("Sec-Fetch-Mode") != "navigate":
        return False
    return _is_own_name(request.headers.get("Host", ""), host)


def _is_own_name(authority: str, own: str) -> bool:
    try:
        name = urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return False
    if name == own.lower() or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
