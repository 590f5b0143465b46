"""docs/alternatives.md: its sums."""

import re
from pathlib import Path

import pytest

MILLIONS = (1, 10, 100)
HOURS = 730  # a month
LOAD_BALANCER_USD_AN_HOUR = 0.0225
EDGE_USD_A_MILLION = 0.60
EDGE_USD_A_GB_SECOND = 0.00005001


@pytest.fixture(scope="module")
def rows(root: Path) -> dict[str, list[str]]:
    """The cells of the table of costs, by what the row is about."""
    page = (root / "docs/alternatives.md").read_text()
    table = page.split("## What it costs a month")[1].split("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"]
    return {name: rest for name, *rest in cells[2:]}


def test_each_price_is_multiplied(rows: dict[str, list[str]]) -> None:
    """A price for a million requests gives each of the three sums."""
    priced = {name: cells for name, cells in rows.items() if "a million" in cells[0]}
    assert len(priced) == 3
    for price, *sums in priced.values():
        (per_million,) = re.findall(r"^\$([\d.]+) a million$", price)
        assert sums == [f"${float(per_million) * millions:.2f}" for millions in MILLIONS]


def test_edge_hashers_price_is_lambda_at_edges(rows: dict[str, list[str]]) -> None:
    """A request, and a millisecond of one GB."""
    per_million = EDGE_USD_A_MILLION + 1_000_000 * 0.001 * EDGE_USD_A_GB_SECOND
    assert rows["Edge Hasher"][0] == f"${per_million:.2f} a million"


def test_the_load_balancers_is_a_month_of_hours(rows: dict[str, list[str]]) -> None:
    """It costs the same whoever calls, capacity apart."""
    month = f"${HOURS * LOAD_BALANCER_USD_AN_HOUR:.2f}"
    assert rows["a load balancer"] == [f"{month} a month, and capacity units", month, month, month]
