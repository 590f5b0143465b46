"""--fix in files of every layout: the finding goes, a second run changes nothing, and every other byte stays."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from edge_hasher.doctor.templates.fixing import run_fixing
from edge_hasher.doctor.templates.line_ends import carried_over
from edge_hasher.doctor.templates.reading.document import YamlDocument
from edge_hasher.doctor.templates.run import Question
from tests.support.check import terraform_cases
from tests.support.check.check_cases import HEALTHY, Case
from tests.support.check.check_run import check, check_text, found, line_of
from tests.unit.check.test_check_fixes import TERRAFORM_CASES, YAML_CASES

INCLUDES = "                IncludeBody: true\n"
BROKEN = HEALTHY.replace("OriginReadTimeout: 60", "OriginReadTimeout: 30").replace(INCLUDES, "")
FIXED = HEALTHY.replace(INCLUDES, "").replace("EventType: origin-request\n", f"EventType: origin-request\n{INCLUDES}")
KEYS = (
    "SigningBehavior|OriginAccessControlOriginType|OriginProtocolPolicy|CachePolicyId|OriginRequestPolicyId|EventType"
)
SCALAR = re.compile(rf"^(\s*)((?:- )?(?:{KEYS}):) ([\w.-]+)$", re.MULTILINE)


def _comments(text: str) -> str:
    return "".join(f"{line} # größe {number} 😀\n" for number, line in enumerate(text.splitlines()))


def _comments_above(text: str) -> str:
    return "".join(f"{' ' * (len(line) - len(line.lstrip()))}# why\n{line}\n" for line in text.splitlines())


def _mixed(text: str) -> str:
    return "".join(line + ("\r\n" if number % 3 else "\n") for number, line in enumerate(text.splitlines()))


def _in_json(indent: int | str | None) -> Callable[[str], str]:
    def layout(text: str) -> str:
        return json.dumps(YamlDocument(Path("a.yaml"), text).data, indent=indent, ensure_ascii=False)

    return layout


def _dumped(width: int) -> Callable[[str], str]:
    def layout(text: str) -> str:
        return yaml.safe_dump(YamlDocument(Path("a.yaml"), text).data, sort_keys=False, width=width)

    return layout


def _flow(text: str) -> str:
    """The association in braces, with comments between."""
    found_list = re.search(
        r"^            LambdaFunctionAssociations:\n              - ((?:.*\n?)(?: {16}.*\n?)*)", text, re.MULTILINE
    )
    if found_list is None:
        return text
    inner = ",  # c\n                ".join(line.strip() for line in found_list[1].splitlines())
    head = "            LambdaFunctionAssociations:\n              - { # c\n                "
    return text[: found_list.start()] + head + inner + " # d\n                }\n" + text[found_list.end() :]


LAYOUTS: dict[str, Callable[[str], str]] = {
    "comments": _comments,
    "comments above": _comments_above,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "mixed line ends": _mixed,
    "line ends of old": lambda text: text.replace("\n", "\r"),
    "BOM": lambda text: f"\ufeff{text}",
    "BOM and CRLF": lambda text: "\ufeff" + text.replace("\n", "\r\n"),
    "no final newline": lambda text: text.rstrip("\n"),
    "a comment at the end": lambda text: text + "# the end",
    "markers of a document": lambda text: f"---\n{text}...\n",
    "separators in a comment": lambda text: f"# a\u2028# b\x85 c\u2029\n{text}",
    "text on the next line": lambda text: SCALAR.sub(r"\1\2   # why\n\1    \3", text),
    "quotes": lambda text: SCALAR.sub(r"\1\2 '\3'", text),
    "quoted keys": lambda text: re.sub(r"^(\s*(?:- )?)([A-Z]\w+):", r'\1"\2":', text, flags=re.MULTILINE),
    "braces": _flow,
    "JSON on a line": _in_json(None),
    "JSON with tabs": _in_json("\t"),
    "JSON with a BOM": lambda text: "\ufeff" + _in_json(2)(text),
    "JSON with CRLF": lambda text: _in_json(2)(text).replace("\n", "\r\n"),
    "dumped": _dumped(80),
    "dumped in short lines": _dumped(20),
}


TERRAFORM_LAYOUTS: dict[str, Callable[[str], str]] = {
    "comments": _comments,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "mixed line ends": _mixed,
    "BOM": lambda text: f"\ufeff{text}",
    "no final newline": lambda text: text.rstrip("\n"),
    "tabs": lambda text: re.sub(r"^ +", lambda blanks: "\t" * (len(blanks[0]) // 2), text, flags=re.MULTILINE),
    "a heredoc before": lambda text: f'locals {{\n  a = <<-EOT\n    x {{ "y" ü\n    EOT\n}}\n{text}',
    "block comments": lambda text: f"/* a\n b */\n{text}/* c */",
    "separators in a comment": lambda text: f"# a\u2028b\x85\n{text}",
}


def fix(file: Path) -> list[str]:
    """Run --fix; the codes of what it fixed."""
    return [each.check.code for each in run_fixing(Question(paths=(file,)))[1]]


def change(before: str, after: str) -> tuple[str, str]:
    """What was taken out, and what was put in its place."""
    start = next((n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), len(before))
    pairs = zip(reversed(before[start:]), reversed(after[start:]), strict=False)
    end = next((n for n, pair in enumerate(pairs) if pair[0] != pair[1]), min(len(before), len(after)) - start)
    return before[start : len(before) - end], after[start : len(after) - end]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("case", YAML_CASES, ids=lambda case: case.code)
def test_nothing_but_the_fix_changes(case: Case, layout: str, tmp_path: Path) -> None:
    """A value is replaced by another, or something is put in; twice is as once."""
    file = tmp_path / "t.yaml"
    text = LAYOUTS[layout](HEALTHY.replace(case.old, case.new))
    file.write_bytes(text.encode())
    assert fix(file) == [case.code]
    after = file.read_bytes()
    assert case.code not in found(check(file))
    out, put_in = change(text, after.decode())
    is_insertion = case.code in {"EH302", "EH303", "EH604"}
    assert out == "" if is_insertion else len(out) <= len("216adef6-5c7f-47e4-b989-5492eafa07d3")
    assert not re.search(r"\n", out)
    if text.count("\r\n") == text.count("\n") > 0:
        assert "\n" not in put_in.replace("\r\n", "")
    assert fix(file) == []
    assert file.read_bytes() == after


@pytest.mark.parametrize("layout", TERRAFORM_LAYOUTS)
@pytest.mark.parametrize("case", TERRAFORM_CASES, ids=lambda case: case.code)
def test_nothing_but_the_fix_changes_in_terraform(case: Case, layout: str, tmp_path: Path) -> None:
    """The same in Terraform's language: comments, heredocs and line ends stay."""
    file = tmp_path / "main.tf"
    text = TERRAFORM_LAYOUTS[layout](terraform_cases.HEALTHY.replace(case.old, case.new))
    file.write_bytes(text.encode())
    assert fix(file) == [case.code]
    after = file.read_bytes()
    assert case.code not in found(check(file))
    out, _ = change(text, after.decode())
    is_insertion = case.code in {"EH302", "EH303", "EH604"}
    assert out == "" if is_insertion else len(out) <= len("216adef6-5c7f-47e4-b989-5492eafa07d3")
    if layout == "CRLF":
        assert after.count(b"\n") == after.count(b"\r\n")
    assert fix(file) == []
    assert file.read_bytes() == after


@pytest.mark.parametrize(
    "shared",
    [
        lambda text: SCALAR.sub(lambda one: f"{one[1]}{one[2]} &a{one.start()} {one[3]}", text),
        lambda text: SCALAR.sub(r"\1\2 !!str \3", text),
        lambda text: SCALAR.sub(r"\1\2 >-\n\1    \3", text),
        lambda text: SCALAR.sub(r"\1\2 |-\n\1    \3", text),
    ],
    ids=["anchor", "tag", "folded", "literal"],
)
def test_a_value_that_is_written_in_another_way_is_left_alone(shared: Callable[[str], str], tmp_path: Path) -> None:
    """What an anchor names may be meant elsewhere too: the finding stays, and so does the file."""
    text = shared(HEALTHY.replace("SigningBehavior: always", "SigningBehavior: never"))
    outcome = check_text(tmp_path, text, "t.yaml")
    assert [(each.check.code, each.patch) for each in outcome.findings] == [("EH203", None)]
    assert fix(tmp_path / "t.yaml") == []
    assert (tmp_path / "t.yaml").read_bytes() == text.encode()


@pytest.mark.parametrize(
    "head",
    [
        'Description: "a\u2028b"\n',
        'Description: "a\x85b"\n',
        "# a\u2028# b\n",
        "Description: |\n  a\u2028  b\n  c\x85 d\n",
    ],
)
def test_characters_that_end_a_line_for_some(head: str, tmp_path: Path) -> None:
    """A finding is on the line that an editor shows, and the fix goes there."""
    outcome = check_text(tmp_path, head + BROKEN, "t.yaml")
    assert found(outcome)["EH503"] == [line_of(head + BROKEN, "OriginReadTimeout: 30")]
    assert sorted(fix(tmp_path / "t.yaml")) == ["EH503", "EH604"]
    assert (tmp_path / "t.yaml").read_text() == head + FIXED


@pytest.mark.parametrize("layout", ["CRLF", "mixed line ends", "separators in a comment", "BOM", "no final newline"])
def test_the_patch_is_of_the_file_as_it_is(layout: str, tmp_path: Path) -> None:
    """`git apply` takes it, whatever ends the lines."""
    file = tmp_path / "t.yaml"
    file.write_bytes(LAYOUTS[layout](HEALTHY.replace("OriginReadTimeout: 60", "OriginReadTimeout: 30")).encode())
    (finding,) = check(file).findings
    patch = tmp_path / "fix.patch"
    patch.write_bytes(str(finding.patch).replace(file.as_posix().lstrip("/"), "t.yaml").encode())
    subprocess.run(["git", "apply", "--unsafe-paths", "fix.patch"], cwd=tmp_path, check=True)
    assert file.read_bytes() == LAYOUTS[layout](HEALTHY).encode()


def test_a_file_that_is_not_utf_8_is_not_written(tmp_path: Path) -> None:
    """UTF-16 is read, and stays as it is."""
    file = tmp_path / "t.yaml"
    file.write_text(BROKEN, encoding="utf-16")
    before = file.read_bytes()
    assert set(found(check(file))) == {"EH503", "EH604"}
    assert (fix(file), file.read_bytes()) == ([], before)


@pytest.mark.parametrize(
    ("text", "after", "wanted"),
    [
        ("a\r\nb\r\n", "a\nx\nb\n", "a\r\nx\r\nb\r\n"),
        ("a\nb\r\nc", "a\nb\nx\nc", "a\nb\r\nx\r\nc"),
        ("a\r\nb", "a\nB", "a\r\nB"),
        ("a\rb", "a\nx\nb", "a\rx\rb"),
        ("a", "a\nb", "a\nb"),
        ("aaa", "aa", "aa"),
        ("\r\n\r\n", "\n", "\r\n"),
    ],
)
def test_a_change_is_made_in_the_files_own_line_ends(text: str, after: str, wanted: str) -> None:
    """New lines end as the one before them does."""
    before = text.replace("\r\n", "\n").replace("\r", "\n")
    assert carried_over(text, before, after) == wanted
