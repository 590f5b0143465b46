"""The example stack in another Region than the edge function's: the two ways that docs/deploy.md has."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.support.aws.ministack_server import MiniStack
from tests.support.stack.example_stack import (
    PARAMETER,
    VERSION,
    copied,
    deploy,
    edge_functions,
    prepare,
    with_plain_parameter,
    write_region,
)
from tests.support.stack.sam_project import SamProject

pytest_plugins = ["tests.support.aws.ministack", "tests.support.stack.example_fixtures"]

REGION = "eu-west-1"


@pytest.fixture(scope="module")
def abroad(
    built_example: Path, sam_bin: Path, ministack: MiniStack, tmp_path_factory: pytest.TempPathFactory
) -> SamProject:
    """Give a copy of the built example for another Region than the edge function's."""
    return copied(built_example, sam_bin, ministack, tmp_path_factory.mktemp("abroad"), REGION)


def test_other_region_reads_a_copy_of_the_parameter(abroad: SamProject) -> None:
    """With the ARN copied to SSM there, the stack comes up; what lives in us-east-1 alone is left out."""
    prepare(abroad.aws, REGION)

    deploy(abroad, REGION)

    outputs = abroad.outputs(REGION)
    found = abroad.aws.client("cloudfront").get_distribution(Id=outputs["DistributionId"])["Distribution"]
    assert edge_functions(found["DistributionConfig"]) == {f"{VERSION}1"}
    assert outputs["FunctionUrl"].endswith(".lambda-url.eu-west-1.on.aws/")
    with pytest.raises(ClientError, match="does not exist"):
        abroad.physical_id("EdgeExecutionErrors", REGION)


@pytest.fixture(scope="module")
def with_arn(abroad: SamProject, root: Path) -> SamProject:
    """Give the stack after the edit that the documentation shows: the ARN itself as the parameter."""
    template = abroad.folder / "template.yaml"
    template.write_text(with_plain_parameter(template.read_text(), (root / "docs/deploy.md").read_text()))
    abroad.build()
    write_region(abroad.folder, REGION)
    return abroad


def test_other_region_takes_the_arn_itself(with_arn: SamProject) -> None:
    """With the edit, the version comes from the command line, and SSM is not asked."""
    with_arn.aws.client("ssm", REGION).delete_parameter(Name=PARAMETER)

    deploy(with_arn, REGION, EdgeHasherVersion=f"{VERSION}7")

    found = with_arn.aws.client("cloudfront").get_distribution(Id=with_arn.outputs(REGION)["DistributionId"])
    assert edge_functions(found["Distribution"]["DistributionConfig"]) == {f"{VERSION}7"}
