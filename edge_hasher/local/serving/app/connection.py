"""One connection to an HTTP app, on aiohttp's protocol."""

from __future__ import annotations

import re

from aiohttp.client_proto import ResponseHandler

from edge_hasher.local.paused_reading import PausedReading

_VERSIONS = (b"HTTP/1.1", b"HTTP/1.0")
_INTERIM = tuple(version + b" 1" for version in _VERSIONS)
_BODYLESS = tuple(version + status for version in _VERSIONS for status in (b" 204", b" 304"))
_HEAD_END = re.compile(rb"\n\r?\n")
_SPLIT_END = 2  # bytes of the end of a head that may have come before its last


class AppConnection(PausedReading, ResponseHandler):
    """Leaves out a body where none may be, as HTTP clients do (RFC 9112, section 6.3)."""

    _head: bytearray | None = None  # what has come of a head; None where a body comes

    def expect_head(self) -> None:
        """Say that what comes next begins an answer."""
        self._head = bytearray()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol: aiohttp would drop the answer together with the bytes behind its head."""
        while data and self._head is not None:
            come = len(self._head)
            self._head += data
            end = _HEAD_END.search(self._head, max(0, come - _SPLIT_END))
            if end is None:
                break
            status_line = bytes(self._head[: end.end()]).lstrip(b"\r\n")
            own_bytes = end.end() - come
            if not status_line or status_line.startswith(_INTERIM):
                self._head.clear()
                super().data_received(data[:own_bytes])
                data = data[own_bytes:]
                continue
            self._head = None
            if len(data) > own_bytes and (self._skip_payload or status_line.startswith(_BODYLESS)):
                super().data_received(data[:own_bytes])
                self.force_close()
                return
        if data:
            super().data_received(data)
