"""Refusals: responses made at the edge that say what happened, with the numbers, and what to do next.

4xx: the client can fix it. 5xx: the operator must. A refusal repeats nothing of the request but, for a wrong digest,
the two digests. Facts it stands on:
- A generated response has a string status and at most 1 MB (documented: "Generate HTTP responses in request triggers").
- The document is a problem document (RFC 9457), so that a program can tell one refusal from another by `type`.
"""

import json

from .settings import MAX_BODY_LIMIT_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._types import Response

_REASONS = {400: "Bad Request", 413: "Content Too Large", 500: "Internal Server Error", 501: "Not Implemented"}

DELIVERED_LIMIT_BYTES = 1_048_576  # what CloudFront delivers to an origin-request function (documented)


class Refusal:
    """One refused request.

    `status` is the HTTP status, `code` the stable name (`urn:edge-hasher:<code>`, the metric and the log line's code),
    `fields` what the document carries beside title and detail, such as `limit_bytes`.
    """

    __slots__ = ("code", "detail", "fields", "status", "title")

    def __init__(self, status: int, code: str, title: str, detail: str, **fields: int | str) -> None:
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.fields = fields

    def response(self) -> "Response":
        """Return the response in the shape that Lambda@Edge takes."""
        problem = {
            "type": f"urn:edge-hasher:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.fields,
        }
        return {
            "status": str(self.status),
            "statusDescription": _REASONS[self.status],
            "headers": {
                "content-type": [{"key": "Content-Type", "value": "application/problem+json"}],
                "cache-control": [{"key": "Cache-Control", "value": "no-store"}],
            },
            "body": json.dumps(problem),
            "bodyEncoding": "text",
        }


def wrong_trigger() -> Refusal:
    """Refuse a viewer-request association: it gets 40 KB of a body (documented: "Restrictions on Lambda@Edge")."""
    return Refusal(
        500,
        "wrong-trigger",
        "The function is on the wrong trigger",
        "Edge Hasher runs as a viewer-request function here, which gets at most 40 KB of a body; an origin-request "
        "function gets 1 MB. Associate it with origin-request, with IncludeBody on.",
    )


def bad_settings(problem: str) -> Refusal:
    """Refuse to guess what wrong settings meant."""
    return Refusal(
        500,
        "bad-settings",
        "The Edge-Hasher settings are wrong",
        f"In the custom header Edge-Hasher of this origin, {problem}. Correct the header on the distribution's origin.",
    )


def over_max_body(limit_bytes: int, body_bytes: int | None) -> Refusal:
    """Refuse a body over the operator's `max-body`; `body_bytes` is None for a truncated body without a length."""
    size = "is longer than CloudFront passes to the function" if body_bytes is None else f"has {body_bytes} bytes"
    known = {} if body_bytes is None else {"body_bytes": body_bytes}
    return Refusal(
        413,
        "body-too-large",
        "The body is too large",
        f"The body {size}; this site takes {limit_bytes}. Send a smaller one.",
        limit_bytes=limit_bytes,
        **known,
    )


def truncated(body_bytes: int | None) -> Refusal:
    """Refuse a truncated body: the edge never sees the rest. Above 6 MiB a client digest does not help either."""
    if body_bytes is not None and body_bytes > MAX_BODY_LIMIT_BYTES:
        return over_max_body(MAX_BODY_LIMIT_BYTES, body_bytes)
    known = {} if body_bytes is None else {"body_bytes": body_bytes}
    return Refusal(
        413,
        "body-too-large",
        "The body is too large to be hashed at the edge",
        f"Only the first {DELIVERED_LIMIT_BYTES} bytes of a body can be hashed here, and this one is longer. Send a "
        "smaller one, or send its SHA-256 (64 hex digits) in the header x-amz-content-sha256.",
        limit_bytes=DELIVERED_LIMIT_BYTES,
        **known,
    )


def bad_encoding() -> Refusal:
    """Refuse data that does not decode: a forgiving decoder would hash bytes that the origin never gets."""
    return Refusal(
        500,
        "bad-encoding",
        "The body's encoding is broken",
        "The body that was delivered does not decode as its encoding says, so that its digest cannot be made. Nothing "
        "in the request causes this; look for what changes the event before Edge Hasher, and report it with the "
        "request id.",
    )


def digest_mismatch(claimed: str, computed: str) -> Refusal:
    """Refuse a body that is not the one its sender hashed."""
    return Refusal(
        400,
        "digest-mismatch",
        "The body does not match its digest",
        f"The header x-amz-content-sha256 says {claimed}, the body that arrived has {computed}. Hash the bytes exactly "
        "as they are sent, or leave the header out.",
        claimed_sha256=claimed,
        computed_sha256=computed,
    )


def include_body_off() -> Refusal:
    """Refuse a body that the function does not get, because IncludeBody is off."""
    return Refusal(
        500,
        "include-body-off",
        "The function is not given the body",
        "The request has a body, and the function's association with this behavior lacks IncludeBody. Set IncludeBody "
        "to true on the origin-request association.",
    )


def body_not_delivered(announced_bytes: int) -> Refusal:
    """Refuse a POST, PUT or PATCH whose body was not delivered, though IncludeBody is on: Lambda wants its digest."""
    return Refusal(
        501,
        "body-not-delivered",
        "CloudFront did not pass the body to the function",
        f"The request announces a body of {announced_bytes} bytes, and CloudFront passed none of it to the function. "
        "Send the body's SHA-256 (64 hex digits) in the header x-amz-content-sha256.",
        announced_bytes=announced_bytes,
    )
