"""What becomes of an HTTP app's answer on its way through the web adapter, Lambda and the Function URL: pure.

Facts this stands on:
- InvokeMode is BUFFERED for a new Function URL, RESPONSE_STREAM by choice (documented, "InvokeMode").
- A buffered answer is one JSON document of at most 6 MB, a body that is not text in it as base64 (documented quota; the
  adapter's rule for text is the one of its source, seen). A longer one fails: 502 Internal Server Error (seen).
- A streamed answer with Content-Encoding comes out decoded, and the header is gone. Seen for gzip (runtime interface
  client, issue 96); for deflate inferred. Behind CloudFront, compressed streams are seen to end in 502: an encoding
  that cannot be decoded here does so.
- A status outside 200 to 599 is no answer (inferred from what a handler may return, as in `lambda_payload`).
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Literal

from edge_hasher.local.aws_limits import LAMBDA_RESPONSE_LIMIT_BYTES

InvokeMode = Literal["BUFFERED", "RESPONSE_STREAM"]
INVOKE_MODES: tuple[InvokeMode, ...] = ("BUFFERED", "RESPONSE_STREAM")
HeaderPairs = tuple[tuple[str, str], ...]

_LOWEST_STATUS, _HIGHEST_STATUS = 200, 599
_SWITCHING_PROTOCOLS = 101
_TEXT_TYPE = re.compile(
    r"(?i)\s*(text/|application/(json|javascript|xml|x-www-form-urlencoded)\b|[a-z]+/[^;]*\+(json|xml)\b|.*charset=)"
)
_PIECE_BYTES = 256 * 1024
_JSON_GROWTH = 8  # a control character takes six bytes in JSON, and there are headers
_ZLIB_FRAME_BYTES, _ZLIB_CHECK = 2, 31  # RFC 1950: two bytes that are a multiple of 31
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32  # zlib's own way to say: look at the first bytes
_DECODED = frozenset({"gzip", "x-gzip", "deflate"})
_PLAIN = frozenset({"", "identity"})


class AnswerError(ValueError):
    """The app's answer cannot go out: 502 Internal Server Error; the message says why and what to do."""


def check_status(status: int) -> None:
    """Raise AnswerError for a status that no Function URL sends."""
    if status == _SWITCHING_PROTOCOLS:
        raise AnswerError("The app answered 101 Switching Protocols: behind a Function URL there is no other protocol.")
    if not _LOWEST_STATUS <= status <= _HIGHEST_STATUS:
        raise AnswerError(
            f"The app answered with the status {status}; a Function URL takes {_LOWEST_STATUS} to {_HIGHEST_STATUS}."
        )


def encoding_of(headers: HeaderPairs) -> str:
    """Return the value of Content-Encoding in lower case, empty where there is none."""
    return ",".join(value.strip().lower() for name, value in headers if name.lower() == "content-encoding")


def is_encoded(headers: HeaderPairs) -> bool:
    """Whether a Function URL that streams has something to decode."""
    return encoding_of(headers) not in _PLAIN


def without_encoding(headers: HeaderPairs) -> HeaderPairs:
    """Return the headers of a stream that was decoded: its length is another, or not known."""
    dropped = {"content-encoding", "content-length"}
    return tuple((name, value) for name, value in headers if name.lower() not in dropped)


class StreamDecoder:
    """Decodes a stream as it comes, in bounded pieces.

    Raises AnswerError, when made, for an encoding that cannot be decoded, and zlib.error for a stream that is not what
    its header says.
    """

    def __init__(self, headers: HeaderPairs) -> None:
        encoding = encoding_of(headers)
        if encoding not in _DECODED:
            raise AnswerError(
                f"The app streams with Content-Encoding {encoding}, and a Function URL that streams passes on none: "
                "compressed streams break in production. Do not compress a stream, or drop Accept-Encoding."
            )
        self._may_be_raw = encoding == "deflate"  # without zlib's frame, as some servers send it
        self._frame = b""
        self._decoder = zlib.decompressobj(_GZIP_OR_ZLIB)

    @property
    def wants_input(self) -> bool:
        """Whether all that was fed has come out."""
        return not self._decoder.unconsumed_tail

    def decode(self, chunk: bytes) -> bytes:
        """Return the next piece of what was fed before and of `chunk`, perhaps nothing."""
        data = self._decoder.unconsumed_tail + self._frame + chunk
        if self._may_be_raw:
            self._frame = data[:_ZLIB_FRAME_BYTES]
            if len(data) < _ZLIB_FRAME_BYTES:
                return b""
            if int.from_bytes(self._frame) % _ZLIB_CHECK or self._frame[0] & 0x0F != zlib.DEFLATED:
                self._decoder = zlib.decompressobj(-zlib.MAX_WBITS)
            self._frame, self._may_be_raw = b"", False
        return self._decoder.decompress(data, _PIECE_BYTES)

    def end(self) -> None:
        """Raise zlib.error where the stream has ended before its own end."""
        if not self._decoder.eof:
            raise zlib.error("the stream ends before its compressed data does")


def check_buffered(status: int, headers: HeaderPairs, body: bytes) -> None:
    """Raise AnswerError for a buffered answer that is too long for Lambda, as the JSON that the adapter makes of it."""
    size_bytes = len(body)
    if size_bytes * _JSON_GROWTH > LAMBDA_RESPONSE_LIMIT_BYTES:  # near enough to count exactly
        size_bytes = _payload_bytes(status, headers, body)
    if size_bytes > LAMBDA_RESPONSE_LIMIT_BYTES:
        raise AnswerError(
            f"The buffered answer has {size_bytes} bytes as Lambda's JSON, with a body of {len(body)}; Lambda takes "
            f"{LAMBDA_RESPONSE_LIMIT_BYTES}. Stream it (RESPONSE_STREAM), or let the client fetch it from S3."
        )


def _payload_bytes(status: int, headers: HeaderPairs, body: bytes) -> int:
    try:
        text = body.decode() if _is_text(headers) else None
    except UnicodeDecodeError:
        text = None
    document = {
        "statusCode": status,
        "headers": dict(headers),
        "body": base64.b64encode(body).decode() if text is None else text,
        "isBase64Encoded": text is None,
        "cookies": [value for name, value in headers if name.lower() == "set-cookie"],
    }
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogateescape"))


def _is_text(headers: HeaderPairs) -> bool:
    content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    return encoding_of(headers) in _PLAIN and _TEXT_TYPE.match(content_type) is not None
