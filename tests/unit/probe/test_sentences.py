"""The tables of AWS's sentences and names: whole, sourced, and none hidden by another."""

from __future__ import annotations

from typing import get_args

import pytest

from edge_hasher.probe.diagnosis import sentences as table
from edge_hasher.probe.diagnosis.kinds import Kind
from edge_hasher.probe.explain import ALL_ADVICE
from tests.support import aws_texts

MARKS = {"documented", "seen", "inferred"}


@pytest.mark.parametrize("sentence", table.sentences(), ids=lambda each: each.wording[0][:40])
def test_each_sentence_is_found_and_sourced(sentence: table.Sentence) -> None:
    """A sentence is its own, whatever stands above it; its codes have words, and its wording a mark and a source."""
    variants = (" ".join(sentence.wording),) if sentence.together else sentence.wording
    for each in variants:
        found = table.find(table.plain(f"Error: {each} and more"))
        assert found is not None
        assert found.means == sentence.means, each
    assert {*sentence.means, *filter(None, [sentence.edge])} <= set(ALL_ADVICE)
    assert sentence.kind in get_args(Kind)
    assert sentence.mark in MARKS
    assert sentence.source


@pytest.mark.parametrize("name", ["types", "results"])
def test_each_name_has_words(name: str) -> None:
    """An error type or result type means something that has words."""
    rows = {"types": ("InvalidQueryStringException", "AccessDeniedException"), "results": ("OriginDnsError",)}[name]
    for each in rows:
        assert table.named(name, each) is not None
    assert table.named(name, "SomethingElse") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (aws_texts.FUNCTION_FAILED.sentence, "function-fails"),
        (aws_texts.FUNCTION_THROTTLED.sentence, "function-throttled"),
        (aws_texts.NOT_JSON, "function-result-invalid"),
        (aws_texts.READ_ONLY_HEADER, "function-result-invalid"),
        (aws_texts.ORIGIN_HEADER, "function-result-invalid"),
        (aws_texts.HEADER_NOT_ARRAY, "function-result-invalid"),
        (aws_texts.METHOD_NOT_ALLOWED.sentence, "method-not-allowed"),
        (aws_texts.ORIGIN_UNREACHABLE.sentence, "origin-fails"),
        (aws_texts.ORIGIN_CLOSED.sentence, "origin-fails"),
        (aws_texts.ORIGIN_TIMEOUT.sentence, "origin-times-out"),
        (aws_texts.UNKNOWN_CLIENT, "authorization-not-overridden"),
        (aws_texts.TOO_LARGE, "lambda-too-large"),
    ],
)
def test_awss_literals_are_known(text: str, code: str) -> None:
    """What AWS is known to say, word for word, is in the table."""
    found = table.find(table.plain(text))
    assert found is not None
    assert found.means[0] == code
