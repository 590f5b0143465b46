"""The settings header: what it says, and that what is wrong in it is refused."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.function import settings as settings_module
from edge_hasher.function.settings import DEFAULTS, MAX_BODY_LIMIT_BYTES, Settings, SettingsError, parse
from tests.support.aws_texts import DISALLOWED_HEADERS, READ_ONLY_HEADERS


def as_dict(settings: Settings) -> dict[str, object]:
    """The settings by attribute."""
    return {name: getattr(settings, name) for name in Settings.__slots__}


def test_defaults() -> None:
    """No settings are the defaults of the design."""
    assert (
        as_dict(parse(""))
        == as_dict(DEFAULTS)
        == {
            "oversize": "reject",
            "viewer_digest": "verify",
            "max_body": None,
            "return_body": "drop",
            "bodyless": "pass",
            "keep_authorization": None,
        }
    )


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("oversize=forward", "oversize", "forward"),
        ("oversize=reject", "oversize", "reject"),
        ("viewer-digest=verify", "viewer_digest", "verify"),
        ("viewer-digest=replace", "viewer_digest", "replace"),
        ("viewer-digest=trust", "viewer_digest", "trust"),
        ("max-body=none", "max_body", None),
        ("max-body=1", "max_body", 1),
        ("max-body=6291456", "max_body", MAX_BODY_LIMIT_BYTES),
        ("max-body=0000001", "max_body", 1),
        ("return-body=keep", "return_body", "keep"),
        ("return-body=drop", "return_body", "drop"),
        ("bodyless=pass", "bodyless", "pass"),
        ("bodyless=hash", "bodyless", "hash"),
        ("keep-authorization=off", "keep_authorization", None),
        ("keep-authorization=x-viewer-authorization", "keep_authorization", "x-viewer-authorization"),
        (" \tkeep-authorization\t=  x-a  ", "keep_authorization", "x-a"),
        ("keep-authorization=X-Viewer-Authorization", "keep_authorization", "x-viewer-authorization"),
        ("keep-authorization=X_VIEWER_AUTHORIZATION", "keep_authorization", "x_viewer_authorization"),
        ("keep-authorization=Off", "keep_authorization", None),
    ],
)
def test_each_setting(text: str, name: str, value: object) -> None:
    """Each value of each setting is read, with blanks around it, and leaves the others at their defaults."""
    assert as_dict(parse(text)) == as_dict(DEFAULTS) | {name: value}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("oversize", "oversize takes one of: reject, forward"),
        ("oversize=", "oversize takes one of: reject, forward"),
        ("oversize=forward=", "oversize takes one of"),
        ("bodyless=PASS", "bodyless takes one of"),
        ("=forward", "setting 1 is none of"),
        (",", "setting 1 is none of"),
        ("oversize=forward,,bodyless=hash", "setting 2 is none of"),
        ("oversize=forward; bodyless=hash", "oversize takes one of"),
        ("bodyless=hash, bodyless=hash", "bodyless is there more than once"),
        ("max-body=", "from 1 to 6291456"),
        ("max-body=1.5", "from 1 to 6291456"),
        ("max-body=1_000", "from 1 to 6291456"),
        ("max-body=\u0663", "from 1 to 6291456"),
        ("max-body=" + "9" * 5000, "from 1 to 6291456"),
        ("max-body=99999999", "from 1 to 6291456"),
        ("Keep-Authorization=x-kept", "setting 1 is none of"),
        ("keep-authorization=", "takes off, or a header name"),
        ("keep-authorization=X:Kept", "takes off, or a header name"),
        ("keep-authorization=x-k\u00e9pt", "takes off, or a header name"),
        ("keep-authorization=x-\u212aept", "takes off, or a header name"),
        ("keep-authorization=x-amz-cf-id", "CloudFront lets no function set"),
        ("keep-authorization=x-amz-content-sha256", "already has a meaning"),
        ("keep-authorization=x-amzn-trace-id", "already has a meaning"),
        ("keep-authorization=edge-hasher", "already has a meaning"),
        ("keep-authorization=host", "already has a meaning"),
    ],
)
def test_wrong_settings(text: str, message: str) -> None:
    """What is unknown, malformed or doubled is refused with what to write instead."""
    with pytest.raises(SettingsError, match=message):
        parse(text)


@pytest.mark.parametrize("spelt", [str.lower, str.title, str.upper], ids=["lower", "title", "upper"])
@pytest.mark.parametrize("mark", ["-", "_"])
@pytest.mark.parametrize("name", sorted(READ_ONLY_HEADERS | DISALLOWED_HEADERS))
def test_guarded_headers_cannot_keep_authorization(name: str, mark: str, spelt: Callable[[str], str]) -> None:
    """Every header that CloudFront guards is refused in any spelling, instead of a 502 on every request there."""
    with pytest.raises(SettingsError):
        parse(f"keep-authorization={spelt(name).replace('-', mark)}")


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the header holds, it is settings or a SettingsError."""
    with contextlib.suppress(SettingsError):
        assert isinstance(parse(text), Settings)


def test_parsed_once_per_value() -> None:
    """The same text is parsed once: the next request gets the same settings."""
    assert parse("oversize=forward, max-body=77") is parse("oversize=forward, max-body=77")


def test_each_setting_is_in_the_error_text() -> None:
    """An unknown setting is answered with every name there is."""
    with pytest.raises(SettingsError) as raised:
        parse("nonsense=1")
    assert all(name.replace("_", "-") in str(raised.value) for name in settings_module.Settings.__slots__)
