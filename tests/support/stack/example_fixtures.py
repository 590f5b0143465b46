"""Fixtures for tests of the example stack, beside those of tests.support.aws.ministack, in `pytest_plugins`."""

import shutil
from pathlib import Path

import pytest

from tests.support.aws.ministack_server import MiniStack
from tests.support.stack.example_stack import FOLDER, PARAMETER, VERSION, copied, deploy, prepare
from tests.support.stack.sam_project import SamProject


@pytest.fixture(scope="session")
def built_example(
    root: Path, sam_bin: Path, ministack_server: MiniStack, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give the example's folder after `sam build`, copied away; do not write to it."""
    folder = tmp_path_factory.mktemp("example") / "streaming-agent"
    shutil.copytree(root / FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", ".aws-sam", ".venv"))
    SamProject(folder=folder, stack="streaming-agent", sam_bin=sam_bin, aws=ministack_server).build()
    return folder


@pytest.fixture(scope="module")
def example(
    built_example: Path, sam_bin: Path, ministack: MiniStack, tmp_path_factory: pytest.TempPathFactory
) -> SamProject:
    """Give a copy of the built example that a module may change, and an AWS that has what it takes."""
    prepare(ministack, "us-east-1")
    return copied(built_example, sam_bin, ministack, tmp_path_factory.mktemp("stack"), "us-east-1")


@pytest.fixture(scope="module")
def stack(example: SamProject) -> SamProject:
    """Give the stack, deployed with its defaults; a module's tests may change it."""
    deploy(example)
    return example


@pytest.fixture(scope="module")
def source(root: Path, ministack: MiniStack) -> str:
    """Give the template as it would be uploaded, with code that is uploaded already, and the SSM parameter it reads."""
    ministack.client("ssm").put_parameter(Name=PARAMETER, Type="String", Value=f"{VERSION}1")
    text = (root / "examples/streaming-agent/template.yaml").read_text()
    assert text.count("      CodeUri: .\n") == 2
    return text.replace("CodeUri: .", "CodeUri: s3://example-bucket/example-key")
