"""Which behavior serves a path, as CloudFront decides it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.doctor.path_matching import fits, serving

FITTING = [
    ("/chat*", "/chat"),
    ("/chat*", "/chat/1/2"),
    ("/chat/*", "/chat/"),
    ("chat/*", "/chat/1"),
    ("*.jpg", "/photos/a.jpg"),
    ("/a?c", "/abc"),
    ("/a?c", "/a/c"),
    ("images/*.jp?", "/images/x/y.jpg"),
    ("/*/upload", "/a/b/upload"),
    ("*", "/"),
    ("/[ab]", "/[ab]"),
    ("/a.c", "/a.c"),
    ("/chat", "/chat?model=large"),
    ("/chat", "chat#top"),
]
NOT_FITTING = [
    ("/chat/*", "/chat"),
    ("/chat", "/chat/"),
    ("/chat*", "/Chat"),
    ("/a?c", "/ac"),
    ("/a.c", "/abc"),
    ("/[ab]", "/a"),
    ("chat", "/a/chat"),
    ("*.jpg", "/a.jpeg"),
    ("/x?", "/x?a"),
]


@pytest.mark.parametrize(("pattern", "path"), FITTING)
def test_pattern_serves(pattern: str, path: str) -> None:
    """* stands for anything, ? for one character, the leading slash may be missing, the query takes no part."""
    assert serving([pattern], path) == 0


@pytest.mark.parametrize(("pattern", "path"), NOT_FITTING)
def test_pattern_does_not_serve(pattern: str, path: str) -> None:
    """Case counts, and nothing else has a meaning."""
    assert serving([pattern], path) is None


def test_first_pattern_serves() -> None:
    """Order decides, not how closely a pattern fits."""
    assert serving(["/api/*", "/*", "/api/chat"], "/api/chat") == 0
    assert serving(["/x", "/*", "/api/chat"], "/api/chat") == 1


@given(st.text(alphabet="ab*?/", max_size=12), st.text(alphabet="ab/", max_size=12))
def test_fits_as_a_regular_expression_does(pattern: str, text: str) -> None:
    """The matcher agrees with the obvious translation to a regular expression."""
    expression = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)

    assert fits(pattern, text) == (re.fullmatch(expression, text) is not None)


def test_many_stars_take_no_long_time() -> None:
    """A pattern at CloudFront's limit of 255 characters is no trap, as it would be for a regular expression."""
    assert not fits("*a" * 127, "a" * 2000 + "b")
