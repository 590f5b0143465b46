"""What a person types for a body, a header or a file, read. Raises ArgumentError with the reason."""

from __future__ import annotations

import sys
from pathlib import Path


class ArgumentError(ValueError):
    """What was typed cannot be used; the message says why."""


def read_file(name: str) -> bytes:
    """Return a file's bytes, or those of standard input for `-`."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise ArgumentError(f"cannot read {name}: {error.strerror}") from error


def body(text: str | None) -> bytes:
    """Return the bytes of a body: `@FILE`, `-` for standard input, or the text itself."""
    if text is None:
        return b""
    if text == "-" or text.startswith("@"):
        return read_file(text.removeprefix("@"))
    return text.encode()


def header(text: str, option: str) -> tuple[str, str]:
    """Return the name and value of `Name: value`; `option` is where it was typed."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ArgumentError(f"{option} takes 'Name: value', not {text!r}")
    return name.strip(), value.strip()
