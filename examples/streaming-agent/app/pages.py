"""Answers as HTML, for browsers that run no script: the same words, the same look."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .agent import Event
    from .uploads import Upload

MEDIA_TYPE = "text/html"

HEADERS = {
    "cache-control": "no-store, no-transform",
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
}

HEARTBEAT = b"<!-- heartbeat -->\n"

END = "</main>\n</body>\n</html>\n"


def opening(title: str) -> str:
    """Give everything before the content."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)} · Streaming agent</title>\n"
        '<link rel="icon" href="/ui/icon.svg">\n<link rel="stylesheet" href="/ui/style.css">\n</head>\n'
        '<body class="plain">\n<main class="sheet">\n<p><a href="/">← Back to the agent</a></p>\n'
        f"<h1>{escape(title)}</h1>\n"
    )


async def answer(message: str, events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    """Yield the page of one answer, as the agent makes it."""
    question = f'<p class="bubble" id="question">{escape(message)}</p>\n<div class="answer" id="answer">'
    yield (opening("Answer") + question).encode()
    async for event in events:
        yield _part(event).encode()
    yield f"</div>\n{END}".encode()


def _part(event: Event) -> str:
    data = {name: escape(str(value)) for name, value in event.data.items()}
    if event.name == "tool_start":
        return f'<p class="tool-line"><strong>{data["name"]}</strong> <code>{data["input"]}</code> '
    if event.name == "tool_end":
        return f'<span aria-hidden="true">→</span> <code>{data["output"]}</code></p>\n'
    return data["text"] if event.name == "message" else ""


def upload(found: Upload) -> str:
    """Make the page of one upload."""
    rows = {"Name": found.name, "Bytes": str(found.size_bytes), "SHA-256": found.sha256}
    cells = "".join(f"<dt>{name}</dt><dd><code>{escape(value)}</code></dd>" for name, value in rows.items())
    return f'{opening("Upload")}<dl class="facts">{cells}</dl>\n{END}'


def refusal(status: int, message: str) -> str:
    """Make the page of a request that the app refuses."""
    return f'{opening(f"Refused: {status}")}<p class="refused" role="alert">{escape(message)}</p>\n{END}'
