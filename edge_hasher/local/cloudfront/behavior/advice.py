"""What works otherwise in production than a newcomer expects, said in one sentence: no request is refused for it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence


def on_request(method: str, upgrades: Sequence[str]) -> str:
    """Return what to know of a request that asks for a WebSocket in its Upgrade headers, or nothing."""
    if not any(value.strip().lower() == "websocket" for value in upgrades):
        return ""
    return (
        "The viewer asked for a WebSocket, and a Function URL has none: the app gets a plain "
        f"{method}. Use server-sent events, or a WebSocket API of API Gateway."
    )


def on_answer(headers: tuple[tuple[str, str], ...], origin_host: str, *, buffered: bool) -> str:
    """Return what to know of an answer that leads to the origin's own host, or of a stream that was buffered."""
    for name, value in headers:
        lower = name.lower()
        if buffered and lower == "content-type" and value.lower().startswith("text/event-stream"):
            return (
                "The app streams events, and the Function URL has the invoke mode BUFFERED: they came all at once, at "
                "the end. --invoke-mode RESPONSE_STREAM streams them."
            )
        if lower == "location" and _host(value) == origin_host:
            return (
                f"The app redirects to {origin_host}, the Function URL's own host, which lets no viewer in: it built "
                "the address from Host. Redirect to a path, or set the public name with an origin custom header "
                "(such as X-Forwarded-Host) that the app trusts."
            )
    return ""


def _host(address: str) -> str:
    try:
        return urlsplit(address.strip()).hostname or ""
    except ValueError:
        return ""
