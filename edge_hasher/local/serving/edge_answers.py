"""The answers that the edge makes itself: CloudFront's error pages, and responses that a function generated."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus

from aiohttp import web
from multidict import CIMultiDict

from edge_hasher.local import cloudfront
from edge_hasher.local.cloudfront import errors

_DISTRIBUTION = cloudfront.Distribution()


def new_request_id() -> str:
    """Return an id of CloudFront's form that nobody can guess."""
    return cloudfront.request_id_from(secrets.token_bytes(cloudfront.REQUEST_ID_RANDOM_BYTES))


def edge_headers(x_cache: str, request_id: str) -> cloudfront.HeaderPairs:
    """Return what CloudFront adds to every answer."""
    return cloudfront.edge_headers(_DISTRIBUTION, x_cache=x_cache, request_id=request_id)


def page(error: cloudfront.EdgeError, request_id: str) -> web.Response:
    """Return CloudFront's error page; aiohttp sends no body for HEAD."""
    answer = cloudfront.answer(error, _DISTRIBUTION, request_id=request_id, date=_http_date())
    framing = {"content-length", "connection"}  # left to aiohttp
    headers = CIMultiDict((name, value) for name, value in answer.headers if name.lower() not in framing)
    response = web.Response(status=answer.status, reason=answer.reason, headers=headers, body=answer.body)
    if answer.close:
        response.force_close()
    return response


def generated(response: cloudfront.GeneratedResponse, request_id: str) -> web.Response:
    """Return a response that the function made."""
    headers = CIMultiDict([("Server", "CloudFront"), ("Date", _http_date()), *response.headers])
    headers.extend(edge_headers(errors.X_CACHE_GENERATED, request_id))
    return web.Response(status=response.status, reason=response.reason, headers=headers, body=response.body)


def not_http(status: HTTPStatus) -> web.Response:
    """Answer what is no HTTP, or has too large a head; nothing is remembered of it."""
    too_large = status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return page(errors.REQUEST_TOO_LARGE if too_large else errors.BAD_REQUEST, new_request_id())


def _http_date() -> str:
    return format_datetime(datetime.now(UTC), usegmt=True)
