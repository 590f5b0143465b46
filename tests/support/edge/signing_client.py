"""A client that calls the local Function URL directly, signed by botocore as any SDK signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.edge.edge_fixtures import Running


def signed_request(
    edge: Running, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """Make a request with the keys that the edge shows at its start; all given headers are signed."""
    keys = edge.addresses.caller_keys
    aws = AWSRequest(method=method, url=f"{edge.addresses.function_url}{target}", data=body, headers=headers)
    SigV4Auth(
        Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token), "lambda", "us-east-1"
    ).add_auth(aws)
    lines = [f"{name}: {value}" for name, value in aws.headers.items()]
    host = edge.addresses.function_url.removeprefix("http://")
    head = "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {host}", *lines, f"Content-Length: {len(body)}"])
    return head.encode() + b"\r\n\r\n" + body
