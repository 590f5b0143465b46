"""One connection to an HTTP app, on aiohttp's protocol."""

from __future__ import annotations

from aiohttp.client_proto import ResponseHandler

from edge_hasher.local.paused_reading import PausedReading

_VERSIONS = (b"HTTP/1.1", b"HTTP/1.0")
_INTERIM = tuple(version + b" 1" for version in _VERSIONS)
_BODYLESS = tuple(version + status for version in _VERSIONS for status in (b" 204", b" 304"))


class AppConnection(PausedReading, ResponseHandler):
    """Leaves out a body where none may be, as HTTP clients do (RFC 9112, section 6.3)."""

    expects_head = False  # what comes next begins an answer

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol: aiohttp would drop the answer together with the bytes behind its head."""
        is_bodyless = self._skip_payload or (self.expects_head and data.startswith(_BODYLESS))
        self.expects_head = self.expects_head and data.startswith(_INTERIM)
        if not is_bodyless:
            super().data_received(data)
            return
        while data:
            head, blank, data = data.partition(b"\r\n\r\n")
            super().data_received(head + blank)
            if data and not head.startswith(_INTERIM):
                self.force_close()
                return
