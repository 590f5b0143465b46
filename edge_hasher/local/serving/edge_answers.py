"""The answers that the edge makes itself: CloudFront's error pages, and responses that a function generated."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from edge_hasher.local.cloudfront import errors
from edge_hasher.local.cloudfront.model import REQUEST_ID_RANDOM_BYTES, Distribution, request_id_from
from edge_hasher.local.serving import relay

if TYPE_CHECKING:
    from aiohttp import web

    from edge_hasher.local.cloudfront.behavior.error_pages import ErrorPage
    from edge_hasher.local.cloudfront.model import HeaderPairs
    from edge_hasher.local.cloudfront.result_response import GeneratedResponse

_DISTRIBUTION = Distribution()


def new_request_id() -> str:
    """Return an unguessable id in CloudFront's form."""
    return request_id_from(secrets.token_bytes(REQUEST_ID_RANDOM_BYTES))


def edge_headers(x_cache: str, request_id: str) -> HeaderPairs:
    """Return what CloudFront adds to every answer."""
    return errors.edge_headers(_DISTRIBUTION, x_cache=x_cache, request_id=request_id)


def page(error: errors.EdgeError, request_id: str) -> web.Response:
    """Return CloudFront's error page; aiohttp sends no body for HEAD."""
    answer = errors.answer(error, _DISTRIBUTION, request_id=request_id, date=_http_date())
    response = relay.whole(answer.status, answer.headers, answer.body, reason=answer.reason)
    if answer.close:
        response.force_close()
    return response


def error_page(page: ErrorPage, request_id: str) -> web.Response:
    """Return the page of a custom error response; CloudFront still counts it as an error (seen)."""
    headers = (("Server", "CloudFront"), ("Date", _http_date()), ("Content-Type", "text/html"))
    return relay.whole(page.shown_status, (*headers, *edge_headers(errors.X_CACHE_ERROR, request_id)), page.body)


def generated(response: GeneratedResponse, request_id: str) -> web.Response:
    """Return a response that the function made."""
    own = ("Server", "CloudFront"), ("Date", _http_date())
    headers = (*own, *response.headers, *edge_headers(errors.X_CACHE_GENERATED, request_id))
    return relay.whole(response.status, headers, response.body, reason=response.reason)


def _http_date() -> str:
    return format_datetime(datetime.now(UTC), usegmt=True)
