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
    try:
        name = urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
        return name in {host.lower(), "localhost"} or name.endswith(".localhost") or bool(ipaddress.ip_address(name))
    except ValueError:
        return False
