"""The locks: pinned, hashed, and free of the machine that made them."""

import re
from pathlib import Path

import pytest

FUNCTION_LOCK = "edge_hasher/function/requirements.txt"
LOCKS = [
    FUNCTION_LOCK,
    *(f"requirements/{name}.txt" for name in ("dev", "sam", "ministack", "iac", "oldest-runtime")),
    "examples/streaming-agent/app/requirements.txt",
]


def pins(lock: str) -> dict[str, str]:
    """Map the name of each distribution in a lock to its version."""
    return dict(re.findall(r"^([a-z0-9_.-]+)==([^\s;]+)", lock, re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_index_host_or_folder(root: Path, name: str) -> None:
    """Each line is a comment, a pin or a hash: pip goes where its user sends it."""
    allowed = re.compile(r" *#.*|[a-z0-9_.-]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")

    strays = [line for line in (root / name).read_text().splitlines() if not allowed.fullmatch(line)]

    assert not strays
    assert "://" not in (root / name).read_text()


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(root: Path, name: str) -> None:
    """No distribution is taken on trust."""
    blocks = re.split(r"\n(?=[a-z0-9])", (root / name).read_text())
    pinned = [block for block in blocks if "==" in block.splitlines()[0]]

    assert pinned
    assert all("--hash=sha256:" in block for block in pinned)


def test_tests_run_the_versions_that_ship(root: Path) -> None:
    """What is pinned for the function is pinned alike for the tests."""
    shipped, tested = (pins((root / name).read_text()) for name in LOCKS[:2])

    assert shipped.items() <= tested.items()
