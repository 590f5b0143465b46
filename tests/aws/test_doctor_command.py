"""`edge-hasher doctor` as it is typed: exit codes, output, and one line for bad input."""

import json
import os
from xml.etree import ElementTree as ET

import click
import pytest
from click.testing import CliRunner

from edge_hasher.cli.doctor import doctor
from edge_hasher.doctor import iam_policy
from tests.support.aws.doctor_world import World
from tests.support.aws.ministack_server import MiniStack
from tests.support.schemas import checked

pytest_plugins = ["tests.support.aws.ministack"]


@pytest.fixture(scope="module")
def world(ministack: MiniStack) -> World:
    """Give a set-up in which everything is right."""
    return World(ministack)


@pytest.mark.usefixtures("aws_environment")
def test_green_distribution_exits_0(world: World) -> None:
    """All right: exit code 0, the summary last, and no colours into a pipe."""
    result = CliRunner().invoke(doctor, [world.id])

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].startswith("0 broken, 0 risky, 0 note, 0 skipped, ")
    assert "\x1b" not in result.stdout


@pytest.mark.usefixtures("aws_environment")
@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colour_is_for_terminals_and_no_color_is_honoured(
    world: World, monkeypatch: pytest.MonkeyPatch, no_color: str, *, coloured: bool
) -> None:
    """A terminal gets colours, unless NO_COLOR is set to anything."""
    monkeypatch.setenv("NO_COLOR", no_color)

    result = CliRunner().invoke(doctor, [world.id], color=True)

    assert ("\x1b[" in result.stdout) == coloured


@pytest.mark.usefixtures("aws_environment")
def test_finding_exits_1_and_json_is_json(world: World) -> None:
    """A path to the page finds EH101: exit code 1, and standard output is one JSON object."""
    result = CliRunner().invoke(doctor, [world.id, "--path", "/index.html", "--json"])

    shown = checked("doctor", result.stdout)
    assert result.exit_code == shown["exit_code"] == 1
    assert [check["code"] for check in shown["checks"] if check["status"] == "found"] == ["EH101"]


@pytest.mark.usefixtures("aws_environment")
def test_reports_are_written_in_the_form_that_is_asked_for(world: World) -> None:
    """--format sarif and junit print a document alone; the exit code is that of the report."""
    sarif = CliRunner().invoke(doctor, [world.id, "--path", "/index.html", "--format", "sarif"])
    junit = CliRunner().invoke(doctor, [world.id, "--path", "/index.html", "--format", "junit"])

    assert [each["ruleId"] for each in json.loads(sarif.stdout)["runs"][0]["results"]] == ["EH101"]
    assert [each.get("type") for each in ET.fromstring(junit.stdout).iter("failure")] == ["broken"]  # noqa: S314
    assert (sarif.exit_code, junit.exit_code) == (1, 1)


@pytest.mark.usefixtures("aws_environment")
@pytest.mark.parametrize(
    ("options", "exit_code", "found"),
    [
        ([], 1, True),
        (["--skip", "EH101"], 0, False),
        (["--skip", "eh102, eh101"], 0, False),
        (["--only", "EH102,EH103", "--only", "EH104"], 0, False),
        (["--only", "EH101"], 1, True),
        (["--severity", "broken"], 1, True),
    ],
)
def test_what_is_reported_is_chosen(world: World, options: list[str], exit_code: int, *, found: bool) -> None:
    """What is left out is neither printed as a finding nor counted."""
    result = CliRunner().invoke(doctor, [f"https://{world.domain}/index.html", *options])

    assert result.exit_code == exit_code, result.output
    assert ("broken  EH101" in result.stdout) == found


@pytest.mark.usefixtures("aws_environment")
def test_clients_that_hash_need_no_function(world: World) -> None:
    """--clients-hash is AWS's own way: no function is asked for."""
    world.associate(None)
    try:
        plain = CliRunner().invoke(doctor, [world.id])
        said = CliRunner().invoke(doctor, [world.id, "--clients-hash"])
    finally:
        world.restore()

    assert (plain.exit_code, said.exit_code) == (1, 0)
    assert "--clients-hash" in plain.stdout


@pytest.mark.usefixtures("aws_environment")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.example.com"], "no distribution of this account has the domain name 'nowhere.example.com'"),
        (["ENOSUCHEXAMPLE"], "there is no such distribution in this account"),
        (["{id}", "--function", "edge-hasher"], "the function 'edge-hasher' has none of the Function URLs"),
        (["{id}", "--profile", "no-such-profile"], "no-such-profile"),
        (["evil\x1b[2J.example.com"], "evil\\"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(world: World, arguments: list[str], said: str) -> None:
    """What cannot be looked at is one clear line on standard error, and nothing on standard output."""
    result = CliRunner().invoke(doctor, [argument.format(id=world.id) for argument in arguments])

    assert result.exit_code == 2
    assert result.stdout == ""
    lines = [line for line in result.stderr.splitlines() if line.startswith("edge-hasher: ")]
    assert len(lines) == 1
    assert said in lines[0]
    assert "\x1b" not in result.stderr
    assert "Traceback" not in result.stderr


def test_no_credentials_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials, the line says how to get some."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)

    result = CliRunner().invoke(doctor, ["E2EXAMPLE"])

    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert "no AWS credentials" in line
    assert "--profile" in line


def test_policy_is_printed_without_asking_anyone() -> None:
    """--policy needs no distribution and no credentials."""
    result = CliRunner().invoke(doctor, ["--policy"])

    assert result.exit_code == 0
    assert result.stdout == f"{iam_policy.as_json()}\n"


def test_distribution_is_asked_for() -> None:
    """Without a distribution, the usage is shown."""
    result = CliRunner().invoke(doctor, [])

    assert result.exit_code == click.UsageError.exit_code
    assert "name a distribution" in result.stderr
