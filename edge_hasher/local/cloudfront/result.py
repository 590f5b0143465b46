"""CloudFront's judgement of what an origin-request function returned: to the origin, the viewer, or 502.

Source, unless a line says otherwise: CloudFront Developer Guide, "Lambda@Edge event structure",
"Restrictions on all edge functions", "Restrictions on Lambda@Edge" and "Generate HTTP responses in request
triggers" (documented). Where the documentation is silent this model refuses: a function that passes here
must not fail there. The notes of a result name what was let through in doubt.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from edge_hasher.local.aws_limits import RETURNED_URI_LIMIT_CHARS
from edge_hasher.local.cloudfront import result_body, result_headers, result_origin, result_response, syntax
from edge_hasher.local.cloudfront.invalid import InvalidResult, Text, is_object, short, typed

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.model import ForwardedRequest, HeaderPairs
    from edge_hasher.local.cloudfront.result_response import GeneratedResponse

_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


class Forward(NamedTuple):
    """The request for the origin, before OAC signs it.

    `target` is raw, origin path included; `body` replaces the viewer's, or is None for the original;
    `origin` is the event's `origin` object as returned. `notes` name undocumented cases that were let
    through. `read_timeout_s` is the function's, None for the distribution's; `unreachable` says why the origin that
    the function chose cannot be reached.
    """

    method: str
    target: str
    headers: HeaderPairs
    body: bytes | None
    origin: dict[str, object]
    notes: tuple[str, ...]
    read_timeout_s: int | None = None
    unreachable: str = ""


def parse_result(payload: bytes | str) -> object:
    """Return the JSON that the function's runtime sent; raises InvalidResult when it is not JSON."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise InvalidResult(Text.NOT_JSON, f"the result is not JSON: {error}") from error


def validate_result(result: object, *, event: object, request: ForwardedRequest) -> Forward | GeneratedResponse:
    """Return the origin request or the response that `result` is; raises InvalidResult with CloudFront's sentence.

    `event` is the event that went in (unchanged: give the function a copy), `request` what it was made
    from. A result with `status` is taken for a response, any other for a request (inferred).
    """
    if not is_object(result):
        raise InvalidResult(Text.NOT_OBJECT, f"the result is {typed(result)}; return the request or a response object")
    if "status" in result:
        return result_response.generated(result)
    try:
        given = dict(event["Records"][0]["cf"]["request"])  # type: ignore[index]
    except (LookupError, TypeError) as error:
        raise ValueError("the event is not one of origin_request_event") from error
    return _forward(result, given, request)


def _forward(returned: dict[str, object], given: dict[str, object], request: ForwardedRequest) -> Forward:
    # A Lambda proxy answer (statusCode, body) ends at the body, as seen: it is read as a request.
    body = result_body.replacement(returned, given)
    _check_read_only(returned, given)
    uri, query = returned.get("uri"), returned.get("querystring")
    # Then what the viewer sent goes on (documented).
    unchanged = uri == given["uri"] and query == given["querystring"]
    target = request.viewer_target if unchanged else _target(uri, query)
    origin = result_origin.returned_origin(returned, given)
    headers = result_headers.request_headers(returned.get("headers"), given["headers"])
    result_headers.refuse_doubles(headers, origin.custom_headers)
    framed = headers if body.data is None else result_body.reframed(headers, len(body.data))
    return Forward(
        method=request.method,
        target=origin.path + target,
        headers=framed + request.hidden_headers + origin.custom_headers,
        body=body.data,
        origin=origin.value,
        notes=body.notes + origin.notes,
        read_timeout_s=origin.read_timeout_s,
        unreachable=origin.unreachable,
    )


def _check_read_only(returned: dict[str, object], given: dict[str, object]) -> None:
    # Read-only documented; that a change is a 502, and that a missing field is one too, is inferred.
    for field in ("method", "clientIp"):
        if returned.get(field) != given[field]:
            raise InvalidResult(
                Text.READ_ONLY_FIELD,
                f"{field} is read-only: it was {given[field]}, and is {short(returned.get(field))}",
            )


def _breaks(text: str) -> bool:
    return syntax.has_target_breaker(text) or syntax.has_surrogate(text)


def _target(uri: object, query: object) -> str:
    """Return what the function made of path and query; raises InvalidResult."""
    path, parameters = _uri(uri), _query(query)
    if len(path) + len(parameters) + 1 >= RETURNED_URI_LIMIT_CHARS:
        raise InvalidResult(
            Text.URI,
            f"uri and querystring have {len(path) + len(parameters)} characters; with the ? they must have "
            f"fewer than {RETURNED_URI_LIMIT_CHARS}",
        )
    # Changed values are forwarded as UTF-8 (documented); here percent-encoded, so any HTTP client can send them.
    return quote(path + (f"?{parameters}" if parameters else ""), safe=_PRINTABLE)


def _uri(uri: object) -> str:
    if not isinstance(uri, str):
        raise InvalidResult(Text.URI, f"uri is {typed(uri)}; it must be a string")
    if not uri.startswith("/"):
        raise InvalidResult(Text.URI, "uri does not begin with /")
    # A query in the uri is seen to fail; blanks, control characters and # are documented for the query,
    # inferred here.
    if "?" in uri:
        raise InvalidResult(Text.URI, "uri holds a ?; the query belongs into querystring")
    if _breaks(uri):
        raise InvalidResult(Text.URI, "uri holds a blank, a control character or #; percent-encode it")
    return uri


def _query(query: object) -> str:
    if not isinstance(query, str):
        raise InvalidResult(Text.QUERY, f"querystring is {typed(query)}; it must be a string, empty for none")
    if _breaks(query):
        raise InvalidResult(Text.QUERY, "querystring holds a blank, a control character or #; percent-encode it")
    return query
