"""Send the digest of a body, for requests and httpx: above 1 MiB the edge cannot hash it, and asks the client to.

    requests.post(url, data=body, auth=RequestsDigest())
    httpx.post(url, content=body, auth=HttpxDigest())

One file to copy; it needs whichever of the two libraries you use.
"""

from __future__ import annotations

import hashlib
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

try:
    from httpx import Auth as _HttpxAuth
except ImportError:  # pragma: no cover
    _HttpxAuth = object  # type: ignore[assignment,misc]
try:
    from requests.auth import AuthBase as _RequestsAuth
except ImportError:  # pragma: no cover
    _RequestsAuth = object  # type: ignore[assignment,misc]

HEADER = "x-amz-content-sha256"
_CHUNK_BYTES = 1 << 20
_STREAM = (
    "the body is a stream, which can be read only once, so its digest cannot be sent ahead of it: "
    "above 1 MiB the edge will answer 413. Send bytes, or a file that can seek"
)


class RequestsDigest(_RequestsAuth):
    """Authentication for requests. `auth` is another one, applied first."""

    def __init__(self, auth: Any = None) -> None:
        self._auth = auth

    def __call__(self, request: Any) -> Any:
        """Add the header to a prepared request. A file is hashed from where it stands, and put back there."""
        if self._auth is not None:
            request = self._auth(request)
        body = request.body
        if not body or HEADER in request.headers:
            return request
        if isinstance(body, str):
            body = body.encode()
        if isinstance(body, (bytes, bytearray, memoryview)):
            request.headers[HEADER] = hashlib.sha256(body).hexdigest()
        elif hasattr(body, "seek") and hasattr(body, "tell"):
            request.headers[HEADER] = _digest_of_file(body)
        else:
            warnings.warn(_STREAM, stacklevel=2)
        return request


class HttpxDigest(_HttpxAuth):
    """Authentication for httpx, in clients of both kinds. A form with files is read into memory."""

    def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        """Add the header to a request."""
        from httpx import RequestNotRead

        if HEADER not in request.headers:
            if request.headers.get("content-type", "").startswith("multipart/form-data"):
                request.read()
            try:
                if request.content:
                    request.headers[HEADER] = hashlib.sha256(request.content).hexdigest()
            except RequestNotRead:
                warnings.warn(_STREAM, stacklevel=2)
        yield request


def _digest_of_file(file: Any) -> str:
    start, digest = file.tell(), hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    file.seek(start)
    return digest.hexdigest()
