"""Reads what a request says of its own SigV4 signature, and refuses what AWS refuses before it computes anything.

The texts and their order are AWS's: seen in public reports of services that answer with the same front end (DynamoDB,
API Gateway, Lambda). That a Function URL keeps that order is inferred.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from edge_hasher.local.origin.sigv4_canonical import ALGORITHM, TERMINATOR, shown

if TYPE_CHECKING:
    from datetime import timedelta

    from edge_hasher.local.origin.sigv4_canonical import HeaderValues

# Without the hour 24, which Python reads as the next day from 3.14 on.
_BASIC_INSTANT = re.compile(r"[0-9]{8}T([01][0-9]|2[0-3])[0-9]{4}Z")
_TIMESTAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A signature that does not hold: AWS's status, error type and text; `reason` says it to people.

    The last two are what the verifier computed, empty where it did not come so far. Mask the first before showing it.
    """

    status: int = 403
    error_type: str
    message: str
    reason: str
    canonical_request: str = field(default="", repr=False)
    string_to_sign: str = ""


class RejectedError(Exception):
    """Carries a Rejection out of a check."""

    def __init__(self, error_type: str, message: str, reason: str) -> None:
        super().__init__(reason)
        self.rejection = Rejection(error_type=error_type, message=message, reason=reason)


class AuthorizationParts(NamedTuple):
    """What the request says of its signature; `scope` is date/region/service/aws4_request."""

    access_key_id: str
    scope: str
    timestamp: str
    signed_headers: tuple[str, ...]
    signature: str


def read_authorization(headers: HeaderValues, *, place: str, now: datetime, max_skew: timedelta) -> AuthorizationParts:
    """Take the Authorization header apart; `place` is region/service. Raises RejectedError."""
    # Several Authorization lines are one list, as for any header; the list then has a part without '=' (seen).
    authorization = _joined(headers, "authorization")
    algorithm, _, rest = authorization.partition(" ")
    parts = _key_value_pairs(rest, authorization)
    amz_date = _joined(headers, "x-amz-date")
    date = amz_date or _joined(headers, "date")
    _require_all_parts(parts, date, authorization)
    signed_at = _basic_instant(amz_date) if amz_date else _http_instant(date)
    _require_fresh(signed_at, now, max_skew)
    names = parts["SignedHeaders"]
    if "host" not in names.lower().split(";"):
        raise RejectedError(
            "InvalidSignatureException",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
            "The signature leaves the Host header out; without it a signature would hold for any host.",
        )
    if algorithm != ALGORITHM:
        raise _incomplete(
            f"Unsupported AWS 'algorithm': '{algorithm}' (only {ALGORITHM} for now). ",
            f"The Authorization header names another algorithm than {ALGORITHM}.",
        )
    timestamp = amz_date or signed_at.strftime(_TIMESTAMP)
    scope = f"{timestamp[:8]}/{place}/{TERMINATOR}"
    return AuthorizationParts(
        access_key_id=_access_key_id(parts["Credential"], scope, timestamp),
        scope=scope,
        timestamp=timestamp,
        signed_headers=tuple(names.split(";")),
        signature=parts["Signature"],
    )


def _joined(headers: HeaderValues, name: str) -> str:
    return shown(",".join(headers.get(name, ())))


def _key_value_pairs(text: str, authorization: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in text.split(",") if text else []:
        name, equals, value = part.strip(" ").partition("=")
        if not equals or " " in name + value or name in pairs:
            raise _incomplete(
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and "
                f"encoded with Base64): '{_hashed(authorization)}'.",  # seen (API Gateway, 2025), inferred here
                "The Authorization header is not a SigV4 signature; a Function URL with AWS_IAM takes nothing else. "
                "Send an application's own token in another header.",
            )
        pairs[name] = value
    return pairs


def _require_all_parts(parts: dict[str, str], date: str, authorization: str) -> None:
    lacks = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if not parts.get(name)
    ]
    if not date:
        lacks.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if lacks:
        # Seen with the header itself in it; newer answers hash it (seen for the text above), so ours does.
        lacks.append(f"(Hashed with SHA-256 and encoded with Base64) Authorization={_hashed(authorization)}")
        raise _incomplete(
            " ".join(lacks), "The Authorization header lacks parts of a SigV4 signature, or there is no date."
        )


def _basic_instant(date: str) -> datetime:
    if _BASIC_INSTANT.fullmatch(date):
        try:
            return datetime.fromisoformat(date)
        except ValueError:  # the 32nd of a month
            pass
    raise _incomplete(
        f"Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601",
        "The date of the signature is not written as 20261120T093000Z.",
    )


def _http_instant(date: str) -> datetime:
    # Where there is no X-Amz-Date, the Date header stands in, in HTTP's form too (documented).
    try:
        instant = parsedate_to_datetime(date)
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return _basic_instant(date)


def _require_fresh(signed_at: datetime, now: datetime, max_skew: timedelta) -> None:
    if abs(now - signed_at) <= max_skew:
        return
    minutes, now = int(max_skew.total_seconds() // 60), now.astimezone(UTC)
    stamp, clock = signed_at.strftime(_TIMESTAMP), now.strftime(_TIMESTAMP)
    if now - signed_at > max_skew:
        limit = (now - max_skew).strftime(_TIMESTAMP)
        raise RejectedError(
            "InvalidSignatureException",
            f"Signature expired: {stamp} is now earlier than {limit} ({clock} - {minutes} min.)",
            f"The request was signed over {minutes} minutes ago: the signer's clock is behind, or it was replayed.",
        )
    if signed_at - now > max_skew:
        limit = (now + max_skew).strftime(_TIMESTAMP)
        raise RejectedError(
            "InvalidSignatureException",
            f"Signature not yet current: {stamp} is still later than {limit} ({clock} + {minutes} min.)",
            f"The request was signed more than {minutes} minutes in the future: the signer's clock is ahead.",
        )


def _access_key_id(credential: str, expected_scope: str, timestamp: str) -> str:
    """Return the key id of a credential for `expected_scope`. Raises RejectedError for another scope."""
    access_key_id, _, scope = credential.partition("/")
    if scope == expected_scope:
        return access_key_id
    parts = credential.split("/")
    expected = expected_scope.split("/")
    if len(parts) != len(expected) + 1:
        raise _incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{credential}'",
            "The Credential part of the Authorization header is not key id, date, region, service and aws4_request.",
        )
    _, date, region, service, terminator = parts
    wrong = []
    if region != expected[1]:
        wrong.append(f"Credential should be scoped to a valid region, not '{region}'.")
    if service != expected[2]:
        wrong.append(f"Credential should be scoped to correct service: '{expected[2]}'.")
    if terminator != expected[3]:
        wrong.append(f"Credential should be scoped with a valid terminator: '{expected[3]}', not '{terminator}'.")
    if date != expected[0]:
        wrong.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{date}' != '{expected[0]}', from '{timestamp}'."
        )
    reason = f"The signature is made for {scope}; this Function URL wants {expected_scope}."
    raise RejectedError("InvalidSignatureException", " ".join(wrong), reason)


def _incomplete(message: str, reason: str) -> RejectedError:
    return RejectedError("IncompleteSignatureException", message, reason)


def _hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
