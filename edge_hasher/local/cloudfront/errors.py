"""CloudFront's own answers: status, sentence and X-Cache of each, and the page.

The sentences are CloudFront's, since people search for them; the page is ours in CloudFront's shape. Marks,
per sentence: documented (page title), seen (public reports), inferred (ours, after the pattern of the
others).
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.model import Distribution, HeaderPairs

# "X-Cache: LambdaValidationError from cloudfront" and LambdaExecutionError: "Test and debug Lambda@Edge
# functions" (documented).
X_CACHE_VALIDATION = "LambdaValidationError from cloudfront"
X_CACHE_EXECUTION = "LambdaExecutionError from cloudfront"
X_CACHE_ERROR = "Error from cloudfront"  # seen, on every other error page
X_CACHE_GENERATED = "LambdaGeneratedResponse from cloudfront"  # seen, on responses that a function made
X_CACHE_MISS = "Miss from cloudfront"  # seen, on what comes from the origin uncached

# These two open the small print under every error page (seen); the rest of it is left out.
_SUBTITLE = "The request could not be satisfied."
_SMALL_PRINT = "We can't connect to the server for this app or website at this time."


@dataclass(frozen=True, slots=True)
class EdgeError:
    """One way for CloudFront to fail: status, sentence, X-Cache; `close` ends the viewer's connection."""

    status: int
    sentence: str
    x_cache: str = X_CACHE_ERROR
    close: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeAnswer:
    """A response that the edge makes, headers complete; `reason` is the phrase, `close` as in `EdgeError`."""

    status: int
    reason: str
    headers: HeaderPairs
    body: bytes
    close: bool = False


# --- what the viewer caused -----------------------------------------------------------------------
# "Request and response behavior for custom origins", GET requests that include a body: 403 (documented);
# that the sentence is "Bad request." is seen on 403 pages for requests that CloudFront would not take, not
# tied to a GET body for certain.
GET_WITH_BODY = EdgeError(403, "Bad request.")
# A Host that no distribution has: "Troubleshoot 403 errors" of the knowledge center has the status (documented); the
# page is the one above (seen).
UNKNOWN_HOST = EdgeError(403, "Bad request.")
# Seen word for word. Which methods CloudFront takes is documented; that an unknown method gets this answer
# is inferred.
METHOD_NOT_ALLOWED = EdgeError(
    403,
    "This distribution is not configured to allow the HTTP request method that was used for this request.",
)
# Same page, maximum length of a request and of a URL: 413, then the connection is closed (documented);
# sentence inferred.
REQUEST_TOO_LARGE = EdgeError(413, "Request Entity Too Large.", close=True)
# 400 for malformed HTTP: "HTTP 400 status code (Bad Request)" (documented in general); sentence seen;
# closing inferred.
BAD_REQUEST = EdgeError(400, "Bad request.", close=True)

# --- what the function caused ---------------------------------------------------------------------
# Execution error, also when the function is late or cannot start: status documented, sentence seen (many
# reports).
FUNCTION_FAILED = EdgeError(
    503,
    "The Lambda function associated with the CloudFront distribution is invalid or doesn't have "
    "the required permissions.",
    X_CACHE_EXECUTION,
)

# --- what the origin caused -----------------------------------------------------------------------
# "HTTP 502" and "HTTP 504" status code pages tell the cases apart (documented).
ORIGIN_CLOSED = EdgeError(502, "The origin closed the connection.")  # seen: the origin hung up before it answered
# "HTTP 502": the origin does not answer on the port or with the protocol asked for (documented); sentence seen.
ORIGIN_UNREACHABLE = EdgeError(502, "CloudFront wasn't able to connect to the origin.")
# The origin's headers are over CloudFront's quota: see origin_answer. The sentence is inferred.
ORIGIN_HEAD_TOO_LARGE = EdgeError(502, "The origin returned headers that are too large.")
# "HTTP 504": no answer in time, neither to the connection nor to the request (documented); sentence seen on
# 504 pages.
ORIGIN_TIMEOUT = EdgeError(
    504,
    "CloudFront attempted to establish a connection with the origin, but either the attempt failed or the "
    "origin closed the connection.",
)


def invalid_result(sentence: str) -> EdgeError:
    """Return the 502 for a function result that failed; `sentence` is `InvalidResult.text`."""
    return EdgeError(502, sentence, X_CACHE_VALIDATION)


def edge_headers(distribution: Distribution, *, x_cache: str, request_id: str) -> HeaderPairs:
    """Return the headers that CloudFront adds to every response (seen); this edge speaks HTTP/1.1."""
    return (
        ("X-Cache", x_cache),
        ("Via", distribution.via("1.1")),
        ("X-Amz-Cf-Pop", distribution.pop),
        ("X-Amz-Cf-Id", request_id),
    )


def x_cache_of_origin(status: int) -> str:
    """Return the X-Cache of an uncached response from the origin: error statuses count as errors (seen)."""
    return X_CACHE_ERROR if status >= HTTPStatus.BAD_REQUEST else X_CACHE_MISS


def answer(error: EdgeError, distribution: Distribution, *, request_id: str, date: str) -> EdgeAnswer:
    """Return the whole response for `error`; `date` is the value of the Date header."""
    body = _page(error, request_id).encode("iso-8859-1", "xmlcharrefreplace")
    headers = (
        ("Server", "CloudFront"),
        ("Date", date),
        ("Content-Type", "text/html"),
        ("Content-Length", str(len(body))),
        *edge_headers(distribution, x_cache=error.x_cache, request_id=request_id),
    )
    return EdgeAnswer(
        status=error.status,
        reason=HTTPStatus(error.status).phrase,
        headers=headers + ((("Connection", "close"),) if error.close else ()),
        body=body,
        close=error.close,
    )


def _page(error: EdgeError, request_id: str) -> str:
    lines = (
        "<!DOCTYPE html>",
        '<html><head><meta charset="iso-8859-1">',
        "<title>ERROR: The request could not be satisfied</title></head><body>",
        f"<h1>{error.status} ERROR</h1>",
        f"<h2>{_SUBTITLE}</h2>",
        f"<p>{html.escape(error.sentence, quote=False)}</p>",
        f"<p>{_SMALL_PRINT}</p>",
        f"<pre>Generated by cloudfront (CloudFront)\nRequest ID: {html.escape(request_id)}</pre>",
        "</body></html>",
        "",
    )
    return "\n".join(lines)
