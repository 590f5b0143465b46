"""The template: what CloudFormation gets after the SAM transform, held against what Lambda@Edge takes."""

import json
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import edge_hasher
from edge_hasher.local import own_function

# The expansion is JSON from another program: its shape is what these tests assert.
Json = Any

EDGE_TIMEOUT_LIMIT_S = 30

# Properties of AWS::Lambda::Function that Lambda@Edge does not take (documented: "Restrictions on Lambda@Edge").
REFUSED_AT_THE_EDGE = {
    "DeadLetterConfig",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "ImageConfig",
    "KmsKeyArn",
    "Layers",
    "ReservedConcurrentExecutions",
    "TracingConfig",
    "VpcConfig",
}


@pytest.fixture(scope="module")
def expand(root: Path, sam_bin: Path, no_aws: dict[str, str]) -> Callable[[Path], Json]:
    """Give a function that turns a SAM template into what CloudFormation gets."""

    def expand_one(template: Path) -> Json:
        command = [str(sam_bin / "python"), str(root / "tests/support/stack/expand_template.py"), str(template)]
        environment = no_aws | {"AWS_DEFAULT_REGION": "us-east-1"}
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return expand_one


@pytest.fixture(scope="module")
def expanded(expand: Callable[[Path], Json], root: Path) -> Json:
    """Give the project's template as CloudFormation gets it."""
    return expand(root / "template.yaml")


@pytest.fixture(scope="module")
def function(expanded: Json) -> Json:
    """Give the properties of the function."""
    return expanded["Resources"]["EdgeHasherFunction"]["Properties"]


def resources_of(expanded: Json, kind: str) -> dict[str, Json]:
    """Map the resources of one type, by logical id."""
    return {name: resource for name, resource in expanded["Resources"].items() if resource["Type"] == kind}


def only(resources: dict[str, Json]) -> tuple[str, Json]:
    """Return the one resource that is there."""
    ((name, resource),) = resources.items()
    return name, resource


def test_template_is_valid(root: Path, sam_bin: Path, no_aws: dict[str, str]) -> None:
    """`sam validate --lint` finds nothing to say, and asks AWS nothing."""
    command = [str(sam_bin / "sam"), "validate", "--lint"]

    result = subprocess.run(command, cwd=root, env=no_aws, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr


def test_function_is_one_that_lambda_at_edge_takes(function: Json) -> None:
    """x86_64, the runtime of the bytecode, a short timeout, and none of what the edge refuses."""
    assert function["Runtime"] == "python3.13"
    assert function["Architectures"] == ["x86_64"]
    assert 0 < function["Timeout"] <= EDGE_TIMEOUT_LIMIT_S
    assert function["Handler"] == "edge_hasher.function.handler.lambda_handler"
    assert function["LoggingConfig"] == {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}
    assert not REFUSED_AT_THE_EDGE & function.keys()


def test_runtime_is_that_of_the_development_python(root: Path, function: Json) -> None:
    """`.python-version` names the runtime's Python, so that tests run on it where it is installed."""
    assert function["Runtime"] == "python" + (root / ".python-version").read_text().strip()


def test_memory_is_a_parameter_within_lambdas_bounds(expanded: Json, function: Json) -> None:
    """The memory is the operator's to choose, from Lambda's least to its most."""
    parameter = expanded["Parameters"]["MemorySize"]

    assert function["MemorySize"] == {"Ref": "MemorySize"}
    assert (parameter["MinValue"], parameter["Default"], parameter["MaxValue"]) == (128, 1024, 10240)


def test_numbered_version_is_published_and_kept(expanded: Json) -> None:
    """CloudFront takes a version; one that a distribution may still run is not deleted."""
    name, version = only(resources_of(expanded, "AWS::Lambda::Version"))

    assert version["Properties"]["FunctionName"] == {"Ref": "EdgeHasherFunction"}
    assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == ("Retain", "Retain")
    _, alias = only(resources_of(expanded, "AWS::Lambda::Alias"))
    assert alias["Properties"]["Name"] == "live"
    assert alias["Properties"]["FunctionVersion"] == {"Fn::GetAtt": [name, "Version"]}


def test_every_property_makes_a_new_version(
    expand: Callable[[Path], Json], expanded: Json, root: Path, tmp_path: Path
) -> None:
    """A change of the timeout alone is published too; by default it would not reach the edge."""
    template = tmp_path / "template.yaml"
    template.write_text((root / "template.yaml").read_text().replace("Timeout: 5", "Timeout: 6"))

    changed = expand(template)

    assert resources_of(changed, "AWS::Lambda::Version") != resources_of(expanded, "AWS::Lambda::Version")


def test_another_memory_size_makes_a_new_version(expanded: Json) -> None:
    """The description holds the parameter, and CloudFormation replaces a version whose description changes."""
    _, version = only(resources_of(expanded, "AWS::Lambda::Version"))

    assert version["Properties"]["Description"] == {"Fn::Sub": "${MemorySize} MB"}


def test_version_arn_is_in_ssm_and_in_the_outputs(expanded: Json) -> None:
    """Other stacks read the qualified ARN, which a version's Ref gives, from SSM or from the outputs."""
    version, _ = only(resources_of(expanded, "AWS::Lambda::Version"))
    _, parameter = only(resources_of(expanded, "AWS::SSM::Parameter"))

    assert parameter["Properties"]["Name"] == {"Ref": "SsmParameterName"}
    assert parameter["Properties"]["Value"] == {"Ref": version}
    assert expanded["Outputs"]["VersionArn"]["Value"] == {"Ref": version}
    assert expanded["Parameters"]["SsmParameterName"]["Default"] == "/edge-hasher/version-arn"


def test_role_is_trusted_by_lambda_and_by_the_edge_alone(expanded: Json, function: Json) -> None:
    """Both principals that Lambda@Edge asks for may assume the one role, and no other may."""
    name, role = only(resources_of(expanded, "AWS::IAM::Role"))
    (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]

    assert function["Role"] == {"Fn::GetAtt": [name, "Arn"]}
    assert statement == {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]},
    }


def test_role_can_write_its_own_logs_and_nothing_else(expanded: Json) -> None:
    """No managed or inline policy, and one policy whose statements name the function's own log groups."""
    name, role = only(resources_of(expanded, "AWS::IAM::Role"))
    assert not role["Properties"].keys() & {"ManagedPolicyArns", "Policies"}
    _, policy = only(resources_of(expanded, "AWS::IAM::Policy"))
    assert policy["Properties"]["Roles"] == [{"Ref": name}]

    statements = policy["Properties"]["PolicyDocument"]["Statement"]

    for statement in statements:
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    groups = "log-group:/aws/lambda/"
    arn = "arn:${AWS::Partition}:logs"
    edge = f"{arn}:*:${{AWS::AccountId}}:{groups}us-east-1.${{EdgeHasherFunction}}"
    home = f"{arn}:us-east-1:${{AWS::AccountId}}:{groups}${{EdgeHasherFunction}}"
    resources = [resource["Fn::Sub"] for statement in statements for resource in statement["Resource"]]
    assert resources == [edge, f"{edge}:*", home, f"{home}:*"]


def test_rule_stops_a_deployment_outside_us_east_1(expanded: Json) -> None:
    """The one assertion compares the Region with us-east-1, and says what to do."""
    (assertion,) = expanded["Rules"]["LambdaAtEdgeRegion"]["Assertions"]

    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}
    assert "us-east-1" in assertion["AssertDescription"]


def test_version_of_the_project_is_one(root: Path, expanded: Json) -> None:
    """The package, its metadata and the Serverless Application Repository name the same version."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text())
    project = pyproject["project"]
    published = expanded["Metadata"]["AWS::ServerlessRepo::Application"]

    assert "version" not in project  # hatch reads it from the package
    assert (root / pyproject["tool"]["hatch"]["version"]["path"]).samefile(edge_hasher.__file__)
    assert edge_hasher.__version__ == published["SemanticVersion"]
    assert (published["Name"], published["SpdxLicenseId"]) == (project["name"], project["license"])


def test_files_that_the_application_repository_shows_are_there(root: Path, expanded: Json) -> None:
    """`sam publish` uploads licence and README from these paths."""
    published = expanded["Metadata"]["AWS::ServerlessRepo::Application"]

    assert (root / published["LicenseUrl"]).is_file()
    assert (root / published["ReadmeUrl"]).is_file()


def test_deployment_is_configured_for_the_edge(root: Path) -> None:
    """`sam deploy` goes to us-east-1, lints before, and asks for no more than an unnamed role."""
    config = tomllib.loads((root / "samconfig.toml").read_text())["default"]

    assert config["global"]["parameters"]["region"] == "us-east-1"
    assert config["validate"]["parameters"]["lint"] is True
    assert config["build"]["parameters"]["cached"] is True
    assert config["deploy"]["parameters"]["capabilities"] == "CAPABILITY_IAM"


def test_the_local_function_is_told_what_the_template_says(expanded: Json, function: Json) -> None:
    """The driver's time-out, memory, runtime and log settings are the template's."""
    local = own_function.own_function()
    assert local.timeout_s == function["Timeout"]
    assert local.memory_mb == expanded["Parameters"]["MemorySize"]["Default"]
    assert function["Runtime"] == "python{}.{}".format(*own_function.RUNTIME_PYTHON)
    logging = function["LoggingConfig"]
    assert local.env == {
        "AWS_LAMBDA_LOG_FORMAT": logging["LogFormat"],
        "AWS_LAMBDA_LOG_LEVEL": logging["ApplicationLogLevel"],
    }
