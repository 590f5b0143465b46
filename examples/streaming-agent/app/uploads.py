"""An uploaded file: hashed as it comes, never stored."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from .bodies import FORM, MULTIPART, UPLOAD_BODY_LIMIT, Refusal, bounded, media_type

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks
    from starlette.requests import Request

NAME_LIMIT = 200
"""Characters of a file's name that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What arrived: `sha256` is of the file, in lower-case hex."""

    name: str
    size_bytes: int
    sha256: str


async def receive(request: Request) -> Upload:
    """Read a file from a multipart form, or the raw body with its name in the query; raises Refusal."""
    kind = media_type(request)
    if kind == FORM:
        told = f"Send the file as {MULTIPART}, or as the body with 'content-type: application/octet-stream'."
        raise Refusal(415, "unsupported_media_type", told)
    if kind == MULTIPART:
        return await _receive_form(request)
    file = _Hash(name=request.query_params.get("name", ""))
    async for chunk in bounded(request, UPLOAD_BODY_LIMIT):
        file.add(chunk)
    return file.upload()


async def _receive_form(request: Request) -> Upload:
    _, parameters = parse_options_header(request.headers["content-type"])
    form = _Form()
    try:
        parser = MultipartParser(parameters.get(b"boundary", b""), form.callbacks())
        async for chunk in bounded(request, UPLOAD_BODY_LIMIT):
            parser.write(chunk)
    except FormParserError:
        form.complete = False
    if not form.complete:
        raise Refusal(400, "bad_form", "The body is not a complete multipart form.")
    if form.file is None:
        raise Refusal(400, "no_file", "The form holds no file. Name one part with a filename.")
    return form.file.upload()


class _Hash:
    """A file that is being received."""

    def __init__(self, *, name: str) -> None:
        """Begin with nothing received."""
        self.name = "".join(character for character in name if character.isprintable())[:NAME_LIMIT]
        self.size_bytes = 0
        self.digest = hashlib.sha256()

    def add(self, chunk: bytes) -> None:
        self.size_bytes += len(chunk)
        self.digest.update(chunk)

    def upload(self) -> Upload:
        return Upload(name=self.name or "unnamed", size_bytes=self.size_bytes, sha256=self.digest.hexdigest())


@dataclass(slots=True)
class _Form:
    """Listens to the multipart parser and keeps the first part that is a file."""

    file: _Hash | None = None
    complete: bool = False
    in_file: bool = False
    header_name: bytes = b""
    header_value: bytes = b""
    disposition: bytes = b""

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self.part_begin,
            "on_header_field": self.header_field,
            "on_header_value": self.header_text,
            "on_header_end": self.header_end,
            "on_headers_finished": self.headers_finished,
            "on_part_data": self.part_data,
            "on_part_end": self.part_end,
            "on_end": self.end,
        }

    def part_begin(self) -> None:
        self.disposition = b""

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self.header_name += data[start:end]

    def header_text(self, data: bytes, start: int, end: int) -> None:
        self.header_value += data[start:end]

    def header_end(self) -> None:
        if self.header_name.lower() == b"content-disposition":
            self.disposition = self.header_value
        self.header_name = self.header_value = b""

    def headers_finished(self) -> None:
        _, parameters = parse_options_header(self.disposition)
        name = parameters.get(b"filename")
        if name is not None and self.file is None:
            self.file = _Hash(name=name.decode("utf-8", "replace"))
            self.in_file = True

    def part_data(self, data: bytes, start: int, end: int) -> None:
        if self.in_file and self.file is not None:
            self.file.add(data[start:end])

    def part_end(self) -> None:
        self.in_file = False

    def end(self) -> None:
        self.complete = True
