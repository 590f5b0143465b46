"""Local modules without a plan: read where they are called, with their inputs, and connected through outputs."""

import shutil
from pathlib import Path

import pytest

from tests.support.check.check_cases import Case
from tests.support.check.check_run import check, check_text, found, line_of
from tests.support.check.terraform_cases import (
    CASES,
    EXCEPT_HOST,
    HEALTHY,
    HOST,
    INVOKE,
    SITE,
    with_cloudfront_function,
)

ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
PLAN = "terraform plan -out plan.bin && terraform show -json plan.bin > plan.json"
PROVIDER = 'provider "aws" {\n  region = "us-east-1"\n}\n'
CALL = 'module "app" {\n  source = "./modules/app"\n  request_policy = "POLICY"\n}\n'
CHILD = HEALTHY.replace(PROVIDER, "").replace(f'"{EXCEPT_HOST}"', "var.request_policy")
CHILD += 'variable "request_policy" {}\n'
# What the site needs of the agent, through the root.
OUTPUTS = {
    "host": HOST,
    "function": "aws_lambda_function.agent.function_name",
    "edge": "aws_lambda_function.edge.qualified_arn",
}
BACK = HEALTHY[
    HEALTHY.index('resource "aws_lambda_function" "agent"') : HEALTHY.index('resource "aws_lambda_permission"')
]
EDGE = HEALTHY[
    HEALTHY.index('resource "aws_iam_role" "edge"') : HEALTHY.index('resource "aws_cloudfront_origin_access_control"')
]


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write the files of a project."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def one_module(policy: str = EXCEPT_HOST) -> dict[str, str]:
    """Everything in a module that the root calls."""
    return {"main.tf": PROVIDER + CALL.replace("POLICY", policy), "modules/app/main.tf": CHILD}


def two_modules() -> dict[str, str]:
    """The agent in one module, the site in another that gets it from the root."""
    site = HEALTHY.replace(PROVIDER, "").replace(BACK, "").replace(EDGE, "")
    for name, value in OUTPUTS.items():
        site = site.replace(value, f"var.{name}")
    back = BACK + EDGE + "".join(f'output "{name}" {{\n  value = {value}\n}}\n' for name, value in OUTPUTS.items())
    passed = "".join(f"  {name} = module.back[0].{name}\n" for name in OUTPUTS)
    root = (
        f'module "back" {{\n  source = "../back"\n  count = 1\n}}\nmodule "site" {{\n  source = "../site"\n{passed}}}\n'
    )
    variables = "".join(f'variable "{name}" {{}}\n' for name in OUTPUTS)
    return {"live/main.tf": PROVIDER + root, "back/main.tf": back, "site/main.tf": site + variables}


def test_a_distribution_in_a_module(tmp_path: Path) -> None:
    """It is judged with the inputs of the call, once, and its findings are in the module's file."""
    outcome = check(write(tmp_path, one_module()))
    assert (found(outcome), outcome.unread, len(outcome.judged), outcome.judged[0].ok > 30) == ({}, (), 1, True)
    outcome = check(write(tmp_path, one_module(ALL_VIEWER)))
    assert [(each.check.code, each.address) for each in outcome.findings] == [
        ("EH401", "module.app.aws_cloudfront_distribution.site")
    ]
    (finding,) = outcome.findings
    assert finding.file == tmp_path / "modules" / "app" / "main.tf"
    assert (finding.span.line, finding.patch) == (line_of(CHILD, "= var.request_policy"), None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_each_fault_is_found_in_a_module(case: Case, tmp_path: Path) -> None:
    """As in the root, on the same line."""
    old, new = case.old, case.new
    text = HEALTHY.replace(old, new)
    files = {"main.tf": 'module "app" {\n  source = "./app/"\n}\n', "app/main.tf": text}
    outcome = check(write(tmp_path, files), viewer_path=case.viewer_path)
    assert found(outcome).get(case.code) == [line_of(text, case.marker)]


def test_modules_are_connected_through_the_root(tmp_path: Path) -> None:
    """A Function URL in one module and a distribution in another are judged together."""
    write(tmp_path, two_modules())
    for path in (tmp_path, tmp_path / "live", tmp_path / "live" / "main.tf"):
        outcome = check(path)
        assert (found(outcome), outcome.unread, len(outcome.judged)) == ({}, (), 1)
    site = tmp_path / "site" / "main.tf"
    site.write_text(site.read_text().replace('"lambda:InvokeFunction"', '"lambda:GetFunction"'))
    outcome = check(tmp_path)
    assert [(each.check.code, each.address, each.patch) for each in outcome.findings] == [
        ("EH303", "module.back.aws_lambda_function_url.agent", None)
    ]


def test_a_module_that_two_call_is_wrong_once(tmp_path: Path) -> None:
    """What stands in its file is told once; what each gives it is judged."""
    files = {"modules/app/main.tf": CHILD.replace('"AWS_IAM"\n  invoke', '"NONE"\n  invoke')}
    for name in ("test", "prod"):
        files[f"{name}/main.tf"] = PROVIDER + CALL.replace("./", "../").replace("POLICY", EXCEPT_HOST)
    outcome = check(write(tmp_path, files))
    assert len(outcome.judged) == 2
    assert [len(lines) for lines in found(outcome).values()] == [1] * len(found(outcome))
    assert "EH301" in found(outcome)


def test_providers_that_are_passed(tmp_path: Path) -> None:
    """The Region of a module's function is that of the provider that the call passes."""
    call = CALL.replace("POLICY", EXCEPT_HOST).replace("}\n", "  providers = { aws = aws.edge }\n}\n")
    providers = (
        'provider "aws" {\n  region = "eu-west-1"\n}\nprovider "aws" {\n  alias = "edge"\n  region = "REGION"\n}\n'
    )
    files = one_module() | {"main.tf": providers.replace("REGION", "us-east-1") + call}
    assert found(check(write(tmp_path, files))) == {}
    files = one_module() | {"main.tf": providers.replace("REGION", "eu-west-1") + call}
    assert "EH606" in found(check(write(tmp_path, files)))


def test_modules_within_modules(tmp_path: Path) -> None:
    """Inputs go down, outputs come up, and a module that calls itself is refused."""
    files = one_module(ALL_VIEWER)
    outer = 'variable "policy" {}\nmodule "app" {\n  source = "../app"\n  request_policy = var.policy\n}\n'
    files |= {
        "modules/outer/main.tf": outer,
        "main.tf": PROVIDER + f'module "outer" {{\n  source = "./modules/outer"\n  policy = "{ALL_VIEWER}"\n}}\n',
    }
    outcome = check(write(tmp_path, files))
    assert [each.address for each in outcome.findings] == ["module.outer.module.app.aws_cloudfront_distribution.site"]
    outcome = check_text(tmp_path / "circle", 'module "a" {\n  source = "./"\n}\n', "main.tf")
    assert [why for _, why in outcome.problems] == ["its modules are nested too deeply"]


def test_values_that_name_each_other_in_a_circle(tmp_path: Path) -> None:
    """They are not known, and nothing hangs."""
    files = one_module()
    files["main.tf"] = PROVIDER + CALL.replace('"POLICY"', "module.app.policy")
    files["modules/app/main.tf"] += 'output "policy" {\n  value = var.request_policy\n}\n'
    outcome = check(write(tmp_path, files))
    assert found(outcome) == {}
    assert "it names itself" in {why.why for _, _, why in outcome.unread}


@pytest.mark.parametrize(
    "source", ["terraform-aws-modules/cloudfront/aws", "./nowhere", "git::https://example.com/a.git"]
)
def test_what_a_module_elsewhere_makes_is_unread(source: str, tmp_path: Path) -> None:
    """The reason says how to make the plan that tells."""
    text = HEALTHY.replace(HOST, "module.back.host") + f'module "back" {{\n  source = "{source}"\n}}\n'
    outcome = check_text(tmp_path, text, "main.tf")
    assert f"what a module makes is known in a plan: {PLAN}" in {why.why for _, _, why in outcome.unread}
    lone = check_text(tmp_path / "lone", f'module "cdn" {{\n  source = "{source}"\n}}\n', "main.tf")
    assert [(why.what, PLAN in why.why) for _, _, why in lone.unread] == [("the module cdn", True)]


def test_a_module_that_is_not_called_is_read_by_itself(tmp_path: Path) -> None:
    """Its variables are not known; a call with count 0 calls nothing."""
    files = one_module(ALL_VIEWER)
    files["main.tf"] = files["main.tf"].replace("  source", "  count = 0\n  source")
    outcome = check(write(tmp_path, files))
    assert found(outcome) == {}
    assert sorted(each.world.name for each in outcome.judged) == [str(tmp_path), str(tmp_path / "modules" / "app")]
    shutil.rmtree(tmp_path / "modules")
    assert check(tmp_path).judged[0].distributions == 0


def test_a_file_of_a_module(tmp_path: Path) -> None:
    """`path.module` is the module's folder, seen from where Terraform runs."""
    rewritten = with_cloudfront_function('file("${path.module}/f.js")')
    child = HEALTHY.replace(SITE, rewritten).replace(PROVIDER, "").replace(f'"{EXCEPT_HOST}"', "var.request_policy")
    child += 'variable "request_policy" {}\n'
    write(tmp_path, one_module() | {"modules/app/main.tf": child, "modules/app/f.js": "r.headers.authorization"})
    assert list(found(check(tmp_path))) == ["EH109"]
    assert list(found(check(tmp_path / "main.tf"))) == ["EH109"]


@pytest.mark.parametrize("name", ["origin", "o"])
def test_dynamic_blocks_over_what_is_known(name: str, tmp_path: Path) -> None:
    """Each item is a block; findings are on the lines of the content."""
    begin = HEALTHY.index('  origin {\n    origin_id                = "agent"')
    end = HEALTHY.index("  default_cache_behavior {")
    block = HEALTHY[begin:end].replace(
        "    origin_read_timeout    = 60", f"    origin_read_timeout = {name}.value.wait"
    )
    block = block.replace('"agent"', f"{name}.key").replace("  origin {\n", "    content {\n")
    iterator = "" if name == "origin" else f"    iterator = {name}\n"
    dynamic = f'  dynamic "origin" {{\n    for_each = var.origins\n{iterator}{block.rstrip()}\n  }}\n\n'
    text = HEALTHY[:begin] + dynamic + HEALTHY[end:]
    origins = 'variable "origins" {\n  default = { agent = { wait = WAIT } }\n}\n'
    assert found(check_text(tmp_path, text + origins.replace("WAIT", "60"), "main.tf")) == {}
    outcome = check_text(tmp_path, text + origins.replace("WAIT", "30"), "main.tf")
    assert found(outcome) == {"EH503": [line_of(text, f"{name}.value.wait")]}
    assert outcome.findings[0].patch is None
    outcome = check_text(tmp_path, text + 'variable "origins" {}\n', "main.tf")
    assert found(outcome) == {}
    assert f"a dynamic block is known in a plan: {PLAN}" in {why.why for _, _, why in outcome.unread}


def test_a_dynamic_block_that_a_switch_leaves_out(tmp_path: Path) -> None:
    """No item is no block: a function that a variable switches off is missing."""
    old = "    lambda_function_association {\n"
    begin = HEALTHY.index(old)
    inner = HEALTHY[begin + len(old) : HEALTHY.index("    }\n", begin)]
    dynamic = (
        '    dynamic "lambda_function_association" {\n      for_each = var.on ? [1] : []\n'
        f"      content {{\n{inner}      }}\n    }}\n"
    )
    text = HEALTHY.replace(f"{old}{inner}    }}\n", dynamic) + 'variable "on" {\n  default = ON\n}\n'
    assert found(check_text(tmp_path, text.replace("ON\n", "true\n"), "main.tf")) == {}
    assert list(found(check_text(tmp_path, text.replace("ON\n", "false\n"), "main.tf"))) == ["EH602"]


def test_without_the_permission_the_fix_is_left_to_the_user(tmp_path: Path) -> None:
    """In a module, the distribution's address is not what the file says."""
    files = one_module() | {"modules/app/main.tf": CHILD.replace(INVOKE, "")}
    assert [(each.check.code, each.patch) for each in check(write(tmp_path, files)).findings] == [("EH303", None)]
