"""`edge-hasher --help`, and a page of checks that does not fit the code."""

import re

import click
import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from edge_hasher.doctor.check import check


def test_no_line_of_the_help_is_cut() -> None:
    """What each command does fits on its line at 80 columns: none ends in dots."""
    text = CliRunner().invoke(main, ["--help"], terminal_width=80).stdout
    lines = re.findall(r"^  (\w+) {2,}(.+)$", text.split("Commands:")[1], re.MULTILINE)
    assert {name for name, _ in lines} == set(main.commands)
    assert not [line for _, line in lines if line.endswith("...")]


def test_a_check_without_its_section_is_one_clear_line() -> None:
    """A check that the shipped page does not have is named, with the page to write."""
    with pytest.raises(click.ClickException, match=r"^edge_hasher/doctor/checks.md has no section EH999: ") as raised:
        check("EH999")
    assert "docs/checks.md" in raised.value.message
    assert "\n" not in raised.value.message
