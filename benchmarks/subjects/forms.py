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


def _ours(size_bytes: int) -> Call:
    text = as_base64(payload(size_bytes))
    return lambda: digest_of(text, "base64")


def _stdlib(size_bytes: int) -> Call:
    text = as_base64(payload(size_bytes))
    return lambda: hashlib.sha256(base64.b64decode(text)).hexdigest()


def _pybase64(size_bytes: int) -> Call:
    text = as_base64(payload(size_bytes))
    return lambda: hashlib.sha256(pybase64.b64decode(text, None, True)).hexdigest()  # noqa: FBT003 - fastest so


def decoded(size_bytes: int) -> Call:
    """Prepare the limit: hashlib over bytes that need no decoding."""
    data = payload(size_bytes)
    return lambda: hashlib.sha256(data).hexdigest()


OURS, LIMIT = "ours", "limit"
FORMS = (
    Form(name=OURS, label="Edge Hasher", prepare=_ours),
    Form(name="pybase64", label="pybase64 in one shot, strict", prepare=_pybase64),
    Form(name="stdlib", label="standard library", prepare=_stdlib),
    Form(name=LIMIT, label="limit: hashlib over decoded bytes", prepare=decoded),
)


def expected(size_bytes: int) -> str:
    """Return the digest that every form must find."""
    return hashlib.sha256(payload(size_bytes)).hexdigest()
