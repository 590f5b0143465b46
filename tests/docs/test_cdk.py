"""edge_hasher.cdk: the construct, synthesised by the real CDK."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PYTHON = Path(__file__).parents[2] / ".venvs/iac/bin/python"
VERSION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:edge-hasher:7"

Stacks = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Synthesis:
    """What the construct makes in each case."""

    folder: Path
    abroad: Stacks
    at_home: Stacks
    published: Stacks
    alias: str
    missing: str


@pytest.fixture(scope="module")
def made(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """Run the program of tests/support once, for all cases: starting CDK takes seconds."""
    if not PYTHON.exists():
        pytest.skip("there is no .venvs/iac: `make setup-iac` makes it")
    if shutil.which("node") is None:
        pytest.skip("there is no node on this machine, which CDK runs on")
    folder = tmp_path_factory.mktemp("cdk")
    (folder / "own.zip").write_bytes(b"PK own")

    def case(name: str, region: str, **options: str) -> str:
        return json.dumps({"folder": str(folder / name), "region": region, "options": options})

    cases = [
        case("abroad", "eu-west-1"),
        case("at-home", "us-east-1", zip_file=str(folder / "own.zip")),
        case("published", "eu-west-1", version_arn=VERSION_ARN),
        case("alias", "eu-west-1", version_arn=VERSION_ARN.replace(":7", ":live")),
        case("missing", "eu-west-1", zip_file=str(folder / "missing.zip")),
    ]
    command = [str(PYTHON), str(root / "tests/support/synth_cdk.py"), *cases]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=400
    )
    assert done.returncode == 0, done.stderr
    return Synthesis(folder, *json.loads(done.stdout))


def only(stacks: Stacks, kind: str) -> tuple[str, Any]:
    """Region and whole definition of the one resource of a type."""
    (found,) = [
        (region, resource)
        for region, template in stacks
        for resource in template["Resources"].values()
        if resource["Type"] == kind
    ]
    return found


def test_the_function_is_in_us_east_1(made: Synthesis) -> None:
    """In a stack of its own, as Lambda@Edge takes it: Python 3.13, x86_64, no environment."""
    region, function = only(
        [(region, stack) for region, stack in made.abroad if region == "us-east-1"], "AWS::Lambda::Function"
    )
    properties = function["Properties"]

    assert region == "us-east-1"
    assert properties["Handler"] == "edge_hasher.function.handler.lambda_handler"
    assert (properties["Runtime"], properties["Architectures"]) == ("python3.13", ["x86_64"])
    assert (properties["MemorySize"], properties["Timeout"]) == (1024, 5)
    assert properties["LoggingConfig"] == {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}
    assert not {"Environment", "Layers", "VpcConfig", "TracingConfig", "KmsKeyArn"} & set(properties)


def test_the_role_trusts_the_edge(made: Synthesis) -> None:
    """Both services may assume it."""
    (role,) = [
        resource["Properties"]
        for region, stack in made.abroad
        if region == "us-east-1"
        for resource in stack["Resources"].values()
        if resource["Type"] == "AWS::IAM::Role"
    ]
    services = {statement["Principal"]["Service"] for statement in role["AssumeRolePolicyDocument"]["Statement"]}
    assert services == {"lambda.amazonaws.com", "edgelambda.amazonaws.com"}


def test_old_versions_stay(made: Synthesis) -> None:
    """Neither an update nor the end of the stack deletes a version."""
    _, version = only(made.abroad, "AWS::Lambda::Version")
    assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_behavior_gets_the_version_without_exports(made: Synthesis) -> None:
    """The ARN comes from SSM, so neither stack holds the other back."""
    region, distribution = only(made.abroad, "AWS::CloudFront::Distribution")
    behavior = distribution["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]
    (association,) = behavior["LambdaFunctionAssociations"]

    assert region == "eu-west-1"
    assert (association["EventType"], association["IncludeBody"]) == ("origin-request", True)
    assert "ArnReader" in json.dumps(association["LambdaFunctionARN"])
    text = json.dumps([template for _, template in made.abroad])
    assert "Fn::ImportValue" not in text
    assert not any("Export" in output for _, stack in made.abroad for output in stack.get("Outputs", {}).values())


def test_the_zip_is_the_packaged_function(made: Synthesis) -> None:
    """It is in the assembly, as an asset of CDK."""
    (packaged,) = (made.folder / "abroad").glob("edge-hasher-*.zip")
    with zipfile.ZipFile(packaged) as archive:
        assert "edge_hasher/function/handler.py" in archive.namelist()
    assert packaged.read_bytes() in [path.read_bytes() for path in (made.folder / "abroad").glob("asset.*.zip")]


def test_in_us_east_1_it_is_one_stack(made: Synthesis) -> None:
    """With a zip that was made before, nothing is built."""
    assert [region for region, _ in made.at_home] == ["us-east-1"]
    assert only(made.at_home, "AWS::Lambda::Version")
    assert [path.read_bytes() for path in (made.folder / "at-home").glob("*.zip")] == [b"PK own"]


def test_a_published_version_is_taken_as_it_is(made: Synthesis) -> None:
    """No function is made; the association names the version."""
    _, distribution = only(made.published, "AWS::CloudFront::Distribution")
    behavior = distribution["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]
    association = {"EventType": "origin-request", "IncludeBody": True, "LambdaFunctionARN": VERSION_ARN}
    assert behavior["LambdaFunctionAssociations"] == [association]
    assert "edge_hasher" not in json.dumps([template for _, template in made.published])


def test_check_finds_nothing_wrong(made: Synthesis) -> None:
    """`edge-hasher check` reads the assembly, the function in its own stack included, and asks for nothing more."""
    command = [sys.executable, "-m", "edge_hasher", "check", str(made.folder / "abroad"), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert report["summary"]["broken"] == report["summary"]["risky"] == 0
    assert report["summary"]["ok"] > 40


def test_what_it_cannot_use_is_named(made: Synthesis) -> None:
    """An alias, and a file that is not there, end the synthesis."""
    alias = VERSION_ARN.replace(":7", ":live")
    assert made.alias == f"{alias} names no numbered version in us-east-1, which is all that CloudFront takes"
    assert "missing.zip" in made.missing
