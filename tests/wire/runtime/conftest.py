"""The root of the function under test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.wire.runtime.driven import FUNCTION

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a task root with the function in it."""
    (tmp_path / "app.py").write_text(FUNCTION)
    return tmp_path.resolve()
