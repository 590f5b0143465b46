"""Whatever is in a file, check says in one line what it could not read, reads the rest, and never ends in a trace."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_hasher.cli import main
from edge_hasher.doctor.templates.reading.document import YamlDocument
from tests.support.check import terraform_cases
from tests.support.check.check_cases import HEALTHY
from tests.support.check.check_run import check, check_text, found

CIRCLE = (
    "Resources:\n  A: {Type: AWS::S3::Bucket, Properties: {B: !Ref B}}\n"
    "  B: {Type: AWS::S3::Bucket, Properties: {A: !GetAtt A.Arn}}\n"
)
BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
)
BAD = {
    "empty": b"",
    "not a template": b"a: b\n",
    "a list": b"- Resources:\n",
    "no types": b"Resources: {A: {}}\n",
    "tags of others": b"Resources:\n  A: {Type: AWS::S3::Bucket, Properties: {B: !ENV C}}\n",
    "a circle of resources": CIRCLE.encode(),
    "a circle of conditions": (
        b"Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\n"
        b"Resources: {A: {Type: AWS::S3::Bucket, Condition: A}}\n"
    ),
    "a plan of another format": b'{"format_version": "2.0", "planned_values": {}}',
    "not YAML": b"Resources: [\n",
    "not JSON": b'{"Resources": ',
    "binary": b"Resources:\0\1\2",
    "not UTF-8": b"Resources: {A: {Type: '\xff'}}",
    "an alias in itself": b"Resources: &a {A: *a}\n",
    "deep": b"Resources: " + b"[" * 5000 + b"]" * 5000,
    "deep JSON": b'{"Resources": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a manifest of nothing": (
        b'{"version": "1", "artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {}}}}'
    ),
    "a SAM template that SAM refuses": (
        b"Transform: AWS::Serverless-2016-10-31\n"
        b"Resources: {A: {Type: 'AWS::Serverless::Function', Properties: {FunctionUrlConfig: {}}}}\n"
    ),
}


def run(*paths: Path) -> tuple[int, str, list[str]]:
    """The command: exit code, standard output, and the lines of standard error."""
    result = CliRunner().invoke(main, ["check", *map(str, paths)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr.splitlines()


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_one_line(name: str, tmp_path: Path) -> None:
    """The line names the file and says why; what stands beside it is read, and the exit code is 2."""
    bad, good = tmp_path / "bad.yaml", tmp_path / "good.yaml"
    bad.write_bytes(BAD[name])
    good.write_text(HEALTHY)
    code, out, err = run(bad, good)
    assert (code, len(err)) == (2, 1)
    assert err[0].startswith(f"edge-hasher: {bad}: ")
    assert len(err[0]) < 400
    assert f"read     {good}" in out


@pytest.mark.parametrize("name", ["plan.json", "main.tf", "t.template"])
@pytest.mark.parametrize("content", [b"", b"\0", b"\xff", b"{", b"resource", b'"', b"[]", b"{}", b"null", b"1"])
def test_any_file_name(content: bytes, name: str, tmp_path: Path) -> None:
    """Whatever a file is called."""
    (tmp_path / name).write_bytes(content)
    assert run(tmp_path / name)[0] in {0, 2}


def test_fifty_megabytes(tmp_path: Path) -> None:
    """A file of that size is no template, and is not read at all."""
    file = tmp_path / "big.json"
    with file.open("wb") as stream:
        stream.truncate(50 << 20)
    code, _, err = run(file)
    assert (code, err) == (2, [f"edge-hasher: {file}: it has 52428800 bytes, and at most 33554432 are read"])


def test_a_bomb_of_aliases(tmp_path: Path) -> None:
    """Nine to the ninth values by aliases end in a line, not in all memory."""
    text = BOMB + "Resources: {A: {Type: AWS::S3::Bucket, Properties: *j}}\n"
    assert run(_written(tmp_path / "t.yaml", text))[0] == 2


def test_a_missing_path(tmp_path: Path) -> None:
    """A path that is not there is said, and the rest is read."""
    code, out, err = run(tmp_path / "no.yaml", _written(tmp_path / "t.yaml", HEALTHY))
    assert (code, err) == (2, [f"edge-hasher: {tmp_path / 'no.yaml'}: No such file or directory"])
    assert "read " in out


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_in_a_folder(tmp_path: Path) -> None:
    """The other files of the folder are read."""
    _written(tmp_path / "a.yaml", HEALTHY).chmod(0)
    _written(tmp_path / "b.yaml", HEALTHY)
    code, out, err = run(tmp_path)
    assert (code, len(err)) == (2, 1)
    assert "b.yaml" in out


def test_a_broken_link_in_a_folder(tmp_path: Path) -> None:
    """It is said, and the others are read."""
    (tmp_path / "a.yaml").symlink_to(tmp_path / "nowhere")
    _written(tmp_path / "b.yaml", HEALTHY)
    code, out, err = run(tmp_path)
    assert (code, err) == (2, [f"edge-hasher: {tmp_path / 'a.yaml'}: No such file or directory"])
    assert "b.yaml" in out


def test_yaml_that_is_no_template_is_passed_over_in_a_folder(tmp_path: Path) -> None:
    """Something else may have a line with Resources; it is a problem only where it is named."""
    _written(tmp_path / "serverless.yml", "resources:\n  Resources:\n    A: {Type: AWS::S3::Bucket}\n")
    _written(tmp_path / "t.yaml", HEALTHY)
    assert run(tmp_path)[0] == 0
    assert run(tmp_path / "serverless.yml")[0] == 2


def test_a_folder_is_searched(tmp_path: Path) -> None:
    """Templates, assemblies, plans and modules are found; other YAML and the folders of tools are passed over."""
    _written(tmp_path / "a" / "template.yaml", HEALTHY)
    _written(tmp_path / "tf" / "main.tf", terraform_cases.HEALTHY)
    _written(tmp_path / "tf" / "plan.json", json.dumps(terraform_cases.plan(terraform_cases.HEALTHY)))
    _written(tmp_path / ".github" / "w.yaml", HEALTHY)
    _written(tmp_path / "node_modules" / "x" / "t.yaml", HEALTHY)
    _written(tmp_path / "compose.yaml", "services: {a: {image: b}}\n")
    _written(tmp_path / "package.json", '{"name": "x"}')
    names = {each.world.name for each in check(tmp_path).judged}
    assert names == {str(tmp_path / each) for each in ("a/template.yaml", "tf", "tf/plan.json")}


def test_an_empty_folder(tmp_path: Path) -> None:
    """Nothing to read is exit code 2."""
    code, _, err = run(tmp_path)
    assert code == 2
    assert "nothing in it can be read" in err[0]


def test_a_template_without_a_distribution_is_right(tmp_path: Path) -> None:
    """It was read, there is nothing to say, and the report says that."""
    code, out, err = run(_written(tmp_path / "t.yaml", "Resources: {A: {Type: AWS::S3::Bucket}}\n"))
    assert (code, err) == (0, [])
    assert "no behavior leads to a Function URL" in out


def test_utf_16_as_powershell_writes_it(tmp_path: Path) -> None:
    """`terraform show -json > plan.json` in PowerShell is UTF-16."""
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(terraform_cases.plan(terraform_cases.HEALTHY)), encoding="utf-16")
    assert run(file)[0] == 0


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "Agent", "arn:aws:x", "${Agent}", "*"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Ref", "Fn::GetAtt", "Fn::Sub", "Fn::If", "Fn::Join", "Id", "Items"]), inner, max_size=2
        )
    ),
    max_leaves=6,
)
TEMPLATE = YamlDocument(Path("healthy.yaml"), HEALTHY).data
PLAN = terraform_cases.plan(terraform_cases.HEALTHY)


def paths(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a document."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(one for key, each in items for one in paths(each, (*path, key)))]


def changed(document: Any, places: list[tuple[str | int, ...]], values: list[Any]) -> Any:
    """A document with other values in some places."""
    made = json.loads(json.dumps(document))
    for path, value in zip(places, values, strict=True):
        node: Any = made
        for key in path[:-1]:
            try:
                node = node[key]
            except (KeyError, IndexError, TypeError):
                break
        else:
            with suppress(IndexError, TypeError):
                node[path[-1] if path else ""] = value
    return made


@pytest.mark.parametrize("document", [TEMPLATE, PLAN], ids=["template", "plan"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_of_a_document_ends_in_a_trace(document: Any, data: st.DataObject, tmp_path: Path) -> None:
    """Values of every kind in every place: judged, unread or refused."""
    places = data.draw(st.lists(st.sampled_from(paths(document)), min_size=1, max_size=4))
    values = data.draw(st.lists(VALUES, min_size=len(places), max_size=len(places)))
    outcome = check_text(tmp_path, json.dumps(changed(document, places, values)), "plan.json")
    assert outcome.exit_code in {0, 1, 2}
    assert len(outcome.judged) + len(outcome.problems) == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("name", ["t.yaml", "main.tf"])
def test_no_damage_of_a_file_ends_in_a_trace(name: str, data: st.DataObject, tmp_path: Path) -> None:
    """Pieces cut out of a file, and put in."""
    text = HEALTHY if name == "t.yaml" else terraform_cases.HEALTHY
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    piece = data.draw(st.sampled_from(["", "{", "]", "!Ref", ": ", "\n", "${", '"', "*a", "&a", "<<EOT\n", "\t", "é"]))
    outcome = check_text(tmp_path, text[:start] + piece + text[end:], name)
    assert outcome.exit_code in {0, 1, 2}


def test_fixed_once_is_fixed(tmp_path: Path) -> None:
    """A path that is named twice is read once."""
    file = _written(tmp_path / "t.yaml", HEALTHY.replace("IncludeBody: true", "IncludeBody: false"))
    assert [len(lines) for lines in found(check(file, file)).values()] == [1]


def _written(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file
