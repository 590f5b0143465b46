"""The commands on an AWS account: help without boto3, and what the documentation says of them."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from edge_hasher.cli import main
from edge_hasher.screen import Screen
from edge_hasher.terminal import bytes_text, minutes_text, printable, seconds_text

if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS = [main.commands[name] for name in ("attach", "detach", "versions", "logs")]
DOCS = Path(__file__).parents[3] / "docs" / "attach.md"
PROGRAM = """
import sys
from edge_hasher.cli import main
for command in [main.commands[name] for name in ("attach", "detach", "versions", "logs")]:
    try:
        command(["--help"])
    except SystemExit as ended:
        assert ended.code == 0
print(*sorted(name for name in sys.modules if name.partition(".")[0] in {"boto3", "botocore"}), file=sys.stderr)
"""


def test_help_imports_no_boto3() -> None:
    """--help of each command is fast: it loads neither boto3 nor botocore."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert "--path" in done.stdout
    assert done.stderr.strip() == ""


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_every_option_is_documented(command: click.Command) -> None:
    """docs/attach.md names each command and each of its options."""
    text = DOCS.read_text(encoding="utf-8")
    assert f"`edge-hasher {command.name}" in text
    options = [name for each in command.params if isinstance(each, click.Option) for name in each.opts]
    assert not [name for name in options if f"`{name}" not in text]


def test_control_characters_never_reach_the_screen() -> None:
    """What AWS or a file holds cannot act on the terminal."""
    stream = io.StringIO()
    Screen(stream).say("a\x1b]0;title\x07b")
    assert stream.getvalue() == "a\\x1b]0;title\\x07b\n"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_progress_moves_on_a_terminal_and_is_sparse_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal one line is written over; elsewhere a line comes every half minute."""
    monkeypatch.setenv("TERM", "xterm")
    terminal, log, now = Terminal(), io.StringIO(), [0.0]
    moving, sparse = Screen(terminal), Screen(log, now=lambda: now[0])
    for second in range(61):
        now[0] = float(second)
        moving.progress(f"{second} s")
        sparse.progress(f"{second} s")
    moving.say("done")
    assert "\n" not in terminal.getvalue().removesuffix("\n")
    assert terminal.getvalue().endswith("60 s\r\x1b[Kdone\n")
    assert log.getvalue() == "30 s\n60 s\n"


def test_a_dumb_terminal_gets_no_control_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With TERM=dumb progress is as sparse as without a terminal."""
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    screen = Screen(terminal)
    screen.progress("1 of 2")
    screen.say("done")
    assert terminal.getvalue() == "done\n"


@pytest.mark.parametrize(
    ("say", "value", "expected"),
    [
        (bytes_text, 17, "17 B"),
        (bytes_text, 1536, "1.5 KiB"),
        (bytes_text, 2 << 20, "2.0 MiB"),
        (seconds_text, 0.0008, "0.8 ms"),
        (seconds_text, 0.041, "41 ms"),
        (seconds_text, 1.25, "1.25 s"),
        (minutes_text, 41.9, "41 s"),
        (minutes_text, 125, "2 min 5 s"),
    ],
)
def test_numbers_as_people_read_them(say: Callable[[float], str], value: float, expected: str) -> None:
    """Sizes and durations have a unit that fits."""
    assert say(value) == expected


def test_printable_keeps_lines_on_demand() -> None:
    """Line breaks stay only where they are asked for."""
    assert printable("a\nb\tc") == "a\\nb\\tc"
    assert printable("a\nb\tc", keep_lines=True) == "a\nb\\tc"
