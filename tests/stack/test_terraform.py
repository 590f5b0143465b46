"""The Terraform module and example: parsed, and held to the provider's published schema.

No Terraform runs here, so what only `terraform validate` and `plan` see is not covered: expressions, provider logic.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import hcl2
import pytest

from edge_hasher.function.packaging.lambda_zip import LambdaZip
from tests.support.stack.plain_template import template_of

Block = dict[str, Any]

MODULE = "modules/terraform/edge-hasher"
EXAMPLE = "examples/terraform"
SCHEMA = Path(__file__).parents[1] / "support/stack/terraform_aws_provider.json"

# Newer than the published bindings. Documented: the provider's changelog, 6.28.0.
NEWER = {("aws_lambda_permission", "invoked_via_function_url")}
META = {"count", "for_each", "provider", "depends_on", "lifecycle", "dynamic"}
SEVEN_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}
EDGE_SERVICES = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]


def plain(value: Any) -> Any:
    """What the parser found, without its quotes and marks."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key.strip('"'): plain(inner) for key, inner in value.items() if not key.startswith("__")}
    return value.strip('"') if isinstance(value, str) else value


def parsed(folder: Path) -> Block:
    """All files of a folder as one, each kind of block a list."""
    together: Block = {}
    for path in sorted(folder.glob("*.tf")):
        for kind, blocks in plain(hcl2.loads(path.read_text())).items():
            together.setdefault(kind, []).extend(blocks)
    return together


def resources(folder: Path) -> list[tuple[str, str, Block]]:
    """Type, name and body of each resource."""
    return [
        (kind, name, body)
        for block in parsed(folder)["resource"]
        for kind, named in block.items()
        for name, body in named.items()
    ]


@pytest.fixture(params=[MODULE, EXAMPLE])
def folder(request: pytest.FixtureRequest, root: Path) -> Path:
    """Each folder with Terraform code."""
    return root / str(request.param)


@pytest.fixture(scope="module")
def example(root: Path) -> dict[tuple[str, str], Block]:
    """The example's resources, by type and name."""
    return {(kind, name): body for kind, name, body in resources(root / EXAMPLE)}


@pytest.fixture(scope="module")
def module(root: Path) -> dict[tuple[str, str], Block]:
    """The module's resources, by type and name."""
    return {(kind, name): body for kind, name, body in resources(root / MODULE)}


def faults(where: str, body: Block, schema: Block) -> list[str]:
    """What a body has that the schema lacks, and the reverse."""
    known = {name.rstrip("!"): inner for name, inner in schema.items()}
    dynamic = {name: block["content"][0] for each in body.get("dynamic", ()) for name, block in each.items()}
    held = {name: value for name, value in body.items() if name not in META} | dynamic
    found = [f"{where}: no {name[:-1]}" for name in schema if name.endswith("!") and name[:-1] not in held]
    for name, value in held.items():
        if name not in known and (where.split(".", maxsplit=1)[0], name) not in NEWER:
            found.append(f"{where}: unknown {name}")
        elif known.get(name):
            blocks = value if isinstance(value, list) else [value]
            found += [fault for block in blocks for fault in faults(f"{where}.{name}", block, known[name])]
    return found


def test_each_resource_is_as_the_provider_takes_it(folder: Path) -> None:
    """Every argument and block exists, and every required one is there."""
    schema = json.loads(SCHEMA.read_text())
    assert [fault for kind, _, body in resources(folder) for fault in faults(kind, body, schema[kind])] == []


def test_a_slip_would_be_found(root: Path) -> None:
    """The check above can fail: a misspelt argument, one too few, and the same within a block."""
    schema = json.loads(SCHEMA.read_text())["aws_cloudfront_distribution"]
    (body,) = [body for kind, _, body in resources(root / EXAMPLE) if kind == "aws_cloudfront_distribution"]
    del body["enabled"]
    body["comments"] = "x"
    body["default_cache_behavior"][0]["lambda_function_association"][0]["body"] = "true"

    assert faults("aws_cloudfront_distribution", body, schema) == [
        "aws_cloudfront_distribution: no enabled",
        "aws_cloudfront_distribution.default_cache_behavior.lambda_function_association: unknown body",
        "aws_cloudfront_distribution: unknown comments",
    ]


def test_each_reference_names_something(folder: Path, root: Path) -> None:
    """Variables, locals, resources, data and modules that expressions name are all declared."""
    text = "\n".join(path.read_text() for path in sorted(folder.glob("*.tf")))
    code = re.sub(r"#.*", "", text)
    blocks = parsed(folder)
    declared = {f"{kind}.{name}" for kind, name, _ in resources(folder)}
    declared |= {f"var.{name}" for block in blocks["variable"] for name in block}
    declared |= {f"local.{name}" for block in blocks["locals"] for name in block}
    declared |= {f"data.{kind}.{name}" for block in blocks["data"] for kind, named in block.items() for name in named}
    outputs = {name for block in parsed(root / MODULE)["output"] for name in block}
    declared |= {f"module.edge_hasher.{name}" for name in outputs} if "module" in blocks else set()

    pattern = r"(?<![\w.])((?:var|local)\.\w+|data\.\w+\.\w+|module\.\w+\.\w+|aws_\w+\.\w+)"
    named = set(re.findall(pattern, code))

    assert named - declared == set()
    assert {name for name in declared if name.startswith("var.")} - named == set()


def test_each_variable_and_output_is_described(folder: Path) -> None:
    """With a type and a sentence."""
    blocks = parsed(folder)
    for block in blocks["variable"]:
        for body in block.values():
            assert body["type"]
            assert str(body["description"])[-1] in ".)"
    assert all(body["description"] for block in blocks["output"] for body in block.values())


def test_the_modules_readme_lists_what_it_takes_and_gives(root: Path) -> None:
    """Names, and each default as it is written."""
    blocks = parsed(root / MODULE)
    rows = re.findall(r"^\| `(\w+)` \|(?: ([^|]*) \|)?", (root / MODULE / "README.md").read_text(), re.MULTILINE)

    variables = [name for block in blocks["variable"] for name in block]
    outputs = [name for block in blocks["output"] for name in block]
    assert [name for name, _ in rows] == variables + outputs


def test_the_module_makes_what_the_template_makes(module: dict[tuple[str, str], Block], root: Path) -> None:
    """Handler, runtime, memory, time-out and logging are those of template.yaml, and of `edge-hasher package`."""
    template = template_of(root / "template.yaml")
    properties = template["Resources"]["EdgeHasherFunction"]["Properties"]
    function = module["aws_lambda_function", "this"]
    written = LambdaZip("", 1, "", "", bytecode=True)

    assert function["handler"] == properties["Handler"] == written.handler
    assert function["runtime"] == properties["Runtime"] == written.runtime
    assert function["architectures"] == properties["Architectures"] == [written.architecture]
    assert function["timeout"] == properties["Timeout"]
    assert function["description"] == properties["Description"]
    assert "environment" not in function
    assert {function["publish"], function["skip_destroy"]} <= {True, "true"}
    assert function["logging_config"] == [{"log_format": "JSON", "application_log_level": "INFO"}]
    defaults = {
        name: body.get("default") for block in parsed(root / MODULE)["variable"] for name, body in block.items()
    }
    assert defaults["memory_size"] == template["Parameters"]["MemorySize"]["Default"]
    assert defaults["ssm_parameter_name"] == template["Parameters"]["SsmParameterName"]["Default"]


def test_the_module_is_in_us_east_1(module: dict[tuple[str, str], Block], root: Path) -> None:
    """Function and parameter name the Region themselves; IAM has none."""
    (local,) = parsed(root / MODULE)["locals"]
    assert local["region"] == "us-east-1"
    for kind in ("aws_lambda_function", "aws_ssm_parameter"):
        (body,) = [body for (each, _), body in module.items() if each == kind]
        assert body["region"] == "${local.region}"
    assert all(service in module["aws_iam_role", "this"]["assume_role_policy"] for service in EDGE_SERVICES)


def test_the_examples_behavior_takes_bodies(example: dict[tuple[str, str], Block]) -> None:
    """All methods, no caching, no Host, no compression, the function with the body, and the viewer's function."""
    (behavior,) = example["aws_cloudfront_distribution", "site"]["default_cache_behavior"]

    (association,) = behavior["lambda_function_association"]
    assert association["event_type"] == "origin-request"
    assert association["include_body"] in {True, "true"}
    assert association["lambda_arn"] == "${module.edge_hasher.version_arn}"
    assert behavior["compress"] in {False, "false"}
    assert behavior["cache_policy_id"] == "${local.caching_disabled}"
    assert behavior["origin_request_policy_id"] == "${local.all_viewer_except_host_header}"
    assert behavior["allowed_methods"] == "${local.all_methods}"


def test_the_examples_locals_are_awss_ids(root: Path) -> None:
    """CachingDisabled and AllViewerExceptHostHeader, as documented, and the seven methods."""
    (local,) = parsed(root / EXAMPLE)["locals"]
    assert local["caching_disabled"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert local["all_viewer_except_host_header"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert set(local["all_methods"]) == SEVEN_METHODS


def test_the_example_grants_both_permissions(example: dict[tuple[str, str], Block]) -> None:
    """To CloudFront, for this distribution alone; the second through the URL only."""
    permissions = [body for (kind, _), body in example.items() if kind == "aws_lambda_permission"]

    assert {body["action"] for body in permissions} == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    assert {body["principal"] for body in permissions} == {"cloudfront.amazonaws.com"}
    assert {body["source_arn"] for body in permissions} == {"${aws_cloudfront_distribution.site.arn}"}
    (url,) = [body for (kind, _), body in example.items() if kind == "aws_lambda_function_url"]
    assert (url["authorization_type"], url["invoke_mode"]) == ("AWS_IAM", "RESPONSE_STREAM")
    (control,) = [body for (kind, _), body in example.items() if kind == "aws_cloudfront_origin_access_control"]
    assert (control["origin_access_control_origin_type"], control["signing_behavior"]) == ("lambda", "always")


@pytest.mark.parametrize(("folder", "ok"), [(MODULE, 10), (EXAMPLE, 40)])
def test_check_finds_nothing_wrong(root: Path, folder: str, ok: int) -> None:
    """`edge-hasher check` reads the code, and neither breaks nor risks anything."""
    command = [sys.executable, "-m", "edge_hasher", "check", folder, "--format", "json"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    summary = json.loads(done.stdout)["summary"]
    assert done.returncode == 0, done.stdout
    assert (summary["broken"], summary["risky"]) == (0, 0)
    assert summary["ok"] >= ok
