"""Files that nobody writes by chance: one line each, in a short time, and the others are read."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.check import terraform_cases
from tests.support.check.cdk_assembly import assembly, template
from tests.support.check.check_cases import HEALTHY, INVOKE_PERMISSION
from tests.support.check.check_run import check, found
from tests.unit.check.test_bad_input import run

BUCKET = "Resources: {A: {Type: AWS::S3::Bucket}}\n"
LAUGH = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(12)
)
MERGED = "a: &a {k: 1}\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} {{<<: *{chr(97 + i)}, x: *{chr(97 + i)}, y: *{chr(97 + i)}}}\n" for i in range(20)
)
FUNCTION = "F: {Type: 'AWS::Serverless::Function', Properties: {FunctionUrlConfig: {AuthType: AWS_IAM}}}"
TOO_LARGE = "it is nested too deeply, or too large"
TEXTS = {
    "aliases": (f"{LAUGH}Resources: {{A: {{Type: AWS::S3::Bucket, Properties: {{B: *m}}}}}}\n", TOO_LARGE),
    "aliases that nothing uses": (f"{LAUGH}{BUCKET}", TOO_LARGE),
    "aliases in metadata, in SAM": (
        (
            f"Transform: AWS::Serverless-2016-10-31\n{LAUGH}"
            f"Resources: {{A: {{Type: AWS::Lambda::Function, Metadata: *m}}, {FUNCTION}}}\n"
        ),
        TOO_LARGE,
    ),
    "merge keys": (f"{MERGED}Resources: {{A: {{Type: AWS::S3::Bucket, Properties: *u}}}}\n", TOO_LARGE),
    "a resource twice": (
        "Resources:\n  A: {Type: AWS::S3::Bucket}\n  A: {Type: AWS::SNS::Topic}\n",
        "the key A is there twice, again in line 3",
    ),
    "Resources twice": (BUCKET + BUCKET, "the key Resources is there twice, again in line 2"),
    "a key of JSON twice": (
        '{"Resources": {"A": {"Type": "AWS::S3::Bucket"}, "A": {"Type": "AWS::S3::Bucket"}}}',
        "the key A is there twice in one object",
    ),
    "a mapping that names itself": (
        (
            "Mappings: {M: {a: {b: !FindInMap [M, a, b]}}}\n"
            "Resources: {A: {Type: AWS::S3::Bucket, Properties: {N: !FindInMap [M, a, b]}}}\n"
        ),
        TOO_LARGE,
    ),
    "a NUL far behind": (f"{BUCKET}# {'x' * 5000}\0\n", "it is binary"),
    "20 MB of YAML": (
        f"{BUCKET}# {'x' * (20 << 20)}\n",
        "it has 20971563 characters, and of YAML at most 4194304 are read",
    ),
    "20 MB that are nearly JSON": (
        '{"Resources": {"A": "' + "x" * (20 << 20),
        "it is not JSON: Unterminated string starting at: line 1 column 21 (char 20)",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_one_line_says_why(name: str, tmp_path: Path) -> None:
    """The file beside it is read, and the exit code is 2."""
    text, why = TEXTS[name]
    (tmp_path / "bad.yaml").write_text(text)
    (tmp_path / "good.yaml").write_text(HEALTHY)
    code, out, err = run(tmp_path)
    assert (code, err) == (2, [f"edge-hasher: {tmp_path / 'bad.yaml'}: {why}"])
    assert f"read     {tmp_path / 'good.yaml'}" in out


@pytest.mark.parametrize("name", ["a.yaml", "a.tf", "a.tf.json", "m/terraform.tfvars", "c/manifest.json"])
def test_a_pipe_in_a_folder(name: str, tmp_path: Path) -> None:
    """Nothing waits for what may never come."""
    (tmp_path / "good.yaml").write_text(HEALTHY)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(terraform_cases.HEALTHY)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "cdk.out").write_text("{}")
    os.mkfifo(tmp_path / name)
    code, out, err = run(tmp_path)
    assert (code, err) == (2, [f"edge-hasher: {tmp_path / name}: it is not a file: a pipe or a device"])
    assert "good.yaml" in out


def test_a_lock_file_that_is_a_pipe(tmp_path: Path) -> None:
    """What it would say is not asked for."""
    (tmp_path / "main.tf").write_text(terraform_cases.HEALTHY)
    os.mkfifo(tmp_path / ".terraform.lock.hcl")
    assert run(tmp_path)[0] == 0


def test_what_the_shell_passes() -> None:
    """`<(terraform show -json plan.bin)` is a pipe under /dev, and is read; what has no end is not."""
    read_end, write_end = os.pipe()
    os.write(write_end, json.dumps(template(HEALTHY)).encode())
    os.close(write_end)
    assert found(check(Path(f"/dev/fd/{read_end}"))) == {}
    os.close(read_end)
    outcome = check(Path("/dev/zero"))
    assert [why for _, why in outcome.problems] == ["it has no end, and at most 33554432 are read"]


def test_links_in_a_circle(tmp_path: Path) -> None:
    """A link to itself is said, one to the folder above is not followed."""
    (tmp_path / "good.yaml").write_text(HEALTHY)
    (tmp_path / "a.yaml").symlink_to("a.yaml")
    (tmp_path / "a.tf").symlink_to("a.tf")
    (tmp_path / "up").symlink_to(".")
    code, _, err = run(tmp_path)
    assert code == 2
    assert sorted(line.split(": ")[1:] for line in err) == [
        [str(tmp_path / name), "Too many levels of symbolic links"] for name in ("a.tf", "a.yaml")
    ]


def test_terraform_values_that_grow(tmp_path: Path) -> None:
    """Locals within locals end as a value that is not known."""
    for first, piece in (('["x", "x"]', "[{}]"), ('"xxxxxxxxxx"', '"{}"')):
        inner = "local.a{}, " if "[" in piece else "${{local.a{}}}"
        lines = "".join(f"  a{i + 1} = {piece.format((inner.format(i)) * 9)}\n" for i in range(12))
        text = terraform_cases.HEALTHY.replace('"AWS_IAM"\n  invoke', "jsonencode(local.a12)\n  invoke")
        (tmp_path / "main.tf").write_text(f"{text}locals {{\n  a0 = {first}\n{lines}}}\n")
        outcome = check(tmp_path)
        assert found(outcome) == {}
        assert "it is too large" in {why.why for _, _, why in outcome.unread}


@pytest.mark.parametrize("begin", [{"Fn::GetAtt": ["AgentUrl", "FunctionUrl"]}, "aaaaaaaaaa"], ids=["url", "text"])
def test_texts_of_a_template_that_grow(begin: object, tmp_path: Path) -> None:
    """Each line makes ten texts of one: what is too long is not known, and nobody waits for it."""
    host = begin
    for _ in range(20):
        host = {"Fn::Join": ["a" * 10, {"Fn::Split": ["a", host]}]}
    data = template(HEALTHY)
    data["Resources"]["Site"]["Properties"]["DistributionConfig"]["Origins"][1]["DomainName"] = host
    (tmp_path / "t.json").write_text(json.dumps(data))
    outcome = check(tmp_path / "t.json")
    assert (outcome.problems, "EH111" in found(outcome)) == ((), False)


def test_a_byte_order_mark_before_terraform(tmp_path: Path) -> None:
    """Terraform takes it, and a finding on the first line has its place."""
    (tmp_path / "main.tf").write_text("\ufeff" + terraform_cases.HEALTHY.replace(terraform_cases.INVOKE, ""))
    assert list(found(check(tmp_path))) == ["EH303"]


def artifacts(folder: Path, change: dict[str, Any], name: str = "Bad") -> Path:
    """An assembly of a right stack, one with a missing permission, and an artifact more."""
    broken = template(HEALTHY.replace(INVOKE_PERMISSION, ""))
    assembly(folder, {"App": template(HEALTHY), "Broken": broken})
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"][name] = change
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


STACK = "aws:cloudformation:stack"
ASSEMBLIES = {
    "a missing template": (
        {"type": STACK, "properties": {"templateFile": "no.json"}},
        "its template no.json cannot be read: No such file or directory",
    ),
    "a template outside": (
        {"type": STACK, "properties": {"templateFile": "../secret.json"}},
        "its template secret.json cannot be read: secret.json is outside of the assembly",
    ),
    "a template by its whole path": (
        {"type": STACK, "properties": {"templateFile": "/etc/passwd"}},
        "its template passwd cannot be read: passwd is outside of the assembly",
    ),
    "a template that is a folder": (
        {"type": STACK, "properties": {"templateFile": "."}},
        "its template cdk.out cannot be read: it is a folder",
    ),
    "a template that is a text": (
        {"type": STACK, "properties": {"templateFile": "text.json"}},
        "its template text.json cannot be read: it is not a CloudFormation template",
    ),
    "metadata outside": (
        {"type": STACK, "properties": {"templateFile": "a.json"}, "additionalMetadataFile": "../secret.json"},
        "secret.json is outside of the assembly",
    ),
    "a stage outside": (
        {"type": "cdk:cloud-assembly", "properties": {"directoryName": ".."}},
        "manifest.json is outside of the assembly",
    ),
    "a stage in itself": (
        {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}},
        "its stages are nested too deeply",
    ),
}


@pytest.mark.parametrize("name", ASSEMBLIES)
def test_a_part_of_an_assembly_that_cannot_be_read(name: str, tmp_path: Path) -> None:
    """It is said, nothing outside of the assembly is opened, and its other stacks are judged."""
    change, why = ASSEMBLIES[name]
    (tmp_path / "secret.json").write_text("{}")
    folder = artifacts(tmp_path / "cdk.out", change)
    (folder / "text.json").write_text('"text"')
    outcome = check(folder)
    assert outcome.problems == ((folder / "manifest.json", f"Bad: {why}"),)
    assert list(found(outcome)) == ["EH303"]
    assert outcome.exit_code == 2


def test_an_assembly_of_which_nothing_can_be_read(tmp_path: Path) -> None:
    """One line, and no report of nothing."""
    folder = assembly(tmp_path, {"App": template(HEALTHY)})
    (folder / "App.template.json").unlink()
    outcome = check(folder)
    assert [why for _, why in outcome.problems] == [
        "App: its template App.template.json cannot be read: No such file or directory"
    ]
    assert outcome.judged == ()
