"""The bodies and events that are measured; the bytes are random and always the same."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

HASHING_SIZES_BYTES = (0, 64, 1024, 16_384, 262_144, 1_048_576)
MEMORY_SIZES_BYTES = (0, 1024, 65_536, 1_000_000)
DELIVERED_LIMIT_BYTES = 1_048_576  # the most that CloudFront delivers (documented)

_EVENTS = Path(__file__).parents[2] / "tests" / "events"
_SEED = 20_261_120
_WRONG_CLAIM = "0" * 64


@lru_cache(maxsize=16)
def payload(size_bytes: int) -> bytes:
    """Return random bytes, the same at every call: SHA-256 and base64 take the same time for any."""
    return random.Random(_SEED + size_bytes).randbytes(size_bytes)  # noqa: S311 - no secret


def as_base64(data: bytes) -> str:
    """Return the text that CloudFront would deliver."""
    return base64.b64encode(data).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request to measure.

    `digest` is what every form must find, None where there is no body; `refusal` the status of our answer where we
    refuse. `usual_s` is about what an invocation takes, from which the size of a batch follows.
    """

    name: str
    label: str
    event: dict[str, Any]
    digest: str | None
    usual_s: float
    refusal: str | None = None

    @property
    def request(self) -> dict[str, Any]:
        """The request inside the event."""
        request: dict[str, Any] = self.event["Records"][0]["cf"]["request"]
        return request

    def batch(self, batch_s: float) -> int:
        """Return how many invocations take about `batch_s`."""
        return max(4, round(batch_s / self.usual_s))


def cases() -> list[Case]:
    """Return the requests of the invocation benchmark, the refusals last."""
    return [
        Case(name="get", label="GET", event=_golden("18-get-include-body"), digest=None, usual_s=0.0005),
        post_case("1-kib", "POST, 1 KiB", 1024, 0.0005),
        post_case("64-kib", "POST, 64 KiB", 65_536, 0.001),
        post_case("1-mb", "POST, 1,000,000 bytes", 1_000_000, 0.010),
        _mismatch(),
        _too_large(),
    ]


def post_case(name: str, label: str, size_bytes: int, usual_s: float) -> Case:
    """Return a POST of so many bytes, with the headers of the golden event."""
    data = payload(size_bytes)
    event = _golden("11-post-json")
    request = event["Records"][0]["cf"]["request"]
    request["body"]["data"] = as_base64(data)
    request["headers"]["content-length"][0]["value"] = str(size_bytes)
    return Case(name=name, label=label, event=event, digest=hashlib.sha256(data).hexdigest(), usual_s=usual_s)


def _mismatch() -> Case:
    case = post_case("refused-400", "refusal: wrong digest, 1 KiB", 1024, 0.001)
    case.request["headers"]["x-amz-content-sha256"] = [{"key": "X-Amz-Content-Sha256", "value": _WRONG_CLAIM}]
    return Case(
        name=case.name, label=case.label, event=case.event, digest=case.digest, usual_s=case.usual_s, refusal="400"
    )


def _too_large() -> Case:
    case = post_case("refused-413", "refusal: body over 1 MiB", DELIVERED_LIMIT_BYTES, 0.008)
    case.request["body"]["inputTruncated"] = True
    case.request["headers"]["content-length"][0]["value"] = str(DELIVERED_LIMIT_BYTES + 1)
    return Case(
        name=case.name, label=case.label, event=case.event, digest=case.digest, usual_s=case.usual_s, refusal="413"
    )


def _golden(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((_EVENTS / f"{name}.json").read_text())
    return copy.deepcopy(event)
