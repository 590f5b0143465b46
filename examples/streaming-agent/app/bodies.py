"""Request bodies, read within bounds, and the refusals of those that are not right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from .agent import MESSAGE_LIMIT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

CHAT_BODY_LIMIT = 64 * 1024
"""Largest body of /chat in bytes: MESSAGE_LIMIT characters, every one escaped, fit."""

UPLOAD_BODY_LIMIT = 6 * 1024 * 1024
"""Largest body of /upload in bytes: a Function URL takes no more (documented)."""

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class Refusal(Exception):  # noqa: N818 (the viewer's mistake, not an error of the app)
    """A request that is refused: its status, a stable code, and what to do."""

    def __init__(self, status: int, code: str, message: str, **numbers: int) -> None:
        """Keep what the answer will say."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.numbers = numbers


def media_type(request: Request) -> str:
    """Tell the media type of the body, lower-case, without parameters; "" if none was named."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def bounded(request: Request, limit_bytes: int) -> AsyncIterator[bytes]:
    """Yield the body as it comes, never more than `limit_bytes`.

    Raises Refusal 413; where the length is announced, before anything is read.
    """
    announced = request.headers.get("content-length", "")
    size = 0
    if announced.isdecimal() and int(announced) > limit_bytes:
        raise _too_large(limit_bytes)
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        yield chunk


async def read_message(request: Request) -> str:
    """Read the message of a chat request, from JSON or from a form; raises Refusal."""
    kind = media_type(request)
    if kind not in {JSON, FORM}:
        told = f"Send {JSON} or {FORM}, not {kind or 'a body without a type'}."
        raise Refusal(415, "unsupported_media_type", told)
    body = b"".join([chunk async for chunk in bounded(request, CHAT_BODY_LIMIT)])
    return _checked(_from_json(body) if kind == JSON else _from_form(body))


def _from_json(body: bytes) -> object:
    try:
        document = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refusal(400, "bad_json", 'The body is not JSON in UTF-8. Send {"message": "…"}.') from None
    if not isinstance(document, dict) or "message" not in document:
        raise Refusal(400, "no_message", 'The body has no message. Send {"message": "…"}.')
    return document["message"]


def _from_form(body: bytes) -> object:
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise Refusal(400, "bad_form", "The body is not a form in UTF-8 with up to 20 fields.") from None
    if len(fields.get("message", [])) != 1:
        raise Refusal(400, "no_message", "The form needs one field named message.")
    return fields["message"][0]


def _checked(message: object) -> str:
    if not isinstance(message, str) or not message.strip():
        raise Refusal(400, "no_message", "The message is empty, or it is not text.")
    if len(message) > MESSAGE_LIMIT:
        told = f"The message has {len(message)} characters, the limit is {MESSAGE_LIMIT}."
        raise Refusal(413, "message_too_long", told, limit_characters=MESSAGE_LIMIT)
    if any("\ud800" <= character <= "\udfff" for character in message):
        raise Refusal(400, "bad_text", "The message holds half of a surrogate pair, which is not text.")
    return message.strip()


def _too_large(limit_bytes: int) -> Refusal:
    told = f"The body is larger than {limit_bytes} bytes. Send less."
    return Refusal(413, "body_too_large", told, limit_bytes=limit_bytes)
