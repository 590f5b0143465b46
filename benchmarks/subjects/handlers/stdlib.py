"""The plain form that people write: standard library, body echoed back."""

import base64
import hashlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def lambda_handler(event: "Any", context: object) -> "Any":  # noqa: ARG001 - Lambda passes two
    """Set the digest of a body, and return the request with it."""
    request = event["Records"][0]["cf"]["request"]
    body = request.get("body")
    if body and body["data"]:
        digest = hashlib.sha256(base64.b64decode(body["data"])).hexdigest()
        request["headers"]["x-amz-content-sha256"] = [{"key": "X-Amz-Content-Sha256", "value": digest}]
    return request
