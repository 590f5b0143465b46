"""The list of what the local edge does not model."""

from __future__ import annotations

import pytest

from edge_hasher.local.commands.limits import NOT_MODELLED


@pytest.mark.parametrize("entry", NOT_MODELLED)
def test_each_entry_says_whether_aws_is_stricter(entry: str) -> None:
    """Who trusts an answer of the local edge has to know where production may refuse."""
    verdicts = ("; AWS is stricter", "; AWS is not stricter", "; unknown whether AWS is stricter")
    assert sum(verdict in entry for verdict in verdicts) == 1
