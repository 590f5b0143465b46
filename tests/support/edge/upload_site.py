"""The example site with large uploads, without AWS: the app, and a bucket that keeps what it was sent."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from app.main import create_app
from app.settings import Settings
from starlette.responses import Response

if TYPE_CHECKING:
    from app.large_uploads import LargeFile
    from starlette.types import Receive, Scope, Send


def presign(file: LargeFile) -> str:
    """Give a URL as a signer does, with the characters that must reach the bucket as they are."""
    return f"/{file.key}?X-Amz-Security-Token=a%2Fb%2B%3D&X-Amz-Signature=EXAMPLE"


class Site:
    """The distribution: /large/* is the bucket, which keeps what it was sent; the rest is the app."""

    def __init__(self) -> None:
        """Begin with an empty bucket that refuses nothing, and an app that presigns."""
        self.on = create_app(Settings(), presign=presign)
        self.off = create_app(Settings())
        self.takes_large = True
        self.refusal = ""
        self.received: list[tuple[str, bytes, dict[bytes, bytes], str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the origin of the path."""
        if scope["type"] != "http" or not scope["path"].startswith("/large/"):
            await (self.on if self.takes_large else self.off)(scope, receive, send)
            return
        digest = hashlib.sha256()
        while (message := await receive()).get("more_body"):
            digest.update(message["body"])
        digest.update(message.get("body", b""))
        self.received.append((scope["method"], scope["query_string"], dict(scope["headers"]), digest.hexdigest()))
        answer = Response(status_code=200, headers={"etag": '"EXAMPLE"'})
        if self.refusal:
            answer = Response(self.refusal, 403, media_type="application/xml")
        await answer(scope, receive, send)
