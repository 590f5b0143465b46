"""What doctor knows about a distribution: one frozen value, read once and judged by the checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from edge_hasher.doctor.resource_policy import PUBLIC
from edge_hasher.edge_rules import EdgeFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.doctor.resource_policy import Statement

_ALL_VIEWER = {"allViewer", "allViewerAndWhitelistCloudFront"}

Pages = Literal["", "elsewhere, function possible", "elsewhere, function taken"]
OriginKind = Literal["function-url", "web-function", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that could not be read: what it is, why, and the missing IAM action if that is why.

    `after` is the code of a check that says why already.
    """

    what: str
    why: str
    permission: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessControl:
    """An Origin Access Control; `behavior` is always, never, no-override or always-amz-auth.

    `protocol` is sigv4 or sigv4a, or empty where it is not known.
    """

    id: str
    name: str
    origin_type: str
    behavior: str
    protocol: str = ""

    @property
    def signs(self) -> bool:
        """Whether it signs for Lambda at all."""
        return self.origin_type == "lambda" and self.behavior != "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePolicy:
    """What a cache policy, or a behavior's older settings, cache and forward; header names are in lower case."""

    name: str
    headers: frozenset[str]
    min_ttl_s: int
    default_ttl_s: int
    compresses: bool
    is_legacy: bool = False

    def forwards(self, header: str) -> bool:
        """Whether a viewer's header, in lower case, reaches the origin; the older settings say * for every one."""
        return bool(self.headers & {header, "*"})

    @property
    def label(self) -> str:
        """What people call it; a behavior's older settings have no name."""
        return "ForwardedValues" if self.is_legacy else f"the cache policy {self.name}"

    @property
    def forwards_host(self) -> bool:
        """Whether the viewer's Host reaches the origin."""
        return self.forwards("host")

    @property
    def caches(self) -> bool:
        """Whether a response that says nothing of caching is cached."""
        return self.min_ttl_s > 0 or self.default_ttl_s > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPolicy:
    """What an origin request policy forwards; `mode` is its HeaderBehavior, header names are in lower case.

    `cookies` and `query` are its CookieBehavior and QueryStringBehavior, empty where nothing says them.
    """

    name: str
    mode: str
    headers: frozenset[str]
    cookies: str = ""
    query: str = ""

    def forwards(self, header: str) -> bool:
        """Whether a header of the viewer's, in lower case, reaches the origin (documented: its HeadersConfig)."""
        if self.mode in _ALL_VIEWER:
            return True
        named = header in self.headers
        return (self.mode == "whitelist" and named) or (self.mode == "allExcept" and not named)

    @property
    def forwards_most_headers(self) -> bool:
        """Whether it forwards what viewers send, but for some that it names."""
        return self.mode in _ALL_VIEWER or self.mode == "allExcept"

    @property
    def forwards_host(self) -> bool:
        """Whether the viewer's Host reaches the origin."""
        return self.forwards("host")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionUrlFacts:
    """A Function URL and the function behind it; `qualifier` is an alias, or None for $LATEST.

    `policy` holds the statements for this qualifier, `elsewhere` those for others. `timeout_s` and
    `reserved_concurrency` are the function's, None where they are not known or not set. `cors_headers` are those that
    browsers may send, in lower case.
    """

    function: str
    region: str
    qualifier: str | None
    auth_type: str
    streams: bool
    policy: tuple[Statement, ...] | Unread
    elsewhere: tuple[Statement, ...] | Unread
    timeout_s: int | Unread | None = None
    reserved_concurrency: int | Unread | None = None
    cors_headers: frozenset[str] = frozenset()

    @property
    def is_public(self) -> bool:
        """Whether it verifies nothing."""
        return self.auth_type == PUBLIC

    @property
    def label(self) -> str:
        """The function as people write it: name, or name:alias."""
        return f"{self.function}:{self.qualifier}" if self.qualifier else self.function


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a behavior's requests go; `settings` are the values of its Edge-Hasher header, in order.

    `custom_headers` are all that it adds, each with its value where that is known.
    `ssl_protocols` are empty where they are not known. `unhashed` are the patterns of all behaviors that send bodies
    here without an origin-request function, those that doctor was not asked about too, and `with_functions` those with
    one, beside its ARN. `chosen_by` is the CloudFront
    Function that sends the requests elsewhere, if one does. `host_form` is an example of a host that only the
    deployment knows, and empty where `host` is the host itself.
    """

    id: str
    host: str
    kind: OriginKind
    protocol: str
    read_timeout_s: int
    completion_timeout_s: int | None
    settings: tuple[str, ...]
    access_control: AccessControl | Unread | None
    url: FunctionUrlFacts | Unread
    https_port: int = 443
    ssl_protocols: frozenset[str] = frozenset()
    unhashed: tuple[str, ...] = ()
    with_functions: tuple[tuple[str, str], ...] = ()
    chosen_by: str = ""
    custom_headers: tuple[tuple[str, str | Unread], ...] | Unread = ()
    host_form: str | Unread = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFrontFunction:
    """A CloudFront Function on a behavior, not a Lambda one; `event` is viewer-request or viewer-response.

    `code` is its source, or None where it is not known. `known_code` is what is known of one that infrastructure code
    puts together of values of the deployment.
    """

    name: str
    event: str
    code: str | Unread | None = None
    known_code: str = ""

    @property
    def certain_code(self) -> str:
        """Its source, or so much of it as is known: what stands there is certain, what does not is not."""
        return self.code if isinstance(self.code, str) else self.known_code


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
    """One behavior, and everything it leads to; `pattern` is * for the default one.

    `origin_group` is the id of the group that `origin` is a member of, if the behavior names a group.
    """

    pattern: str
    is_default: bool
    methods: frozenset[str]
    compresses: bool
    wants_signed_viewers: bool
    cache: CachePolicy | Unread
    request: RequestPolicy | Unread | None
    associations: tuple[AssociationFacts, ...]
    origin: Origin
    functions: tuple[CloudFrontFunction, ...] = ()
    origin_group: str | None = None

    @property
    def origin_request(self) -> AssociationFacts | None:
        """Its origin-request function; CloudFront allows one (documented: LambdaFunctionAssociations)."""
        return next((each for each in self.associations if each.event == "origin-request"), None)

    @property
    def takes_bodies(self) -> bool:
        """Whether CloudFront lets a POST through."""
        return "POST" in self.methods

    @property
    def label(self) -> str:
        """What people call it."""
        return "default (*)" if self.is_default else self.pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A distribution, and the behaviors that doctor looks at: all with a Function URL, or the one that serves `path`.

    `error_pages`: a status, the page that CloudFront shows instead, and the status that it then returns. `aliases`: the
    alternate domain names.
    `clients_hash`: the user says that every client sends its own digest. `lambda_origins`, `lambda_patterns`: the ids
    of the origins that are Lambda's, and the patterns of the behaviors that lead there. `geo_restriction`: whitelist or
    blacklist with its countries, or nothing. `pages`: whether the default behavior leads elsewhere, where pages may
    rely on error pages, and may be given a CloudFront Function.
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
    clients_hash: bool = False
    lambda_origins: tuple[str, ...] = ()
    lambda_patterns: tuple[str, ...] = ()
    geo_restriction: str = ""
    pages: Pages = ""
    aliases: tuple[str | Unread, ...] | Unread = ()
