"""What other programs read: SARIF for code scanning, JUnit for test reports; and which findings are reported at all."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from edge_hasher.cli.doctor import doctor
from edge_hasher.doctor.checks import CHECKS
from edge_hasher.doctor.facts import Facts
from edge_hasher.doctor.report_text import as_text
from edge_hasher.doctor.reports.junit import as_junit
from edge_hasher.doctor.reports.location import Location
from edge_hasher.doctor.reports.sarif import as_sarif
from edge_hasher.doctor.runner import Report, run
from tests.support.aws.doctor_facts import FACTS, denied, with_behavior, with_function, with_origin

ANSI = re.compile(r"\x1b\[[0-9;]*m")
MANY = replace(with_behavior(compresses=True, associations=()), error_pages=((403, "/index.html", "200"),))
UNREAD = with_function(unread={"trust": denied("iam:GetRole")})
HOSTILE = with_origin(id="evil\x00\x1b]0;t\x07]]>&<\ud800", protocol="http-only")
NOWHERE = replace(denied("lambda:ListFunctions"), what="the function behind the URL", why="it is gone")


def test_sarif_holds_each_finding_with_its_level_and_rule() -> None:
    """Broken is an error, risky a warning, a note a note; each result names its rule and its behavior."""
    run_ = json.loads(as_sarif([run(MANY)]))["runs"][0]
    rules = run_["tool"]["driver"]["rules"]

    assert {each["ruleId"]: each["level"] for each in run_["results"]} == {
        "EH105": "warning",
        "EH502": "note",
        "EH602": "error",
    }
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run_["results"])
    assert [rule["id"] for rule in rules] == [check.code for check in CHECKS]
    (no_function,) = [each for each in run_["results"] if each["ruleId"] == "EH602"]
    assert no_function["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": FACTS.arn}},
            "logicalLocations": [{"fullyQualifiedName": "E2EXAMPLE /chat*", "kind": "resource"}],
        }
    ]
    assert "edge-hasher attach E2EXAMPLE" in no_function["message"]["text"]


def test_sarif_says_what_could_not_be_read() -> None:
    """A check that could not look is a notification, and the run was not successful."""
    (invocation,) = json.loads(as_sarif([run(UNREAD)]))["runs"][0]["invocations"]

    assert invocation["executionSuccessful"] is False
    assert [each["associatedRule"]["id"] for each in invocation["toolExecutionNotifications"]] == ["EH615"]
    (right,) = json.loads(as_sarif([run(FACTS)]))["runs"][0]["invocations"]
    assert right == {"executionSuccessful": True, "toolExecutionNotifications": []}


def test_places_in_files_are_in_both() -> None:
    """A finding that has a place in a file names it: line and column from 1, the path as a relative reference."""

    def locate(_: object) -> list[Location]:
        return [Location(file="my infra/site.yaml", line=12, column=5), Location(file="plan.json")]

    (first, *_) = json.loads(as_sarif([run(MANY)], locate=locate))["runs"][0]["results"]
    physical = [each["physicalLocation"] for each in first["locations"]]
    case = next(each for each in ET.fromstring(as_junit([run(MANY)], locate=locate)).iter("testcase"))  # noqa: S314

    assert physical == [
        {"artifactLocation": {"uri": "my%20infra/site.yaml"}, "region": {"startLine": 12, "startColumn": 5}},
        {"artifactLocation": {"uri": "plan.json"}},
    ]
    assert (case.get("file"), case.get("line")) == ("my infra/site.yaml", "12")


def test_junit_fails_for_broken_and_risky() -> None:
    """A finding that counts for the exit code is a failure, a note is not; what depends on another is skipped."""
    root = ET.fromstring(as_junit([run(MANY), run(UNREAD)]))  # noqa: S314 (our own text)
    first, second = root.findall("testsuite")

    assert [each.get("classname") for each in first.iter("testcase") if each.find("failure") is not None] == [
        "EH105",
        "EH602",
    ]
    assert [each.get("classname") for each in first.iter("testcase") if each.find("system-out") is not None] == [
        "EH502"
    ]
    assert (first.get("failures"), first.get("errors"), first.get("tests")) == ("2", "0", str(len(CHECKS)))
    assert (second.get("failures"), second.get("errors")) == ("0", "1")
    assert root.get("tests") == str(2 * len(CHECKS))


def test_text_from_aws_breaks_neither() -> None:
    """Control characters, brackets and half a surrogate leave both documents readable."""
    results = json.loads(as_sarif([run(HOSTILE)]))["runs"][0]["results"]
    failures = list(ET.fromstring(as_junit([run(HOSTILE)])).iter("failure"))  # noqa: S314 (our own text)

    assert [each["ruleId"] for each in results] == ["EH501"]
    assert "evil\\x00\\x1b]0;t\\x07]]>&<" in str(failures[0].get("message"))


def codes(report: Report) -> set[str]:
    """Give the codes of the findings."""
    return {each.check.code for each in report.outcomes if each.fault}


def test_what_is_left_out_does_not_count() -> None:
    """--skip, --only and --severity leave findings out of the report and out of the exit code."""
    report = run(MANY)

    assert codes(report.limited(skip=frozenset({"EH602"}))) == {"EH105", "EH502"}
    assert codes(report.limited(only=frozenset({"EH502"}))) == {"EH502"}
    assert report.limited(only=frozenset({"EH502"})).exit_code == 0
    assert codes(report.limited(severity="broken")) == {"EH602"}
    assert report.limited(severity="broken", skip=frozenset({"EH602"})).exit_code == 0
    assert run(UNREAD).limited(skip=frozenset({"EH615"})).exit_code == 0


def text(facts: Facts, *, verbose: bool = False, profile: str | None = None) -> list[str]:
    """Give the lines of the report."""
    return ANSI.sub("", as_text(run(facts), verbose=verbose, profile=profile)).splitlines()


def test_what_is_right_takes_a_line_for_each_group() -> None:
    """A green report is a few lines; --verbose names every check."""
    groups = [line for line in text(FACTS) if line.startswith("ok ")]
    each = [line for line in text(FACTS, verbose=True) if line.startswith("ok ")]

    assert len(groups) == 6
    assert groups[1].startswith("ok      the origin access control: EH201, EH202")
    assert [line.split()[1] for line in each] == [check.code for check in CHECKS]


def test_a_reason_is_said_once() -> None:
    """A URL that is gone leaves many checks open, for one reason: one line with all their codes."""
    (line,) = [line for line in text(with_origin(url=NOWHERE)) if "it is gone" in line]

    assert line.startswith("skipped EH301, EH302, ")


def test_a_profile_with_a_blank_is_quoted() -> None:
    """The line about the profile can be pasted as it stands."""
    assert "the commands need your profile: export AWS_PROFILE='my team'" in text(MANY, profile="my team")


@pytest.mark.parametrize("option", [["--only", "EH999"], ["--skip", "EH302,nonsense"], ["--severity", "bad"]])
def test_a_code_that_no_check_has_is_a_wrong_argument(option: list[str]) -> None:
    """A typing error in a code is said at once, before AWS is asked."""
    result = CliRunner().invoke(doctor, ["E2EXAMPLE", *option])

    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_checks_are_listed_without_asking_anyone() -> None:
    """--list-checks needs no distribution: a line for each check."""
    result = CliRunner().invoke(doctor, ["--list-checks"])

    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == [check.code for check in CHECKS]
    assert "EH602 checks that the behavior has an origin-request function (if not: broken)\n" in result.stdout
    assert (
        "EH302 checks that CloudFront has a permission for lambda:InvokeFunctionUrl (if not: broken)" in result.stdout
    )
