"""Parse a large event without making a Python string of its body.

AWS's runtime client parses the whole event. For a 1 MB body, more than half of an invocation's CPU time goes into a
string of 1.4 MB that is only ever hashed. This marshaller parses the rest, and passes `body.data` on as a view of the
bytes that arrived. Where anything is unusual, the client's own marshaller does what it always did.

Facts it stands on:
- The class attribute `marshaller` "allows for function authors to override the default implementation" with an object
  of the same interface (documented: docstring of awslambdaric's LambdaRuntimeClient, 1.0.0 of 2020 to 3.1.1, and of
  its BaseLambdaRuntimeClient, 4.0.0 to 4.2.2). That the managed runtime is this client is inferred.
- `"data"`, a colon and a quote can only be a key with a string value: within a JSON string its quotes are escaped
  (RFC 8259, section 7). `Records[0].cf.request.body.data` is the one such key of an event (documented: "Lambda@Edge
  event structure").
"""

import os
import sys
from json import JSONEncoder
from marshal import dumps as plain_types_only
from re import compile as pattern

from .content_hash import hash_ahead, is_base64
from .settings import HEADER as SETTINGS_HEADER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# Below this, finding the body costs as much as parsing it (measured: 4 to 8 KB).
MIN_EVENT_BYTES = 8192

_JSON = "application/json"
_DATA = pattern(rb'"data"[ \t\r\n]*:[ \t\r\n]*"')
# Stands in the place of the data while the rest is parsed. Random, so that no event can contain it.
_PLACEHOLDER = os.urandom(16).hex().encode()


def install(modules: "Mapping[str, Any]" = sys.modules) -> bool:
    """Install the marshaller in AWS's runtime client, once, at init; return whether it is there.

    Leaves everything as it is where there is no runtime client, another marshaller than the client's own, an interface
    that answers differently, or an environment that runs several invocations in one process at a time.
    """
    try:
        module = modules["awslambdaric.lambda_runtime_client"]
        client = getattr(module, "BaseLambdaRuntimeClient", None) or module.LambdaRuntimeClient  # until 3.1.1
        own_class = modules["awslambdaric.lambda_runtime_marshaller"].LambdaMarshaller
        own = client.marshaller
        if type(own) is Marshaller:
            return True
        if type(own) is not own_class or os.environ.get("AWS_LAMBDA_MAX_CONCURRENCY"):
            return False
        if own.unmarshal_request(b"{}", _JSON) != {} or own.marshal_response({}) != ("{}", _JSON):
            return False
        client.marshaller = Marshaller(own)
    except Exception:  # noqa: BLE001 - speed is never worth a failed start
        return False
    return True


class Marshaller:
    """The runtime client's marshaller, with a short way for large CloudFront events and for plain answers."""

    def __init__(self, own: "Any") -> None:
        self._own = own
        ensure_ascii = own.jsonEncoder.ensure_ascii
        self._encode = JSONEncoder(ensure_ascii=ensure_ascii, separators=(",", ":"), default=_view_as_text).encode

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._own, name)

    def unmarshal_request(self, request: "Any", *rest: "Any", **named: "Any") -> "Any":
        """Return the event; `body.data` of a large one is a memoryview of ASCII bytes. Raises as the client does."""
        if type(request) is bytes and len(request) >= MIN_EVENT_BYTES and rest == (_JSON,) and not named:
            event = self._event_with_view(request)
            if event is not None:
                return event
        return self._own.unmarshal_request(request, *rest, **named)

    def marshal_response(self, response: "Any", *rest: "Any", **named: "Any") -> "Any":
        """Return the answer as JSON with its content type, equal to the client's own once parsed."""
        if type(response) is dict and not rest and not named:
            try:
                plain_types_only(response)  # no subclass, which the two encoders write differently
                return self._encode(response), _JSON
            except (TypeError, ValueError, RecursionError):
                pass  # the client says what is wrong with it
        return self._own.marshal_response(response, *rest, **named)

    def _event_with_view(self, request: bytes) -> "Any":
        """Return the event, or None where it does not look like CloudFront's with one delivered body."""
        match = _DATA.search(request)
        if match is None:
            return None
        start = match.end()
        end = request.find(b'"', start)
        if end <= start or _DATA.search(request, end) is not None:
            return None  # no end, no body, or another member of that name
        data = memoryview(request)[start:end]
        try:
            rest = b"".join((request[:start], _PLACEHOLDER, request[end:]))
            event = self._own.unmarshal_request(rest, _JSON)
            origin_request = event["Records"][0]["cf"]["request"]
            body = origin_request["body"]
            if body["data"] != _PLACEHOLDER.decode():
                return None
            # A quote and an escape are no base64. What is hashed in a moment is hashed here, and so decoded once.
            if not (hash_ahead if _is_hashed(origin_request) else is_base64)(data):
                return None
        except Exception:  # noqa: BLE001 - the client raises its own error for the event as it came
            return None
        body["data"] = data
        return event


def _is_hashed(request: "Any") -> bool:
    """Whether the decision needs the digest, as far as that is seen at a glance; a wrong guess costs time only."""
    origin = request.get("origin", {}).get("custom")
    return (
        origin is not None
        and SETTINGS_HEADER not in origin.get("customHeaders", ())
        and request["body"]["inputTruncated"] is False
    )


def _view_as_text(value: object) -> str:
    if type(value) is memoryview:
        return str(value, "ascii")
    raise TypeError(type(value).__name__)
