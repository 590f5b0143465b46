"""The configuration of a local edge."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from edge_hasher.function.settings import SettingsError, settings_of
from edge_hasher.local.aws_limits import FUNCTION_URL_HOST, ORIGIN_TIMEOUT_RANGE_S
from edge_hasher.local.cloudfront import custom_headers
from edge_hasher.local.cloudfront.behavior import host_names
from edge_hasher.local.cloudfront.event import event_headers
from edge_hasher.local.cloudfront.model import Distribution, OriginConfig, Policy

if TYPE_CHECKING:
    from edge_hasher.local.cloudfront.behavior.error_pages import ErrorPage
    from edge_hasher.local.cloudfront.model import HeaderPairs
    from edge_hasher.local.origin.app_answer import InvokeMode
    from edge_hasher.local.origin.function_url import Permission
    from edge_hasher.local.origin.oac import SigningBehavior
    from edge_hasher.local.runtime import FunctionFailure, FunctionSpec

# No user, query or fragment; only printable ASCII fits into a request line.
_NOT_IN_ADDRESS = re.compile(r"[^!-~]|[@?#\\]")


class ConfigError(ValueError):
    """The edge cannot be started so; the message says what to change."""


def authority(host: str, port: int) -> str:
    """Return host and port as a URL has them: an IPv6 address between brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class HttpApp:
    """An app that already runs: where, and the path before every request's own."""

    host: str
    port: int
    path: str = ""
    scheme: str = "http"

    def __str__(self) -> str:
        """Return its address."""
        return f"{self.scheme}://{authority(self.host, self.port)}{self.path}"


@dataclass(frozen=True, slots=True)
class HandlerApp:
    """A Python Lambda handler, `module.function`, found from `root`."""

    root: Path
    handler: str
    python: str = sys.executable

    def __str__(self) -> str:
        """Return it as AWS writes it."""
        return self.handler


@dataclass(frozen=True, kw_only=True)
class EdgeConfig:
    """One local edge.

    `function` None is a distribution without an edge function. `is_own_function` says whether the decision table
    explains what it does. `read_timeout_s` is the origin's, up to its first byte and between packets. `aliases` are
    names beside loopback ones that the distribution answers to. `invoke_mode` is the Function URL's, for an HTTP app; a
    Lambda handler is always buffered. `error_pages` are the distribution's custom error responses.
    """

    app: HttpApp | HandlerApp
    function: FunctionSpec | None
    is_own_function: bool = True
    function_processes: int = 4
    host: str = "127.0.0.1"
    port: int = 0
    aliases: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    origin_headers: HeaderPairs = ()
    behavior: SigningBehavior = "always"
    denied: frozenset[Permission] = frozenset()
    invoke_mode: InvokeMode = "RESPONSE_STREAM"
    read_timeout_s: float = 30.0
    policy: Policy = field(default_factory=Policy)
    include_body: bool = True
    reload: bool = False
    error_pages: tuple[ErrorPage, ...] = ()

    @property
    def at_once(self) -> int:
        """How many processes of the function to start; of ours, which computes, no more than there are cores."""
        if not self.is_own_function:  # it may wait
            return self.function_processes
        return min(self.function_processes, max(2, os.cpu_count() or 1))

    @property
    def buffers(self) -> bool:
        """Whether an HTTP app's answers go out when they are whole."""
        return self.invoke_mode == "BUFFERED" and isinstance(self.app, HttpApp)

    @cached_property
    def distribution(self) -> Distribution:
        """The distribution, with the names that it answers to."""
        return Distribution(aliases=self.aliases, listens_on=self.host)

    @cached_property
    def origin(self) -> OriginConfig:
        """The Function URL as the distribution's origin, with the operator's headers."""
        settings = (("Edge-Hasher", ", ".join(self.settings)),) if self.settings else ()
        return OriginConfig(
            domain_name=FUNCTION_URL_HOST,
            read_timeout_s=max(1, round(self.read_timeout_s)),
            custom_headers=(*self.origin_headers, *settings),
        )


def http_app(url: str) -> HttpApp:
    """Return the app at an address. Raises ConfigError for anything but http(s)://host[:port][/path]."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"{url!r} is not a URL: {error}") from error
    is_plain = not _NOT_IN_ADDRESS.search(url) and port != 0
    if not is_plain or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{url!r} is not http://HOST:PORT, such as http://127.0.0.1:8000")
    return HttpApp(
        parts.hostname, port or (443 if parts.scheme == "https" else 80), parts.path.rstrip("/"), parts.scheme
    )


def handler_name(text: str, option: str) -> str:
    """Return `module:function` as AWS writes it, `module.function`. Raises ConfigError for another form."""
    module, colon, function = text.partition(":")
    if not (colon and function.isidentifier() and all(part.isidentifier() for part in module.split("."))):
        raise ConfigError(f"{option} takes module:function, such as app.main:handler, not {text!r}")
    return f"{module}.{function}"


def app_of(
    *, origin: str | None, handler: str | None, streams: bool = False, python: str = sys.executable
) -> HttpApp | HandlerApp:
    """Return the app that the options name, a handler from the current folder. Raises ConfigError unless it is one.

    `streams`: with the invoke mode RESPONSE_STREAM, which Python's own runtime cannot serve (documented).
    """
    if streams and handler is not None:
        raise ConfigError("--invoke-mode RESPONSE_STREAM is for --origin: a Python Lambda handler cannot stream")
    if origin is not None and handler is None:
        return http_app(origin)
    if handler is not None and origin is None:
        return HandlerApp(Path.cwd(), handler_name(handler, "--app"), python)
    raise ConfigError("pass exactly one of --origin and --app")


def not_started(what: str, failure: FunctionFailure) -> ConfigError:
    """Return what to tell about code that cannot start: its error in one line, and where."""
    message = " ".join(failure.message.split()) or failure.error_type
    place = failure.stack_trace[-1].strip().partition("\n")[0] if failure.stack_trace else ""
    return ConfigError(f"{what} did not start: {message}{f' ({place})' if place else ''}")


def checked(config: EdgeConfig) -> EdgeConfig:
    """Return the configuration. Raises ConfigError for what a distribution would not take."""
    low, high = ORIGIN_TIMEOUT_RANGE_S
    if not low <= config.read_timeout_s <= high:  # before anything makes a whole number of it: it may be nan
        raise ConfigError(f"--read-timeout takes {low:g} to {high:g} seconds, as CloudFront does")
    if config.policy.forward_host and config.policy.name not in {Policy().name, "AllViewer"}:
        raise ConfigError(
            f"--forward-host is --request-policy AllViewer, and {config.policy.name} is asked for: pass one"
        )
    headers = config.origin.custom_headers
    problems = (
        *map(host_names.alias_problem, config.aliases),
        *(custom_headers.problem(name, value) for name, value in headers),
        custom_headers.joint_problem(headers),
    )
    for problem in filter(None, problems):
        raise ConfigError(problem)
    _check_settings(config)
    return config


def _check_settings(config: EdgeConfig) -> None:
    """Raise ConfigError for settings that the function would refuse, or that no function reads."""
    if config.settings and config.function is None:
        raise ConfigError("--setting is for the function, and there is none with --no-function")
    if config.function is None or not config.is_own_function:
        return
    try:
        settings_of(cast("Any", {"customHeaders": event_headers(config.origin.custom_headers)}))
    except SettingsError as error:
        raise ConfigError(f"the function would refuse the Edge-Hasher header: {error}") from error
