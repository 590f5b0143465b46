"""`sam deploy` of the function, for real, to a stand-in for AWS: deploy, deploy again, change, delete.

The stand-in expands SAM with AWS's own translator, evaluates the template's Rules, and runs the uploaded zip.
"""

import io
import json
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from edge_hasher.local.own_function import MEMORY_MB, TIMEOUT_S
from tests.support.aws.ministack_server import ACCOUNT_ID, MiniStack
from tests.support.golden import Case, cases
from tests.support.stack.sam_project import SamProject, copied_build

pytest_plugins = ["tests.support.aws.ministack"]

PARAMETER = "/edge-hasher/version-arn"
# An exception costs the stand-in a new process, and what the handler raises is tested elsewhere: two are enough.
RAISING = [case for case in cases() if "error" in case.expected][:2]
ANSWERED = [case for case in cases() if "error" not in case.expected]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What AWS has after a deployment: the ARN in SSM, the published versions, and what SAM said."""

    arn: str
    versions: list[str]
    said: str

    @property
    def function(self) -> str:
        """The function's name."""
        return self.arn.split(":")[6]


def look(project: SamProject, said: str) -> Deployed:
    """Read what is deployed."""
    arn = project.aws.client("ssm").get_parameter(Name=PARAMETER)["Parameter"]["Value"]
    found = project.aws.client("lambda").list_versions_by_function(FunctionName=arn.rpartition(":")[0])["Versions"]
    versions = [version["Version"] for version in found if version["Version"] != "$LATEST"]
    return Deployed(arn=arn, versions=versions, said=said)


@pytest.fixture(scope="module")
def project(
    artifact: Path, root: Path, sam_bin: Path, ministack: MiniStack, tmp_path_factory: pytest.TempPathFactory
) -> SamProject:
    """Give a copy of the built project, which a test may change."""
    folder = copied_build(artifact, root, tmp_path_factory.mktemp("deploy"))
    return SamProject(folder=folder, stack="edge-hasher", sam_bin=sam_bin, aws=ministack)


# Each deployment builds upon the one before, and the tests below come in the same order.


@pytest.fixture(scope="module")
def first(project: SamProject) -> Deployed:
    """Deploy."""
    return look(project, project.deploy())


@pytest.fixture(scope="module")
def unchanged(project: SamProject, first: Deployed) -> Deployed:
    """Deploy the same again."""
    assert first.versions == ["1"]
    return look(project, project.deploy())


@pytest.fixture(scope="module")
def changed(project: SamProject, unchanged: Deployed) -> Deployed:
    """Change the code, build and deploy."""
    assert unchanged.versions == ["1"]
    project.replace("edge_hasher/function/refusals.py", 'f"urn:edge-hasher:', 'f"urn:changed:')
    project.build()
    return look(project, project.deploy())


@pytest.fixture(scope="module")
def resized(project: SamProject, changed: Deployed) -> Deployed:
    """Deploy with another memory size and nothing else."""
    assert changed.versions == ["1", "2"]
    return look(project, project.deploy("--parameter-overrides", "MemorySize=2048"))


def invoke(project: SamProject, arn: str, event: Any) -> tuple[Any, bool]:
    """Invoke the deployed function through the Lambda API; gives the answer, and whether it raised."""
    answer = project.aws.client("lambda").invoke(FunctionName=arn, Payload=json.dumps(event).encode())
    return json.load(answer["Payload"]), "FunctionError" in answer


def test_region_other_than_us_east_1_is_refused_before_anything_is_made(project: SamProject) -> None:
    """The template's rule stops the change set, and says where to deploy."""
    said = project.refused("--region", "eu-west-1")

    assert "rule LambdaAtEdgeRegion failed: Edge Hasher must be deployed in us-east-1" in said
    assert "Deploy again with --region us-east-1." in said
    assert not project.aws.client("lambda", "eu-west-1").list_functions()["Functions"]


def test_first_deployment_publishes_version_1(project: SamProject, first: Deployed) -> None:
    """SSM and the outputs hold the ARN of a numbered version in us-east-1."""
    prefix = f"arn:aws:lambda:us-east-1:{ACCOUNT_ID}:function:edge-hasher-EdgeHasherFunction-"

    assert first.arn.startswith(prefix)
    assert first.arn.endswith(":1")
    assert project.outputs() == {
        "VersionArn": first.arn,
        "VersionArnParameterName": PARAMETER,
        "FunctionName": first.function,
    }


def test_deployed_version_is_one_that_lambda_at_edge_takes(project: SamProject, first: Deployed) -> None:
    """Lambda has it as x86_64 with the runtime's Python, a short timeout, and nothing that the edge refuses."""
    found = project.aws.client("lambda").get_function_configuration(FunctionName=first.arn)

    assert (found["Version"], found["State"]) == ("1", "Active")
    assert (found["Runtime"], found["Architectures"]) == ("python3.13", ["x86_64"])
    assert (found["Timeout"], found["MemorySize"]) == (TIMEOUT_S, MEMORY_MB)
    assert not found.get("Environment", {}).get("Variables")
    assert not found.get("Layers")
    assert not found.get("VpcConfig", {}).get("SubnetIds")
    assert found.get("TracingConfig", {}).get("Mode", "PassThrough") == "PassThrough"
    assert not found.get("DeadLetterConfig")


def test_deployed_code_is_the_build(project: SamProject, first: Deployed, artifact: Path) -> None:
    """The zip that Lambda has holds the files of the build, byte for byte."""
    location = project.aws.client("lambda").get_function(FunctionName=first.arn)["Code"]["Location"]
    with urllib.request.urlopen(location, timeout=30) as answer:  # noqa: S310 (the stand-in, on loopback)
        bundle = zipfile.ZipFile(io.BytesIO(answer.read()))

    held = {name: bundle.read(name) for name in bundle.namelist() if not name.endswith("/")}

    built = {path.relative_to(artifact).as_posix(): path for path in artifact.rglob("*") if path.is_file()}
    assert held == {name: path.read_bytes() for name, path in built.items()}


def test_deployed_role_is_trusted_by_the_edge_and_writes_its_own_logs(project: SamProject, first: Deployed) -> None:
    """IAM has both principals, and one policy for the log groups of this very function."""
    iam = project.aws.client("iam")
    role = project.physical_id("EdgeHasherRole")

    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    statements = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]

    assert trust["Statement"][0]["Principal"]["Service"] == ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
    assert not iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    resources = [resource for statement in statements for resource in statement["Resource"]]
    assert resources[0] == f"arn:aws:logs:*:{ACCOUNT_ID}:log-group:/aws/lambda/us-east-1.{first.function}"
    assert all(first.function in resource for resource in resources)


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.name)
def test_deployed_code_answers_as_the_golden_events_say(project: SamProject, first: Deployed, case: Case) -> None:
    """Invoked through the Lambda API, the uploaded zip forwards or refuses as the table says."""
    answer, raised = invoke(project, first.arn, case.event)

    assert not raised, answer
    case.check_answer(answer)


@pytest.mark.parametrize("case", RAISING, ids=lambda case: case.name)
def test_deployed_code_raises_on_what_is_no_origin_request(project: SamProject, first: Deployed, case: Case) -> None:
    """The error that Lambda hands on ends with what was expected and what came."""
    answer, raised = invoke(project, first.arn, case.event)

    assert raised
    assert answer["errorMessage"].endswith(case.expected["error"])


def test_deploying_the_same_again_changes_nothing(first: Deployed, unchanged: Deployed) -> None:
    """SAM finds no changes, the exit code is 0, and no version is published."""
    assert "No changes to deploy. Stack edge-hasher is up to date" in unchanged.said
    assert (unchanged.arn, unchanged.versions) == (first.arn, first.versions)


def test_changed_code_is_a_new_version(project: SamProject, first: Deployed, changed: Deployed) -> None:
    """SSM and the outputs name version 2, and version 1, which distributions may still run, is kept."""
    assert changed.arn == first.arn.removesuffix(":1") + ":2"
    assert changed.versions == ["1", "2"]
    assert project.outputs()["VersionArn"] == changed.arn


def test_new_version_runs_the_new_code_and_the_old_one_the_old(
    project: SamProject, first: Deployed, changed: Deployed
) -> None:
    """A version is what it was when it was published: nothing changes under a distribution that runs it."""
    refused = next(case for case in ANSWERED if "refusal" in case.expected)

    types = {
        arn: json.loads(invoke(project, arn, refused.event)[0]["body"])["type"] for arn in (first.arn, changed.arn)
    }

    code = refused.expected["refusal"]["code"]
    assert types == {first.arn: f"urn:edge-hasher:{code}", changed.arn: f"urn:changed:{code}"}


def test_changed_memory_is_a_new_version(project: SamProject, changed: Deployed, resized: Deployed) -> None:
    """A parameter that changes the function reaches the edge too: it is published, and SSM names it."""
    assert resized.arn == changed.arn.removesuffix(":2") + ":3"
    found = project.aws.client("lambda").get_function_configuration(FunctionName=resized.arn)
    assert found["MemorySize"] == 2048


def test_old_versions_keep_their_memory(project: SamProject, changed: Deployed, resized: Deployed) -> None:
    """What a distribution runs does not change under it."""
    assert resized.versions == ["1", "2", "3"]
    assert project.aws.client("lambda").get_function_configuration(FunctionName=changed.arn)["MemorySize"] == MEMORY_MB


def test_delete_leaves_no_stack_and_no_parameter(project: SamProject, resized: Deployed) -> None:
    """`sam delete` takes the stack away, and the ARN that nobody should read any more."""
    assert resized.arn
    project.delete()

    with pytest.raises(ClientError, match="ParameterNotFound"):
        project.aws.client("ssm").get_parameter(Name=PARAMETER)
    with pytest.raises(ClientError, match="does not exist"):
        project.outputs()
