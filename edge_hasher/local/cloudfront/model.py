"""The inputs of the CloudFront model: the distribution, its origin, its policy, and one viewer request.

Values only: no socket, clock or random source. The server passes in ids, dates and addresses.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from edge_hasher.local.aws_limits import DISTRIBUTION_ID
from edge_hasher.local.cloudfront.behavior.request_policy import REQUEST_POLICIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_hasher.local.cloudfront.behavior.request_policy import RequestPolicy

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""What a behavior can allow at most (documented: AllowedMethods)."""

HeaderPairs = tuple[tuple[str, str], ...]
"""Header names and values as on the wire, in order, repeats included."""

REQUEST_ID_RANDOM_BYTES = 40
"""40 random bytes make the 56 characters of an x-amz-cf-id, `==` at the end (seen in error pages)."""


def request_id_from(random_bytes: bytes) -> str:
    """Return a request id of CloudFront's shape from `REQUEST_ID_RANDOM_BYTES` random bytes."""
    return base64.urlsafe_b64encode(random_bytes).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """The distribution that the edge simulates; all of it is made up.

    `via_host` is the edge server's name in Via, `pop` the edge location in X-Amz-Cf-Pop. `aliases` are its alternate
    domain names, `listens_on` where the edge listens: both as `host_names.serves` takes them.
    """

    domain_name: str = "d111111abcdef8.cloudfront.net"
    distribution_id: str = DISTRIBUTION_ID
    via_host: str = "0123456789abcdef0123456789abcdef.cloudfront.net"
    pop: str = "LOC50-P1"
    aliases: tuple[str, ...] = ()
    listens_on: str = "127.0.0.1"

    def via(self, http_version: str) -> str:
        """Return CloudFront's Via value; `http_version` is the viewer's, such as `1.1` (seen)."""
        return f"{http_version} {self.via_host} (CloudFront)"


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginConfig:
    """A custom origin as the operator configured it; timeouts in seconds, `path` empty or `/like/this`.

    Field meanings and defaults: "Lambda@Edge event structure" (documented). `custom_headers` are checked with
    `custom_headers.problem` before a distribution would take them.
    """

    domain_name: str
    path: str = ""
    port: int = 443
    protocol: str = "https"
    read_timeout_s: int = 30
    keepalive_timeout_s: int = 5
    response_completion_timeout_s: int | None = None
    ssl_protocols: tuple[str, ...] = ("TLSv1.2",)
    custom_headers: HeaderPairs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the behavior forwards, beside the cache policy CachingDisabled, which adds nothing.

    `name` is one of `REQUEST_POLICIES`. `forward_host` is the short form of AllViewer: the viewer's Host goes to the
    origin, and a Function URL then refuses the request. `deliver_delete_body`: whether the function gets a DELETE's
    body; documented yes, one product saw no (conflict). `methods` are those that the behavior allows.
    `own` is an origin request policy that is not AWS's, in place of the one that `name` names; `name` is then its name.
    """

    name: str = "AllViewerExceptHostHeader"
    forward_host: bool = False
    deliver_delete_body: bool = True
    methods: frozenset[str] = METHODS
    own: RequestPolicy | None = None

    @property
    def request_policy(self) -> RequestPolicy:
        """The origin request policy."""
        if self.own is not None and not self.forward_host:
            return self.own
        return REQUEST_POLICIES["AllViewer" if self.forward_host else self.name]


@dataclass(frozen=True, kw_only=True)
class ViewerRequest:
    """The head of a request as it arrived; `target` is raw, `http_version` is such as `1.1`."""

    method: str
    target: str
    headers: HeaderPairs
    client_ip: str
    http_version: str = "1.1"

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """The values of each header by its name in lower case, in order; not to be changed."""
        grouped: dict[str, list[str]] = {}
        for name, value in self.headers:
            grouped.setdefault(name.lower(), []).append(value)
        return grouped

    def values(self, name: str) -> Sequence[str]:
        """Return all values of the header `name` (lower case), in order."""
        return self.by_name.get(name, ())


class ForwardedRequest(NamedTuple):
    """An origin request before the function: what it may see, and what CloudFront keeps to itself.

    `headers` are the ones in the event. `hidden_headers` go to the origin past the function (X-Amz-Cf-Id).
    `custom_headers` are the operator's. `path` and `query` are as the viewer sent them; `query` is None
    without a `?`.
    """

    method: str
    path: str
    query: str | None
    headers: HeaderPairs
    hidden_headers: HeaderPairs
    custom_headers: HeaderPairs
    client_ip: str
    request_id: str
    origin_path: str = ""

    @property
    def viewer_target(self) -> str:
        """Path and query as the viewer sent them."""
        return self.path + ("" if self.query is None else f"?{self.query}")

    @property
    def target(self) -> str:
        """The request target at the origin, raw: origin path, path and query."""
        return self.origin_path + self.viewer_target

    @property
    def origin_headers(self) -> HeaderPairs:
        """All headers for the origin, when no function runs."""
        return self.headers + self.hidden_headers + self.custom_headers
