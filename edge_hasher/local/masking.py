"""Query strings as people may see them: what looks like a token is cut short."""

from __future__ import annotations

import re
from urllib.parse import unquote

_SHOWN_CHARS = 4
_NAME = re.compile(
    r"(?i)(^|[^a-z])(access|api|app|client|id|refresh|session|csrf|xsrf|bearer|x-amz-security)?[-_.]?"
    r"(token|key|secret|password|passwd|pwd|passphrase|signature|sig|credential|credentials|jwt|auth|authorization|code|sid)]*$"
)
_JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]+")
_KNOWN_PREFIX = re.compile(r"(AKIA|ASIA|gh[opusr]_|github_pat_|glpat-|sk[-_]|pk_|xox[abpr]-|AIza)[\w-]{8,}")
_LONG = re.compile(r"[\w/=.-]{32,}\Z")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


def masked_target(target: str) -> str:
    """Return a request target with the values of its query cut where name or value looks like a secret."""
    path, mark, query = target.partition("?")
    return path + mark + "&".join(map(_masked_pair, query.split("&")))


def _masked_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if equals and value and (_NAME.search(unquote(name)) or _looks_secret(unquote(value))):
        return f"{name}={value[: min(_SHOWN_CHARS, len(value) // 4)]}…"
    return pair


def _looks_secret(value: str) -> bool:
    if _JWT.match(value) or _KNOWN_PREFIX.match(value):
        return True
    mixed = any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
    return mixed and _LONG.match(value) is not None and not _UUID.match(value)
