"""The measure: public reports, whose true cause comes first, and set-ups that work, which doctor leaves alone."""

import shlex
import subprocess

import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from edge_hasher.doctor.check import SEVERITIES
from edge_hasher.doctor.facts import Facts
from edge_hasher.doctor.reports.formats import written
from edge_hasher.doctor.runner import run
from tests.support.aws.doctor_healthy import HEALTHY
from tests.support.aws.doctor_reports import REPORTS, Case
from tests.support.aws.doctor_world import found


def in_order(facts: Facts) -> list[str]:
    """Give the codes of the findings in the order in which the report shows them."""
    report = run(facts)
    return [outcome.check.code for severity in SEVERITIES for outcome in report.found(severity)]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in REPORTS])
def test_true_cause_comes_first(case: Case) -> None:
    """The first finding is what it turned out to be."""
    assert in_order(case.facts)[:1] == [case.first], case.source


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in REPORTS])
def test_every_form_shows_it(case: Case) -> None:
    """Each form of the report names the code."""
    for form in ("text", "json", "sarif", "junit"):
        assert case.first in written(run(case.facts), form)


@pytest.mark.parametrize("name", HEALTHY)
def test_what_works_is_left_alone(name: str) -> None:
    """Nothing that works is called broken or risky, and nothing is left unread: the exit code is 0."""
    report = run(HEALTHY[name])

    assert {code: severity for code, severity in found(report).items() if severity != "note"} == {}
    assert report.exit_code == 0


def test_there_are_enough_of_both() -> None:
    """The measure is worth something by its breadth."""
    assert len(REPORTS) >= 40
    assert len({case.first for case in REPORTS}) >= 20
    assert len(HEALTHY) >= 28


def test_what_is_printed_is_shell() -> None:
    """Every command of every finding, in all these set-ups, is a line that bash can read."""
    reports = [run(case.facts) for case in REPORTS] + [run(facts) for facts in HEALTHY.values()]
    commands = {each.fault.fix.command for report in reports for each in report.outcomes if each.fault}

    assert len(commands) > 30
    assert not [command for command in commands if "\n" in command]
    done = subprocess.run(
        ["bash", "-n"], input="\n".join(sorted(commands)), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_own_commands_exist_with_their_options() -> None:
    """What is printed of edge-hasher's own commands is taken by the command line."""
    reports = [run(case.facts) for case in REPORTS] + [run(facts) for facts in HEALTHY.values()]
    commands = " && ".join(each.fault.fix.command for report in reports for each in report.outcomes if each.fault)
    own = sorted({part for part in commands.split(" && ") if part.startswith("edge-hasher ")})

    assert {part.split()[1] for part in own} >= {"attach", "doctor", "probe"}
    for part in own:
        result = CliRunner().invoke(main, [*shlex.split(part)[1:], "--help"])
        assert result.exit_code == 0, part
