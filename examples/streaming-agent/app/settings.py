"""Settings of the app, read from the environment once, when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN_DELAY_MS = (0.0, 10_000.0)
"""Bounds of AGENT_TOKEN_DELAY_MS."""

HEARTBEAT_S = (0.01, 100.0)
"""Bounds of AGENT_HEARTBEAT_S: CloudFront's longest origin read timeout is 120 s (documented)."""


class SettingsError(ValueError):
    """An environment variable that the operator has to fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the app streams, and where large uploads go.

    token_delay_s: pause before each piece of the answer, which makes the stream visible.
    heartbeat_s: longest silence on a stream. CloudFront counts its origin read timeout (30 s unless changed)
    between packets too (documented), so this stays well inside it.
    upload_bucket: the bucket of large uploads, in `region`; "" takes none.
    """

    token_delay_s: float = 0.03
    heartbeat_s: float = 10.0
    upload_bucket: str = ""
    region: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read AGENT_TOKEN_DELAY_MS, AGENT_HEARTBEAT_S and AGENT_UPLOAD_BUCKET; raises SettingsError.

        AWS_REGION is there in every Lambda function (documented), and belongs to the bucket.
        """
        delay_ms = _number(environment, "AGENT_TOKEN_DELAY_MS", cls().token_delay_s * 1000, TOKEN_DELAY_MS)
        heartbeat_s = _number(environment, "AGENT_HEARTBEAT_S", cls().heartbeat_s, HEARTBEAT_S)
        bucket, region = (environment.get(name, "").strip() for name in ("AGENT_UPLOAD_BUCKET", "AWS_REGION"))
        if bucket and not region:
            raise SettingsError(f"AGENT_UPLOAD_BUCKET is {bucket!r}, so AWS_REGION must name its Region")
        return cls(
            token_delay_s=delay_ms / 1000,
            heartbeat_s=heartbeat_s,
            upload_bucket=bucket,
            region=region if bucket else "",
        )


def _number(environment: Mapping[str, str], name: str, default: float, bounds: tuple[float, float]) -> float:
    text = environment.get(name, "").strip()
    if not text:
        return default
    low, high = bounds
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise SettingsError(f"{name} is {text!r}; it must be a number from {low:g} to {high:g}")
    return value
