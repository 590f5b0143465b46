"""What may be set for the local edge's behavior, by an option or by what a behavior is in production."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.local.cloudfront.model import METHODS, Policy

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.behavior.error_pages import ErrorPage
    from edge_hasher.local.cloudfront.behavior.request_policy import RequestPolicy
    from edge_hasher.local.cloudfront.model import HeaderPairs
    from edge_hasher.local.origin.app_answer import InvokeMode
    from edge_hasher.local.origin.function_url import Permission
    from edge_hasher.local.origin.oac import SigningBehavior


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorOptions:
    """The behavior of a local edge; `own_policy` is a request policy that is not AWS's, named `request_policy`."""

    methods: frozenset[str] = METHODS
    request_policy: str = "AllViewerExceptHostHeader"
    own_policy: RequestPolicy | None = None
    forward_host: bool = False
    delete_body: bool = True
    signing: SigningBehavior = "always"
    denied: frozenset[Permission] = frozenset()
    origin_headers: HeaderPairs = ()
    settings: tuple[str, ...] = ()
    read_timeout_s: float = 30
    invoke_mode: InvokeMode = "BUFFERED"
    has_function: bool = True
    include_body: bool = True
    error_pages: tuple[ErrorPage, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def policy(self) -> Policy:
        """What the behavior forwards and allows."""
        return Policy(
            name=self.request_policy,
            forward_host=self.forward_host,
            deliver_delete_body=self.delete_body,
            methods=self.methods,
            own=self.own_policy,
        )


def method_set(text: str) -> frozenset[str]:
    """Return the methods of `all`, or of a list with commas."""
    return METHODS if text == "all" else frozenset(text.split(","))
