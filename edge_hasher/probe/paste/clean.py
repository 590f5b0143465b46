"""Pasted bytes as plain text: decoded, without colors, quoting, typographic quotes and Markdown fences."""

from __future__ import annotations

import re
import textwrap

TEXT_LIMIT_CHARS = 4_194_304
"""How much of a paste is read line by line. A JSON document, such as a HAR file, is read whole."""

_COLOR = re.compile(r"(?:\x1b|\^\[|\\u001b|\\x1b|\\033|\\e)\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_LOST_COLOR = re.compile(r"\[(?:[0-9]{1,3})(?:;[0-9]{1,3})*m")  # a terminal's copy may lose the escape character
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\x00"))
_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u00a0\u2007\u202f\u3000", " "),
        **dict.fromkeys("\u2028\u2029\x0b\x0c\x85", "\n"),
        "\uff1a": ":",
    }
)
_FENCE = re.compile(r"^[^\S\n]*(?:```|~~~)[\w+-]*[^\S\n]*$", re.MULTILINE)
_BOX = re.compile(r"^[^\S\n]*[│┃╷╵┆|]+(?: |$)", re.MULTILINE)  # Terraform frames its errors; chats quote with a bar
_JOB_TIME = re.compile(
    r"^(?:\w[\w ./-]{0,60}\t)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ", re.MULTILINE
)  # GitHub Actions
_QUOTE = re.compile(r"^\s{0,3}>[ \t]?", re.MULTILINE)
# Behind a quote's '>' stands an answer, or another mark; behind curl's '>' stands the request.
_QUOTED_ANSWER = re.compile(
    r"^\s{0,3}>[ \t]?(?:HTTP/[0-9.]+ [1-5]\d\d|[<>*] |x-cache\b|via:|x-amzn-|x-amz-cf-|server:|\{\s*\")",
    re.MULTILINE | re.IGNORECASE,
)
_MARKS_OF_CURL = re.compile(r"^[^\S\n]*(?:< HTTP/|> [A-Z]+ \S+ HTTP/)", re.MULTILINE)
_QUOTE_LEVELS = 4


def decode(data: bytes) -> str:
    """Return the text of a paste: UTF-8, or UTF-16 as PowerShell writes files. What is neither is replaced."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    sample = data[:2000]
    if len(sample) >= 4 and sample[1::2].count(0) > len(sample) // 3 > sample[::2].count(0):  # noqa: PLR2004 - 2 chars
        return data.decode("utf-16-le", "replace")
    return data.decode("utf-8", "replace")


def clean(text: str) -> str:
    """Return the text as its source wrote it, with line feeds alone as line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_TYPOGRAPHY).translate(_INVISIBLE)
    text = _LOST_COLOR.sub("", _COLOR.sub("", text))
    text = _JOB_TIME.sub("", _FENCE.sub("", text))
    for _ in range(_QUOTE_LEVELS):
        if not _is_quoted(text):
            break
        text = _QUOTE.sub("", text)
    return textwrap.dedent(_BOX.sub("", text))


def _is_quoted(text: str) -> bool:
    """Whether '>' at the beginning of lines is a quote's, and not curl's mark for what it sent."""
    return bool(_QUOTED_ANSWER.search(text) or (_QUOTE.search(text) and not _MARKS_OF_CURL.search(text)))


def unescape(text: str) -> str:
    """Return text in which JSON inside JSON reads like JSON, for looking up sentences."""
    text = re.sub(r"\\+u00([2-7][0-9a-fA-F])", lambda match: chr(int(match[1], 16)), text)
    return re.sub(r"\\+([\"'/])", r"\1", re.sub(r"\\+[rnt]", " ", text))
