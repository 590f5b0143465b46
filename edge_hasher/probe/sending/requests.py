"""The requests that a probe sends, as data. Nothing is sent here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from edge_hasher.function.refusals import DELIVERED_LIMIT_BYTES
from edge_hasher.probe.sending.address import ProbeError

Digest = Literal["none", "right", "wrong"]
Role = Literal[
    "get", "get-wrong", "get-authorization", "bodyless", "plain", "digest", "wrong", "bytes", "chunked", "sized"
]

METHODS = ("POST", "PUT", "PATCH", "DELETE")
WRITE_METHODS = frozenset({"DELETE"})
"""Methods that are sent only when the user allows it."""

_SMALL_BODY = b'{"edge-hasher": "probe"}'
_OTHER_BODY = b"another body"
# Not UTF-8: a function that hashes text instead of bytes gets its digest wrong.
_BINARY_BODY = b"\xff\xfe edge-hasher\x00\xc3\x28"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRequest:
    """One request. `body_bytes` None: no body; `purpose`: for people.

    `authorization`: with a forged AWS signature; `binary`: the body is not text.
    """

    name: str
    role: Role
    method: str
    purpose: str
    body_bytes: int | None = None
    digest: Digest = "none"
    chunked: bool = False
    authorization: bool = False
    binary: bool = False

    @property
    def body(self) -> bytes | None:
        """The bytes that are sent."""
        if self.body_bytes is None or self.binary:
            return _BINARY_BODY if self.binary else None
        return body_of(self.body_bytes)

    @property
    def digest_header(self) -> str | None:
        """The value of x-amz-content-sha256: right, or that of another body."""
        if self.digest == "none":
            return None
        return hashlib.sha256((self.body or b"") if self.digest == "right" else _OTHER_BODY).hexdigest()


def body_of(size_bytes: int) -> bytes:
    """Return a body of that size: a small JSON document, then blanks, so it stays JSON."""
    return _SMALL_BODY.ljust(size_bytes)[:size_bytes]


def plan(
    *, methods: tuple[str, ...] = (), allow_writes: bool = False, own_authorization: bool = False
) -> tuple[PlannedRequest, ...]:
    """Return the requests in order.

    `methods` are those to try next to GET: POST by default, and DELETE if writes are allowed. `own_authorization`:
    the user sends an Authorization header, so none is forged. Raises ProbeError for a write that is not allowed.
    """
    for method in WRITE_METHODS.intersection(methods):
        if not allow_writes:
            raise ProbeError(f"--method {method} may change something: it needs --allow-writes")
    chosen = methods or (("POST", "DELETE") if allow_writes else ("POST",))
    requests = list(_gets(own_authorization=own_authorization))
    for method in dict.fromkeys(chosen):
        requests += _of_method(method)
    if allow_writes:
        requests += _sized(next((method for method in chosen if method != "DELETE"), "POST"))
    return tuple(requests)


def _gets(*, own_authorization: bool) -> tuple[PlannedRequest, ...]:
    get = PlannedRequest(name="get", role="get", method="GET", purpose="does anything get through?")
    wrong = PlannedRequest(
        name="get-wrong-digest",
        role="get-wrong",
        method="GET",
        digest="wrong",
        purpose="is the signature checked? (403 is the right answer)",
    )
    forged = PlannedRequest(
        name="get-authorization",
        role="get-authorization",
        method="GET",
        authorization=True,
        purpose="does CloudFront sign over a viewer's Authorization?",
    )
    return (get, wrong) if own_authorization else (get, wrong, forged)


def _of_method(method: str) -> tuple[PlannedRequest, ...]:
    lower, small = method.lower(), len(_SMALL_BODY)
    with_body = f"{lower}-body" if method == "DELETE" else lower
    requests = [
        PlannedRequest(
            name=with_body, role="plain", method=method, body_bytes=small, purpose="what browsers and webhooks send"
        ),
        PlannedRequest(
            name=f"{with_body}-digest",
            role="digest",
            method=method,
            body_bytes=small,
            digest="right",
            purpose="what AWS asks of clients",
        ),
        PlannedRequest(
            name=f"{with_body}-wrong-digest",
            role="wrong",
            method=method,
            body_bytes=small,
            digest="wrong",
            purpose="who notices? (400 or 403 is the right answer)",
        ),
        PlannedRequest(
            name=f"{with_body}-bytes",
            role="bytes",
            method=method,
            body_bytes=len(_BINARY_BODY),
            binary=True,
            purpose="bytes that are not text",
        ),
    ]
    if method == "DELETE":
        bodyless = PlannedRequest(name=lower, role="bodyless", method=method, purpose="without a body")
        return (bodyless, *requests)
    chunked = PlannedRequest(
        name=f"{lower}-chunked",
        role="chunked",
        method=method,
        body_bytes=small,
        chunked=True,
        purpose="a body without Content-Length",
    )
    return (*requests, chunked)


def _sized(method: str) -> tuple[PlannedRequest, ...]:
    limit, lower = DELIVERED_LIMIT_BYTES, method.lower()

    def sized(size: int, digest: Digest, purpose: str) -> PlannedRequest:
        suffix = {"none": "", "right": "-digest", "wrong": "-wrong-digest"}[digest]
        name = f"{lower}-{size}{suffix}"
        return PlannedRequest(name=name, role="sized", method=method, body_bytes=size, digest=digest, purpose=purpose)

    return (
        sized(limit - 1, "none", "one byte under CloudFront's 1 MiB"),
        sized(limit, "none", "exactly 1 MiB: truncated or not?"),
        sized(limit + 1, "none", "one byte over"),
        sized(limit + 1, "right", "one byte over, with the client's own digest"),
        sized(limit + 1, "wrong", "one byte over, with a wrong digest (403 is the right answer)"),
    )
