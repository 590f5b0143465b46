"""An HTTP answer as people paste it: curl -i, curl -v, several answers one after the other, or a body alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge_hasher.probe.sending.answer import BODY_LIMIT_BYTES, HEADERS_LIMIT, ProbeResponse

INPUT_LIMIT_BYTES = 1_048_576

_STATUS = re.compile(r"HTTP/[0-9.]+ ([1-5][0-9]{2})(?: .*)?$")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$")
_REQUEST_LINE = re.compile(r"> ([A-Z]+) (\S+) HTTP/")
# What -v writes around the answer: comments, the request, and byte counts.
_NOISE = re.compile(r"(\* |> |>$|[{}] \[|[*]\s*$|\s*% Total |\s*Dload |\s*[0-9]+ +[0-9.kMG]+ +[0-9]+ )")
# What identifies a body that was pasted without its status line.
_SAYS_SOMETHING = (
    "The request signature we calculated",
    "Forbidden. For troubleshooting",
    "urn:edge-hasher:",
    "<Code>",
    "The request could not be satisfied",
)


class PasteError(Exception):
    """The pasted text holds no answer; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedResponse:
    """The last answer of a paste. `skipped` answers came before it (100 Continue, redirects, other calls).

    `method`, `path` and `sent_digest` are known if the whole of curl -v was pasted; else empty and False.
    """

    answer: ProbeResponse
    skipped: int = 0
    method: str = ""
    path: str = ""
    sent_digest: bool = False


def parse(text: str) -> PastedResponse:
    """Find the answer in a paste. Raises PasteError."""
    lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    answer_lines = _without_noise(lines)
    starts = _starts(answer_lines)
    method, path, sent_digest = _request_of(lines)
    if starts:
        answer = _answer(answer_lines[starts[-1] :])
    elif any(words in text for words in _SAYS_SOMETHING):
        answer = ProbeResponse(status=0, body="\n".join(answer_lines).strip().encode()[:BODY_LIMIT_BYTES])
    else:
        raise PasteError(_nothing(text))
    return PastedResponse(
        answer=answer, skipped=max(0, len(starts) - 1), method=method, path=path, sent_digest=sent_digest
    )


def _nothing(text: str) -> str:
    if not text.strip():
        return "nothing was pasted: pipe an answer in, such as curl -i https://HOST/PATH | edge-hasher explain"
    return "no HTTP answer in the pasted text: run curl with -i, which prints the status line and the headers"


def _without_noise(lines: list[str]) -> list[str]:
    """Return the answer's own lines. Headers that -v marks with '<' count only if -i did not print them as well."""
    plain = [line for line in lines if not line.startswith("< ") and line != "<" and not _NOISE.match(line)]
    verbose = any(line.startswith("< HTTP/") for line in lines)
    if not verbose:
        return lines if _starts(lines) else plain
    if _starts(plain):
        return plain
    kept = [line for line in lines if not _NOISE.match(line)]
    return [line[2:] if line == "<" or line.startswith("< ") else line for line in kept]  # no tag begins so


def _starts(lines: list[str]) -> list[int]:
    """Return where answers begin: a status line, followed by a header or an empty line."""
    return [
        number
        for number, line in enumerate(lines)
        if _STATUS.match(line) and _looks_like_head(lines[number + 1] if number + 1 < len(lines) else "")
    ]


def _looks_like_head(line: str) -> bool:
    return not line.strip() or _HEADER.match(line) is not None


def _answer(lines: list[str]) -> ProbeResponse:
    status = _STATUS.match(lines[0])
    headers: list[tuple[str, str]] = []
    rest = len(lines)
    for number, line in enumerate(lines[1:], start=1):
        header = _HEADER.match(line)
        if header is None:
            rest = number + (not line.strip())
            break
        headers.append((header[1], header[2].strip()))
    body = "\n".join(lines[rest:]).strip("\n").encode("utf-8", "surrogateescape")
    return ProbeResponse(
        status=int(status[1]) if status else 0,
        headers=tuple(headers[:HEADERS_LIMIT]),
        body=body[:BODY_LIMIT_BYTES],
    )


def _request_of(lines: list[str]) -> tuple[str, str, bool]:
    """Return method and path of the last request that -v shows, and whether it carried a digest."""
    method = path = ""
    sent_digest = False
    for line in lines:
        request = _REQUEST_LINE.match(line)
        if request:
            method, path, sent_digest = request[1], request[2].partition("?")[0], False
        elif line.lower().startswith("> x-amz-content-sha256:"):
            sent_digest = True
    return method, path, sent_digest
