"""The ways to hash a body that are compared; each returns the digest, which is asserted before and after timing."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pybase64

import edge_hasher.function.handler  # noqa: F401 - what it does to the C library holds for every form here, as in Lambda
from benchmarks.subjects.payloads import as_base64, payload
from edge_hasher.function.content_hash import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to hash; `prepare` makes the call for so many bytes, outside of what is timed."""

    name: str
    label: str
    prepare: Callable[[int], Call]


def _text(size_bytes: int) -> Call:
    text = as_base64(payload(size_bytes))
    return lambda: digest_of(text, "base64")


def _view(size_bytes: int) -> Call:
    view = memoryview(as_base64(payload(size_bytes)).encode())
    return lambda: digest_of(view, "base64")


def _stdlib(size_bytes: int) -> Call:
    text = as_base64(payload(size_bytes))
    return lambda: hashlib.sha256(base64.b64decode(text)).hexdigest()


def _one_shot(size_bytes: int) -> Call:
    view = memoryview(as_base64(payload(size_bytes)).encode())
    return lambda: hashlib.sha256(pybase64.b64decode(view, None, True)).hexdigest()  # noqa: FBT003 - fastest so


def decoded(size_bytes: int) -> Call:
    """Prepare the limit: hashlib over bytes that need no decoding."""
    data = payload(size_bytes)
    return lambda: hashlib.sha256(data).hexdigest()


VIEW, ACHIEVABLE, LIMIT = "view", "achievable", "limit"
FORMS = (
    Form(name=VIEW, label="Edge Hasher, the event's bytes", prepare=_view),
    Form(name="text", label="Edge Hasher, text", prepare=_text),
    Form(name="stdlib", label="standard library", prepare=_stdlib),
    Form(name=ACHIEVABLE, label="achievable: SIMD base64 in one shot, then SHA-256", prepare=_one_shot),
    Form(name=LIMIT, label="limit: SHA-256 over decoded bytes", prepare=decoded),
)


def expected(size_bytes: int) -> str:
    """Return the digest that every form must find."""
    return hashlib.sha256(payload(size_bytes)).hexdigest()
