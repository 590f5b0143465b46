"""What doctor knows about a distribution: one frozen value, read once and judged by the checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from edge_hasher.edge_rules import EdgeFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.doctor.resource_policy import Statement

OriginKind = Literal["function-url", "web-function", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that could not be read: what it is, why, and the missing IAM action if that is why."""

    what: str
    why: str
    permission: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessControl:
    """An Origin Access Control; `behavior` is always, never, no-override or always-amz-auth."""

    id: str
    name: str
    origin_type: str
    behavior: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePolicy:
    """What a cache policy, or a behavior's older settings, cache and forward; header names are in lower case."""

    name: str
    headers: frozenset[str]
    min_ttl_s: int
    default_ttl_s: int
    compresses: bool
    is_legacy: bool = False

    @property
    def forwards_host(self) -> bool:
        """Whether the viewer's Host reaches the origin; the older settings say * for every header."""
        return bool(self.headers & {"host", "*"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPolicy:
    """What an origin request policy forwards; `mode` is its HeaderBehavior, header names are in lower case."""

    name: str
    mode: str
    headers: frozenset[str]

    @property
    def forwards_host(self) -> bool:
        """Whether the viewer's Host reaches the origin (documented: OriginRequestPolicyHeadersConfig)."""
        if self.mode in {"allViewer", "allViewerAndWhitelistCloudFront"}:
            return True
        named = "host" in self.headers
        return (self.mode == "whitelist" and named) or (self.mode == "allExcept" and not named)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionUrlFacts:
    """A Function URL and the function behind it; `qualifier` is an alias, or None for $LATEST.

    `policy` holds the statements for this qualifier, `elsewhere` those for others.
    """

    function: str
    region: str
    qualifier: str | None
    auth_type: str
    streams: bool
    policy: tuple[Statement, ...] | Unread
    elsewhere: tuple[Statement, ...] | Unread

    @property
    def label(self) -> str:
        """The function as people write it: name, or name:alias."""
        return f"{self.function}:{self.qualifier}" if self.qualifier else self.function


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a behavior's requests go; `settings` are the values of its Edge-Hasher header, in order."""

    id: str
    host: str
    kind: OriginKind
    protocol: str
    read_timeout_s: int
    completion_timeout_s: int | None
    settings: tuple[str, ...]
    access_control: AccessControl | Unread | None
    url: FunctionUrlFacts | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeFunctionFacts(EdgeFunction):
    """A Lambda function as an association names it; `unread` maps the rules that cannot be judged to the reason."""

    unread: Mapping[str, Unread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationFacts:
    """A Lambda@Edge function on a behavior; `function` is None if it no longer exists."""

    arn: str
    event: str
    includes_body: bool
    function: EdgeFunctionFacts | Unread | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorFacts:
    """One behavior, and everything it leads to; `pattern` is * for the default one."""

    pattern: str
    is_default: bool
    methods: frozenset[str]
    compresses: bool
    wants_signed_viewers: bool
    cache: CachePolicy | Unread
    request: RequestPolicy | Unread | None
    associations: tuple[AssociationFacts, ...]
    origin: Origin

    @property
    def label(self) -> str:
        """What people call it."""
        return "default (*)" if self.is_default else self.pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A distribution, and the behaviors that doctor looks at: all with a Function URL, or the one that serves `path`.

    `error_pages`: a status, the page that CloudFront shows instead, and the status that it then returns.
    """

    id: str
    arn: str
    domain: str
    enabled: bool
    deployed: bool
    web_acl: str
    error_pages: tuple[tuple[int, str, str], ...]
    path: str | None
    behaviors: tuple[BehaviorFacts, ...]
