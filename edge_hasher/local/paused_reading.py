"""What every connection on aiohttp's protocols here has in common: how it goes on reading."""

from __future__ import annotations

from aiohttp.base_protocol import BaseProtocol


class PausedReading(BaseProtocol):
    """Goes on only where reading was paused: aiohttp asks after each piece, and else would feed its parser nothing.

    To be named before aiohttp's own class.
    """

    __slots__ = ()

    def resume_reading(self, resume_parser: bool = True) -> None:  # noqa: FBT001, FBT002 - aiohttp's signature
        """See BaseProtocol."""
        if self._reading_paused:
            super().resume_reading(resume_parser)
