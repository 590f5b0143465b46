"""Sections of docs, as a terminal shows them."""

import os
import pty
import re
import subprocess
import sys

import pytest

from edge_hasher.doctor.check_pages import pages
from edge_hasher.terminal import page_text


def on_a_terminal(*arguments: str, columns: int) -> str:
    """Run `edge-hasher explain` with a terminal as its output, and return what is shown there."""
    ours, theirs = pty.openpty()
    program = [sys.executable, "-m", "edge_hasher", "explain", *arguments]
    environment = os.environ | {"COLUMNS": str(columns), "TERM": "xterm"}
    with subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux says so that the other end is closed
                break
            if not part:
                break
            shown += part
        process.wait(timeout=60)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def test_a_check_says_on_a_terminal_what_it_checks() -> None:
    """`explain EH302` says what is checked and how bad a miss is, without marks of Markdown, within the columns."""
    text = on_a_terminal("EH302", columns=60)

    first = " ".join(text.split("\n\n")[0].split())
    assert first == "EH302 checks that CloudFront has a permission for lambda:InvokeFunctionUrl (if not: broken)"
    assert not re.search(r"\*\*|`|^#|\]\(", text, re.MULTILINE)
    assert max(map(len, text.splitlines())) <= 60


@pytest.mark.parametrize("width", [40, 80, 300])
def test_every_page_is_wrapped(width: int) -> None:
    """No line of a section is wider than the terminal, or than 100 columns, unless it is a single long word."""
    for page in pages().values():
        lines = page_text(page.text, width=width).splitlines()
        assert not [line for line in lines if len(line) > min(width, 100) and " " in line.strip("- ")]
        assert "**" not in "".join(lines)


def test_links_become_words() -> None:
    """A link keeps its text, and names the file that it leads to unless that is the same page."""
    text = page_text("See [EH303](#eh303), [all steps](consume.md#steps) and [the\nsettings](../README.md).", width=100)
    assert text == "See EH303, all steps (docs/consume.md#steps) and the settings (README.md).\n"
