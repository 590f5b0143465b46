"""The origin of a returned request: as it was, or another within CloudFront's rules.

Source: "Lambda@Edge event structure", request fields of custom origins (documented).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, NamedTuple

from edge_hasher.local.aws_limits import ORIGIN_TIMEOUT_RANGE_S
from edge_hasher.local.cloudfront import result_headers
from edge_hasher.local.cloudfront.invalid import InvalidResult, Text, is_object, typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.local.cloudfront.model import HeaderPairs

_SSL_PROTOCOLS = frozenset({"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
_DOMAIN_LIMIT_CHARS = 253
_PATH_LIMIT_CHARS = 255
_LOW_S, _HIGH_S = ORIGIN_TIMEOUT_RANGE_S
_HTTPS_PORT = 443


class ReturnedOrigin(NamedTuple):
    """The returned `origin`; `path` goes before the uri, `custom_headers` are sent with the request's.

    `read_timeout_s` is None where the function left it. `unreachable`: why nothing answers there, or empty.
    """

    value: dict[str, object]
    path: str
    custom_headers: HeaderPairs
    notes: tuple[str, ...] = ()
    read_timeout_s: int | None = None
    unreachable: str = ""


def returned_origin(returned: dict[str, object], given: dict[str, object]) -> ReturnedOrigin:
    """Return the request's origin; raises InvalidResult. Only what the function changed is judged."""
    origin, before = returned.get("origin"), given.get("origin")
    if not is_object(origin) or len(origin.keys() & {"custom", "s3"}) != 1:  # one and only one (documented)
        raise InvalidResult(Text.ORIGIN, "origin must be an object with either custom or s3")
    if "s3" in origin:
        note = "the function sent the request to an S3 origin, which the local edge does not have"
        return ReturnedOrigin(value=origin, path="", custom_headers=(), notes=(note,), unreachable=note)
    custom, was = origin["custom"], before.get("custom") if is_object(before) else None
    if not is_object(custom) or not is_object(was):
        raise InvalidResult(Text.ORIGIN, f"origin.custom is {typed(custom)}; it must be an object")
    differing: set[str] = set()
    unreachable = ""
    if custom != was:
        differing = {field for field in custom.keys() | was.keys() if custom.get(field) != was.get(field)}
        _check(custom, differing)
        unreachable = _unreachable(custom, differing)
    read_timeout = custom.get("readTimeout")
    return ReturnedOrigin(
        value=origin,
        path=str(custom.get("path", "")),
        custom_headers=result_headers.origin_headers(custom.get("customHeaders"), was.get("customHeaders")),
        notes=(unreachable,) if unreachable else (),
        read_timeout_s=read_timeout if "readTimeout" in differing and isinstance(read_timeout, int) else None,
        unreachable=unreachable,
    )


def _unreachable(custom: dict[str, object], differing: set[str]) -> str:
    """Return why a valid origin cannot be reached: a Function URL answers on HTTPS, port 443, TLS 1.2 or later.

    Documented ("Invoking Lambda function URLs"; TLS: "Infrastructure security in AWS Lambda").
    """
    if "domainName" in differing:
        return (
            "the function chose another origin, and the local edge has one only; in production the request goes there"
        )
    if differing & {"protocol", "port"} and (custom["protocol"], custom["port"]) != ("https", _HTTPS_PORT):
        return (
            f"a Function URL answers on https, port 443, and the function chose {custom['protocol']}, {custom['port']}"
        )
    protocols = custom.get("sslProtocols")
    if "sslProtocols" in differing and isinstance(protocols, list) and not {"TLSv1.2", "TLSv1.3"} & set(protocols):
        return "a Function URL takes TLS 1.2 or later, and the function's sslProtocols hold neither"
    return ""


def _check(custom: dict[str, object], differing: set[str]) -> None:
    if "domainName" in differing and not _is_domain(custom.get("domainName")):
        raise InvalidResult(
            Text.ORIGIN_DOMAIN,
            "origin.custom.domainName must be a name of 1 to 253 characters, no colon, no IPv4 address",
        )
    for field, (valid, rule) in _RULES.items():
        if field in differing and not valid(custom.get(field)):
            raise InvalidResult(Text.ORIGIN, f"origin.custom.{field} must be {rule}")


def _is_domain(value: object) -> bool:
    if not isinstance(value, str) or not 1 <= len(value) <= _DOMAIN_LIMIT_CHARS or ":" in value:
        return False
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        return True
    return False


def _is_path(value: object) -> bool:
    if not isinstance(value, str) or len(value) > _PATH_LIMIT_CHARS:
        return False
    return value == "" or (value.startswith("/") and not value.endswith("/"))


def _is_port(value: object) -> bool:
    return _is_int(value) and (value in {80, 443} or value in range(1024, 65536))


def _is_timeout(value: object) -> bool:
    return _is_int(value) and value in range(_LOW_S, _HIGH_S + 1)


def _is_completion_timeout(value: object) -> bool:
    return value is None or (_is_int(value) and isinstance(value, int) and value >= _LOW_S)


def _is_protocol(value: object) -> bool:
    return value in {"http", "https"} if isinstance(value, str) else False


def _is_ssl_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item in _SSL_PROTOCOLS for item in value)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_RULES: dict[str, tuple[Callable[[object], bool], str]] = {
    "path": (_is_path, "empty, or begin and not end with /, of at most 255 characters"),
    "port": (_is_port, "80, 443 or 1024 to 65535"),
    "protocol": (_is_protocol, "'http' or 'https'"),
    "keepaliveTimeout": (_is_timeout, f"{_LOW_S} to {_HIGH_S} (seconds)"),
    "readTimeout": (_is_timeout, f"{_LOW_S} to {_HIGH_S} (seconds)"),
    "responseCompletionTimeout": (_is_completion_timeout, "a whole number of seconds"),
    "sslProtocols": (_is_ssl_list, "an array of TLSv1.2 and the like"),
}
