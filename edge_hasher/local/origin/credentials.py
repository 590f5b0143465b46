"""The keys that the local edge signs with: data only, and all that signer and verifier share."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

_KEY_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_KEY_ID_RANDOM_CHARS = 16  # AWS key ids are a four-letter prefix and 16 characters (documented, IAM identifiers)
_SECRET_BYTES = 30  # 40 characters of base64, the length of an AWS secret
_TOKEN_BYTES = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """One access key; `session_token` is None for a long-term key. Secret and token stay out of `repr`."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


def temporary_credentials() -> Credentials:
    """Make up the temporary credentials of one run; they open nothing but the local edge.

    Temporary, because OAC signs with temporary credentials: the session token reaches the function (seen).
    """
    key_id = "".join(secrets.choice(_KEY_ID_ALPHABET) for _ in range(_KEY_ID_RANDOM_CHARS))
    return Credentials(
        access_key_id=f"ASIA{key_id}",
        secret_access_key=secrets.token_urlsafe(_SECRET_BYTES),
        session_token=f"edge-hasher-local.{secrets.token_urlsafe(_TOKEN_BYTES)}",
    )
