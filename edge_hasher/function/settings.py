"""The settings: one custom header that the operator sets on the origin, and that no viewer can set.

    Edge-Hasher: oversize=forward, viewer-digest=replace, max-body=262144

Facts it stands on:
- Lambda@Edge functions have no environment variables of their own (documented: "Restrictions on Lambda@Edge").
- `origin.custom.customHeaders` holds what the operator set on the origin, and a viewer's header of the same name does
  not get there (documented: "Add custom headers to origin requests").
"""

from functools import lru_cache

from .header_rules import READ_ONLY, is_disallowed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._types import CustomOrigin, Headers

HEADER = "edge-hasher"
MAX_BODY_LIMIT_BYTES = 6_291_456  # 6 MiB, a Function URL's own limit (documented: "Lambda quotas")

# Token characters of RFC 9110, without upper case: a header name is read in any case, and kept in lower case.
_TOKEN_CHARS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
# Names that the kept Authorization may not take: OAC writes them, or the origin needs what the viewer sent in them.
_TAKEN = frozenset({"authorization", "content-type", "cookie", "host", "x-forwarded-for", HEADER})

_CHOICES = {
    "oversize": ("reject", "forward"),
    "viewer-digest": ("verify", "replace", "trust"),
    "return-body": ("drop", "keep"),
    "bodyless": ("pass", "hash"),
}
_NAMES = (*_CHOICES, "max-body", "keep-authorization")


class SettingsError(ValueError):
    """The settings header is wrong; the message says what to change, and repeats nothing of the header."""


class Settings:
    """What the operator chose; each attribute starts at its default."""

    __slots__ = ("bodyless", "keep_authorization", "max_body", "oversize", "return_body", "viewer_digest")

    def __init__(self) -> None:
        self.oversize = "reject"
        self.viewer_digest = "verify"
        self.return_body = "drop"
        self.bodyless = "pass"
        self.max_body: int | None = None  # bytes
        self.keep_authorization: str | None = None  # a header's name, lower case


DEFAULTS = Settings()


def settings_of(origin: "CustomOrigin") -> Settings:
    """Return the settings that a custom origin carries. Raises SettingsError when they are wrong or there twice."""
    custom_headers = origin.get("customHeaders")
    if not custom_headers or HEADER not in custom_headers:
        return DEFAULTS
    values = custom_headers[HEADER]
    if len(values) > 1:
        raise SettingsError(f"the Edge-Hasher header is there {len(values)} times; give all settings in one")
    settings = parse(values[0]["value"])
    if settings.keep_authorization is not None:
        _refuse_custom_header(settings.keep_authorization, custom_headers)
    return settings


@lru_cache(maxsize=64)  # an operator has a handful of origins; a bound all the same
def parse(text: str) -> Settings:
    """Return the settings in `text`, comma-separated `name=value`. Raises SettingsError, naming what to change."""
    settings = Settings()
    if not text.strip(" \t"):
        return settings
    seen = set()
    for position, item in enumerate(text.split(","), 1):
        name, _, value = (part.strip(" \t") for part in item.partition("="))
        if name not in _NAMES:
            raise SettingsError(f"setting {position} is none of: {', '.join(_NAMES)} (lower case, as name=value)")
        if name in seen:
            raise SettingsError(f"{name} is there more than once")
        seen.add(name)
        setattr(settings, name.replace("-", "_"), _value(name, value))
    return settings


def _value(name: str, text: str) -> str | int | None:
    if name == "max-body":
        return _max_body(text)
    if name == "keep-authorization":
        return _header_name(text)
    if text not in _CHOICES[name]:
        raise SettingsError(f"{name} takes one of: {', '.join(_CHOICES[name])}")
    return text


def _max_body(text: str) -> int | None:
    if text == "none":
        return None
    # No more digits than the limit has: int() of a very long text is slow, and past 4,300 digits an error.
    if (
        text.isascii()
        and text.isdigit()
        and len(text) <= len(str(MAX_BODY_LIMIT_BYTES))
        and 1 <= int(text) <= MAX_BODY_LIMIT_BYTES
    ):
        return int(text)
    raise SettingsError(f"max-body takes none, or a whole number of bytes from 1 to {MAX_BODY_LIMIT_BYTES}")


def _header_name(text: str) -> str | None:
    kept_name = text.lower() if text.isascii() else ""  # lower() makes a K of the Kelvin sign
    if kept_name == "off":
        return None
    if not kept_name or not _TOKEN_CHARS.issuperset(kept_name):
        raise SettingsError("keep-authorization takes off, or a header name")
    name = folded_name(kept_name)
    if name in READ_ONLY or is_disallowed(name):
        raise SettingsError("keep-authorization names a header that CloudFront lets no function set")
    if name in _TAKEN or name.startswith(("x-amz-", "x-amzn-")):
        raise SettingsError("keep-authorization names a header that already has a meaning; take one of your own")
    return kept_name


def folded_name(name: str) -> str:
    """Return a header's name with `_` folded to `-`: WSGI and CGI cannot tell X_Kept from X-Kept."""
    return name.replace("_", "-")


def _refuse_custom_header(kept_name: str, custom_headers: "Headers") -> None:
    """Refuse a name that the origin sets itself: CloudFront takes no name in both places (documented)."""
    if folded_name(kept_name) in {folded_name(name) for name in custom_headers}:
        raise SettingsError("keep-authorization names a custom header of this same origin; take another name")
