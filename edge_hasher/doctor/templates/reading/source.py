"""A file as text, the places in it, and the reason where it cannot be read."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path as FilePath

Path = tuple[str | int, ...]

# CloudFormation takes 1 MB, Terraform plans of thousands of resources have tens.
FILE_LIMIT_BYTES = 32 << 20


class ReadError(Exception):
    """A file that could not be read, and why; the command says so in one line.

    `file` is the one of several that is meant, where they are read as one.
    """

    def __init__(self, why: str, file: FilePath | None = None) -> None:
        super().__init__(why)
        self.file = file


class NotATemplateError(ReadError):
    """A file that can be read, and is nothing that check knows; in a folder there are many."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From the first character of something to behind its last; lines and columns count from 1."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Span(1, 1, 1, 1)


class Document:
    """One file as text; subclasses know its data and where in the text each value is."""

    def __init__(self, file: FilePath, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        """The text, line by line, without line ends."""
        return self.text.split("\n")

    def span(self, path: Path) -> Span:  # noqa: ARG002 (the subclasses know)
        """Return where the value of a path is written, or the nearest value around it."""
        return START

    @property
    def is_generated(self) -> bool:
        """Whether a tool wrote it that will overwrite it."""
        return False

    def offset(self, line: int, column: int) -> int:
        """Return the position in the text of a line and column that count from 1."""
        return sum(len(each) + 1 for each in self.lines[: line - 1]) + column - 1

    def between(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[self.offset(span.line, span.column) : self.offset(span.end_line, span.end_column)]


def read_text(file: FilePath) -> str:
    """Return a file's text; raises ReadError where it has none, or too much."""
    try:
        state = file.stat()
        # A pipe in a folder may never end; /dev/stdin and the shell's <(…) do.
        if not stat.S_ISREG(state.st_mode) and file.parts[:2] != ("/", "dev"):
            raise ReadError("it is a folder" if stat.S_ISDIR(state.st_mode) else "it is not a file: a pipe or a device")
        with file.open("rb") as stream:
            content = stream.read(FILE_LIMIT_BYTES + 1)
        if len(content) > FILE_LIMIT_BYTES:
            size = f"{state.st_size} bytes" if state.st_size else "no end"
            raise ReadError(f"it has {size}, and at most {FILE_LIMIT_BYTES} are read")
    except OSError as error:
        raise ReadError(error.strerror or str(error)) from error
    try:
        if b"\0" in content[:4096] and content[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
            raise ReadError("it is binary")
        # `terraform show -json > plan.json` in PowerShell writes UTF-16.
        text = content.decode("utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8")
        if "\0" in text:
            raise ReadError("it is binary")
    except UnicodeDecodeError as error:
        raise ReadError(f"it is not text: byte {error.start} is not {error.encoding}") from error
    return normalized(text)


def normalized(text: str) -> str:
    """Return a text with plain line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
