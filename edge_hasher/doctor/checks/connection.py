"""EH5xx: how CloudFront connects to the Function URL, and what that does to a stream."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge_hasher.doctor.check import Fault, check, known
from edge_hasher.doctor.fixes import distribution as fixes

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext

# A model that thinks before its first token is silent for longer than CloudFront's 30 s by default (inferred). Up to
# 60 s need no higher quota (documented: "Quotas", response timeout per origin).
STREAM_READ_TIMEOUT_S = 60
HTTPS_PORT = 443
# Lambda takes TLS 1.2 and later (documented: Lambda Developer Guide, "Infrastructure security").
_MODERN_TLS = re.compile(r"TLSv1\.[2-9]")
# Names that say tokens or events are streamed, as opposed to pages, which end within seconds.
_STREAMS_TOKENS = re.compile(
    r"chat|agent|assistant|bedrock|claude|complet|convers|event|generat|inference|llm|prompt|stream|token"
    r"|(?<![a-z])(ai|ask|bot|gpt|mcp|sse)(?![a-z])",
    re.IGNORECASE,
)


@check("EH501", requires=("EH101", "EH108"))
def _speaks_https(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    if origin.protocol == "https-only":
        return None
    return Fault(
        what=(
            f"CloudFront may use plain HTTP to the origin {origin.id}: "
            f"its protocol policy is {origin.protocol or 'not set'}"
        ),
        fix=fixes.origin_fix(
            context,
            '.CustomOriginConfig.OriginProtocolPolicy = "https-only"',
            sam="OriginProtocolPolicy: https-only",
            terraform='origin_protocol_policy = "https-only"',
        ),
    )


@check("EH502", requires=("EH101", "EH108"))
def _leaves_streams_plain(context: CheckContext) -> Fault | None:
    behavior = context.behavior
    if not behavior.compresses or not context.url.streams:
        return None
    policy = known(behavior.cache)
    takes_effect = f"and {policy.label} lets it" if policy.compresses else (f"which {policy.label} still prevents")
    return Fault(
        what=f"{behavior.label} compresses what {context.url.label} streams, {takes_effect}",
        fix=fixes.behavior_fix(context, ".Compress = false", sam="Compress: false", terraform="compress = false"),
        severity=None if policy.compresses and _streams_tokens(context) else "note",
    )


@check("EH503", requires=("EH101", "EH108"))
def _waits_for_streams(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    if not context.url.streams or origin.read_timeout_s >= STREAM_READ_TIMEOUT_S:
        return None
    return Fault(
        what=(
            f"CloudFront waits {origin.read_timeout_s} s for the first byte and between two of {context.url.label}, "
            f"which streams; {STREAM_READ_TIMEOUT_S} s or more suit a stream"
        ),
        fix=fixes.origin_fix(
            context,
            f".CustomOriginConfig.OriginReadTimeout = {STREAM_READ_TIMEOUT_S}",
            sam=f"OriginReadTimeout: {STREAM_READ_TIMEOUT_S}",
            terraform=f"origin_read_timeout = {STREAM_READ_TIMEOUT_S}",
        ),
        severity=None if _streams_tokens(context) else "note",
    )


@check("EH504", requires=("EH101", "EH108"))
def _lets_streams_end(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    if not context.url.streams or origin.completion_timeout_s is None:
        return None
    return Fault(
        what=f"CloudFront ends every answer of the origin {origin.id} after {origin.completion_timeout_s} s",
        fix=fixes.origin_fix(
            context,
            " |= del(.ResponseCompletionTimeout)",
            sam="# take out: ResponseCompletionTimeout",
            terraform="# take out: response_completion_timeout",
        ),
    )


@check("EH505", requires=("EH101", "EH108"))
def _waits_for_the_function(context: CheckContext) -> Fault | None:
    origin, timeout_s = context.behavior.origin, known(context.url.timeout_s)
    if context.url.streams or timeout_s is None or timeout_s <= origin.read_timeout_s:
        return None
    wanted_s = min(timeout_s, STREAM_READ_TIMEOUT_S)
    if wanted_s <= origin.read_timeout_s:
        return None  # more needs a higher quota, and few requests take as long
    return Fault(
        what=(
            f"{context.url.label} may take {timeout_s} s and does not stream, and CloudFront waits "
            f"{origin.read_timeout_s} s for it"
        ),
        fix=fixes.origin_fix(
            context,
            f".CustomOriginConfig.OriginReadTimeout = {wanted_s}",
            sam=f"OriginReadTimeout: {wanted_s}",
            terraform=f"origin_read_timeout = {wanted_s}",
        ),
    )


@check("EH506", requires=("EH101", "EH108"))
def _uses_the_https_port(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    if origin.https_port == HTTPS_PORT:
        return None
    return Fault(
        what=f"CloudFront connects to port {origin.https_port} of the origin {origin.id}: Lambda answers on 443 only",
        fix=fixes.origin_fix(
            context,
            f".CustomOriginConfig.HTTPSPort = {HTTPS_PORT}",
            sam=f"HTTPSPort: {HTTPS_PORT}",
            terraform=f"https_port = {HTTPS_PORT}",
        ),
    )


@check("EH507", requires=("EH101", "EH108"))
def _speaks_modern_tls(context: CheckContext) -> Fault | None:
    origin = context.behavior.origin
    if not origin.ssl_protocols or any(_MODERN_TLS.match(each) for each in origin.ssl_protocols):
        return None
    return Fault(
        what=(
            f"CloudFront offers the origin {origin.id} {', '.join(sorted(origin.ssl_protocols))} alone, "
            "and Lambda takes TLS 1.2 and later"
        ),
        fix=fixes.origin_fix(
            context,
            '.CustomOriginConfig.OriginSslProtocols = {"Quantity": 1, "Items": ["TLSv1.2"]}',
            sam="OriginSSLProtocols: [TLSv1.2]",
            terraform='origin_ssl_protocols = ["TLSv1.2"]',
        ),
    )


def _streams_tokens(context: CheckContext) -> bool:
    """Whether the names speak of an agent or of events: a page that is streamed ends within seconds."""
    behavior = context.behavior
    names = (behavior.pattern, context.facts.path or "", behavior.origin.id, context.url.function)
    return any(_STREAMS_TOKENS.search(name) for name in names)


CHECKS = (
    _speaks_https,
    _leaves_streams_plain,
    _waits_for_streams,
    _lets_streams_end,
    _waits_for_the_function,
    _uses_the_https_port,
    _speaks_modern_tls,
)
