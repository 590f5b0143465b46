"""EH5xx: how CloudFront connects to the Function URL, and what that does to a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.doctor import fixes
from edge_hasher.doctor.check import Fault, check, known

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext

# A model that thinks before its first token is silent for longer than CloudFront's 30 s by default (inferred). Up to
# 60 s need no higher quota (documented: "Quotas", response timeout per origin).
STREAM_READ_TIMEOUT_S = 60


@check("EH501", requires=("EH101",))
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


@check("EH502", requires=("EH101",))
def _leaves_streams_plain(context: CheckContext) -> Fault | None:
    behavior = context.behavior
    if not behavior.compresses or not context.url.streams:
        return None
    policy = known(behavior.cache)
    takes_effect = (
        f"and the cache policy {policy.name} lets it"
        if policy.compresses
        else (f"which the cache policy {policy.name} still prevents")
    )
    return Fault(
        what=f"{behavior.label} compresses what {context.url.label} streams, {takes_effect}",
        fix=fixes.behavior_fix(context, ".Compress = false", sam="Compress: false", terraform="compress = false"),
        severity=None if policy.compresses else "note",
    )


@check("EH503", requires=("EH101",))
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
    )


@check("EH504", requires=("EH101",))
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


CHECKS = (_speaks_https, _leaves_streams_plain, _waits_for_streams, _lets_streams_end)
