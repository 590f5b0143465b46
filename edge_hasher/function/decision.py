"""The decision table: what becomes of an origin request. Pure: no I/O, no logging, the request never changed in place.

`decide` asks the rows of docs/decision-table.md from the top, and the first that fits answers. Use it in an
origin-request function of your own:

    from edge_hasher.function import decide

    decision = decide(request)
    return decision.answer  # the request with its digest, or a response that refuses it

Facts it stands on:
- OAC signs after the function ran, with the x-amz-content-sha256 that it set (seen: several products rely on it).
- With `action` read-only CloudFront sends the viewer's original body and ignores what the function returns of it
  (documented: "Accessing the request body"), so the returned data may be empty.
- `inputTruncated` alone tells a cut body; whether 1,048,576 bytes exactly count as cut is unknown.
- A DELETE's body is delivered (documented) or is not (seen), so an empty digest there would be a guess. Where it was
  not, the DELETE worked without a digest (seen, one report). POST, PUT and PATCH never do (documented).
"""

from . import refusals
from .content_hash import EMPTY_DIGEST, BadEncodingError, digest_of, payload_bytes
from .refusals import DELIVERED_LIMIT_BYTES
from .settings import SettingsError, folded_name, settings_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._types import Body, Headers, Request, Response
    from .refusals import Refusal
    from .settings import Settings

DIGEST_HEADER = "x-amz-content-sha256"
_DIGEST_KEY = "X-Amz-Content-Sha256"
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_NO_DATA = (None, "", memoryview(b""))  # events are not validated against their TypedDicts
_METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

# The order of asking, and a name for each outcome. Logs and JSON carry the name, which never changes its meaning; a
# number may change when a row is added.
ROWS = (
    (1, "not-an-origin-request"),  # the one that is raised, as EventError
    (2, "wrong-trigger"),
    (3, "s3-origin"),
    (4, "bad-settings"),
    (5, "over-max-body"),
    (6, "truncated-with-digest"),
    (7, "truncated"),
    (7, "truncated-forwarded"),
    (8, "digest-trusted"),
    (9, "bad-encoding"),
    (10, "digest-mismatch"),
    (11, "body-hashed"),
    (12, "undelivered-with-digest"),
    (13, "include-body-off"),
    (14, "body-not-delivered"),
    (14, "body-not-delivered-forwarded"),
    (15, "chunked-with-digest"),
    (15, "chunked-include-body-off"),
    (16, "empty-body-mismatch"),
    (16, "empty-body"),
    (17, "bodyless-hashed"),
    (18, "unchanged"),
)


class EventError(ValueError):
    """Not an origin request of CloudFront's; the message says what was expected and what came."""


class Anomaly:
    """Something odd that does not change the answer: a stable `code`, and `fields` with the byte counts."""

    __slots__ = ("code", "fields")

    def __init__(self, code: str, **fields: int) -> None:
        self.code = code
        self.fields = fields


class Decision:
    """The name of the `row` that fits, and the `answer` that the handler returns: the request, or a refusal's response.

    `refusal` and `anomaly` are None where there is nothing to refuse or to log.
    """

    __slots__ = ("anomaly", "answer", "refusal", "row")

    def __init__(
        self, row: str, answer: "Request | Response", refusal: "Refusal | None" = None, anomaly: Anomaly | None = None
    ) -> None:
        self.row = row
        self.answer = answer
        self.refusal = refusal
        self.anomaly = anomaly


def decide(request: "Request", event_type: str = "origin-request") -> Decision:
    """Decide on the request of an origin-request event (`Records[0].cf.request`).

    The request is left as it is: what is forwarded is the same object where nothing changes, else a shallow copy.
    Raises EventError for anything that is not an origin request.
    """
    try:
        return _decide(request) if event_type == "origin-request" else _wrong_trigger(event_type)
    except (AttributeError, LookupError, TypeError) as error:
        event = {"Records": [{"cf": {"config": {"eventType": event_type}, "request": request}}]}
        raise explained(error, event) from None


def explained(error: Exception, event: object) -> Exception:
    """Return an EventError that says what is wrong with the event; `error` itself if the event is not to blame."""
    from .event_shape import fault_of

    fault = fault_of(event)
    return error if fault is None else EventError(f"expected a CloudFront origin-request event: {fault}")


def _decide(request: "Request") -> Decision:
    custom_origin = request["origin"].get("custom")
    if custom_origin is None:
        return Decision("s3-origin", request)  # OAC for S3 needs no digest
    try:
        settings = settings_of(custom_origin)
    except SettingsError as error:
        return _refuse("bad-settings", refusals.bad_settings(str(error)))

    headers = request["headers"]
    content_length = _content_length(headers) if "content-length" in headers else None
    if settings.max_body is not None:
        refusal = _over_max_body(request, settings.max_body, content_length)
        if refusal is not None:
            return _refuse("over-max-body", refusal)

    claim = _claimed_digest(headers) if DIGEST_HEADER in headers else None
    body = request.get("body")
    if body is not None:
        if body["inputTruncated"] is not False:  # anything else counts as cut: never hash what may be a part
            return _truncated(request, settings, claim, content_length)
        if body["data"] not in _NO_DATA:
            return _with_data(request, settings, claim, content_length)
    return _without_data(request, settings, claim, content_length)


def _wrong_trigger(event_type: str) -> Decision:
    if event_type == "viewer-request":
        return _refuse("wrong-trigger", refusals.wrong_trigger())
    raise EventError(f"expected an origin-request event, got eventType {event_type!r}")


def _truncated(request: "Request", settings: "Settings", claim: str | None, content_length: int | None) -> Decision:
    headers = request["headers"]
    if claim is not None:
        return _forward("truncated-with-digest", request, settings, _with_digest(headers, claim))
    if settings.oversize == "forward":
        return _forward("truncated-forwarded", request, settings, _without_digest(headers))
    body_bytes = content_length if content_length and content_length > DELIVERED_LIMIT_BYTES else None
    return _refuse("truncated", refusals.truncated(body_bytes))


def _with_data(request: "Request", settings: "Settings", claim: str | None, content_length: int | None) -> Decision:
    headers, body = request["headers"], request["body"]
    anomaly = None if content_length is None else _length_anomaly(body, content_length)
    if claim is not None and settings.viewer_digest == "trust":
        return _forward("digest-trusted", request, settings, _with_digest(headers, claim), anomaly)
    try:
        digest = digest_of(body["data"], body["encoding"])
    except BadEncodingError:
        return _refuse("bad-encoding", refusals.bad_encoding())
    if claim is not None and claim != digest and settings.viewer_digest == "verify":
        return _refuse("digest-mismatch", refusals.digest_mismatch(claim, digest), anomaly)
    return _forward("body-hashed", request, settings, _with_digest(headers, digest), anomaly)


def _without_data(request: "Request", settings: "Settings", claim: str | None, content_length: int | None) -> Decision:
    headers, include_body = request["headers"], request.get("body") is not None
    method = request["method"].upper()  # a lower-case one is taken for what its sender means
    announced_bytes = content_length or 0
    anomaly: Anomaly | None
    chunked = "transfer-encoding" in headers and "content-length" not in headers
    if announced_bytes or (chunked and not include_body):
        if claim is not None:
            row = "undelivered-with-digest" if announced_bytes else "chunked-with-digest"
            return _forward(row, request, settings, _with_digest(headers, claim))
        if not include_body:
            row = "include-body-off" if announced_bytes else "chunked-include-body-off"
            return _refuse(row, refusals.include_body_off())
        if method in _METHODS_WITH_BODY:
            return _refuse("body-not-delivered", refusals.body_not_delivered(announced_bytes))
        anomaly = Anomaly("body-not-delivered", announced_bytes=announced_bytes)
        return _forward("body-not-delivered-forwarded", request, settings, _without_digest(headers), anomaly)
    if method in _METHODS_WITH_BODY and (include_body or content_length == 0):
        if claim not in {None, EMPTY_DIGEST} and settings.viewer_digest == "verify":
            return _refuse("empty-body-mismatch", refusals.digest_mismatch(claim, EMPTY_DIGEST))
        # Whether CloudFront delivers a chunked body is unknown: should it not, this log line is all there is to see.
        anomaly = Anomaly("chunked-without-data") if chunked else None
        return _forward("empty-body", request, settings, _with_digest(headers, EMPTY_DIGEST), anomaly)
    if settings.bodyless == "hash" and method != "DELETE":
        return _forward("bodyless-hashed", request, settings, _with_digest(headers, EMPTY_DIGEST))
    return _forward("unchanged", request, settings, headers)


def _refuse(row: str, refusal: "Refusal", anomaly: Anomaly | None = None) -> Decision:
    return Decision(row, refusal.response(), refusal, anomaly)


def _forward(
    row: str, request: "Request", settings: "Settings", headers: "Headers", anomaly: Anomaly | None = None
) -> Decision:
    """Forward the request with these headers, the Authorization copy and, where CloudFront ignores it, no body data."""
    if settings.keep_authorization is not None:
        headers = _with_kept_authorization(headers, settings.keep_authorization)
    body = request.get("body")
    if body is not None and body["data"] != "" and body["action"] == "read-only" and settings.return_body == "drop":
        request = {**request, "headers": headers, "body": {**body, "data": ""}}
    elif headers is not request["headers"]:
        request = {**request, "headers": headers}
    return Decision(row, request, anomaly=anomaly)


def _with_digest(headers: "Headers", digest: str) -> "Headers":
    return {**headers, DIGEST_HEADER: [{"key": _DIGEST_KEY, "value": digest}]}


def _without_digest(headers: "Headers") -> "Headers":
    return {name: values for name, values in headers.items() if name != DIGEST_HEADER}


def _with_kept_authorization(headers: "Headers", kept_name: str) -> "Headers":
    """Copy Authorization to `kept_name`, after removing all that an origin could take for that header."""
    taken = folded_name(kept_name)
    kept = {name: values for name, values in headers.items() if folded_name(name) != taken}
    if "authorization" in headers:
        kept[kept_name] = [{"key": kept_name, "value": value["value"]} for value in headers["authorization"]]
    return kept if len(kept) != len(headers) or kept_name in kept else headers


def _claimed_digest(headers: "Headers") -> str | None:
    """Return the digest that the viewer claims, lower-cased; None for several values or anything but 64 hex digits."""
    values = headers[DIGEST_HEADER]
    if len(values) != 1:
        return None
    claim = values[0]["value"]
    return claim.lower() if len(claim) == len(EMPTY_DIGEST) and _HEX_DIGITS.issuperset(claim) else None


def _content_length(headers: "Headers") -> int | None:
    """Return the announced length in bytes; None where Content-Length is not a number."""
    value = headers["content-length"][0]["value"]
    if not (value.isascii() and value.isdigit()):
        return None
    # Eighteen digits are past every limit here, and keep int() from its own limit on the length of a text.
    return int(value.lstrip("0")[:18] or 0)


def _over_max_body(request: "Request", limit_bytes: int, content_length: int | None) -> "Refusal | None":
    body = request.get("body")
    announced_bytes = content_length or 0
    if body is not None and body["inputTruncated"] is not False:
        if announced_bytes > limit_bytes:
            return refusals.over_max_body(limit_bytes, announced_bytes)
        return refusals.over_max_body(limit_bytes, None) if limit_bytes <= DELIVERED_LIMIT_BYTES else None
    delivered_bytes = payload_bytes(body["data"], body["encoding"]) if body is not None and body["data"] else 0
    body_bytes = max(delivered_bytes, announced_bytes)
    return refusals.over_max_body(limit_bytes, body_bytes) if body_bytes > limit_bytes else None


def _length_anomaly(body: "Body", content_length: int) -> Anomaly | None:
    body_bytes = payload_bytes(body["data"], body["encoding"])
    if body_bytes == content_length:
        return None
    return Anomaly("content-length-mismatch", announced_bytes=content_length, body_bytes=body_bytes)
